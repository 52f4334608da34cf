package manifest

import (
	"cmp"
	"fmt"
	"slices"
)

// About is what people say of a corpus for its card: no part of any plan or digest, and nothing that a job goes by. What is empty is not said.
type About struct {
	Name        string        `json:"name,omitempty"`
	Description string        `json:"description,omitempty"`
	License     string        `json:"license,omitempty"`   // SPDX, a word of Hugging Face, or an address
	Languages   []string      `json:"languages,omitempty"` // codes such as zh
	Tags        []string      `json:"tags,omitempty"`
	Citation    string        `json:"citation,omitempty"`
	Publisher   string        `json:"publisher,omitempty"`
	Sources     []AboutSource `json:"sources,omitempty"`
}

// AboutSource is the same for a source.
type AboutSource struct {
	Name     string `json:"name"`
	License  string `json:"license,omitempty"`
	Homepage string `json:"homepage,omitempty"`
}

// SourceTotals are the documents of one source that a version kept, and those of earlier versions that it withdrew.
type SourceTotals struct {
	Name      string     `json:"name"`
	Kept      SourceText `json:"kept,omitzero"`
	Withdrawn SourceText `json:"withdrawn,omitzero"`
}

// SourceText is how much text some documents of a source have.
type SourceText struct {
	Documents int64 `json:"documents"`
	Chars     int64 `json:"chars"`
	Bytes     int64 `json:"bytes"`
}

// Add adds other documents.
func (t *SourceText) Add(o SourceText) {
	t.Documents += o.Documents
	t.Chars += o.Chars
	t.Bytes += o.Bytes
}

// SignalColumn is a column of the files of signals that a version has.
type SignalColumn struct {
	Name string `json:"name"`
	Unit string `json:"unit"` // see docs/formats/signals.md
	Note string `json:"note"`
}

// About is what the live runs say, each part as the newest of them that says it.
func (v *View) About() (a About) {
	sources := map[string]*AboutSource{}
	var names []string
	for _, m := range slices.Backward(v.Live) {
		o := m.About
		if o == nil {
			continue
		}
		a.Name = cmp.Or(a.Name, o.Name)
		a.Description = cmp.Or(a.Description, o.Description)
		a.License = cmp.Or(a.License, o.License)
		a.Citation = cmp.Or(a.Citation, o.Citation)
		a.Publisher = cmp.Or(a.Publisher, o.Publisher)
		if len(a.Languages) == 0 {
			a.Languages = o.Languages
		}
		if len(a.Tags) == 0 {
			a.Tags = o.Tags
		}
		for _, s := range o.Sources {
			if sources[s.Name] == nil {
				sources[s.Name] = &AboutSource{Name: s.Name}
				names = append(names, s.Name)
			}
			t := sources[s.Name]
			t.License, t.Homepage = cmp.Or(t.License, s.License), cmp.Or(t.Homepage, s.Homepage)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		a.Sources = append(a.Sources, *sources[name])
	}
	return a
}

// LiveSource is a source of the live documents, with what is said of it.
type LiveSource struct {
	AboutSource
	Text SourceText
}

// Sources are those of the live runs in the order in which they came. known says whether their sums are: a run of an older program does not
// tell them.
func (v *View) Sources() (list []LiveSource, known bool) {
	at := map[string]int{}
	one := func(name string) *LiveSource {
		i, ok := at[name]
		if !ok {
			i = len(list)
			at[name] = i
			list = append(list, LiveSource{AboutSource: AboutSource{Name: name}})
		}
		return &list[i]
	}
	known = true
	for _, m := range v.Versions {
		for _, name := range m.Sources {
			one(name)
		}
		known = known && m.tellsSources()
		for _, t := range m.BySource {
			s := &one(t.Name).Text
			s.Add(t.Kept)
			s.Add(SourceText{-t.Withdrawn.Documents, -t.Withdrawn.Chars, -t.Withdrawn.Bytes})
		}
	}
	for _, a := range v.About().Sources {
		if i, ok := at[a.Name]; ok { // others are not in the corpus yet
			list[i].AboutSource = a
		}
	}
	return list, known
}

// tellsSources says whether the sums over the sources of a version are those of all that it kept and withdrew.
func (m *Manifest) tellsSources() bool {
	var kept, gone SourceText
	for _, t := range m.BySource {
		kept.Add(t.Kept)
		gone.Add(t.Withdrawn)
	}
	w := &m.Totals.Withdrawn
	return kept == SourceText{m.Totals.Documents.Kept, m.Totals.Chars, m.Totals.KeptBytes} && gone == SourceText{w.Documents, w.Chars, w.Bytes}
}

// CheckSources says which live versions tell of their sources something else than of all they have: it is all of it, or nothing.
func (v *View) CheckSources() (problems []error) {
	for _, m := range v.Versions {
		if len(m.BySource) > 0 && !m.tellsSources() {
			problems = append(problems, fmt.Errorf("%s: what it says of its sources does not add up to its totals", Name(m.Version)))
		}
	}
	return problems
}

// SignalColumns are the columns of the files of signals that the view has, those of the newest version first.
func (v *View) SignalColumns() (list []SignalColumn) {
	seen := map[string]bool{}
	for _, m := range slices.Backward(v.Versions) {
		for _, c := range m.SignalColumns {
			if !seen[c.Name] {
				seen[c.Name] = true
				list = append(list, c)
			}
		}
	}
	return list
}
