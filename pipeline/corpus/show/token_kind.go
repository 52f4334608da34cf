package show

import (
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
)

// TokenKind is what a vocabulary has: characters, words, or runs of so many characters.
type TokenKind struct {
	name  string // of its table, without the end of the name
	title string
}

// Chars are what every corpus counts, Words what runs count that are asked to.
var (
	Chars = TokenKind{"chars", "character"}
	Words = TokenKind{"words", "word"}
)

// The lengths that runs of characters may have.
const (
	LeastNgram = 2
	MostNgram  = 5
)

// Ngrams are runs of n characters.
func Ngrams(n int) TokenKind {
	return TokenKind{fmt.Sprintf("ngrams-%d", n), fmt.Sprintf("%d-gram", n)}
}

// tokenKinds are all but characters.
func tokenKinds() []TokenKind {
	kinds := []TokenKind{Words}
	for n := LeastNgram; n <= MostNgram; n++ {
		kinds = append(kinds, Ngrams(n))
	}
	return kinds
}

// String is the name of the kind.
func (k TokenKind) String() string { return k.name }

// MarshalText implements encoding.TextMarshaler.
func (k TokenKind) MarshalText() ([]byte, error) { return []byte(k.name), nil }

// table is the base name of the tables of the kind.
func (k TokenKind) table() string {
	if k == Chars {
		return corpus.CharsTable
	}
	return k.name + ".parquet"
}

// missing says that a table of the kind is not there, and how to get one.
func (k TokenKind) missing(where string) error {
	err := fmt.Errorf("%s: its %ss: %w", where, k.title, ErrNotFound)
	if k == Chars {
		return err
	}
	counted := "words"
	if k != Words {
		counted = "ngrams"
	}
	return pipeline.WithHint(err, "runs with vocab.count: [chars, "+counted+"] count them, of all documents that there are")
}
