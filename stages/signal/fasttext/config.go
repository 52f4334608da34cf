package fasttext

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	model "millrace/pipeline/text/fasttext"
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
	switch known := preparations(); {
	case c.Prepare == "ultra-fineweb":
		problems = append(problems, errors.New("prepare: ultra-fineweb cuts texts by a tokenizer, and none can be given yet"))
	case c.Prepare != "" && !slices.Contains(known, c.Prepare):
		problems = append(problems, fmt.Errorf("prepare: unknown preparation %q: known are %s", c.Prepare, strings.Join(known, ", ")))
	}
	return errors.Join(problems...)
}
