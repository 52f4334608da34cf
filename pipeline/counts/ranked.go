package counts

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/sorted"
)

// Row is a token in a table: how often it occurs, and how often of these in what is new.
type Row struct {
	Token                  []byte
	Count, Documents       int64
	NewCount, NewDocuments int64
}

// compare compares two rows by their order in tables: those of a higher count first, then by the bytes of the token.
func (r *Row) compare(s *Row) int {
	if r.Count != s.Count {
		return cmp.Compare(s.Count, r.Count)
	}
	return bytes.Compare(r.Token, s.Token)
}

// rowsMagic is of files of rows: a token, its count and documents, and those that are new. The key of each block is 0.
const rowsMagic = "MRRANKD1"

// rankerBytes is what a Ranker holds.
const rankerBytes = 64 << 20

// Ranker puts rows in the order of tables, in bounded memory: it leaves them in work files, each in order. It is used by one goroutine.
type Ranker struct {
	ctx     context.Context
	job     *pipeline.Job
	prefix  string
	part    int
	most    int
	keys    []ranked
	rows    []rankedRow
	arena   []byte
	outputs []pipeline.Output
}

// ranked is a row whose token lies in the arena, and what most comparisons need of it.
type ranked struct {
	count  int64
	prefix uint64 // the first bytes of the token, big-endian
	row    uint32
}

// rankedRow is what is not compared.
type rankedRow struct {
	documents, newCount, newDocuments int64
	at, size                          uint32
}

// NewRanker begins the work files of a part: prefix, which begins with a folder, and behind it PART-RUN.ranked.
func NewRanker(ctx context.Context, job *pipeline.Job, prefix string, part int) *Ranker {
	return &Ranker{ctx: ctx, job: job, prefix: prefix, part: part, most: rankerBytes}
}

const rankedBytes = 24 + 32

// Add adds a row, whose token is the caller's.
func (r *Ranker) Add(row Row) error {
	var prefix [8]byte
	copy(prefix[:], row.Token)
	r.keys = append(r.keys, ranked{row.Count, binary.BigEndian.Uint64(prefix[:]), uint32(len(r.rows))})
	r.rows = append(r.rows, rankedRow{row.Documents, row.NewCount, row.NewDocuments, uint32(len(r.arena)), uint32(len(row.Token))})
	r.arena = append(r.arena, row.Token...)
	if len(r.rows)*rankedBytes+len(r.arena) < r.most {
		return nil
	}
	return r.flush()
}

func (r *Ranker) flush() (err error) {
	token := func(row uint32) []byte { return r.arena[r.rows[row].at:][:r.rows[row].size] }
	slices.SortFunc(r.keys, func(a, b ranked) int {
		switch {
		case a.count != b.count:
			return cmp.Compare(b.count, a.count)
		case a.prefix != b.prefix:
			return cmp.Compare(a.prefix, b.prefix)
		}
		return bytes.Compare(token(a.row), token(b.row))
	})
	out, err := pipeline.CreateWork(r.ctx, r.job, fmt.Sprintf("%s%06d-%04d.ranked", r.prefix, r.part, len(r.outputs)))
	if err != nil {
		return err
	}
	w := newBlockWriter(out, rowsMagic, true)
	defer func() { err = errors.Join(err, w.Close()) }()
	for i := range r.keys {
		row := &r.rows[r.keys[i].row]
		w.block = appendToken(w.block, token(r.keys[i].row))
		for _, n := range [...]int64{r.keys[i].count, row.documents, row.newCount, row.newDocuments} {
			w.block = binary.AppendVarint(w.block, n)
		}
		w.end(0)
	}
	r.keys, r.rows, r.arena = r.keys[:0], r.rows[:0], r.arena[:0]
	o, err := w.Commit()
	r.outputs = append(r.outputs, o)
	return err
}

// Commit writes what is left, and returns the files: none if there was no row.
func (r *Ranker) Commit() ([]pipeline.Output, error) {
	if len(r.rows) > 0 {
		if err := r.flush(); err != nil {
			return nil, err
		}
	}
	return r.outputs, nil
}

// rowFile reads a file of rows.
type rowFile struct {
	*blockFile
	row   Row
	token []byte
	begun bool
}

func (f *rowFile) next() bool {
	token, ok := f.record()
	if !ok {
		return false
	}
	row := Row{Token: token, Count: f.number(), Documents: f.number(), NewCount: f.number(), NewDocuments: f.number()}
	if f.err != nil {
		return false
	}
	if f.begun && f.row.compare(&row) >= 0 {
		f.err = sorted.Damaged(f.name, "token %.40q is out of order", token)
		return false
	}
	f.token = append(f.token[:0], token...)
	row.Token = f.token
	f.row, f.begun = row, true
	return true
}

// rowFiles are files by their next rows.
type rowFiles []*rowFile

func (h rowFiles) Len() int           { return len(h) }
func (h rowFiles) Less(i, j int) bool { return h[i].row.compare(&h[j].row) < 0 }
func (h rowFiles) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *rowFiles) Push(x any)        { *h = append(*h, x.(*rowFile)) }
func (h *rowFiles) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// EachRow calls yield with the rows of files that Rankers left, in the order of tables. Memory is a block of each. Rows are valid until yield returns;
// an error of it ends the reading.
func EachRow(files *sorted.Handles, names []string, yield func(*Row) error) error {
	var h rowFiles
	for _, name := range names {
		b, err := openBlocks(files, name, rowsMagic)
		if err != nil {
			return err
		}
		f := &rowFile{blockFile: b}
		if f.next() {
			h = append(h, f)
		} else if err := f.Err(); err != nil {
			return err
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		f := h[0]
		if err := yield(&f.row); err != nil {
			return err
		}
		if f.next() {
			heap.Fix(&h, 0)
			continue
		}
		if err := f.Err(); err != nil {
			return err
		}
		heap.Pop(&h)
	}
	return nil
}
