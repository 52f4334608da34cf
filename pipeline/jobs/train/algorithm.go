package train

import (
	"context"
	"io"
	"maps"
	"slices"
)

// algorithm is one kind of tokenizer.
type algorithm struct {
	// settle fills in and checks the settings that are its own.
	settle func(s *Settings) error
	// cutter makes what cuts normalized texts into pre-tokens, for one goroutine: it calls each with them.
	cutter func(s *Settings) func(text []byte, each func(pretoken []byte))
	// trainer makes what is trained, on at most so many goroutines: the result does not depend on that.
	trainer func(s *Settings) (trainer, error)
	// bytes are how many of the text a pre-token is; nil: all of its own.
	bytes func(pretoken []byte) int
}

// trainer is given counted pre-tokens, in any order, and makes a tokenizer of them.
type trainer interface {
	Add(pretoken []byte, count int64) error
	Train(ctx context.Context) (trained, error)
}

// trained is a tokenizer.
type trained struct {
	files []file
	tells []string // what the report has to say of it, for people
	// notes are numbers of the report.
	notes map[string]int64
}

// file is one of DIR.
type file struct {
	name  string
	write func(w io.Writer) error
}

// algorithms is the table of them, by the name of Settings.Kind.
var algorithms = map[string]algorithm{kindBPE: byteLevel, kindUnigram: ofPieces, kindWordPiece: ofWords}

// Algorithms are the kinds of tokenizers that can be trained, in order.
func Algorithms() []string { return slices.Sorted(maps.Keys(algorithms)) }
