package compact

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/ingest"
)

// rewriter is the Runner of rewrite.<shard>: it copies rows of small shards into a new one, reads it again and compares.
type rewriter struct{ table columnar.TableOptions }

// Run implements pipeline.Runner.
func (r rewriter) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(b.Ends) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d shards", task, len(b.Ends)))
	}
	w := rewriting{job: job, body: b, first: b.firsts(), table: r.table}
	w.table.Level, w.table.GroupBytes = b.Level, b.Group
	from, end := int64(0), b.Ends[task.Index]
	if task.Index > 0 {
		from = b.Ends[task.Index-1]
	}
	name := format.Folder + "/" + job.Plan.VersionFolder() + "/" + format.ShardName(task.Index, len(b.Ends))
	out, err := w.shard(ctx, name, from, end)
	if err != nil {
		return e, err
	}
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: out.Rows, Bytes: out.Bytes,
		Sum: pipeline.Sum{In: end - from, Out: out.Rows}, Outputs: []pipeline.Output{out},
	}, nil
}

// rewriting is one task.
type rewriting struct {
	job   *pipeline.Job
	body  *body
	first []int64 // see body.firsts
	table columnar.TableOptions
}

// shard writes the rows from..end-1, and reads them again.
func (w *rewriting) shard(ctx context.Context, name string, from, end int64) (pipeline.Output, error) {
	read, written := xxh3.New128(), xxh3.New128()
	out, err := ingest.WriteDocuments(ctx, w.job, name, format, w.table, func(t columnar.TableWriter) (int64, error) {
		rows := int64(0)
		err := w.rows(ctx, from, end, func(n int, cols []any) error {
			rows += int64(n)
			digestRows(read, n, cols)
			return t.Write(cols...)
		})
		if err == nil && rows != end-from {
			err = fmt.Errorf("read %d rows, there should be %d", rows, end-from)
		}
		return rows, err
	})
	if err != nil {
		return out, err
	}
	err = pipeline.ReadTable(ctx, w.job.Out, name, ingest.DocumentSelection(), func(d *columnar.Frame) error {
		cols, err := d.Values(ingest.DocumentSchema())
		if err == nil {
			digestRows(written, d.Rows(), cols)
		}
		return err
	})
	if err == nil && read.Sum128() != written.Sum128() {
		err = fmt.Errorf("%s does not hold what was written to it", name)
	}
	return out, err
}

// rows yields the rows from..end-1 of all sources in pieces, in columns of a document as they are written today.
func (w *rewriting) rows(ctx context.Context, from, end int64, yield func(n int, cols []any) error) error {
	for i, f := range w.body.Shards {
		first := w.first[i]
		if first >= end || w.first[i+1] <= from {
			continue
		}
		want := func(g *columnar.RowGroup) bool { return first+g.First < end && first+g.First+g.Rows > from }
		err := format.ReadTable(ctx, w.job.Corpus, f.Path, ingest.DocumentSelection(), want, func(d *columnar.Frame) error {
			at := first + d.First()
			a, b := max(from-at, 0), min(end-at, int64(d.Rows()))
			if a >= b {
				return nil
			}
			cols, err := d.Values(ingest.DocumentSchema())
			if err != nil {
				return err
			}
			return yield(int(b-a), partOf(cols, int(a), int(b)))
		})
		if err != nil {
			return err
		}
	}
	return nil
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
