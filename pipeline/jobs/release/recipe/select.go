package recipe

import (
	"encoding/json"
	"errors"

	"github.com/millrace/millrace/pipeline/rule"
)

// Rule is one entry of select, in one of three forms:
//
//   - "edu >= 0.3"              a rule of package rule, or the name of a preset
//   - taught: "edu >= 0.3"      a rule, and the name that somebody gave it
//   - drop_lines: {…}           lines that are cut from the texts
type Rule struct {
	Name      string     `yaml:"-"`
	Rule      string     `yaml:"-"`
	DropLines *DropLines `yaml:"drop_lines"`
}

// DropLines cuts lines that many documents of a site, or source, have. A line is cut that has all of what is said.
type DropLines struct {
	// SiteShare is in which share of the documents of its site a line stands that is cut, and Least in how many at least.
	SiteShare rule.Number `yaml:"site_share" json:"site_share,omitempty"`
	Least     int64       `yaml:"least" json:"least,omitempty"`
	// Within says where: edges cuts from the beginning and from the end, as far as every line is to be cut; all cuts anywhere.
	Within string `yaml:"within" json:"within,omitempty"`
}

// Where lines are cut.
const (
	WithinEdges = "edges"
	WithinAll   = "all"
)

// OwnKey says whether an entry of one key is a rule with a name of its own.
func (Rule) OwnKey(key, _ string) bool { return key != keyDropLines }

const keyDropLines = "drop_lines"

// UnmarshalYAML reads an entry in each of its forms.
func (r *Rule) UnmarshalYAML(unmarshal func(any) error) error {
	*r = Rule{}
	if unmarshal(&r.Rule) == nil {
		if _, err := rule.ParseNumber(r.Rule); err == nil || r.Rule == "" {
			return errRule
		}
		return nil
	}
	var keys map[string]string
	if unmarshal(&keys) == nil && len(keys) == 1 {
		for name, text := range keys {
			r.Name, r.Rule = name, text
		}
		if _, err := rule.ParseNumber(r.Rule); err == nil || r.Rule == "" || r.Name == "" {
			return errRule
		}
		return nil
	}
	type entry Rule
	if err := unmarshal((*entry)(r)); err != nil || r.DropLines == nil {
		return errRule
	}
	return nil
}

var errRule = errors.New("a rule is expected here, a preset, or drop_lines: \"edu >= 0.3\"")

// MarshalJSON writes the form that UnmarshalJSON and YAML read.
func (r Rule) MarshalJSON() ([]byte, error) {
	switch {
	case r.DropLines != nil:
		return json.Marshal(map[string]any{keyDropLines: r.DropLines})
	case r.Name != "":
		return json.Marshal(map[string]string{r.Name: r.Rule})
	}
	return json.Marshal(r.Rule)
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Rule) UnmarshalJSON(data []byte) error {
	*r = Rule{}
	if json.Unmarshal(data, &r.Rule) == nil {
		return nil
	}
	var keys map[string]string
	if json.Unmarshal(data, &keys) == nil && len(keys) == 1 {
		for name, text := range keys {
			r.Name, r.Rule = name, text
		}
		return nil
	}
	var form struct {
		DropLines *DropLines `json:"drop_lines"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	if r.DropLines = form.DropLines; r.DropLines == nil {
		return errRule
	}
	return nil
}
