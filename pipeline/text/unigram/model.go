package unigram

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/millrace/millrace/pipeline/text/spm"
)

// Type says what a piece is.
type Type = spm.Type

// The types of pieces.
const (
	Normal  = spm.Normal
	Unknown = spm.Unknown // of what is in no piece
	Control = spm.Control // of no text
	Given   = spm.Given   // of a user: always taken
	Unused  = spm.Unused
	Byte    = spm.Byte
)

// Piece is a token: its id is its place in the model.
type Piece struct {
	Text  string // with ▁ for blanks
	Score float32
	Type  Type
	Count int64 // how often it is in the pre-tokens as the model cuts them; of an unknown token how many characters are in no piece
}

// Model is a trained model.
type Model struct {
	Pieces       []Piece
	ByteFallback bool

	options Options // of who trained it
}

// Front is what is done with texts before they are cut. It must be what was done with those that the model was trained on.
type Front struct {
	Normalizer string // "", NFC, NFD, NFKC or NFKD
	Prefix     bool   // a text that does not begin with a blank gets one
}

func (f *Front) check() error {
	switch f.Normalizer {
	case "", "NFC", "NFD", "NFKC", "NFKD":
		return nil
	}
	return fmt.Errorf("normalizer: %q is not one of NFC, NFD, NFKC, NFKD", f.Normalizer)
}

func (m *Model) unknown() int {
	for i, p := range m.Pieces {
		if p.Type == Unknown {
			return i
		}
	}
	return -1
}

// WriteJSON writes a tokenizer.json, which Hugging Face's tokenizers and Read load. Special and reserved tokens are sought in texts.
func (m *Model) WriteJSON(w io.Writer, f Front) error {
	if err := f.check(); err != nil {
		return err
	}
	b := &jsonWriter{w: bufio.NewWriter(w)}
	b.text("{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n  \"added_tokens\": [")
	comma := ""
	for id, p := range m.Pieces {
		if p.Type != Control && p.Type != Unknown {
			continue
		}
		b.text(comma + "\n    {\"id\": " + strconv.Itoa(id) + ", \"content\": ")
		b.quoted(p.Text)
		b.text(`, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}`)
		comma = ","
	}
	b.text("\n  ],\n  \"normalizer\": ")
	if f.Normalizer == "" {
		b.text("null")
	} else {
		b.text(`{"type": "` + f.Normalizer + `"}`)
	}
	scheme, strip := "never", ""
	if f.Prefix {
		scheme, strip = "always", `, {"type": "Strip", "content": " ", "start": 1, "stop": 0}`
	}
	metaspace := `{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "` + scheme + `", "split": true}`
	b.text(",\n  \"pre_tokenizer\": " + metaspace + ",\n  \"post_processor\": null,\n  \"decoder\": ")
	if m.ByteFallback {
		b.text(`{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}` + strip + `]}`)
	} else {
		b.text(metaspace)
	}
	b.text(",\n  \"model\": {\n    \"type\": \"Unigram\",\n    \"unk_id\": " + strconv.Itoa(m.unknown()) + ",\n    \"byte_fallback\": " + strconv.FormatBool(m.ByteFallback) + ",\n    \"vocab\": [")
	bytes := m.byteScore()
	for i, p := range m.Pieces {
		score := float64(p.Score)
		if p.Type == Byte {
			score = bytes
		}
		if i > 0 {
			b.text(",")
		}
		b.text("\n      [")
		b.quoted(p.Text)
		b.text(", " + number(score) + "]")
	}
	b.text("\n    ]\n  }\n}\n")
	if b.err != nil {
		return b.err
	}
	return b.w.Flush()
}

// byteScore is one that the pieces of bytes get in a tokenizer.json, whose readers find them in texts as they find all: with it what is
// written <0x41> in a text is no byte 41, for its characters score more.
func (m *Model) byteScore() float64 {
	least := 0.0
	for _, p := range m.Pieces {
		least = min(least, float64(p.Score))
	}
	return math.Floor(float64(len("<0x00>"))*(least-unkPenalty)) - 1
}

func number(f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if f == math.Trunc(f) {
		s += ".0"
	}
	return s
}

type jsonWriter struct {
	w   *bufio.Writer
	err error
}

func (b *jsonWriter) text(s string) {
	if b.err == nil {
		_, b.err = b.w.WriteString(s)
	}
}

func (b *jsonWriter) quoted(s string) {
	data, err := json.Marshal(s)
	if err != nil && b.err == nil {
		b.err = err
	}
	b.text(string(data))
}
