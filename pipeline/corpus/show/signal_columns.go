package show

import (
	"context"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
	"millrace/pipeline/signal/table"
)

// SignalRow is a document by its signals: where they lie.
type SignalRow struct {
	file int
	row  int64
}

// SignalColumns are signals of all live documents.
type SignalColumns struct {
	corpus *Corpus
	files  []manifest.Shard
	texts  []manifest.Shard
	names  []string

	// Documents are how many there are.
	Documents int64
}

// SignalColumns finds signals of the live documents; nil if one of them was not measured of all.
func (c *Corpus) SignalColumns(ctx context.Context, names []string) (*SignalColumns, error) {
	h, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	s := &SignalColumns{corpus: c, names: names, files: h.In(&pipeline.SignalTable), texts: h.Read}
	var paths []string
	rows := int64(0)
	for _, f := range s.files {
		paths = append(paths, f.Path)
		rows += f.Rows
	}
	for _, m := range h.Live {
		s.Documents += h.Documents(m)
	}
	if rows != s.Documents || rows == 0 {
		return nil, nil
	}
	columns, err := table.Union(ctx, c.store, paths)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !slices.ContainsFunc(columns, func(o table.Column) bool { return o.Name == name && !o.Partial }) {
			return nil, nil
		}
	}
	return s, nil
}

// Each hands over the columns, in the order of their names, some thousand documents at a time; row tells which document is the i-th. They are valid
// until the callback returns.
func (s *SignalColumns) Each(ctx context.Context, yield func(columns [][]int64, row func(i int) SignalRow) error) error {
	columns := make([][]int64, len(s.names))
	for k, f := range s.files {
		first := int64(0)
		err := pipeline.SignalTable.ReadTable(ctx, s.corpus.store, f.Path, columnar.Selection{Int: s.names}, nil, func(d *columnar.Frame) error {
			for i, name := range s.names {
				columns[i] = d.Int(name)
			}
			from := first
			first += int64(d.Rows())
			return yield(columns, func(i int) SignalRow { return SignalRow{k, from + int64(i)} })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// DocumentsOf reads the documents that rows stand for, with the beginnings of their texts.
func (s *SignalColumns) DocumentsOf(ctx context.Context, rows []SignalRow) ([]Document, error) {
	type first struct {
		version int
		at      int64
	}
	texts := map[first]dataset.File{} // the shard whose first document that is
	for _, t := range manifest.Positions(s.texts) {
		texts[first{t.Holds[0].Version, t.Holds[0].First}] = t.File
	}
	files := manifest.Positions(s.files)
	places := make([]location, len(rows))
	for i, r := range rows {
		holds := files[r.file].Holds[0]
		places[i] = location{texts[first{holds.Version, holds.First}], r.row}
	}
	return s.corpus.documents(ctx, places, excerptBytes)
}
