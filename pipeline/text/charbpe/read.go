package charbpe

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/bpe/merges"
	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// model is that of a tokenizer.json.
type model struct {
	Dropout      *float64          `json:"dropout"`
	Unknown      *string           `json:"unk_token"`
	Prefix       string            `json:"continuing_subword_prefix"`
	Suffix       string            `json:"end_of_word_suffix"`
	Fuse         bool              `json:"fuse_unk"`
	ByteFallback bool              `json:"byte_fallback"`
	IgnoreMerges bool              `json:"ignore_merges"`
	Vocab        map[string]int32  `json:"vocab"`
	Merges       []json.RawMessage `json:"merges"`
}

// Read reads a tokenizer.json whose model is BPE over characters.
func Read(data []byte) (*Tokenizer, error) {
	f, err := tokenjson.Read(data)
	if err != nil {
		return nil, err
	}
	if f.Type() != "BPE" {
		return nil, fmt.Errorf("model: the type is %q: only BPE is read", f.Type())
	}
	var m model
	if err := json.Unmarshal(f.Model, &m); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	t := &Tokenizer{unknown: -1, fuse: m.Fuse, names: m.Vocab}
	if t.front, err = f.Front(); err != nil {
		return nil, err
	}
	if err := t.readVocab(&m); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	t.setBytes(t.front.Space, m.ByteFallback, func(int) bool { return true })
	switch {
	case m.ByteFallback && !t.byByte:
		return nil, errors.New("model: byte_fallback without a token for each byte is not read")
	case t.unknown < 0 && !t.byByte:
		return nil, errors.New("model: there is no unk_token: a character that is no token would be left out")
	}
	if err := t.readMerges(&m); err != nil {
		return nil, fmt.Errorf("model: merges: %w", err)
	}
	t.added = f.Named()
	for _, a := range f.Added {
		if a.Content != "" {
			t.grow(a.ID)
			t.bytes[a.ID] = []byte(a.Content)
		}
	}
	return t, nil
}

func (t *Tokenizer) grow(id int32) {
	if n := int(id) + 1 - len(t.bytes); n > 0 {
		t.bytes = append(t.bytes, make([][]byte, n)...)
	}
}

func (t *Tokenizer) readVocab(m *model) error {
	switch {
	case m.Dropout != nil && *m.Dropout != 0:
		return errors.New("dropout cuts one text in several ways")
	case m.Prefix != "" || m.Suffix != "":
		return errors.New("marks of the parts of words (continuing_subword_prefix, end_of_word_suffix) are not read")
	case len(m.Vocab) == 0:
		return errors.New("there is no vocab")
	}
	for word, id := range m.Vocab {
		if id < 0 || id >= tokenjson.MaxTokens {
			return fmt.Errorf("vocab: %q: the id %d is not from 0 to %d", word, id, tokenjson.MaxTokens-1)
		}
		t.grow(id)
		if t.bytes[id] != nil {
			return fmt.Errorf("vocab: two tokens have the id %d", id)
		}
		t.bytes[id] = []byte(word)
	}
	if m.Unknown != nil {
		id, ok := m.Vocab[*m.Unknown]
		if !ok && !m.ByteFallback {
			return fmt.Errorf("the unk_token %q is not in vocab", *m.Unknown)
		}
		if ok {
			t.unknown = id
		}
	}
	return nil
}

func (t *Tokenizer) readMerges(m *model) error {
	symbols := make([][]byte, len(t.bytes))
	var initial []int32
	for word, id := range m.Vocab {
		symbols[id] = []byte(word)
		if utf8.RuneCountInString(word) == 1 {
			initial = append(initial, id)
		}
	}
	slices.Sort(initial)
	of := make(map[[2]int32]merges.Rule, len(m.Merges))
	for rank, data := range m.Merges {
		left, right, ok := merges.ReadPair(data)
		if !ok {
			return fmt.Errorf("%d is no pair: %.80s", rank, data)
		}
		a, okA := m.Vocab[left]
		b, okB := m.Vocab[right]
		to, ok := m.Vocab[left+right]
		if !okA || !okB || !ok {
			return fmt.Errorf("%d, %q and %q: a part, or what they make, is not in vocab", rank, left, right)
		}
		for _, id := range []int32{a, b} {
			if id == t.unknown || t.byByte && t.bytely[t.single(id)] == id {
				return fmt.Errorf("%d, %q and %q: what stands for unknown characters, or for bytes, is merged", rank, left, right)
			}
		}
		of[[2]int32{a, b}] = merges.Rule{Left: a, Right: b, Rank: int32(rank), To: to} // of several for a pair the last counts
	}
	rules := slices.SortedFunc(maps.Values(of), func(a, b merges.Rule) int { return cmp.Compare(a.Rank, b.Rank) })
	var err error
	if t.table, err = merges.New(symbols, initial, rules); err != nil {
		return err
	}
	if m.IgnoreMerges {
		t.whole = map[string]int32{}
		for word, id := range m.Vocab {
			if !t.table.Comes(id) {
				t.whole[word] = id
			}
		}
	}
	return nil
}

// single is the byte that a token stands for, 0 if it does for several.
func (t *Tokenizer) single(id int32) byte {
	if len(t.bytes[id]) == 1 {
		return t.bytes[id][0]
	}
	return 0
}
