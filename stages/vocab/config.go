package vocab

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Config are the settings of the vocabulary. They affect the result.
type Config struct {
	// Special are the tokens that come before every character, in the order of their ids.
	Special []string `json:"special" yaml:"special"`
	// Count says what is counted: chars, which always are, words, and ngrams of the lengths of Ngrams.
	Count  []string `json:"count" yaml:"count"`
	Ngrams []int    `json:"ngrams" yaml:"ngrams"`
	// Least is how often a word or an n-gram has to occur to stand in the tables. All are counted.
	Least int64 `json:"least" yaml:"least"`
	// Growth is by which share the text has to have grown for the tables to be written again; 0: each version writes them.
	Growth float64 `json:"growth" yaml:"growth"`
}

// What can be counted.
const (
	CountChars  = "chars"
	CountWords  = "words"
	CountNgrams = "ngrams"
)

// mostGrowth is the most that Growth may be.
const mostGrowth = 100

// Kinds are the kinds of tokens that are counted beside characters: see ingest.Counting.
func (c Config) Kinds() (kinds []string) {
	if slices.Contains(c.Count, CountWords) {
		kinds = append(kinds, ingest.KindWords)
	}
	if slices.Contains(c.Count, CountNgrams) {
		for _, n := range slices.Sorted(slices.Values(c.Ngrams)) {
			kinds = append(kinds, ingest.GramsKind(n))
		}
	}
	return kinds
}

// Default has the four special tokens that most trainers expect, padding as id 0.
func Default() Config {
	return Config{Special: []string{"<PAD>", "<UNK>", "<BOS>", "<EOS>"}, Count: []string{CountChars}, Ngrams: []int{2, 3, 4, 5}, Least: 1}
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
	known := []string{CountChars, CountWords, CountNgrams}
	for i, what := range c.Count {
		switch {
		case !slices.Contains(known, what):
			errs = append(errs, fmt.Errorf("count: unknown %q: known are %s", what, strings.Join(known, ", ")))
		case slices.Contains(c.Count[:i], what):
			errs = append(errs, fmt.Errorf("count: %s is there twice", what))
		}
	}
	if !slices.Contains(c.Count, CountChars) {
		errs = append(errs, errors.New("count: characters are always counted: name chars as well"))
	}
	if len(c.Ngrams) == 0 {
		errs = append(errs, fmt.Errorf("ngrams: name lengths from %d to %d", counts.LeastGram, counts.MostGram))
	}
	for i, n := range c.Ngrams {
		switch {
		case n < counts.LeastGram || n > counts.MostGram:
			errs = append(errs, fmt.Errorf("ngrams: %d characters are not from %d to %d", n, counts.LeastGram, counts.MostGram))
		case slices.Contains(c.Ngrams[:i], n):
			errs = append(errs, fmt.Errorf("ngrams: %d is there twice", n))
		}
	}
	if !(c.Growth >= 0 && c.Growth <= mostGrowth) { // no number is neither
		errs = append(errs, fmt.Errorf("growth: %v is not from 0 to %d", c.Growth, mostGrowth))
	}
	if c.Least < 1 {
		errs = append(errs, fmt.Errorf("least: %d is less than 1", c.Least))
	}
	return errors.Join(errs...)
}
