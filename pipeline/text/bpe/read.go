package bpe

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/text/bpe/merges"
)

// MaxBytes is the largest file that is read: the largest there are have some 30 MB.
const MaxBytes = 128 << 20

// mostTokens bounds the ids, so that a table by id is no larger than a file may be.
const mostTokens = 8 << 20

// Tokenizer is a byte-level BPE.
type Tokenizer struct {
	tokens [][]byte // the bytes of each id; nil where there is none
	ids    map[string]int32
	table  *merges.Table
	whole  map[string]int32 // tokens that nothing is merged into, but that a piece may be

	forms  []norm.Form
	splits []splitter
	raw    finders          // tokens that are sought in the text as it is
	normal finders          // and those in the normalized one
	named  map[string]int32 // all of them, by what they are called
}

// file is what of a tokenizer.json is looked at.
type file struct {
	Added []struct {
		ID         int32  `json:"id"`
		Content    string `json:"content"`
		SingleWord bool   `json:"single_word"`
		Left       bool   `json:"lstrip"`
		Right      bool   `json:"rstrip"`
		Normalized bool   `json:"normalized"`
		Special    bool   `json:"special"`
	} `json:"added_tokens"`
	Normalizer   json.RawMessage `json:"normalizer"`
	PreTokenizer json.RawMessage `json:"pre_tokenizer"`
	Model        struct {
		Type         string            `json:"type"`
		Dropout      *float64          `json:"dropout"`
		Prefix       string            `json:"continuing_subword_prefix"`
		Suffix       string            `json:"end_of_word_suffix"`
		ByteFallback bool              `json:"byte_fallback"`
		IgnoreMerges bool              `json:"ignore_merges"`
		Vocab        map[string]int32  `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"`
	} `json:"model"`
}

// Read reads a tokenizer.json.
func Read(data []byte) (*Tokenizer, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%d bytes: a tokenizer has %d at most", len(data), MaxBytes)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("no tokenizer.json: %w", err)
	}
	t := &Tokenizer{ids: make(map[string]int32, len(f.Model.Vocab))}
	if err := f.unread(); err != nil {
		return nil, err
	}
	if err := t.readVocab(&f); err != nil {
		return nil, err
	}
	if err := t.readMerges(&f); err != nil {
		return nil, err
	}
	if err := t.readNormalizer(f.Normalizer); err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	byteLevel, err := t.readPreTokenizer(f.PreTokenizer)
	if err == nil && !byteLevel {
		err = errors.New("there is no ByteLevel: only tokenizers over bytes are read")
	}
	if err != nil {
		return nil, fmt.Errorf("pre_tokenizer: %w", err)
	}
	return t, t.readAdded(&f)
}

// unread says what the model asks for that is not read here.
func (f *file) unread() error {
	m := &f.Model
	switch {
	case m.Type != "BPE":
		return fmt.Errorf("model: the type is %q: only BPE is read", m.Type)
	case m.Dropout != nil && *m.Dropout != 0:
		return errors.New("model: dropout cuts one text in several ways")
	case m.Prefix != "" || m.Suffix != "":
		return errors.New("model: marks of the parts of words (continuing_subword_prefix, end_of_word_suffix) are not read")
	case m.ByteFallback:
		return errors.New("model: only tokenizers over bytes are read, and byte_fallback is of those over characters")
	}
	return nil
}

func (t *Tokenizer) readVocab(f *file) error {
	for word, id := range f.Model.Vocab {
		token, ok := bytesOf(word)
		if !ok {
			continue // nothing is cut into it: a special token, or one of another alphabet
		}
		if err := t.set(id, token); err != nil {
			return fmt.Errorf("model: vocab: %q: %w", word, err)
		}
		t.ids[string(token)] = id
	}
	if _, err := t.single(); err != nil {
		return fmt.Errorf("model: vocab: %w", err)
	}
	return nil
}

// single are the tokens of single bytes.
func (t *Tokenizer) single() (ids []int32, err error) {
	for b := range 256 {
		id, ok := t.ids[string([]byte{byte(b)})]
		if !ok {
			return nil, fmt.Errorf("there is no token for the byte %02x", b)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// setTable takes the merges. With whole a piece that is a token is this one, whatever merges make of it.
func (t *Tokenizer) setTable(rules []merges.Rule, whole bool) (err error) {
	single, err := t.single()
	if err != nil {
		return err
	}
	if t.table, err = merges.New(t.tokens, single, rules); err != nil || !whole {
		return err
	}
	t.whole = map[string]int32{}
	for text, id := range t.ids {
		if !t.table.Comes(id) {
			t.whole[text] = id
		}
	}
	return nil
}

// set makes room for an id, and says what bytes it has.
func (t *Tokenizer) set(id int32, token []byte) error {
	if id < 0 || id >= mostTokens {
		return fmt.Errorf("the id %d is not from 0 to %d", id, mostTokens-1)
	}
	for int(id) >= len(t.tokens) {
		t.tokens = append(t.tokens, nil)
	}
	t.tokens[id] = token
	return nil
}

func (t *Tokenizer) readMerges(f *file) error {
	of := make(map[[2]int32]merges.Rule, len(f.Model.Merges))
	for rank, data := range f.Model.Merges {
		left, right, ok := merges.ReadPair(data)
		if !ok {
			return fmt.Errorf("model: merges: %d is no pair: %.80s", rank, data)
		}
		a, okA := f.Model.Vocab[left]
		b, okB := f.Model.Vocab[right]
		id, ok := f.Model.Vocab[left+right]
		if !okA || !okB || !ok {
			return fmt.Errorf("model: merges: %d, %q and %q: a part, or what they make, is not in vocab", rank, left, right)
		}
		if t.Bytes(a) == nil || t.Bytes(b) == nil {
			continue // of another alphabet: no text has it
		}
		of[[2]int32{a, b}] = merges.Rule{Left: a, Right: b, Rank: int32(rank), To: id} // of several for a pair the last counts
	}
	rules := slices.SortedFunc(maps.Values(of), func(a, b merges.Rule) int { return cmp.Compare(a.Rank, b.Rank) })
	if err := t.setTable(rules, f.Model.IgnoreMerges); err != nil {
		return fmt.Errorf("model: merges: %w", err)
	}
	return nil
}

// letters are the characters that stand for bytes in the file: printable ones for themselves, others for what has none.
var letters = func() (of map[rune]byte) {
	of = map[rune]byte{}
	next := rune(256)
	for b := range 256 {
		r := rune(b)
		if b < '!' || b > '~' && b < 0xA1 || b == 0xAD {
			r = next
			next++
		}
		of[r] = byte(b)
	}
	return of
}()

// bytesOf are the bytes that a word of the file stands for.
func bytesOf(word string) (token []byte, ok bool) {
	for _, r := range word {
		b, ok := letters[r]
		if !ok {
			return nil, false
		}
		token = append(token, b)
	}
	return token, word != ""
}

var forms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

func (t *Tokenizer) readNormalizer(data []byte) error {
	kind, parts, err := part(data, "normalizers")
	if err != nil || kind == "" {
		return err
	}
	if kind == sequence {
		for _, p := range parts {
			if err := t.readNormalizer(p); err != nil {
				return err
			}
		}
		return nil
	}
	form, ok := forms[kind]
	if !ok {
		return fmt.Errorf("%s is not read", kind)
	}
	t.forms = append(t.forms, form)
	return nil
}

const sequence = "Sequence"

// part is the type of a part of the file, and if it is a sequence those that it consists of; "" if there is none.
func part(data []byte, key string) (kind string, parts []json.RawMessage, err error) {
	if len(data) == 0 || string(data) == "null" {
		return "", nil, nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return "", nil, err
	}
	if err := json.Unmarshal(all["type"], &kind); err != nil {
		return "", nil, errors.New("it has no type")
	}
	if kind == sequence {
		err = json.Unmarshal(all[key], &parts)
	}
	return kind, parts, err
}

func (t *Tokenizer) readAdded(f *file) error {
	raw, normal, special := map[string]int32{}, map[string]int32{}, map[string]bool{}
	t.named = map[string]int32{}
	for i := range f.Added {
		a := &f.Added[i]
		if a.SingleWord || a.Left || a.Right {
			return fmt.Errorf("added_tokens: %q: single_word, lstrip and rstrip are not read", a.Content)
		}
		if a.Content == "" {
			continue
		}
		if err := t.set(a.ID, []byte(a.Content)); err != nil {
			return fmt.Errorf("added_tokens: %q: %w", a.Content, err)
		}
		t.named[a.Content] = a.ID
		content, into := a.Content, raw
		if a.Normalized {
			content, into = string(t.normalize([]byte(a.Content))), normal
		}
		into[content], special[content] = a.ID, a.Special
	}
	is := func(text string) bool { return special[text] }
	t.raw, t.normal = newFinders(raw, is), newFinders(normal, is)
	return nil
}

// normalize is the normalized text, which may be the text itself.
func (t *Tokenizer) normalize(text []byte) []byte {
	for _, form := range t.forms {
		if form != norm.NFC || !plain(text) {
			text = Normalize(form, nil, text)
		}
	}
	return text
}

// Size is one more than the greatest id.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// ID is that of a token: of an added or special one by its content, of another one by its bytes.
func (t *Tokenizer) ID(token string) (id int32, ok bool) {
	if id, ok = t.named[token]; !ok {
		id, ok = t.ids[token]
	}
	return id, ok
}

// Bytes are those that a token stands for, which may be a part of a character; nil if there is no such token. They must not be changed.
func (t *Tokenizer) Bytes(id int32) []byte {
	if id < 0 || int(id) >= len(t.tokens) {
		return nil
	}
	return t.tokens[id]
}
