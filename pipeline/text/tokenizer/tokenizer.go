package tokenizer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/pipeline/text/bpe"
	"github.com/millrace/millrace/pipeline/text/charbpe"
	"github.com/millrace/millrace/pipeline/text/spm"
	"github.com/millrace/millrace/pipeline/text/unigram"
	"github.com/millrace/millrace/pipeline/text/wordpiece"
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
	// ID is that of a token, such as <|endoftext|>: of an added or special one by its content, of another one as its file spells it, or by its
	// bytes where it is one of a BPE over bytes.
	ID(token string) (id int32, ok bool)
	// Unknown is the id of what no other token stands for, -1 if there is none.
	Unknown() int32
	// Encoder makes what cuts by it, for one goroutine: special tokens that a text has are tokens, as the libraries have it that the files are of.
	Encoder() Encoder
	// Ordinary makes what takes special tokens in a text for text. Tokens that are added but not special are still looked for.
	Ordinary() Encoder
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
		if !bpe.OverBytes(data) {
			return adapt[*charbpe.Encoder](charbpe.Read(data))
		}
		t, err := bpe.Read(data)
		return byteLevel{t}, err
	},
	"Unigram":   func(data []byte) (Tokenizer, error) { return adapt[*unigram.Encoder](unigram.Read(data)) },
	"WordPiece": func(data []byte) (Tokenizer, error) { return adapt[*wordpiece.Encoder](wordpiece.Read(data)) },
	"WordLevel": func(data []byte) (Tokenizer, error) { return adapt[*wordpiece.Encoder](wordpiece.Read(data)) },
}

// Read reads a file: a tokenizer.json, a model of sentencepiece, or ranks of tiktoken, if it is one of the known files of these.
func Read(data []byte) (Tokenizer, error) { return ReadWith(data, Options{}) }

// ReadWith reads a file, of ranks by options unless these are empty.
func ReadWith(data []byte, o Options) (Tokenizer, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("more than %d bytes: a tokenizer has no more", MaxBytes)
	}
	if bpe.IsRanks(data) {
		t, err := readRanks(data, o)
		if err != nil {
			return nil, err
		}
		return t, nil
	}
	if !o.none() {
		return nil, errors.New("only a file of ranks is read by options: this is none")
	}
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte{'{'}) {
		t, err := readModel(data)
		if err != nil {
			return nil, fmt.Errorf("neither a tokenizer.json, ranks of tiktoken, nor a model of sentencepiece that is read: %w", err)
		}
		return t, nil
	}
	return readJSON(data)
}

// readModel reads a model of sentencepiece.
func readModel(data []byte) (Tokenizer, error) {
	m, err := spm.Read(data)
	if err != nil {
		return nil, err
	}
	switch m.Kind {
	case spm.Unigram:
		return adapt[*unigram.Encoder](unigram.OfModel(m))
	case spm.BPE:
		return adapt[*charbpe.Encoder](charbpe.OfModel(m))
	}
	return nil, fmt.Errorf("the model is of type %d: only unigram (%d) and BPE (%d) are read", m.Kind, spm.Unigram, spm.BPE)
}

func readJSON(data []byte) (Tokenizer, error) {
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

// Opened is a tokenizer from a file.
type Opened struct {
	Tokenizer
	// Digest is the SHA-256, in hex, of the file; of one of ranks that is read by options, of the file and of these.
	Digest string
}

// Open reads a file, or that of a folder which has one of the usual name. Beside a file of ranks may lie its Options as JSON, with RanksSuffix behind its
// name.
func Open(name string) (*Opened, error) { return OpenWith(name, Options{}) }

// OpenWith reads a file as Open does; of ranks by options, unless these are empty.
func OpenWith(name string, o Options) (*Opened, error) {
	name, err := find(name)
	if err != nil {
		return nil, err
	}
	data, err := readAtMost(name, MaxBytes)
	if err != nil {
		return nil, err
	}
	if o.none() && bpe.IsRanks(data) {
		if o, err = optionsBeside(name); err != nil {
			return nil, err
		}
	}
	t, err := ReadWith(data, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	h := sha256.New()
	_, _ = h.Write(data)
	if !o.none() {
		options, err := json.Marshal(o) // its keys are in order
		if err != nil {
			return nil, err
		}
		_, _ = h.Write(append([]byte{0}, options...))
	}
	return &Opened{t, hex.EncodeToString(h.Sum(nil))}, nil
}

// find is the file that a name means: itself, or the one in a folder.
func find(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return name, err
	}
	for _, usual := range []string{JSONName, ModelName} {
		if _, err := os.Stat(filepath.Join(name, usual)); err == nil {
			return filepath.Join(name, usual), nil
		}
	}
	return "", fmt.Errorf("%s has neither %s", name, strings.Join([]string{JSONName, ModelName}, " nor "))
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

func (t byteLevel) Encoder() Encoder  { return t.Tokenizer.Encoder() }
func (t byteLevel) Ordinary() Encoder { return t.Tokenizer.Ordinary() }

// of is a tokenizer whose encoders are of one type.
type of[E Encoder] interface {
	Size() int
	Bytes(id int32) []byte
	ID(token string) (id int32, ok bool)
	Unknown() int32
	Encoder() E
	Ordinary() E
}

// adapted is one as a Tokenizer.
type adapted[E Encoder] struct{ of[E] }

func adapt[E Encoder](t of[E], err error) (Tokenizer, error) { return adapted[E]{t}, err }

// Encoder implements Tokenizer.
func (t adapted[E]) Encoder() Encoder { return t.of.Encoder() }

// Ordinary implements Tokenizer.
func (t adapted[E]) Ordinary() Encoder { return t.of.Ordinary() }
