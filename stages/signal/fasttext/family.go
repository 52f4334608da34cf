// Package fasttext says what a classifier of fastText thinks of documents: a model of the user's, by its path. Each use of the family fasttext in
// the settings is one, by its name.
package fasttext

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"millrace/pipeline/rule"
	"millrace/pipeline/signal"
	model "millrace/pipeline/text/fasttext"
)

// labelPrefix is what fastText's labels begin with unless somebody wanted otherwise.
const labelPrefix = "__label__"

// noLabel is the word for texts of which the model knows nothing.
const noLabel = "none"

// New opens the model and makes the family. Its signals are NAME_DIGEST, the probability of a label in millionths, and if none is asked for
// NAME_label_DIGEST, which label is the most probable one. DIGEST is how the SHA-256 of the model begins, so scores of another model have another
// name.
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
	digest := m.Digest()
	short := hex.EncodeToString(digest[:4])
	f := signal.Family{Name: c.Name, New: func() signal.Measurer {
		return &measurer{model: m.Predictor(), label: label, prepare: preparation(c.Prepare)}
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
