package output

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/show"
)

// Trial is what rules would drop of documents: the object that `filters --try --json` prints.
type Trial struct {
	Looked
	Documents int64         `json:"documents"`
	Kept      int64         `json:"kept"`
	Rules     []TriedRule   `json:"rules"`
	Sources   []TriedSource `json:"sources,omitempty"`
}

// Looked says of what the documents are.
type Looked struct {
	What string `json:"what"`
	// All says that no document was left out, Of how many there are, if that is known.
	All bool  `json:"all"`
	Of  int64 `json:"of,omitempty"`
	// Signals says that no text was read: the corpus has the signals.
	Signals bool `json:"signals,omitempty"`
}

// TriedRule is what one rule would drop.
type TriedRule struct {
	Reason  string        `json:"reason"` // that the ledger would have
	Rule    string        `json:"rule"`
	Alone   int64         `json:"alone"`    // documents that it would drop by itself
	InOrder int64         `json:"in_order"` // those of them that no rule before it drops
	Inside  []TriedSample `json:"inside"`   // documents that it keeps, nearest to the bound
	Outside []TriedSample `json:"outside"`  // documents that it drops
}

// TriedSample is a document near the bound of a rule.
type TriedSample struct {
	Figure string `json:"figure"`
	Place
}

// Place is where a document is from, and how it begins.
type Place struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Path   string `json:"path"`
	Offset int64  `json:"offset"`
	Text   string `json:"text"`
}

// TriedSource is what rules would drop of the documents of a source.
type TriedSource struct {
	Source    string  `json:"source"`
	Documents int64   `json:"documents"`
	Kept      int64   `json:"kept"`
	Alone     []int64 `json:"alone"`    // by rule
	InOrder   []int64 `json:"in_order"` // by rule
}

// SortSources puts the sources in the order of their documents, most first.
func (t *Trial) SortSources(sources map[string]TriedSource) {
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		t.Sources = append(t.Sources, sources[name])
	}
	slices.SortStableFunc(t.Sources, func(a, b TriedSource) int { return cmp.Compare(b.Documents, a.Documents) })
}

// WriteText writes the trial for people. columns is the width of the terminal, 0 if there is none.
func (t *Trial) WriteText(w io.Writer, columns int) error {
	p := &Printer{w: w}
	p.Printf("%s of %s%s\n\n", pipeline.Counted(t.Documents, "document"), t.What, t.part())
	t.table(p, columns)
	p.Printf("\nkept after all: %s, %s\n", pipeline.Counted(t.Kept, "document"), percent(t.Kept, t.Documents))
	t.sources(p)
	t.examples(p, columns)
	return p.err
}

func (t *Trial) part() string {
	switch {
	case t.Signals:
		return ", all there are, by the signals it has"
	case t.All:
		return ", all there are"
	case t.Of > 0:
		return ", a sample by hash of " + number(t.Of)
	}
	return ", a sample by hash"
}

// Columns of the table of rules beside the rule.
const trialColumns = 2*(10+9) + 12

func (t *Trial) table(p *Printer, columns int) {
	width := len("rule")
	for i := range t.Rules {
		width = max(width, len([]rune(t.Rules[i].name())))
	}
	if columns > 0 {
		width = min(width, max(20, columns-trialColumns))
	}
	width = min(width, 72)
	p.Printf("%-*s %9s %9s %9s %9s %11s\n", width, "rule", "alone", "share", "in order", "share", "kept")
	kept := t.Documents
	for i := range t.Rules {
		r := &t.Rules[i]
		kept -= r.InOrder
		name := show.Line(r.name(), width)
		p.Printf("%s%s %9s %9s %9s %9s %11s\n", name, strings.Repeat(" ", max(0, width-len([]rune(name)))), number(r.Alone), percent(r.Alone, t.Documents),
			number(r.InOrder), percent(r.InOrder, t.Documents), number(kept))
	}
}

// name is the rule as it is told apart: what it says, behind the name that it has.
func (r *TriedRule) name() string {
	if r.Reason == r.Rule || strings.HasPrefix(r.Rule, r.Reason+": ") {
		return r.Rule
	}
	return r.Reason + ": " + r.Rule
}

func (t *Trial) sources(p *Printer) {
	if len(t.Sources) == 0 {
		return
	}
	p.Printf("\n%-32s %11s %11s %9s  %s\n", "source", "documents", "kept", "share", "dropped most by")
	for i := range t.Sources {
		s := &t.Sources[i]
		most := 0
		for k, n := range s.InOrder {
			if n > s.InOrder[most] {
				most = k
			}
		}
		by := ""
		if len(s.InOrder) > 0 && s.InOrder[most] > 0 {
			by = fmt.Sprintf("%s (%s)", show.Line(t.Rules[most].Reason, 40), number(s.InOrder[most]))
		}
		p.Printf("%-32s %11s %11s %9s  %s\n", show.Line(s.Source, 32), number(s.Documents), number(s.Kept), percent(s.Kept, s.Documents), by)
	}
}

func (t *Trial) examples(p *Printer, columns int) {
	for i := range t.Rules {
		r := &t.Rules[i]
		if len(r.Outside) == 0 {
			continue
		}
		p.Printf("\n%s\n", show.Visible(r.name()))
		for _, side := range []struct {
			word string
			list []TriedSample
		}{{"stays", r.Inside}, {"goes", r.Outside}} {
			for _, e := range side.list {
				line := fmt.Sprintf("%s %s, %s:%d: %s", side.word, e.Figure, path.Join(e.Source, e.Path), e.Offset, e.Text)
				width := 160
				if columns > 0 {
					width = columns - 2
				}
				p.Printf("  %s\n", show.Line(line, width))
			}
		}
	}
}

// percent is a share for people.
func percent(part, all int64) string {
	if all == 0 {
		return "-"
	}
	if share := 100 * float64(part) / float64(all); part == 0 || share >= 0.01 {
		return fmt.Sprintf("%.2f %%", share)
	}
	return "< 0.01 %"
}
