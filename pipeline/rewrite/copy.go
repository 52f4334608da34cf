package rewrite

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// Rows are rows of a shard that lie one behind the other: From to End-1.
type Rows struct {
	Path string `json:"path"` // in the corpus
	From int64  `json:"from"`
	End  int64  `json:"end"`
}

// Copy is rows of shards that are written into a new one.
type Copy struct {
	Tables pipeline.TableFormats // that the old shards may be in
	Rows   []Rows                // in the order in which they are written

	Name   string // of the new file
	Format pipeline.TableFormat
	Table  columnar.TableOptions

	// Fill, which may be nil, changes columns before they are written: those of ingest.DocumentSchema, of the rows of a frame from the given
	// one on. It must not change the values of the frame.
	Fill func(f *columnar.Frame, first int, columns []any) error
}

// Len is how many rows there are.
func (c *Copy) Len() (n int64) {
	for _, r := range c.Rows {
		n += r.End - r.From
	}
	return n
}

// Write writes the file of a job's version and, where its format can be read here, reads it again: it must hold what was read.
func (c *Copy) Write(ctx context.Context, job *pipeline.Job) (pipeline.Output, error) {
	schema, selection, write, err := c.shape(ctx, job)
	if err != nil {
		return pipeline.Output{}, err
	}
	read, written := xxh3.New128(), xxh3.New128()
	out, err := write(func(t columnar.TableWriter) (int64, error) {
		rows := int64(0)
		err := c.each(ctx, job.Corpus, schema, selection, func(n int, columns []any) error {
			rows += int64(n)
			digestRows(read, n, columns)
			return t.Write(columns...)
		})
		if err == nil && rows != c.Len() {
			err = fmt.Errorf("read %d rows, there should be %d", rows, c.Len())
		}
		return rows, err
	})
	if err != nil || c.Format.Read == nil {
		return out, err
	}
	err = c.Format.ReadTable(ctx, job.Out, c.Name, selection, nil, func(f *columnar.Frame) error {
		columns, err := f.Values(schema)
		if err == nil {
			digestRows(written, f.Rows(), columns)
		}
		return err
	})
	if err == nil && read.Sum128() != written.Sum128() {
		err = fmt.Errorf("%s does not hold what was written to it", c.Name)
	}
	return out, err
}

// shape says which columns are written, how they are read, and by what a file of them is written: those of documents, or, of a format beside
// them, the signals that any of the files has. What another file lacks of these is Missing; rows of documents lack all.
func (c *Copy) shape(ctx context.Context, job *pipeline.Job) (schema []columnar.Column, s columnar.Selection, write func(fill) (pipeline.Output, error), err error) {
	if !c.Format.Beside {
		return ingest.DocumentSchema(), ingest.DocumentSelection(), func(fill fill) (pipeline.Output, error) {
			return ingest.WriteDocuments(ctx, job, c.Name, c.Format, c.Table, fill)
		}, nil
	}
	var names []string
	unmeasured := false
	for _, r := range c.Rows {
		if !c.Format.Holds(r.Path) {
			unmeasured = true
		} else if !slices.Contains(names, r.Path) {
			names = append(names, r.Path)
		}
	}
	columns, err := table.Union(ctx, job.Corpus, names)
	if err != nil {
		return nil, s, nil, err
	}
	for i := range columns {
		columns[i].Partial = columns[i].Partial || unmeasured
	}
	schema = table.Schema(columns)
	return schema, table.Selection(table.Names(columns)), func(fill fill) (pipeline.Output, error) {
		return pipeline.WriteTable(ctx, job, c.Name, c.Format, schema, table.Options(job.Plan, columns), fill)
	}, nil
}

// fill writes the rows of a file, and says how many there are.
type fill = func(columnar.TableWriter) (rows int64, err error)

// each yields the rows in pieces, in columns of the schema.
func (c *Copy) each(ctx context.Context, from pipeline.Store, schema []columnar.Column, selection columnar.Selection, yield func(n int, columns []any) error) error {
	for left := c.Rows; len(left) > 0; {
		n, measured := 1, c.measured(left[0])
		for n < len(left) && c.measured(left[n]) == measured {
			n++
		}
		part := *c
		part.Rows, left = left[:n], left[n:]
		columns := selection
		if !measured {
			columns = columnar.Selection{Text: []string{table.IDColumn}}
		}
		err := part.Frames(ctx, from, columns, func(f *columnar.Frame, first, end int) error {
			if !measured {
				f = unmeasured(f, schema)
			}
			columns, err := f.Values(schema)
			if err != nil {
				return err
			}
			columns = partOf(columns, first, end)
			if c.Fill != nil {
				if err := c.Fill(f, first, columns); err != nil {
					return err
				}
			}
			return yield(end-first, columns)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// measured says whether rows have what is written: all but those of documents where signals are.
func (c *Copy) measured(r Rows) bool { return !c.Format.Beside || c.Format.Holds(r.Path) }

// unmeasured are the ids of documents, with signals that are Missing. Their shards may have other columns of the same names.
func unmeasured(f *columnar.Frame, schema []columnar.Column) *columnar.Frame {
	missing := make([]int64, f.Rows())
	for i := range missing {
		missing[i] = table.Missing
	}
	figures := map[string][]int64{}
	for _, c := range schema[1:] {
		figures[c.Name] = missing
	}
	return columnar.NewFrame(f.First(), f.Rows(), map[string]*columnar.Strings{table.IDColumn: f.Text(table.IDColumn)}, figures)
}

// Frames yields the rows in the order in which they are written: those of a frame from first to end-1.
func (c *Copy) Frames(ctx context.Context, from pipeline.Store, columns columnar.Selection, yield func(f *columnar.Frame, first, end int) error) error {
	for left := c.Rows; len(left) > 0; {
		n := 1 // that ascend in one shard, and are read in one pass
		for n < len(left) && left[n].Path == left[0].Path && left[n].From >= left[n-1].End {
			n++
		}
		if err := c.frames(ctx, from, columns, left[:n], yield); err != nil {
			return err
		}
		left = left[n:]
	}
	return nil
}

// frames yields rows of one shard, ascending.
func (c *Copy) frames(ctx context.Context, from pipeline.Store, columns columnar.Selection, rows []Rows, yield func(f *columnar.Frame, first, end int) error) error {
	path := rows[0].Path
	format := c.Tables.Of(path)
	if format == nil {
		return pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", path))
	}
	past := func(first int64) { // what ends before a row
		for len(rows) > 0 && rows[0].End <= first {
			rows = rows[1:]
		}
	}
	want := func(g *columnar.RowGroup) bool {
		past(g.First)
		return len(rows) > 0 && rows[0].From < g.First+g.Rows
	}
	return format.ReadTable(ctx, from, path, columns, want, func(f *columnar.Frame) error {
		past(f.First())
		for _, r := range rows {
			first, end := max(r.From-f.First(), 0), min(r.End-f.First(), int64(f.Rows()))
			if first >= int64(f.Rows()) {
				break
			}
			if first >= end {
				continue
			}
			if err := yield(f, int(first), int(end)); err != nil {
				return err
			}
		}
		return nil
	})
}

// partOf returns the rows a..b-1 of columns, without a copy of their values.
func partOf(cols []any, a, b int) []any {
	part := make([]any, len(cols))
	for i, c := range cols {
		switch c := c.(type) {
		case *columnar.Strings:
			base := c.Offsets[a]
			s := &columnar.Strings{Offsets: make([]int32, b+1-a), Data: c.Data[base:]}
			for k := range s.Offsets {
				s.Offsets[k] = c.Offsets[a+k] - base
			}
			part[i] = s
		case []int32:
			part[i] = c[a:b]
		case []int64:
			part[i] = c[a:b]
		}
	}
	return part
}

// digestRows adds every value of some rows, row by row: the digest does not depend on how the rows come in pieces.
func digestRows(h *xxh3.Hasher128, rows int, cols []any) {
	var word [8]byte
	number := func(n uint64) {
		binary.LittleEndian.PutUint64(word[:], n)
		_, _ = h.Write(word[:]) // a hash never fails
	}
	for row := range rows {
		for _, c := range cols {
			switch c := c.(type) {
			case *columnar.Strings:
				v := c.At(row)
				number(uint64(len(v)))
				_, _ = h.Write(v)
			case []int32:
				number(uint64(c[row]))
			case []int64:
				number(uint64(c[row]))
			}
		}
	}
}
