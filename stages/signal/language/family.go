// Package language says which language documents are in: by their script where that decides, and else by a model of fastText, if there is one. Its
// family is language.
package language

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	model "github.com/millrace/millrace/pipeline/text/fasttext"
	"github.com/millrace/millrace/pipeline/text/writing"
)

// Config names the model.
type Config struct {
	// Model is the file of a model that tells languages, .bin or .ftz. Without one, what the script does not decide stays open.
	Model string `json:"model" yaml:"model"`
	// Digest is the SHA-256 that the file must have, in hexadecimal, or empty.
	Digest string `json:"digest" yaml:"digest"`
}

// Validate returns every problem that shows without the model, joined, each beginning with its key.
func (c Config) Validate() error {
	if c.Digest != "" && c.Model == "" {
		return errors.New("digest: there is no model that could have it")
	}
	return model.CheckDigest(c.Digest)
}

// New opens the model, if there is one, and makes the family. Its signals are language and, with a model, language_score_DIGEST: how sure that is,
// in millionths. DIGEST is how the SHA-256 of the model begins.
//
// The numbers of language mean the same for all models. The model sees the whole text, its line breaks as blanks.
func New(c Config) (signal.Family, error) {
	if err := c.Validate(); err != nil {
		return signal.Family{}, err
	}
	f := signal.Family{
		Name:    "language",
		Columns: []signal.Column{{Name: "language", Unit: rule.Count, Note: "language, by ISO 639", Labels: codes}},
		New:     func() signal.Measurer { return &measurer{} },
	}
	if c.Model == "" {
		return f, nil
	}
	m, err := model.OpenAs(c.Model, c.Digest)
	if err != nil {
		return signal.Family{}, fmt.Errorf("model: %w", err)
	}
	digest, numbers := m.Digest(), numbersOf(m.Labels())
	short := hex.EncodeToString(digest[:4])
	f.Columns = append(f.Columns, signal.Column{
		Name: "language_score_" + short, Unit: rule.Share, Note: "how sure that language is, by script or by the model " + short,
	})
	f.New = func() signal.Measurer { return &measurer{model: m.Predictor(), numbers: numbers} }
	return f, nil
}

type measurer struct {
	model   *model.Predictor // or nil
	numbers []int64          // of the languages of the model's labels
	line    []byte
}

// Measure goes by the script, or asks the model.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	tally := writing.Of(d.Text)
	script, part, all := tally.Main()
	language, decided := byScript(script, part, all)
	score := int64(0)
	switch {
	case decided:
		score = signal.Share(int64(part), int64(all))
	case m.model != nil:
		m.line = model.Line(m.line[:0], d.Text)
		var label int
		if label, score = m.model.Predict(m.line); label >= 0 {
			language = m.numbers[label]
		}
	}
	out[0] = language
	if m.model != nil {
		out[1] = min(score, signal.Millionths)
	}
}
