package filter

import (
	"fmt"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// Document is one that is tried.
type Document struct {
	Text         []byte // valid UTF-8
	Chars        int    // its code points
	Meta         []byte // a JSON object, or nothing
	Source, Path string
}

// Tester tries documents by rules, for one goroutine. It keeps scratch memory between two of them.
type Tester struct {
	rules   *Rules
	testers []*rule.Tester // by rule, nil of a filter of the table

	text      document
	subject   rule.Subject
	measurers []signal.Measurer // by family, made when one is needed
	measured  []bool
	doc       signal.Document
}

// Tester returns one.
func (r *Rules) Tester() *Tester {
	t := &Tester{
		rules: r, testers: make([]*rule.Tester, len(r.All)), measurers: make([]signal.Measurer, len(r.Families)),
		measured: make([]bool, len(r.Families)), subject: rule.Subject{Values: make([]int64, len(r.Signals))},
	}
	for i := range r.All {
		if c := r.All[i].Condition; c != nil {
			t.testers[i] = c.Tester()
		}
	}
	return t
}

// Next begins with a document. It is looked at until the next call.
func (t *Tester) Next(d *Document) {
	t.text.text, t.text.chars = d.Text, d.Chars
	t.doc = signal.Document{Text: d.Text, Chars: d.Chars, Meta: d.Meta, Source: d.Source, Path: d.Path}
	t.subject.Next(d.Source, d.Path, d.Meta)
	t.subject.Values[0] = int64(d.Chars)
	clear(t.measured)
}

// Meets says whether the document meets a rule, by its index, and if not what there is to say of it. What the rule asks for is measured,
// unless a rule before it has asked for it. A rule that cannot be told of the document, as of a field of the metadata that it does not have, is
// not met.
func (t *Tester) Meets(i int) (met bool, says func() string) {
	r := &t.rules.All[i]
	if r.table != nil {
		figure := r.table.of.take(&t.text)
		if r.table.bound.Meets(figure) {
			return true, nil
		}
		return false, func() string { return r.table.bound.Says(figure, r.table.of.counted) }
	}
	for _, f := range r.needs {
		t.measure(f)
	}
	met, err := t.testers[i].Meets(&t.subject)
	if met {
		return true, nil
	}
	return false, func() string {
		if err != nil {
			return fmt.Sprintf("it cannot be told: %.80s", err)
		}
		return r.Condition.Says(t.subject.Values)
	}
}

// Values are the signals of the document, of those families that a rule has asked for.
func (t *Tester) Values() []int64 { return t.subject.Values }

func (t *Tester) measure(f int) {
	if t.measured[f] {
		return
	}
	family := &t.rules.Families[f]
	if t.measurers[f] == nil {
		t.measurers[f] = family.New()
	}
	first := t.rules.First[f]
	t.measurers[f].Measure(&t.doc, t.subject.Values[first:first+len(family.Columns)])
	t.measured[f] = true
}
