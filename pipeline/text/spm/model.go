package spm

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// Type says what a piece is; the numbers are those of sentencepiece.
type Type int

// The types of pieces.
const (
	Normal  Type = 1
	Unknown Type = 2 // of what is in no piece
	Control Type = 3 // of no text
	Given   Type = 4 // of a user: always taken
	Unused  Type = 5
	Byte    Type = 6
)

// Kinds of models.
const (
	Unigram = 1
	BPE     = 2
)

// Piece is a token: its id is its place in the model.
type Piece struct {
	Text  []byte // of valid UTF-8, with ▁ for blanks
	Score float32
	Type  Type
}

// Model is one that is read.
type Model struct {
	Kind         int
	Pieces       []Piece
	Unknown      int32 // the piece of that type, of which there is one
	ByteFallback bool  // what is in no piece are pieces of bytes
	Front        *Front
}

// Fields of a model.
const (
	modelPieces, modelTrainer, modelNormalizer = 1, 2, 3

	pieceText, pieceScore, pieceType = 1, 2, 3

	normalizerChars, normalizerPrefix, normalizerSqueeze, normalizerEscape = 2, 3, 4, 5

	trainerType, trainerSuffix, trainerBytes = 3, 24, 35
)

// Read reads a model.
func Read(data []byte) (*Model, error) {
	if len(data) > tokenjson.MaxBytes {
		return nil, fmt.Errorf("%d bytes: a tokenizer has %d at most", len(data), tokenjson.MaxBytes)
	}
	m := &Model{Kind: Unigram, Unknown: -1, Front: &Front{prefix: true, squeeze: true, escape: true}}
	err := fields(data, func(f field) error {
		switch f.number {
		case modelPieces:
			return m.readPiece(f.bytes)
		case modelTrainer:
			return fields(f.bytes, func(f field) error {
				switch f.number {
				case trainerType:
					m.Kind = int(int32(f.value))
				case trainerSuffix:
					m.Front.suffix = f.bool()
				case trainerBytes:
					m.ByteFallback = f.bool()
				}
				return nil
			})
		case modelNormalizer:
			return m.Front.read(f.bytes)
		}
		return nil
	})
	switch {
	case errors.Is(err, errWire):
		return nil, fmt.Errorf("no model of sentencepiece: %w", err)
	case err != nil:
		return nil, err
	case len(m.Pieces) == 0:
		return nil, errors.New("no model of sentencepiece: it has no pieces")
	}
	for id, p := range m.Pieces {
		if s := float64(p.Score); math.IsNaN(s) || math.Abs(s) > 1e9 {
			return nil, fmt.Errorf("the score %v of piece %d is none", s, id)
		}
		switch p.Type {
		case Unknown:
			if m.Unknown >= 0 {
				return nil, errors.New("two pieces are of type unknown")
			}
			m.Unknown = int32(id)
		case Normal, Control, Given, Unused, Byte:
		default:
			return nil, fmt.Errorf("piece %d is of type %d, which there is not", id, p.Type)
		}
	}
	if m.Unknown < 0 {
		return nil, errors.New("no piece is of type unknown")
	}
	m.Front.given, err = newGivens(m.Pieces)
	return m, err
}

func (m *Model) readPiece(data []byte) error {
	if len(m.Pieces) == tokenjson.MaxTokens {
		return fmt.Errorf("more than %d pieces", tokenjson.MaxTokens)
	}
	p := Piece{Type: Normal}
	err := fields(data, func(f field) error {
		switch f.number {
		case pieceText:
			p.Text = []byte(strings.ToValidUTF8(string(f.bytes), "\uFFFD"))
		case pieceScore:
			p.Score = f.float()
		case pieceType:
			p.Type = Type(f.value)
		}
		return nil
	})
	m.Pieces = append(m.Pieces, p)
	return err
}

func (f *Front) read(data []byte) error {
	return fields(data, func(field field) (err error) {
		switch field.number {
		case normalizerChars:
			if len(field.bytes) > 0 {
				f.chars, err = tokenjson.ReadCharsMap(field.bytes)
			}
		case normalizerPrefix:
			f.prefix = field.bool()
		case normalizerSqueeze:
			f.squeeze = field.bool()
		case normalizerEscape:
			f.escape = field.bool()
		}
		return err
	})
}
