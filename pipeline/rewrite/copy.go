package rewrite

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/ingest"
)

// Rows are rows of a shard that lie one behind the other: From to End-1.
type Rows struct {
	Path      string // in the corpus
	From, End int64
}

// Copy is rows of shards that are written into a new one.
type Copy struct {
	Tables pipeline.TableFormats // that the old shards may be in
	Rows   []Rows                // in the order in which they are written

	Name   string // of the new shard
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

// Write writes the shard of a job's version and, where its format can be read here, reads it again: it must hold what was read.
func (c *Copy) Write(ctx context.Context, job *pipeline.Job) (pipeline.Output, error) {
	read, written := xxh3.New128(), xxh3.New128()
	out, err := ingest.WriteDocuments(ctx, job, c.Name, c.Format, c.Table, func(t columnar.TableWriter) (int64, error) {
		rows := int64(0)
		err := c.each(ctx, job.Corpus, func(n int, columns []any) error {
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
	err = c.Format.ReadTable(ctx, job.Out, c.Name, ingest.DocumentSelection(), nil, func(f *columnar.Frame) error {
		columns, err := f.Values(ingest.DocumentSchema())
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

// each yields the rows in pieces, in columns of a document as they are written today.
func (c *Copy) each(ctx context.Context, from pipeline.Store, yield func(n int, columns []any) error) error {
	schema := ingest.DocumentSchema()
	return c.Frames(ctx, from, ingest.DocumentSelection(), func(f *columnar.Frame, first, end int) error {
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
