package lists

import (
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// Words is a list of words and how texts are looked through for it.
type Words struct {
	// Name begins the names of the signals.
	Name string `json:"name" yaml:"name"`
	// List is the file of words, a word a line.
	List string `json:"list" yaml:"list"`
	// Allow is the file of phrases in which a word is no hit, as 性 in 性能; or empty.
	Allow string `json:"allow" yaml:"allow"`
	// Digest is the SHA-256 that the files must have, in hexadecimal, or its first digits, or empty: of the list, or where there are allowed phrases,
	// of both files, each with its length before it.
	Digest string `json:"digest" yaml:"digest"`
}

// Validate returns every problem that shows without the files, joined, each beginning with its key.
func (c Words) Validate() error { return errors.Join(checkCommon(c.Name, c.List, c.Digest)...) }

// NewWords reads the files and makes the family: hits, distinct words hit, and the share of the characters that hits cover. Words are met in any case and
// width. One that begins or ends with a letter of Latin, Greek or Cyrillic is met as a whole; of Han and all else there are no borders. Errors name
// file and line.
func NewWords(c Words) (signal.Family, error) {
	if err := c.Validate(); err != nil {
		return signal.Family{}, err
	}
	list, err := readFile(c.List)
	if err != nil {
		return signal.Family{}, fmt.Errorf("list: %w", err)
	}
	allow, err := readFile(c.Allow)
	if err != nil {
		return signal.Family{}, fmt.Errorf("allow: %w", err)
	}
	what, files := c.List, [][]byte{list}
	if c.Allow != "" {
		what, files = c.List+" with "+c.Allow, append(files, allow)
	}
	digest := digestOf(files...)
	if err := checkDigest(c.Digest, digest, what); err != nil {
		return signal.Family{}, err
	}
	words, wrong := readWords(c.List, list)
	if wrong == nil && len(words.words) == 0 {
		wrong = fmt.Errorf("list: %s has no word", c.List)
	}
	var phrases *automaton
	if c.Allow != "" {
		var err error
		phrases, err = readWords(c.Allow, allow)
		wrong = errors.Join(wrong, err)
	}
	if wrong != nil {
		return signal.Family{}, wrong
	}
	return wordFamily(c.Name, digest, words, phrases), nil
}

// readWords makes the automaton of a list.
func readWords(path string, data []byte) (*automaton, error) {
	var words [][]byte
	folded := make([]byte, 0, len(data)) // of all words; where it grows, earlier words keep what they had
	if err := entries(path, data, func(entry []byte) error {
		from := len(folded)
		folded = appendFolded(folded, entry)
		words = append(words, folded[from:len(folded):len(folded)])
		return nil
	}); err != nil {
		return nil, err
	}
	a, err := newAutomaton(words)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

func wordFamily(name, digest string, words, allowed *automaton) signal.Family {
	suffix := "_" + digest[:nameDigits]
	return signal.Family{
		Name: name,
		Columns: []signal.Column{
			{Name: name + suffix, Unit: rule.Count, Note: "words of the list " + name},
			{Name: name + "_distinct" + suffix, Unit: rule.Count, Note: "different words of the list " + name},
			{Name: name + "_chars" + suffix, Unit: rule.Share, Note: "share of the characters that are words of the list " + name},
		},
		New: func() signal.Measurer {
			m := &wordMeasurer{matcher: matcher{of: words}}
			if allowed != nil {
				m.allowed = &phrases{matcher: matcher{of: allowed}}
			}
			return m
		},
	}
}

type wordMeasurer struct {
	matcher matcher
	allowed *phrases
	found   []uint32
}

// Measure implements signal.Measurer.
func (m *wordMeasurer) Measure(d *signal.Document, out []int64) {
	hits := m.matcher.find(d.Text, m.allowed)
	m.found = m.found[:0]
	chars := int64(0)
	for _, h := range hits {
		chars += int64(h.to - h.from)
		m.found = append(m.found, h.word)
	}
	out[0], out[1], out[2] = int64(len(hits)), distinct(m.found), signal.Share(chars, int64(d.Chars))
}

// distinct is how many different numbers there are; it sorts them.
func distinct(list []uint32) (n int64) {
	slices.Sort(list)
	for i := range list {
		if i == 0 || list[i] != list[i-1] {
			n++
		}
	}
	return n
}
