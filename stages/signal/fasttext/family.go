// Package fasttext says what a classifier of fastText thinks of documents: a model of the user's, by its path. Each use of the family fasttext in
// the settings is one, by its name.
package fasttext

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text/bpe"
	model "github.com/millrace/millrace/pipeline/text/fasttext"
)

// labelPrefix is what fastText's labels begin with unless somebody wanted otherwise.
const labelPrefix = "__label__"

// noLabel is the word for texts of which the model knows nothing.
const noLabel = "none"

// New opens the model and makes the family. Its signals are NAME_DIGEST, the probability of a label in millionths, and if none is asked for
// NAME_label_DIGEST, which label is the most probable one. DIGEST is how the SHA-256 of the model begins, and with a tokenizer that of the digests of
// both, so scores of another model or tokenizer have another name.
//
// The whole text is seen by the model, as one line; of a text of which it knows nothing the score is 0 and the label none.
func New(c Config) (signal.Family, error) {
	if err := c.Validate(); err != nil {
		return signal.Family{}, err
	}
	m, err := model.OpenAs(c.Model, c.Digest)
	if err != nil {
		return signal.Family{}, fmt.Errorf("model: %w", err)
	}
	label := -1
	if c.Label != "" {
		label = slices.Index(m.Labels(), c.Label)
		if label < 0 {
			label = slices.Index(m.Labels(), labelPrefix+c.Label)
		}
		if label < 0 {
			return signal.Family{}, fmt.Errorf("label: %s has no label %q: %s", c.Model, c.Label, some(m.Labels()))
		}
	}
	tokenizer, digest, err := c.tokenizer(m.Digest())
	if err != nil {
		return signal.Family{}, fmt.Errorf("tokenizer: %w", err)
	}
	prepared, _ := preparationNamed(c.Prepare)
	short := hex.EncodeToString(digest[:4])
	f := signal.Family{Name: c.Name, New: func() signal.Measurer {
		return &measurer{model: m.Predictor(), label: label, prepare: prepared.make(tokenizer)}
	}}
	note := "probability of the most probable label, by the model " + short
	if label >= 0 {
		note = fmt.Sprintf("probability of the label %s, by the model %s", word(m.Labels()[label]), short)
	}
	f.Columns = append(f.Columns, signal.Column{Name: c.Name + "_" + short, Unit: rule.Share, Note: note})
	if label < 0 {
		f.Columns = append(f.Columns, signal.Column{
			Name: c.Name + "_label_" + short, Unit: rule.Count, Note: "the most probable label, by the model " + short, Labels: words(m.Labels()),
		})
	}
	return f, nil
}

// tokenizer reads the tokenizer, if there is to be one, and returns with it the digest of all that the signals are made by.
func (c *Config) tokenizer(model [sha256.Size]byte) (*bpe.Tokenizer, [sha256.Size]byte, error) {
	if c.Tokenizer == "" {
		return nil, model, nil
	}
	data, err := readAtMost(c.Tokenizer, bpe.MaxBytes)
	if err != nil {
		return nil, model, err
	}
	t, err := bpe.Read(data)
	if err != nil {
		return nil, model, fmt.Errorf("%s: %w", c.Tokenizer, err)
	}
	own := sha256.Sum256(data)
	return t, sha256.Sum256(append(model[:], own[:]...)), nil
}

// readAtMost reads a file, of a longer one a byte more than it may have.
func readAtMost(name string, most int64) (data []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, most+1))
}

// word is a label without its prefix.
func word(label string) string { return strings.TrimPrefix(label, labelPrefix) }

// words are what the numbers of the signal stand for.
func words(labels []string) []string {
	list := []string{noLabel}
	for _, label := range labels {
		list = append(list, word(label))
	}
	return list
}

// some names the first labels of a model.
func some(labels []string) string {
	const most = 20
	list := words(labels[:min(most, len(labels))])[1:]
	if len(labels) > most {
		list = append(list, fmt.Sprintf("and %d more", len(labels)-most))
	}
	return strings.Join(list, ", ")
}

type measurer struct {
	model   *model.Predictor
	label   int // -1 for the most probable
	prepare prepare
	line    []byte
}

// Measure prepares the text and asks the model.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	m.line = m.prepare(m.line[:0], d.Text)
	if m.label >= 0 {
		out[0] = min(m.model.Score(m.line, m.label), signal.Millionths)
		return
	}
	label, score := m.model.Predict(m.line)
	out[0], out[1] = min(score, signal.Millionths), int64(label)+1
}
