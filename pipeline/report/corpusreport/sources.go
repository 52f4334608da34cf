package corpusreport

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// sources are what the ledgers say of each source, and the lengths of what is live of it.
func (m *maker) sources(ctx context.Context) error {
	by := map[string]*report.Source{}
	of := func(name []byte) *report.Source {
		s := by[string(name)]
		if s == nil {
			s = &report.Source{Name: string(name)}
			by[s.Name] = s
		}
		return s
	}
	if err := m.files(ctx, of); err != nil {
		return err
	}
	m.gone = map[string]int64{}
	for _, f := range m.view.Tables(withdrawn.Table) {
		err := pipeline.ReadTable(ctx, m.store, f.Path, columnar.Selection{Text: []string{"source", "reason"}}, func(t *columnar.Frame) error {
			names, why := t.Text("source"), t.Text("reason")
			for i := range t.Rows() {
				of(names.At(i)).Gone++
				m.gone[string(why.At(i))]++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	lengths, err := m.lengths(ctx)
	if err != nil {
		return err
	}
	for _, p := range lengths[charsColumn] {
		s := of([]byte(p.Name))
		s.Live, s.Chars, s.Lengths = p.Values, p.Sum, report.SpreadOf(p.Histogram)
	}
	for _, p := range lengths[bytesColumn] {
		of([]byte(p.Name)).Bytes = p.Sum
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		m.out.Sources = append(m.out.Sources, *by[name])
	}
	for _, one := range []struct{ column, name, note, unit string }{
		{charsColumn, "length", "code points of a document's text", report.Chars},
		{bytesColumn, "size", "bytes of a document's text in UTF-8", report.Bytes},
		{ingest.CopiesColumn, "copies", "documents that one stands for: itself and the duplicates of its own version", report.Count},
	} {
		if len(lengths[one.column]) == 0 {
			continue
		}
		all := columnar.NewHistogram(columnar.Log)
		for _, p := range lengths[one.column] {
			if err := all.Merge(p.Histogram); err != nil {
				return err
			}
		}
		m.histogram(one.name, one.note, one.unit, all)
	}
	return nil
}

// files adds what the tables of files say. What a later version read again counts there, as far as it was left out: see
// manifest.Totals.AddVersion.
func (m *maker) files(ctx context.Context, of func(name []byte) *report.Source) error {
	last := map[[16]byte]int{} // by file, the last version that took files again
	for _, v := range m.view.Live {
		if v.Retried == nil {
			continue
		}
		if err := m.corpus.EachFile(ctx, v.Version, func(key [16]byte, _ corpus.FileRow) { last[key] = v.Version }); err != nil {
			return err
		}
	}
	formats, encodings := map[string]int64{}, map[string]int64{}
	columns := columnar.Selection{
		Text: []string{"source", "path", "format", "status"}, Int: []string{"documents", "filtered", "rejected"},
		TextOr: map[string]string{"encoding": ""},
	}
	for _, v := range m.view.Live {
		f, ok := m.view.Table(v, corpus.FilesTable)
		if !ok {
			continue
		}
		var hash []byte
		err := pipeline.ReadTable(ctx, m.store, f.Path, columns, func(t *columnar.Frame) error {
			names, paths, status := t.Text("source"), t.Text("path"), t.Text("status")
			documents, filtered, rejected := t.Int("documents"), t.Int("filtered"), t.Int("rejected")
			for i := range t.Rows() {
				s := of(names.At(i))
				again := false
				if len(last) > 0 {
					var key [16]byte
					key, hash = corpus.FileKey(hash, names.At(i), paths.At(i))
					again = last[key] > v.Version
				}
				s.Read += documents[i]
				formats[string(t.Text("format").At(i))] += documents[i]
				encodings[cmp.Or(string(t.Text("encoding").At(i)), "UTF-8")] += documents[i]
				if st := string(status.At(i)); !again || st == manifest.StatusRead {
					if st == manifest.StatusRejected {
						s.Refused++
					} else {
						s.Files++
					}
				}
				if !again {
					s.Read += filtered[i] + rejected[i]
					s.Filtered += filtered[i]
					s.Rejected += rejected[i]
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if f, ok = m.view.Table(v, corpus.DuplicatesTable); !ok {
			continue
		}
		err = pipeline.ReadTable(ctx, m.store, f.Path, columnar.Selection{Text: []string{"source", "kind"}}, func(t *columnar.Frame) error {
			names, kinds := t.Text("source"), t.Text("kind")
			for i := range t.Rows() {
				switch s := of(names.At(i)); string(kinds.At(i)) {
				case kindExact:
					s.Exact++
				case kindSameKey:
					s.SameKey++
				default:
					s.Near++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	m.shares("formats", "documents by what their file was read as, kept and duplicates", report.Count, formats)
	m.shares("encodings", "documents by the encoding of their file, kept and duplicates", report.Count, encodings)
	return nil
}

// Kinds of duplicate, as the ledger has them.
const (
	kindExact   = "exact"
	kindSameKey = "same_key"
)

// shares adds parts of a whole, the greatest first, unless there is one part alone that says nothing.
func (m *maker) shares(name, note, unit string, counts map[string]int64) {
	s := report.Shares{Name: name, Note: note, Unit: unit, Parts: []report.Named{}}
	for _, part := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[part]; n > 0 {
			s.Parts, s.Total = append(s.Parts, report.Named{Name: part, Value: n}), s.Total+n
		}
	}
	slices.SortStableFunc(s.Parts, func(a, b report.Named) int { return cmp.Compare(b.Value, a.Value) })
	if len(s.Parts) > 0 {
		m.out.Shares = append(m.out.Shares, s)
	}
}

const (
	charsColumn = "chars"
	bytesColumn = "bytes"
)

// lengths are the histograms of the columns of all live documents, by source where the shards tell them by source.
func (m *maker) lengths(ctx context.Context) (map[string][]columnar.NamedHistogram, error) {
	shards := m.view.Shards()
	m.found = make([]columnar.Histograms, len(shards))
	err := each(ctx, shards, func(ctx context.Context, i int, shard dataset.File) (err error) {
		m.found[i], err = m.ofShard(ctx, shard)
		return err
	})
	if err != nil {
		return nil, err
	}
	sums := map[string]map[string]*columnar.Histogram{}
	for _, list := range m.found {
		for _, c := range list {
			if sums[c.Column] == nil {
				sums[c.Column] = map[string]*columnar.Histogram{}
			}
			for _, p := range c.Parts {
				sum := sums[c.Column][p.Name]
				if sum == nil {
					sum = columnar.NewHistogram(p.Scale)
					sums[c.Column][p.Name] = sum
				}
				if err := sum.Merge(p.Histogram); err != nil {
					return nil, err
				}
			}
		}
	}
	all := map[string][]columnar.NamedHistogram{}
	for column, parts := range sums {
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			all[column] = append(all[column], columnar.NamedHistogram{Name: name, Histogram: parts[name]})
		}
	}
	return all, nil
}

// ofShard are the histograms of a shard: those of its footer, or else made of its columns.
func (m *maker) ofShard(ctx context.Context, shard dataset.File) (columnar.Histograms, error) {
	format := m.corpus.Formats().Of(shard.Path)
	if format.Name == pipeline.ParquetTable.Name {
		f, err := footer(ctx, m.store, shard.Path)
		if err != nil {
			return nil, err
		}
		list, err := f.Histograms()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", shard.Path, err)
		}
		_, chars := list.Of(charsColumn)
		if _, bytes := list.Of(bytesColumn); chars && bytes {
			return list, nil
		}
	}
	chars, bytes, copies := map[string]*columnar.Histogram{}, map[string]*columnar.Histogram{}, map[string]*columnar.Histogram{}
	columns := columnar.Selection{
		Text: []string{"source"}, Int: []string{charsColumn, bytesColumn}, IntOr: map[string]int64{ingest.CopiesColumn: ingest.UnknownCopies},
	}
	err := format.ReadTable(ctx, m.store, shard.Path, columns, nil, func(t *columnar.Frame) error {
		names := t.Text("source")
		c, b, k := t.Int(charsColumn), t.Int(bytesColumn), t.Int(ingest.CopiesColumn)
		for i := range t.Rows() {
			add(chars, names.At(i), c[i])
			add(bytes, names.At(i), b[i])
			if k[i] != ingest.UnknownCopies {
				add(copies, nil, k[i])
			}
		}
		return nil
	})
	return columnar.Histograms{named(charsColumn, chars), named(bytesColumn, bytes), named(ingest.CopiesColumn, copies)}, err
}

func add(to map[string]*columnar.Histogram, name []byte, n int64) {
	h := to[string(name)]
	if h == nil {
		h = columnar.NewHistogram(columnar.Log)
		to[string(name)] = h
	}
	h.Add(n)
}

func named(column string, parts map[string]*columnar.Histogram) (c columnar.ColumnHistograms) {
	c.Column = column
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		c.Parts = append(c.Parts, columnar.NamedHistogram{Name: name, Histogram: parts[name]})
	}
	return c
}
