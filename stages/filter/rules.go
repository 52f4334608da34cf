package filter

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text"
)

// Rules are the entries of a list with what they are about, those of presets one by one. Safe for concurrent use.
type Rules struct {
	// All are in the order in which they are tried.
	All []Rule
	// Families are those that can be measured, and First the position of the first signal of each among Signals.
	Families []signal.Family
	First    []int
	Signals  rule.Signals

	fields bool // a rule or a family may look at more than the text
}

// Rule is one of them.
type Rule struct {
	// Reason is what the ledger says of documents that it drops: the name of a filter of the table, PRESET:RULE, the name that somebody gave
	// it, or else the rule itself, cut to reasonBytes.
	Reason string
	// Text is the rule as somebody writes it: min_chars: 50, or chars >= 50.
	Text string
	// Entry is the index in the list, Condition what is asked, nil of a filter of the table.
	Entry     int
	Condition *rule.Condition

	table *condition
	needs []int // families, by index
}

// reasonBytes is the longest reason that a rule without a name gives.
const reasonBytes = 100

// Chars is the signal that every document brings along.
const Chars = "chars"

// Copies is the column of documents of a corpus that only rules of a trial may ask for: who compiles them gives it as a signal.
const Copies = "copies"

var errCopies = errors.New("copies is known when duplicates were looked for, which is later: millrace filters OUT --try may ask for it, filter of a run may not")

// Compile reads the rules of a list over the signals of these families. The error has every problem, joined, each with its path; a
// rule.UnknownSignalError is among them as such. Those that List.Validate finds are not.
func Compile(l List, families []signal.Family, presets []rule.Preset) (*Rules, error) {
	r := &Rules{Families: families, Signals: rule.Signals{{Name: Chars, Family: "document"}}}
	for _, f := range families {
		r.First = append(r.First, len(r.Signals))
		for _, c := range f.Columns {
			s := rule.Signal{Name: c.Name, Unit: c.Unit, Labels: c.Labels, Family: f.Name}
			if c.Name == Chars {
				s.Name = "" // the same number, and there already
			}
			r.Signals = append(r.Signals, s)
		}
	}
	var problems []error
	for i, e := range l {
		if e.Rule == "" {
			if one, err := e.condition(); err == nil {
				r.All = append(r.All, Rule{
					Reason: e.Name, Text: fmt.Sprintf("%s: %v", e.Name, e.Number), Entry: i, table: &one,
				})
			}
			continue
		}
		for _, problem := range r.add(i, e, presets) {
			problems = append(problems, fmt.Errorf("filter[%d]: %w", i, problem))
		}
	}
	return r, errors.Join(problems...)
}

// lone is what can only be the name of a preset.
var lone = regexp.MustCompile(`^\s*[A-Za-z0-9_-]+\s*$`)

// add reads an entry that is a preset or a rule.
func (r *Rules) add(i int, e Entry, presets []rule.Preset) (problems []error) {
	if !lone.MatchString(e.Rule) {
		reason := e.Name
		if reason == "" {
			reason = reasonOf(e.Rule)
		}
		if err := r.rule(i, reason, e.Rule); err != nil {
			problems = append(problems, err)
		}
		return problems
	}
	name := strings.TrimSpace(e.Rule)
	at := slices.IndexFunc(presets, func(p rule.Preset) bool { return p.Name == name })
	if at < 0 {
		var known []string
		for _, p := range presets {
			known = append(known, p.Name)
		}
		return []error{fmt.Errorf("unknown preset %q: known are %s; a rule is NAME OP NUMBER, as chars >= 50", name, strings.Join(known, ", "))}
	}
	prefix := name
	if e.Name != "" {
		prefix = e.Name
	}
	for _, one := range presets[at].Rules {
		if err := r.rule(i, prefix+":"+one.Name, one.Rule); err != nil {
			problems = append(problems, fmt.Errorf("preset %s: %s: %w", name, one.Name, err))
		}
	}
	return problems
}

func (r *Rules) rule(i int, reason, text string) error {
	c, err := rule.ParseCondition(text, r.Signals)
	if unknown, ok := errors.AsType[*rule.UnknownSignalError](err); ok && unknown.Name == Copies {
		return errCopies
	}
	if err != nil {
		return err
	}
	one := Rule{Reason: reason, Text: strings.Join(strings.Fields(text), " "), Entry: i, Condition: c}
	for _, s := range c.Signals {
		if f := r.family(s); f >= 0 && !slices.Contains(one.needs, f) {
			one.needs = append(one.needs, f)
		}
	}
	r.fields = r.fields || !c.Plain() || len(one.needs) > 0
	r.All = append(r.All, one)
	return nil
}

// OfCorpus are the rules that ask for signals which follow from all documents of a corpus, each with the name of one: no document can be
// tried by them alone.
func (r *Rules) OfCorpus() map[int]string {
	found := map[int]string{}
	for i := range r.All {
		if r.All[i].Condition == nil {
			continue
		}
		for _, s := range r.All[i].Condition.Signals {
			if f := r.family(s); f >= 0 && r.Families[f].OfCorpus {
				found[i] = r.Signals[s].Name
			}
		}
	}
	return found
}

// CheckDocuments returns a problem, with its path, for each entry with such a rule.
func (r *Rules) CheckDocuments() error {
	var problems []error
	found := r.OfCorpus()
	for _, i := range slices.Sorted(maps.Keys(found)) {
		problems = append(problems, fmt.Errorf("filter[%d]: %s follows from all documents of a corpus, which a run does not know: measure it with millrace signals OUT --add lines, "+
			"and try the rule with millrace filters OUT --try", r.All[i].Entry, found[i]))
	}
	return errors.Join(problems...)
}

// family is that of a signal, -1 of what every document brings along.
func (r *Rules) family(signal int) int {
	at, found := slices.BinarySearch(r.First, signal)
	for found && at+1 < len(r.First) && r.First[at+1] == signal { // a family without columns
		at++
	}
	if found {
		return at
	}
	return at - 1
}

// reasonOf is the reason of a rule without a name.
func reasonOf(written string) string {
	line := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == unicode.ReplacementChar {
			return -1
		}
		return c
	}, strings.Join(strings.Fields(strings.ToValidUTF8(written, "")), " "))
	if len(line) <= reasonBytes {
		return line
	}
	const more = "…"
	cut := line[:reasonBytes-len(more)]
	return cut[:text.ValidPrefix([]byte(cut))] + more
}
