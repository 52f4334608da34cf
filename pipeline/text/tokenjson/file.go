package tokenjson

import (
	"encoding/json"
	"errors"
	"fmt"
)

// MaxBytes is the largest file that is read: the largest there are have some 30 MB.
const MaxBytes = 128 << 20

// MaxTokens bounds the ids, so that a table by id is no larger than a file may be.
const MaxTokens = 8 << 20

// File is a tokenizer.json. Its model is for who knows models of its type.
type File struct {
	Added        []Added         `json:"added_tokens"`
	Normalizer   json.RawMessage `json:"normalizer"`
	PreTokenizer json.RawMessage `json:"pre_tokenizer"`
	Model        json.RawMessage `json:"model"`
}

// Added is a token that is sought in texts.
type Added struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	Left       bool   `json:"lstrip"` // white space on its left is part of it
	Right      bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// Read reads a tokenizer.json.
func Read(data []byte) (*File, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%d bytes: a tokenizer has %d at most", len(data), MaxBytes)
	}
	f := &File{}
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("no tokenizer.json: %w", err)
	}
	if len(f.Model) == 0 {
		return nil, errors.New("no tokenizer.json: there is no model")
	}
	return f, nil
}

// Named are the ids of the added tokens, by their contents.
func (f *File) Named() map[string]int32 {
	named := make(map[string]int32, len(f.Added))
	for _, a := range f.Added {
		if a.Content != "" {
			named[a.Content] = a.ID
		}
	}
	return named
}

// Type is that of the model; "" where the file does not say.
func (f *File) Type() string {
	var m struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(f.Model, &m) != nil {
		return ""
	}
	return m.Type
}

// kind is the type of a part of the file; "" if there is no such part.
func kind(data []byte) (string, error) {
	if len(data) == 0 || string(data) == "null" {
		return "", nil
	}
	var part struct {
		Type *string `json:"type"`
	}
	if err := json.Unmarshal(data, &part); err != nil {
		return "", err
	}
	if part.Type == nil {
		return "", errors.New("it has no type")
	}
	return *part.Type, nil
}

// sequence are the parts of a Sequence, under a key.
func sequence(data []byte, key string) ([]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	var parts []json.RawMessage
	err := json.Unmarshal(all[key], &parts)
	return parts, err
}

// inSequence reads the parts of a Sequence, which stands so deep in others.
func inSequence(data []byte, key string, depth int, read func(data []byte, depth int) error) error {
	parts, err := sequence(data, key)
	if err == nil && depth == mostDepth {
		err = errors.New("sequences too deep in each other")
	}
	for i := 0; err == nil && i < len(parts); i++ {
		err = read(parts[i], depth+1)
	}
	return err
}
