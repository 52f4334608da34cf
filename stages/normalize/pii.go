package normalize

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/text/pii"
)

// What becomes of personal data.
const (
	Keep      = "keep"
	Mask      = "mask"      // digits become 0, letters x
	Pseudonym = "pseudonym" // a value that follows from it and the key
)

var actions = []string{Keep, Mask, Pseudonym}

// allKinds stands for every kind that is not named.
const allKinds = "all"

// PII says what becomes of personal data: by its kinds, which package pii names, or by one word for all of them. Kinds that are not named stay. In settings
// it is one word or a map.
type PII map[string]string

// UnmarshalYAML reads one word or a map, which takes the place of what was.
func (p *PII) UnmarshalYAML(decode func(any) error) error {
	var all string
	if err := decode(&all); err == nil {
		*p = PII{allKinds: all}
		return p.check()
	}
	kinds := map[string]string{}
	if err := decode(&kinds); err != nil {
		return fmt.Errorf("one of %s is expected here, or one of them for each kind", strings.Join(actions, ", "))
	}
	*p = kinds
	return p.check()
}

// MarshalYAML implements yaml.Marshaler. Plans and manifests hold the same form.
func (p PII) MarshalYAML() (any, error) {
	if all, ok := p[allKinds]; ok && len(p) == 1 || len(p) == 0 {
		if !ok {
			all = Keep
		}
		return all, nil
	}
	return map[string]string(p), nil
}

// MarshalJSON implements json.Marshaler.
func (p PII) MarshalJSON() ([]byte, error) {
	form, err := p.MarshalYAML()
	if err != nil {
		return nil, err
	}
	return json.Marshal(form)
}

// check names every kind and word that is not known.
func (p PII) check() error {
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if _, ok := pii.KindOf(name); !ok && name != allKinds {
			unknown = append(unknown, fmt.Sprintf("unknown kind %q: known are %s, %s", name, strings.Join(pii.Names(), ", "), allKinds))
		}
		if !slices.Contains(actions, p[name]) {
			unknown = append(unknown, fmt.Sprintf("unknown value %q: known are %s", p[name], strings.Join(actions, ", ")))
		}
	}
	if unknown == nil {
		return nil
	}
	return errors.New(strings.Join(unknown, "; "))
}

// of is what becomes of a kind.
func (p PII) of(k pii.Kind) string {
	for _, name := range []string{k.String(), allKinds} {
		if action, ok := p[name]; ok {
			return action
		}
	}
	return Keep
}

// any says whether something becomes of any kind.
func (p PII) any(action string) bool {
	for k := range pii.KindCount {
		if p.of(k) == action {
			return true
		}
	}
	return false
}

// maxKey is how large a file of a key may be.
const maxKey = 64 << 10

// ReadKey reads the file of the key, if pseudonyms are asked for, and makes its digest a part of the settings. A line end at the end of the
// file is none of the key.
func (c *Config) ReadKey() error {
	c.PIIKey, c.Key = "", nil
	if !c.PII.any(Pseudonym) || c.PIIKeyFile == "" {
		return nil // the second is told by Validate
	}
	file, err := os.Open(c.PIIKeyFile)
	if err != nil {
		return fmt.Errorf("normalize.pii_key_file: %w", err)
	}
	defer func() { _ = file.Close() }() // read only
	data, err := io.ReadAll(io.LimitReader(file, maxKey+1))
	if err != nil {
		return fmt.Errorf("normalize.pii_key_file: %w", err)
	}
	if len(data) > maxKey {
		return fmt.Errorf("normalize.pii_key_file: %s has more than %d bytes: it holds nothing but a key", c.PIIKeyFile, maxKey)
	}
	if c.Key, err = pii.NewKey([]byte(strings.TrimRight(string(data), "\r\n"))); err != nil {
		return fmt.Errorf("normalize.pii_key_file: %s: %w", c.PIIKeyFile, err)
	}
	c.PIIKey = c.Key.Digest()
	return nil
}

// cleaner replaces personal data in texts.
type cleaner struct {
	finder     pii.Finder
	spans      []pii.Span
	actions    [pii.KindCount]string
	pseudonyms *pii.Pseudonyms
	masked     [pii.KindCount]int64
	renamed    [pii.KindCount]int64
}

// newCleaner makes one for one goroutine, none if all is kept.
func newCleaner(c Config) *cleaner {
	if !c.PII.any(Mask) && !c.PII.any(Pseudonym) {
		return nil
	}
	l := &cleaner{}
	for k := range pii.KindCount {
		l.actions[k] = c.PII.of(k)
	}
	if c.PII.any(Pseudonym) {
		l.pseudonyms = pii.NewPseudonyms(c.Key)
	}
	return l
}

// clean replaces what a text has, in place: no character changes its length.
func (l *cleaner) clean(t []byte) {
	l.spans = l.finder.Find(l.spans[:0], t)
	for _, s := range l.spans {
		switch l.actions[s.Kind] {
		case Mask:
			pii.Mask(t[s.From:s.To])
			l.masked[s.Kind]++
		case Pseudonym:
			l.pseudonyms.Replace(t[s.From:s.To], s.Kind)
			l.renamed[s.Kind]++
		}
	}
}

// quote masks what the detail of a reject quotes of a record that never became a document. It may be cut anywhere, so whatever has several digits, or
// an @, is masked as well.
func (l *cleaner) quote(detail string) string {
	begin := strings.IndexAny(detail, "\"`")
	if begin < 0 {
		return detail
	}
	t := []byte(detail)
	quoted := t[begin:]
	l.spans = l.finder.Find(l.spans[:0], quoted)
	for _, s := range l.spans {
		if l.actions[s.Kind] != Keep {
			pii.Mask(quoted[s.From:s.To])
		}
	}
	pii.MaskFragments(quoted)
	return string(t)
}

// flush moves the counts to those of the batch.
func (l *cleaner) flush(to *columnar.Counters) {
	for k := range pii.KindCount {
		to.Add("pii_"+k.String()+"_masked", l.masked[k])
		to.Add("pii_"+k.String()+"_pseudonyms", l.renamed[k])
	}
	clear(l.masked[:])
	clear(l.renamed[:])
}

// plain is the profile none where something becomes of personal data: texts are rewritten then, in memory of the stage.
type plain struct{}

func (plain) append(out, in []byte) []byte { return append(out, in...) }
