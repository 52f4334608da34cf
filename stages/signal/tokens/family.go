// Package tokens says how many tokens documents have, by a tokenizer of the user's. A release whose mixture goes by tokens of that tokenizer reads the signal
// instead of encoding the documents.
package tokens

import (
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// Config names a tokenizer.
type Config struct {
	// Tokenizer is its file: whatever package tokenizer reads.
	Tokenizer string `json:"tokenizer" yaml:"tokenizer"`
	// Pattern cuts texts before a file of ranks, which does not say it.
	Pattern string `json:"pattern" yaml:"pattern"`
}

// Validate returns every problem that shows without the file.
func (c Config) Validate() error {
	if c.Tokenizer == "" {
		return errors.New("tokenizer: the path of a tokenizer is missing")
	}
	return nil
}

// Prefix begins the name of the signal, and HexDigits of the tokenizer's digest end it.
const (
	Prefix    = "tokens_"
	HexDigits = 8
)

// New opens the tokenizer and makes the family. Its signal is tokens_DIGEST, how many tokens the text has, without those that mark where a document begins
// and ends; special tokens that stand in the text are text. DIGEST is how that of the tokenizer begins.
func New(c Config) (signal.Family, error) {
	if err := c.Validate(); err != nil {
		return signal.Family{}, err
	}
	t, err := tokenizer.OpenWith(c.Tokenizer, tokenizer.Options{Pattern: c.Pattern})
	if err != nil {
		return signal.Family{}, fmt.Errorf("tokenizer: %w", err)
	}
	short := t.Digest[:HexDigits]
	return signal.Family{
		Name:    Prefix + short,
		Columns: []signal.Column{{Name: Prefix + short, Unit: rule.Count, Note: "tokens, by the tokenizer " + short}},
		New:     func() signal.Measurer { return &measurer{of: t.Ordinary()} },
	}, nil
}

type measurer struct {
	of  tokenizer.Encoder
	ids []int32
}

// Measure implements signal.Measurer.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	m.ids = m.of.Encode(m.ids[:0], d.Text)
	out[0] = int64(len(m.ids))
}
