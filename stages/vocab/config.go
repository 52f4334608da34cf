package vocab

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Config are the settings of the vocabulary. They affect the result.
type Config struct {
	// Special are the tokens that come before every character, in the order of their ids.
	Special []string `json:"special" yaml:"special"`
}

// Default has the four special tokens that most trainers expect, padding as id 0.
func Default() Config {
	return Config{Special: []string{"<PAD>", "<UNK>", "<BOS>", "<EOS>"}}
}

// Validate returns all that is wrong with the settings.
func (c Config) Validate() error {
	var errs []error
	for i, s := range c.Special {
		switch {
		case !utf8.ValidString(s):
			errs = append(errs, fmt.Errorf("special: %q is not valid utf-8", s))
		case utf8.RuneCountInString(s) < 2:
			errs = append(errs, fmt.Errorf("special: %q needs at least two characters, one alone is no different from text", s))
		case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
			errs = append(errs, fmt.Errorf("special: %q has white space or a control character in it", s))
		case escaped.MatchString(s):
			errs = append(errs, fmt.Errorf("special: %q is how vocab.txt writes a character", s))
		}
		if slices.Contains(c.Special[:i], s) {
			errs = append(errs, fmt.Errorf("special: %q is there twice", s))
		}
	}
	return errors.Join(errs...)
}
