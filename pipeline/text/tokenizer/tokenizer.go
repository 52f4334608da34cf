package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"millrace/pipeline/text/bpe"
	"millrace/pipeline/text/unigram"
	"millrace/pipeline/text/wordpiece"
)

// MaxBytes is the largest file that is read.
const MaxBytes = bpe.MaxBytes

// Names of files that are looked for in a folder, in this order.
const (
	JSONName  = "tokenizer.json"
	ModelName = "tokenizer.model"
)

// Tokenizer cuts texts into tokens. It does not change, and may be used by many goroutines.
type Tokenizer interface {
	// Size is one more than the greatest id.
	Size() int
	// Bytes are those that a token stands for, which may be a part of a character; nil if there is no such token. They must not be changed.
	Bytes(id int32) []byte
	// Unknown is the id of what no other token stands for, -1 if there is none.
	Unknown() int32
	// Encoder makes what cuts by it, for one goroutine.
	Encoder() Encoder
}

// Encoder cuts texts, one after the other, for one goroutine.
type Encoder interface {
	// Encode appends the ids of the tokens of a text, which is valid UTF-8, to dst.
	Encode(dst []int32, text []byte) []int32
}

// reader reads what a file of one kind of model holds.
type reader func(data []byte) (Tokenizer, error)

// models are the readers of a tokenizer.json, by the type of its model.
var models = map[string]reader{
	"BPE": func(data []byte) (Tokenizer, error) {
		t, err := bpe.Read(data)
		return byteLevel{t}, err
	},
	"Unigram":   func(data []byte) (Tokenizer, error) { return adapt[*unigram.Encoder](unigram.Read(data)) },
	"WordPiece": func(data []byte) (Tokenizer, error) { return adapt[*wordpiece.Encoder](wordpiece.Read(data)) },
	"WordLevel": func(data []byte) (Tokenizer, error) { return adapt[*wordpiece.Encoder](wordpiece.Read(data)) },
}

// Read reads a file: a tokenizer.json, or a model of sentencepiece.
func Read(data []byte) (Tokenizer, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("more than %d bytes: a tokenizer has no more", MaxBytes)
	}
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte{'{'}) {
		t, err := adapt[*unigram.Encoder](unigram.ReadModel(data))
		if err != nil {
			return nil, fmt.Errorf("neither a tokenizer.json nor a model of sentencepiece that is read: %w", err)
		}
		return t, nil
	}
	var file struct {
		Model *struct {
			Type string `json:"type"`
		} `json:"model"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("no tokenizer.json: %w", err)
	}
	if file.Model == nil {
		return nil, errors.New("no tokenizer.json: it has no model")
	}
	read, ok := models[file.Model.Type]
	if !ok {
		return nil, fmt.Errorf("model: the type %q is not read", file.Model.Type)
	}
	t, err := read(data)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Open reads a file, or that of a folder which has one of the usual name.
func Open(name string) (Tokenizer, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		in := name
		name = ""
		for _, usual := range []string{JSONName, ModelName} {
			if _, err := os.Stat(filepath.Join(in, usual)); err == nil {
				name = filepath.Join(in, usual)
				break
			}
		}
		if name == "" {
			return nil, fmt.Errorf("%s has neither %s", in, strings.Join([]string{JSONName, ModelName}, " nor "))
		}
	}
	data, err := readAtMost(name, MaxBytes)
	if err != nil {
		return nil, err
	}
	t, err := Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// readAtMost reads a file, of a longer one a byte more than it may have.
func readAtMost(name string, most int64) (data []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	return io.ReadAll(io.LimitReader(f, most+1))
}

// byteLevel is a BPE over bytes: every text has tokens.
type byteLevel struct{ *bpe.Tokenizer }

func (byteLevel) Unknown() int32 { return -1 }

func (t byteLevel) Encoder() Encoder { return t.Tokenizer.Encoder() }

// of is a tokenizer whose encoders are of one type.
type of[E Encoder] interface {
	Size() int
	Bytes(id int32) []byte
	Unknown() int32
	Encoder() E
}

// adapted is one as a Tokenizer.
type adapted[E Encoder] struct{ of[E] }

func adapt[E Encoder](t of[E], err error) (Tokenizer, error) { return adapted[E]{t}, err }

// Encoder implements Tokenizer.
func (t adapted[E]) Encoder() Encoder { return t.of.Encoder() }
