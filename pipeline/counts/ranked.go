package counts

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
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
	rows    []rankedRow
	arena   []byte
	order   ranking
	outputs []pipeline.Output
}

// rankedRow is a row whose token lies in the arena.
type rankedRow struct {
	count, documents, newCount, newDocuments int64
	at, size                                 uint32
}

// rankedBytes is what a row takes beside its token, with its part in the order.
const rankedBytes = 40 + 2*16 + 4

// NewRanker begins the work files of a part: prefix, which begins with a folder, and behind it PART-RUN.ranked.
func NewRanker(ctx context.Context, job *pipeline.Job, prefix string, part int) *Ranker {
	return &Ranker{ctx: ctx, job: job, prefix: prefix, part: part, most: rankerBytes}
}

// Add adds a row, whose token is the caller's.
func (r *Ranker) Add(row Row) error {
	r.rows = append(r.rows, rankedRow{row.Count, row.Documents, row.NewCount, row.NewDocuments, uint32(len(r.arena)), uint32(len(row.Token))})
	r.arena = append(r.arena, row.Token...)
	if len(r.rows)*rankedBytes+len(r.arena) < r.most {
		return nil
	}
	return r.flush()
}

func (r *Ranker) token(row uint32) []byte { return r.arena[r.rows[row].at:][:r.rows[row].size] }

// rank puts the rows in the order of tables.
func (r *Ranker) rank() []rankKey {
	keys := r.order.keys[:0]
	for i := range r.rows {
		var prefix [8]byte
		copy(prefix[:], r.token(uint32(i)))
		keys = append(keys, rankKey{binary.BigEndian.Uint64(prefix[:]), uint32(min(r.rows[i].count, smallCounts)), uint32(i)})
	}
	r.order.keys = keys
	r.order.sort()
	keys = r.order.keys
	for i := 0; i < len(keys); { // what is the same so far is few
		k := i + 1
		for k < len(keys) && keys[k].count == keys[i].count && (keys[k].prefix == keys[i].prefix || keys[i].count == smallCounts) {
			k++
		}
		if k > i+1 {
			slices.SortFunc(keys[i:k], func(a, b rankKey) int {
				if c := cmp.Compare(r.rows[b.row].count, r.rows[a.row].count); c != 0 {
					return c
				}
				return bytes.Compare(r.token(a.row), r.token(b.row))
			})
		}
		i = k
	}
	return keys
}

func (r *Ranker) flush() (err error) {
	out, err := pipeline.CreateWork(r.ctx, r.job, fmt.Sprintf("%s%06d-%04d.ranked", r.prefix, r.part, len(r.outputs)))
	if err != nil {
		return err
	}
	w := newBlockWriter(out, rowsMagic, true)
	defer func() { err = errors.Join(err, w.Close()) }()
	for _, key := range r.rank() {
		row := &r.rows[key.row]
		w.block = appendToken(w.block, r.token(key.row))
		for _, n := range [...]int64{row.count, row.documents, row.newCount, row.newDocuments} {
			w.block = appendVarint(w.block, n)
		}
		w.end(0)
	}
	r.rows, r.arena = r.rows[:0], r.arena[:0]
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

func (f *rowFile) before(g *rowFile) bool { return f.row.compare(&g.row) < 0 }

// EachRow calls yield with the rows of files that Rankers left, in the order of tables. Memory is a block of each. Rows are valid until yield returns;
// an error of it ends the reading.
func EachRow(files *sorted.Handles, names []string, yield func(*Row) error) error {
	var h []*rowFile
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
	return eachHead(h, func(f *rowFile) error { return yield(&f.row) })
}
