package corpus

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/ingest"
)

// compactor copies the rows of units into new shards.
type compactor struct {
	corpus *Corpus
	job    *pipeline.Job
	in     CompactInput
	units  []Unit

	sources []File  // shards that are read, in order
	first   []int64 // number of the first row of each; the last element is the number of all
}

// maxCompactors bounds the shards that are written at a time, each of which holds some row groups in memory.
const maxCompactors = 4

// write writes all shards.
func (w *compactor) write(ctx context.Context) ([]File, error) {
	w.first = []int64{0}
	for _, u := range w.units {
		for _, f := range u.Shards {
			w.sources = append(w.sources, f)
			w.first = append(w.first, w.first[len(w.first)-1]+f.Rows)
		}
	}
	ends, err := w.cut(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]File, len(ends))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(min(runtime.GOMAXPROCS(0), maxCompactors))
	for i, end := range ends {
		from := int64(0)
		if i > 0 {
			from = ends[i-1]
		}
		name := fmt.Sprintf("%s/%s/train-%05d-of-%05d.parquet", pipeline.DataFolder, w.job.Plan.DataFolder(), i, len(ends))
		g.Go(func() (err error) {
			list[i], err = w.shard(ctx, name, from, end)
			return err
		})
	}
	return list, g.Wait()
}

// cut returns the number of the row behind each new shard: as few shards as hold their text on average, cut where it is
// nearest to equal parts.
func (w *compactor) cut(ctx context.Context) (ends []int64, err error) {
	var lengths []int32
	total := int64(0)
	for _, f := range w.sources {
		err := pipeline.ReadTable(ctx, w.corpus.store, f.Path, columnar.Selection{Int: []string{"bytes"}}, func(d *columnar.Frame) error {
			for _, n := range d.Int("bytes") {
				lengths = append(lengths, int32(n)) // a text has less than 1 GiB
				total += n
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if int64(len(lengths)) != w.first[len(w.first)-1] {
		return nil, fmt.Errorf("the shards have %d rows, their manifests say %d", len(lengths), w.first[len(w.first)-1])
	}
	n := shardsFor(total, w.in.ShardBytes)
	sum, last := int64(0), int64(0)
	for i, bytes := range lengths {
		// A document belongs to the shard in which its middle lies.
		if row := int64(i); int64(len(ends))+1 < n && row > last && sum+int64(bytes)/2 >= total/n*int64(len(ends)+1) {
			ends, last = append(ends, row), row
		}
		sum += int64(bytes)
	}
	return append(ends, int64(len(lengths))), nil
}

// shard writes the rows from..end-1, and reads them again.
func (w *compactor) shard(ctx context.Context, name string, from, end int64) (File, error) {
	read, written := xxh3.New128(), xxh3.New128()
	out, err := ingest.WriteDocuments(ctx, w.job, name, pipeline.ParquetTable, w.in.Table, func(t columnar.TableWriter) (int64, error) {
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
		return File{}, err
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
	return fileOf(out), err
}

// rows yields the rows from..end-1 of all sources in pieces, in columns of a document as they are written today.
func (w *compactor) rows(ctx context.Context, from, end int64, yield func(n int, cols []any) error) error {
	for i, f := range w.sources {
		first := w.first[i]
		if first >= end || w.first[i+1] <= from {
			continue
		}
		want := func(g *columnar.RowGroup) bool { return first+g.First < end && first+g.First+g.Rows > from }
		err := pipeline.ReadGroups(ctx, w.corpus.store, f.Path, ingest.DocumentSelection(), want, func(d *columnar.Frame) error {
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
