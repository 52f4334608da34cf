package recipe

import "millrace/pipeline/rule"

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
