package unigram

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Options say what a Trainer makes.
type Options struct {
	Size     int      // all tokens: special and reserved ones, bytes, pieces
	Special  []string // the first ids, in their order
	Unknown  string   // the token of what is in no piece; "": <unk>. It is one of Special, or stands in front of them
	Reserved int      // <|reserved_0|> and so on, behind the special ones

	CharacterCoverage float64 // the share of all characters that are pieces for certain, the most frequent first; 0: 0.9995
	ByteFallback      bool    // 256 pieces <0x00> to <0xFF>: characters in no piece are bytes, not unknown
	MaxPieceLength    int     // in characters; 0: 16
	SplitDigits       bool    // each digit is a piece of its own
	MixScripts        bool    // pieces may have characters of several scripts, or digits, letters and punctuation

	SeedSize   int // how many pieces the first model has at most; 0: a million
	Goroutines int // 0: as many as there are processors. The model does not depend on it
}

// Bounds of what can be asked for.
const (
	mostSize     = 8 << 20
	longestPiece = 255
)

func (o *Options) fill() error {
	if o.Unknown == "" {
		o.Unknown = "<unk>"
	}
	if o.CharacterCoverage == 0 {
		o.CharacterCoverage = 0.9995
	}
	if o.MaxPieceLength == 0 {
		o.MaxPieceLength = 16
	}
	if o.SeedSize == 0 {
		o.SeedSize = 1_000_000
	}
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(o.Size > 0 && o.Size <= mostSize, "size: %d is not from 1 to %d", o.Size, mostSize)
	check(o.Reserved >= 0 && o.Reserved <= mostSize, "reserved: %d is not from 0 to %d", o.Reserved, mostSize)
	check(o.CharacterCoverage > 0 && o.CharacterCoverage <= 1, "character coverage: %v is not above 0 and at most 1", o.CharacterCoverage)
	check(o.MaxPieceLength >= 1 && o.MaxPieceLength <= longestPiece, "longest piece: %d is not from 1 to %d characters", o.MaxPieceLength, longestPiece)
	check(o.SeedSize > 0 && o.SeedSize <= 8*mostSize, "seed size: %d is not from 1 to %d", o.SeedSize, 8*mostSize)
	check(o.Goroutines >= 0, "goroutines: %d", o.Goroutines)
	seen := map[string]bool{}
	for _, s := range append([]string{o.Unknown}, o.Special...) {
		check(s != "" && utf8.ValidString(s) && !strings.ContainsRune(s, 0), "special token %q: it is empty, or no text", s)
		check(!seen[s] || s == o.Unknown, "special token %q: it is there twice", s)
		seen[s] = true
	}
	return errors.Join(errs...)
}

// meta are the tokens in front of the pieces.
func (o *Options) meta() (list []Piece) {
	has := false
	for _, s := range o.Special {
		has = has || s == o.Unknown
	}
	if !has {
		list = append(list, Piece{Text: o.Unknown, Type: Unknown})
	}
	for _, s := range o.Special {
		p := Piece{Text: s, Type: Control}
		if s == o.Unknown {
			p.Type = Unknown
		}
		list = append(list, p)
	}
	for i := range o.Reserved {
		list = append(list, Piece{Text: fmt.Sprintf("<|reserved_%d|>", i), Type: Control})
	}
	if o.ByteFallback {
		for b := range 256 {
			list = append(list, Piece{Text: fmt.Sprintf("<0x%02X>", b), Type: Byte})
		}
	}
	return list
}
