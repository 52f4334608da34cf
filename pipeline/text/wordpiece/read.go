package wordpiece

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// mostToken bounds what is looked at of a word, again and again, for each of its tokens.
const mostToken = 512

// Tokenizer is WordPiece or WordLevel.
type Tokenizer struct {
	front *tokenjson.Front
	ids   map[string]int32 // words, and what words begin with
	parts map[string]int32 // what follows in a word, without the mark of that; nil: words are whole
	named map[string]int32 // added tokens
	bytes [][]byte         // what tokens stand for; nil where there is none

	chars *characters // if all words are characters

	longest int // bytes of the longest of ids and parts
	most    int // characters of a word that is looked at
	unknown int32
}

// Read reads a tokenizer.json.
func Read(data []byte) (*Tokenizer, error) {
	f, err := tokenjson.Read(data)
	if err != nil {
		return nil, err
	}
	kind := f.Type()
	if kind != "WordPiece" && kind != "WordLevel" {
		return nil, fmt.Errorf("model: the type is %q: only WordPiece and WordLevel are read", kind)
	}
	var m struct {
		Vocab   map[string]int32 `json:"vocab"`
		Unknown *string          `json:"unk_token"`
		Prefix  *string          `json:"continuing_subword_prefix"`
		Most    *int             `json:"max_input_chars_per_word"`
	}
	if err := json.Unmarshal(f.Model, &m); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	t := &Tokenizer{unknown: -1, ids: m.Vocab}
	for word, id := range m.Vocab {
		if err := t.set(id, []byte(word)); err != nil {
			return nil, fmt.Errorf("model: vocab: %q: %w", word, err)
		}
		t.longest = max(t.longest, len(word))
	}
	if kind == "WordPiece" && t.longest > mostToken {
		return nil, fmt.Errorf("model: vocab: a token of %d bytes: %d bytes at most are read", t.longest, mostToken)
	}
	if m.Unknown == nil {
		return nil, errors.New("model: there is no unk_token")
	}
	if id, ok := m.Vocab[*m.Unknown]; ok {
		t.unknown = id
	}
	if kind == "WordPiece" {
		if m.Prefix == nil || m.Most == nil {
			return nil, errors.New("model: continuing_subword_prefix and max_input_chars_per_word are needed")
		}
		t.most, t.parts = *m.Most, map[string]int32{}
		for word, id := range m.Vocab {
			if rest, ok := strings.CutPrefix(word, *m.Prefix); ok {
				t.parts[rest] = id
				if *m.Prefix != "" && rest != "" {
					t.bytes[id] = []byte(rest)
				}
			}
		}
	}
	if t.front, err = f.Front(); err != nil {
		return nil, err
	}
	if s := t.front.Space; s != "" {
		for id, b := range t.bytes {
			t.bytes[id] = bytes.ReplaceAll(b, []byte(s), []byte{' '})
		}
	}
	if kind == "WordLevel" && t.front.Characters() {
		t.chars = newCharacters(t.ids, t.unknown)
	}
	t.named = f.Named()
	for _, a := range f.Added {
		if a.Content == "" {
			continue
		}
		if err := t.set(a.ID, []byte(a.Content)); err != nil {
			return nil, fmt.Errorf("added_tokens: %q: %w", a.Content, err)
		}
	}
	return t, nil
}

// set makes room for an id, and says what bytes it has.
func (t *Tokenizer) set(id int32, token []byte) error {
	if id < 0 || id >= tokenjson.MaxTokens {
		return fmt.Errorf("the id %d is not from 0 to %d", id, tokenjson.MaxTokens-1)
	}
	for int(id) >= len(t.bytes) {
		t.bytes = append(t.bytes, nil)
	}
	t.bytes[id] = token
	return nil
}

// Size is one more than the greatest id.
func (t *Tokenizer) Size() int { return len(t.bytes) }

// ID is that of a token, as the file spells it; of added tokens of one name it is the last one's.
func (t *Tokenizer) ID(token string) (id int32, ok bool) {
	if id, ok = t.named[token]; ok {
		return id, ok
	}
	id, ok = t.ids[token]
	return id, ok
}

// Bytes are those that a token stands for, without the mark of what follows in a word; nil if there is no such token. What texts lost when they were
// normalized and cut, such as blanks, is in no token. They must not be changed.
func (t *Tokenizer) Bytes(id int32) []byte {
	if id < 0 || int(id) >= len(t.bytes) {
		return nil
	}
	return t.bytes[id]
}

// Unknown is the token of words that cannot be cut; -1 if there is none. Then the library refuses texts with such words, and here they are left out.
func (t *Tokenizer) Unknown() int32 { return t.unknown }
