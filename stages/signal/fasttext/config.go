package fasttext

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	model "github.com/millrace/millrace/pipeline/text/fasttext"
)

// Config is a classifier of fastText and how it is asked.
type Config struct {
	// Name begins the names of the signals.
	Name string `json:"name" yaml:"name"`
	// Model is the file, .bin or .ftz.
	Model string `json:"model" yaml:"model"`
	// Digest is the SHA-256 that the file must have, in hexadecimal, or empty.
	Digest string `json:"digest" yaml:"digest"`
	// Label is the one whose probability is the score, with or without the prefix __label__. If it is empty the score is that of the best label,
	// and which one that is is a signal, too.
	Label string `json:"label" yaml:"label"`
	// Prepare is what is made of a text before the model sees it, by its name: raw if it is empty.
	Prepare string `json:"prepare" yaml:"prepare"`
	// Tokenizer is the tokenizer.json that a preparation by tokens cuts texts by.
	Tokenizer string `json:"tokenizer" yaml:"tokenizer"`
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)

// Validate returns every problem that shows without the model, joined, each beginning with its key.
func (c Config) Validate() error {
	var problems []error
	if !namePattern.MatchString(c.Name) {
		problems = append(problems, fmt.Errorf("name: %q is no name of a signal: small letters, digits and _, a letter first, at most 48", c.Name))
	}
	if c.Model == "" {
		problems = append(problems, errors.New("model: the path of a model (.bin or .ftz) is missing"))
	}
	if err := model.CheckDigest(c.Digest); err != nil {
		problems = append(problems, err)
	}
	switch p, ok := preparationNamed(c.Prepare); {
	case !ok:
		var known []string
		for _, p := range preparations {
			known = append(known, p.name)
		}
		problems = append(problems, fmt.Errorf("prepare: unknown preparation %q: known are %s", c.Prepare, strings.Join(known, ", ")))
	case p.tokens && c.Tokenizer == "":
		problems = append(problems, fmt.Errorf("tokenizer: %s cuts texts by a tokenizer: the path of its tokenizer.json is missing", p.name))
	case !p.tokens && c.Tokenizer != "":
		problems = append(problems, fmt.Errorf("tokenizer: %s cuts texts by none", p.name))
	}
	return errors.Join(problems...)
}
