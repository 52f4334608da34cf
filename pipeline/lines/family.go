package lines

import (
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// FamilyName is the word for the family of signals.
const FamilyName = "lines"

// Family is the family of signals. A Measurer measures its columns, in their order.
func Family() signal.Family {
	return signal.Family{Name: FamilyName, OfCorpus: true, Columns: []signal.Column{
		{Name: "boilerplate_chars", Unit: rule.Share, Note: "of the characters, those in lines that are boilerplate of the site"},
		{Name: "boilerplate_edge_chars", Unit: rule.Share, Note: "the same, before the first and behind the last line that is none"},
		{Name: "line_copies", Unit: rule.Count, Note: "documents of the site that have one of its lines, the most of any; 0 below 5"},
	}}
}

// Columns is how many these are.
const Columns = 3
