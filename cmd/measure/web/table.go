package web

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"
)

//go:embed pages.yaml
var pagesYAML []byte

//go:embed dates.yaml
var datesYAML []byte

// Table says which pages are measured, and what of each Chinese one is the article. It holds names alone: the pages are fetched.
type Table struct {
	// English is the benchmark of pages with their right texts.
	English      Repository            `yaml:"english"`
	Repositories map[string]Repository `yaml:"repositories"`
	// Lines are patterns of whole lines that are no article on any site.
	Lines []string `yaml:"lines"`
	Sites []Site   `yaml:"sites"`
	// Dates are those of pages by their names; see Page.Date.
	Dates map[string]string `yaml:"-"`

	lines []*regexp.Regexp
}

// Site is a template of a site, or a few of its.
type Site struct {
	Name  string              `yaml:"site"`
	Held  bool                `yaml:"held"`  // no rule is made with these pages in sight
	Take  []string            `yaml:"take"`  // selectors of the article, the first that names anything in a page counts; none for pages without an article
	Drop  []string            `yaml:"drop"`  // selectors of what lies in it and is no article
	Lines []string            `yaml:"lines"` // patterns of lines that are no article
	Pages map[string][]string `yaml:"pages"` // repository to patterns of path.Match

	take, drop []selector
	lines      []*regexp.Regexp
}

// Load reads the tables that are built in.
func Load() (*Table, error) {
	t := &Table{}
	for _, e := range []struct {
		name string
		data []byte
		into any
	}{{"pages.yaml", pagesYAML, t}, {"dates.yaml", datesYAML, &t.Dates}} {
		d := yaml.NewDecoder(bytes.NewReader(e.data))
		d.KnownFields(true)
		if err := d.Decode(e.into); err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return t, t.compile()
}

func (t *Table) compile() (err error) {
	var problems []error
	patterns := func(in []string) (out []*regexp.Regexp) {
		for _, p := range in {
			r, err := regexp.Compile(p)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			out = append(out, r)
		}
		return out
	}
	selectors := func(in []string) (out []selector) {
		for _, p := range in {
			s, err := parseSelector(p)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			out = append(out, s)
		}
		return out
	}
	t.lines = patterns(t.Lines)
	for i := range t.Sites {
		s := &t.Sites[i]
		s.take, s.drop, s.lines = selectors(s.Take), selectors(s.Drop), patterns(s.Lines)
		for key := range s.Pages {
			if _, ok := t.Repositories[key]; !ok {
				problems = append(problems, fmt.Errorf("site %s: no repository %q", s.Name, key))
			}
		}
	}
	return errors.Join(problems...)
}
