package output

import (
	"io"
	"regexp"
	"strings"

	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/rule"
)

// Filters is what rules can be made of: the object that `filters --json` prints.
type Filters struct {
	Presets  []rule.Preset `json:"presets"`
	Families []Family      `json:"families"`
}

// Family is a group of signals.
type Family struct {
	Name    string   `json:"name"`
	Signals []Signal `json:"signals"`
}

// Signal is a number of documents.
type Signal struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	Note string `json:"note"`
	// Words is how many words it may be, 0 if it is no word.
	Words int `json:"words,omitempty"`
}

// WriteText writes the list for people. columns is the width of the terminal, 0 if there is none.
func (l *Filters) WriteText(w io.Writer, columns int) error {
	p := &Printer{w: w}
	for i := range l.Presets {
		if i > 0 {
			p.Printf("\n")
		}
		preset(p, &l.Presets[i])
	}
	for _, f := range l.Families {
		p.Printf("\nsignals of %s\n", f.Name)
		for _, s := range f.Signals {
			unit := s.Unit
			if s.Words > 0 {
				unit = "word"
			}
			note := s.Note
			if columns > 0 {
				note = show.Line(note, max(20, columns-signalColumns))
			}
			p.Printf("  %-34s %-5s  %s\n", s.Name, unit, note)
		}
	}
	return p.err
}

// signalColumns are those before the note of a signal.
const signalColumns = 2 + 34 + 1 + 5 + 2

// Preset prints a preset as rules that a config may have under filter.
func Preset(w io.Writer, one *rule.Preset) error {
	p := &Printer{w: w}
	preset(p, one)
	return p.err
}

func preset(p *Printer, one *rule.Preset) {
	p.Printf("# %s: %s\n", one.Name, one.Note)
	for _, r := range one.Rules {
		p.Printf("- %s: %q\n", strings.Trim(noName.ReplaceAllString(r.Name, "_"), "_"), r.Rule)
	}
}

// noName is what the name of a rule has not, where somebody writes it.
var noName = regexp.MustCompile("[^a-z0-9_.-]+")
