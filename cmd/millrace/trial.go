package main

import (
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/stages/filter"
)

// trialOf is what a trial came to, as it is printed.
func trialOf(list filter.List, rules *filter.Rules, t *filter.Trial, looked output.Looked) *output.Trial {
	out := &output.Trial{Looked: looked, Documents: t.Documents, Kept: t.Kept, Rules: make([]output.TriedRule, len(rules.All))}
	samples := func(list []filter.Example) []output.TriedSample {
		s := make([]output.TriedSample, len(list))
		for i, e := range list {
			s[i] = output.TriedSample{Figure: e.Says, Place: e.Place.(output.Place)}
		}
		return s
	}
	for i := range rules.All {
		r, of := &rules.All[i], &t.Rules[i]
		out.Rules[i] = output.TriedRule{
			Reason: r.Reason, Rule: written(list[r.Entry], r), Alone: of.Alone, InOrder: of.InOrder, Inside: samples(of.Inside), Outside: samples(of.Outside),
		}
	}
	sources := map[string]output.TriedSource{}
	for name, s := range t.Sources {
		sources[name] = output.TriedSource{Source: name, Documents: s.Documents, Kept: s.Kept, Alone: s.Alone, InOrder: s.InOrder}
	}
	out.SortSources(sources)
	return out
}

// written is a rule as somebody wrote it: one of the table was tried as another.
func written(e filter.Entry, r *filter.Rule) string {
	if e.Rule == "" {
		return e.Name + ": " + e.Number.String()
	}
	return r.Text
}
