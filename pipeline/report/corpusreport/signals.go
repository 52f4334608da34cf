package corpusreport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// footer is what a Parquet file says of itself.
func footer(ctx context.Context, s pipeline.Store, name string) (f columnar.Footer, err error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	f, err = columnar.ReadFooter(o, o.Size())
	return f, inFile(name, err)
}

func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// measured is a signal over all files that have it.
type measured struct {
	table.Column
	sum    *columnar.Histogram
	files  []dataset.File        // that have it
	ofFile []*columnar.Histogram // likewise
}

// signals are how the signals of live documents are distributed.
func (m *maker) signals(ctx context.Context) error {
	var files []dataset.File
	for _, s := range m.view.In(&pipeline.SignalTable) {
		files = append(files, s.File)
	}
	if len(files) == 0 {
		m.out.Notes = append(m.out.Notes, "No signal of the documents is there: millrace signals OUT --add text,repetition,script measures them.")
		return nil
	}
	columns, histograms := make([][]table.Column, len(files)), make([]columnar.Histograms, len(files))
	err := each(ctx, files, func(ctx context.Context, i int, f dataset.File) (err error) {
		columns[i], histograms[i], err = m.ofSignals(ctx, f)
		return err
	})
	if err != nil {
		return err
	}
	for i, f := range files {
		for _, c := range columns[i] {
			k := slices.IndexFunc(m.measured, func(o *measured) bool { return o.Name == c.Name })
			if k < 0 {
				k = len(m.measured)
				m.measured = append(m.measured, &measured{Column: c, sum: columnar.NewHistogram(c.Scale())})
			}
			one := m.measured[k]
			h, _ := histograms[i].Of(c.Name)
			if err := one.sum.Merge(h.Parts[0].Histogram); err != nil {
				return inFile(f.Path, err)
			}
			one.files, one.ofFile = append(one.files, f), append(one.ofFile, h.Parts[0].Histogram)
		}
	}
	for _, s := range m.measured {
		if len(s.Labels) == 0 {
			m.histogram(s.Name, s.Note, unitOf(s.Unit), s.sum)
			continue
		}
		counts := map[string]int64{}
		for _, b := range s.sum.Buckets() {
			if b.From < int64(len(s.Labels)) {
				counts[s.Labels[b.From]] += b.Count
			}
		}
		m.shares(s.Name, s.Note, report.Count, counts)
	}
	m.bounds()
	return nil
}

// ofSignals are the signals of a file and how they are distributed there: by its footer, or else by its columns.
func (m *maker) ofSignals(ctx context.Context, file dataset.File) ([]table.Column, columnar.Histograms, error) {
	f, err := footer(ctx, m.store, file.Path)
	if err != nil {
		return nil, nil, err
	}
	columns, err := table.Described(&f)
	if err != nil {
		return nil, nil, inFile(file.Path, err)
	}
	list, err := f.Histograms()
	if err != nil {
		return nil, nil, inFile(file.Path, err)
	}
	for _, c := range columns {
		if _, ok := list.Of(c.Name); ok {
			continue
		}
		h := columnar.NewHistogram(c.Scale())
		err := pipeline.SignalTable.ReadTable(ctx, m.store, file.Path, columnar.Selection{Int: []string{c.Name}}, nil, func(t *columnar.Frame) error {
			for _, n := range t.Int(c.Name) {
				h.Add(n)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		list = append(list, columnar.ColumnHistograms{Column: c.Name, Parts: []columnar.NamedHistogram{{Histogram: h}}})
	}
	return columns, list, nil
}

func unitOf(u rule.Unit) string {
	switch u {
	case rule.Share:
		return report.Share
	case rule.Mean:
		return report.Mean
	}
	return report.Count
}

// histogram adds one.
func (m *maker) histogram(name, note, unit string, h *columnar.Histogram) {
	one := report.HistogramOf(name, note, unit, h)
	live := m.totals.Live()
	one.Missing = live.Documents - h.Values
	m.out.Histograms = append(m.out.Histograms, one)
}

// drawn is a bound of a rule on a signal.
type drawn struct {
	report.Bound
	signal *measured
	format rule.Signal
}

// bounds draws the rules of the presets that ask for one signal, as far as this was measured.
func (m *maker) bounds() {
	var all rule.Signals
	for _, s := range m.measured {
		all = append(all, rule.Signal{Name: s.Name, Unit: s.Unit, Labels: s.Labels})
	}
	for _, p := range m.Presets {
		for _, r := range p.Rules {
			c, err := rule.ParseCondition(r.Rule, all)
			if err != nil {
				continue // it asks for what was not measured
			}
			signal, op, at, ok := c.Bound()
			if !ok || len(all[signal].Labels) > 0 {
				continue
			}
			b := report.Bound{At: at, Rule: p.Name + ":" + r.Name, Keep: op}
			m.drawn = append(m.drawn, drawn{b, m.measured[signal], all[signal]})
			for i := range m.out.Histograms {
				if h := &m.out.Histograms[i]; h.Name == all[signal].Name {
					h.Bounds = append(h.Bounds, b)
				}
			}
		}
	}
	for i := range m.out.Histograms {
		slices.SortStableFunc(m.out.Histograms[i].Bounds, func(a, b report.Bound) int { return cmp.Compare(a.At, b.At) })
	}
}
