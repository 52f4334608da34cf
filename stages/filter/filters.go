package filter

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline/rule"
)

// filters is the table of all filters. A new one is a row here and its measure if that is new. Tests ask for the rest: a line in
// configs/example.yaml, one in docs/formats/ledger.md, a text that it drops, and one that is exactly at the bound.
var filters = []filter{
	{"min_chars", &chars, rule.AtLeast},
	{"max_chars", &chars, rule.AtMost},
	{"min_han_share", &hanShare, rule.AtLeast},
	{"max_duplicate_line_share", &duplicateLineShare, rule.AtMost},
	{"max_digit_share", &digitShare, rule.AtMost},
}

// filter is a bound on a measure, whose number the user says.
type filter struct {
	name string // the key in the settings, as written and as stored, and the reason of what it drops
	of   *measure
	op   rule.Op // the side that documents stay on
}

func find(name string) (*filter, error) {
	for i := range filters {
		if filters[i].name == name {
			return &filters[i], nil
		}
	}
	return nil, fmt.Errorf("unknown filter %q: known are %s", name, strings.Join(Entry{}.Keys(), ", "))
}

// condition is a filter with its number.
type condition struct {
	*filter
	bound rule.Bound
}

// contradicts says whether no text meets both conditions.
func (c *condition) contradicts(d *condition) bool {
	return c.of == d.of && c.op == rule.AtLeast && d.op == rule.AtMost && c.bound.Number > d.bound.Number
}
