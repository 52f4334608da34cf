package filter

import (
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// tableSignals are the measures of the table as signals, by the names of their filters without the side.
var tableSignals = []struct {
	name string
	of   *measure
}{{"han_share", &hanShare}, {"duplicate_line_share", &duplicateLineShare}, {"digit_share", &digitShare}}

// tablePrefix begins the names of their columns.
const tablePrefix = "filter_"

// TableFamily has the shares that the filters of the table go by, as signals: so that one way of counting what rules would drop does for them,
// too.
func TableFamily() signal.Family {
	f := signal.Family{Name: "filter", New: func() signal.Measurer { return &tableMeasurer{} }}
	for _, s := range tableSignals {
		f.Columns = append(f.Columns, signal.Column{Name: tablePrefix + s.name, Unit: rule.Share, Note: s.of.note})
	}
	return f
}

type tableMeasurer struct{ doc document }

// Measure implements signal.Measurer.
func (m *tableMeasurer) Measure(d *signal.Document, out []int64) {
	m.doc.text, m.doc.chars = d.Text, d.Chars
	for i, s := range tableSignals {
		figure := s.of.take(&m.doc)
		out[i] = signal.Share(figure.Part, figure.All)
	}
}

// AsRules are the entries with those of the table said as rules over the signals of TableFamily, under the same names.
func (l List) AsRules() List {
	out := make(List, len(l))
	for i, e := range l {
		out[i] = e
		one, err := e.condition()
		if e.Rule != "" || err != nil {
			continue
		}
		name := Chars
		for _, s := range tableSignals {
			if s.of == one.of {
				name = tablePrefix + s.name
			}
		}
		op := " >= "
		if one.op == rule.AtMost {
			op = " <= "
		}
		out[i].Rule = name + op + e.Number.String()
	}
	return out
}
