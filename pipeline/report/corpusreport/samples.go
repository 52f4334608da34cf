package corpusreport

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/report"
)

const (
	randomSamples = 8
	endSamples    = 5  // of the longest and of the shortest
	boundSamples  = 2  // on each side of a bound
	mostBounds    = 40 // that samples are shown of
)

// samples are some documents: at random, the longest and shortest, and those nearest to the bounds of the presets.
func (m *maker) samples(ctx context.Context) error {
	if m.NoText {
		return nil
	}
	shards := m.view.Shards()
	if err := m.addSamples(ctx, "at random", "by a hash of their number: the same corpus shows the same ones", randomPlaces(shards), nil); err != nil {
		return err
	}
	lengths := &column{name: charsColumn, files: shards, places: shards, format: m.corpus.Formats().Of}
	for i := range shards {
		h := columnar.NewHistogram(columnar.Log)
		if c, ok := m.found[i].Of(charsColumn); ok {
			for _, p := range c.Parts {
				if err := h.Merge(p.Histogram); err != nil {
					return err
				}
			}
		}
		lengths.ofFile = append(lengths.ofFile, h)
	}
	for _, end := range []struct {
		name string
		from int64
		up   bool
	}{{"longest", math.MaxInt64, false}, {"shortest", 0, true}} {
		near, err := m.nearest(ctx, lengths, end.from, end.up, endSamples)
		if err != nil {
			return err
		}
		if err := m.addSamples(ctx, end.name, "by code points", placesOf(near), nil); err != nil {
			return err
		}
	}
	return m.nearBounds(ctx)
}

// randomPlaces are documents by hashes of their order, ascending.
func randomPlaces(shards []dataset.File) (places []show.Location) {
	_, total := dataset.Sum(shards)
	chosen := map[int64]bool{}
	for i := uint64(0); int64(len(chosen)) < min(randomSamples, total); i++ {
		chosen[int64(xxh3.Hash(binary.LittleEndian.AppendUint64(nil, i))%uint64(total))] = true
	}
	base := int64(0)
	for _, f := range shards {
		for row := range f.Rows {
			if len(chosen) == 0 {
				return places
			}
			if chosen[base+row] {
				places = append(places, show.Location{Shard: f, Row: row})
				delete(chosen, base+row)
			}
		}
		base += f.Rows
	}
	return places
}

// nearBounds are the documents next to the bounds of the presets, on both sides.
func (m *maker) nearBounds(ctx context.Context) error {
	beside := map[string]dataset.File{} // by the path of a file of signals, the shard with the same rows
	for _, t := range m.view.Twins(&pipeline.SignalTable) {
		if t.Same && t.Documents != nil {
			beside[t.Path] = *t.Documents
		}
	}
	for i := range m.drawn[:min(len(m.drawn), mostBounds)] {
		d := &m.drawn[i]
		c := &column{name: d.signal.Name, format: func(string) *pipeline.TableFormat { return &pipeline.SignalTable }}
		for k, f := range d.signal.files {
			if shard, ok := beside[f.Path]; ok {
				c.files, c.places, c.ofFile = append(c.files, f), append(c.places, shard), append(c.ofFile, d.signal.ofFile[k])
			}
		}
		up, from := keeps(d.Keep, d.At)
		kept, err := m.nearest(ctx, c, from, up, boundSamples)
		if err != nil {
			return err
		}
		dropped, err := m.nearest(ctx, c, from, !up, boundSamples)
		if err != nil {
			return err
		}
		if len(kept)+len(dropped) == 0 {
			continue
		}
		near := slices.Concat(kept, dropped)
		note := fmt.Sprintf("%s %s %s: the nearest that it keeps, and the nearest of this corpus that it would drop", d.signal.Name, d.Keep, d.format.Format(d.At))
		err = m.addSamples(ctx, d.Rule, note, placesOf(near), func(i int) string {
			verdict := "kept"
			if i >= len(kept) {
				verdict = "dropped"
			}
			return fmt.Sprintf("%s: %s is %s", verdict, d.signal.Name, d.format.Format(near[i].value))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keeps says on which side of what number the values are that a rule keeps: from it on upwards, or below it.
func keeps(op string, at int64) (up bool, from int64) {
	switch op {
	case ">":
		return true, at + 1
	case "<":
		return false, at
	case "<=":
		return false, at + 1
	}
	return true, at
}

func placesOf(list []valued) (places []show.Location) {
	for _, v := range list {
		places = append(places, v.place)
	}
	return places
}

// addSamples reads documents and adds them. figure, which may be nil, says what each was chosen by.
func (m *maker) addSamples(ctx context.Context, name, note string, places []show.Location, figure func(i int) string) error {
	documents, err := m.show.At(ctx, places, excerptBytes)
	if err != nil || len(documents) == 0 {
		return err
	}
	s := report.Samples{Name: name, Note: note}
	for i := range documents {
		d := &documents[i]
		one := report.Sample{ID: d.ID, Version: d.Version, Source: d.Source, Path: d.Path, Offset: d.Offset, Chars: d.Chars, Text: d.Text}
		if figure != nil {
			one.Figure = figure(i)
		}
		s.List = append(s.List, one)
	}
	m.out.Samples = append(m.out.Samples, s)
	return nil
}

// column is a column of numbers that lies in several files, and where the documents of their rows lie.
type column struct {
	name   string
	format func(path string) *pipeline.TableFormat
	files  []dataset.File
	places []dataset.File
	ofFile []*columnar.Histogram
}

// valued is a document with what it has in a column.
type valued struct {
	value int64
	place show.Location
	file  int
}

// nearest are the n documents with the least values from a number on, or with the greatest below it: the nearest first. Of equal values the
// earlier document is the nearer. It reads the files that may have them by their histograms, best first, and stops where no other can.
func (m *maker) nearest(ctx context.Context, c *column, from int64, up bool, n int) (best []valued, err error) {
	type candidate struct {
		file int
		hope int64 // no value of the file is nearer than that
	}
	var candidates []candidate
	for i, h := range c.ofFile {
		hope, found := int64(0), false
		for _, b := range h.Buckets() {
			switch {
			case up && b.To > from && !found:
				hope, found = max(b.From, from), true
			case !up && b.From < from:
				hope, found = min(b.To, from)-1, true
			}
		}
		if found {
			candidates = append(candidates, candidate{i, hope})
		}
	}
	nearer := func(a, b int64) int {
		if up {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(b, a)
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return nearer(a.hope, b.hope) })
	for _, k := range candidates {
		if len(best) == n && nearer(k.hope, best[n-1].value) >= 0 {
			break
		}
		f := c.files[k.file]
		err := c.format(f.Path).ReadTable(ctx, m.store, f.Path, columnar.Selection{Int: []string{c.name}}, nil, func(t *columnar.Frame) error {
			for i, v := range t.Int(c.name) {
				if v < 0 || up && v < from || !up && v >= from {
					continue
				}
				if len(best) == n && nearer(v, best[n-1].value) >= 0 {
					continue
				}
				best = append(best, valued{v, show.Location{Shard: c.places[k.file], Row: t.First() + int64(i)}, k.file})
				slices.SortStableFunc(best, func(a, b valued) int { return nearer(a.value, b.value) })
				best = best[:min(len(best), n)]
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return best, nil
}
