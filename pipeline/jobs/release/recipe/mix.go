package recipe

import (
	"strconv"

	"github.com/millrace/millrace/pipeline/rule"
)

// Mix says how much of what a release has.
type Mix struct {
	// By is what a stratum is.
	By By `yaml:"by" json:"by,omitzero"`
	// Unit is what amounts are of: tokens, chars or documents.
	Unit string `yaml:"unit" json:"unit,omitempty"`
	// Tokens, Chars or Documents is how much the release has: one of them, or none.
	Tokens    Amount `yaml:"tokens" json:"tokens,omitempty"`
	Chars     Amount `yaml:"chars" json:"chars,omitempty"`
	Documents Amount `yaml:"documents" json:"documents,omitempty"`
	// Budgets is how much of each stratum the release has, in Unit.
	Budgets map[string]Amount `yaml:"budgets" json:"budgets,omitempty"`
	// Shares are those of the strata in the release. They add up to one.
	Shares map[string]rule.Number `yaml:"shares" json:"shares,omitempty"`
	// RepeatAtMost is how often a document may be in the release, beside what ByCopies says.
	RepeatAtMost rule.Number `yaml:"repeat_at_most" json:"repeat_at_most,omitempty"`
	// ByCopies says how often a document is taken by how many copies the corpus had of it.
	ByCopies Copies `yaml:"by_copies" json:"by_copies,omitempty"`
	// Cap is how many documents of a group may be in the release.
	Cap *Cap `yaml:"cap" json:"cap,omitempty"`
	// Seed draws another part of a stratum of which not all is taken.
	Seed uint64 `yaml:"seed" json:"seed,omitempty"`
}

// Units of amounts.
const (
	UnitTokens    = "tokens"
	UnitChars     = "chars"
	UnitDocuments = "documents"
)

// By is what documents are grouped by: a field, or buckets of a signal.
type By struct {
	// Field is source, site, language, script or metadata.KEY.
	Field string `yaml:"-" json:"field,omitempty"`
	// Signal is the one whose values are cut at Borders, or into as many Buckets with equally many documents. Buckets are named by their
	// numbers, from 1 on, the lowest values first.
	Signal  string        `yaml:"signal" json:"signal,omitempty"`
	Buckets int           `yaml:"buckets" json:"buckets,omitempty"`
	Borders []rule.Number `yaml:"borders" json:"borders,omitempty"`
}

// UnmarshalYAML reads a field, or the keys of a signal.
func (b *By) UnmarshalYAML(unmarshal func(any) error) error {
	*b = By{}
	if unmarshal(&b.Field) == nil {
		return nil
	}
	type keys By
	return unmarshal((*keys)(b))
}

// Bucket is the name of a bucket by its number, 0 being the one of the lowest values.
func Bucket(i int) string { return strconv.Itoa(i + 1) }

// Cap is how many documents of a group a release has at most: those that sampling takes first.
type Cap struct {
	By        string `yaml:"by" json:"by"`
	Documents int64  `yaml:"documents" json:"documents"`
}
