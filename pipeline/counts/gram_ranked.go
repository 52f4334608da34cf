package counts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
)

// GramRow is an n-gram in a table, as Row is.
type GramRow struct {
	Code                   uint64 // GramCode
	Count, Documents       int64
	NewCount, NewDocuments int64
}

const (
	// gramRowsMagic is of files of rows of n-grams that are numbers, with n behind it: see GramRanker. The key of each block is 0.
	gramRowsMagic = "MRGRANK"

	rowChunk       = 1 << 13 // rows are held in chunks, so that more of them have nothing copied
	rankedGramRows = 5 << 18 // that a GramRanker holds: 50 MiB, and 4 bytes each for their order
)

// GramRanker puts rows of n-grams of one length in the order of tables, in bounded memory, as Ranker does others. It is used by one goroutine.
type GramRanker struct {
	ctx     context.Context
	job     *pipeline.Job
	prefix  string
	part    int
	n       int // letters
	most    int
	chunks  [][]GramRow
	rows    int
	groups  []gramGroup
	order   []uint32
	outputs []pipeline.Output
}

// gramGroup is rows behind each other with one first letter.
type gramGroup struct {
	first    uint64
	from, to int
}

// NewGramRanker begins the work files of a part: prefix, which begins with a folder, and behind it PART-RUN.ranked.
func NewGramRanker(ctx context.Context, job *pipeline.Job, prefix string, part, n int) *GramRanker {
	return &GramRanker{ctx: ctx, job: job, prefix: prefix, part: part, n: n, most: rankedGramRows}
}

// Add adds a row. Rows come in the order of their keys.
func (k *GramRanker) Add(row GramRow) error {
	if k.rows == k.most {
		if err := k.flush(); err != nil {
			return err
		}
	}
	if k.rows/rowChunk == len(k.chunks) {
		k.chunks = append(k.chunks, make([]GramRow, rowChunk))
	}
	first := row.Code >> ((k.n - 1) * letterBits & 63)
	if n := len(k.groups); n == 0 || k.groups[n-1].first != first {
		k.groups = append(k.groups, gramGroup{first: first, from: k.rows})
	}
	*k.row(k.rows) = row
	k.rows++
	k.groups[len(k.groups)-1].to = k.rows
	return nil
}

func (k *GramRanker) row(i int) *GramRow { return &k.chunks[i/rowChunk][i%rowChunk] }

// rank puts the rows in the order of tables. Those of a first letter are in the order of the others, so the first ones alone have to be put in order, and then rows
// by their counts, most of which are small.
func (k *GramRanker) rank() []uint32 {
	slices.SortFunc(k.groups, func(a, b gramGroup) int { return cmp.Compare(a.first, b.first) })
	var ends [smallCounts]int
	large := 0
	for i := range k.rows {
		if count := k.row(i).Count; count < smallCounts {
			ends[count]++
		} else {
			large++
		}
	}
	sum := large
	for count := smallCounts - 1; count >= 0; count-- {
		ends[count], sum = sum, sum+ends[count]
	}
	if cap(k.order) < k.rows {
		k.order = make([]uint32, len(k.chunks)*rowChunk)
	}
	order := k.order[:k.rows]
	large = 0
	for _, g := range k.groups {
		for i := g.from; i < g.to; i++ {
			to := &large
			if count := k.row(i).Count; count < smallCounts {
				to = &ends[count]
			}
			order[*to] = uint32(i)
			*to++
		}
	}
	slices.SortStableFunc(order[:large], func(a, b uint32) int { return cmp.Compare(k.row(int(b)).Count, k.row(int(a)).Count) })
	return order
}

// flush writes the rows that there are.
//
// A record is how much the count is below that of the record before, how much the code is above its if that is 0, else the code, then documents, and the new ones of both; of the first record
// of a block the count is below the highest that there can be. All are uvarints.
func (k *GramRanker) flush() (err error) {
	out, err := pipeline.CreateWork(k.ctx, k.job, fmt.Sprintf("%s%06d-%04d.ranked", k.prefix, k.part, len(k.outputs)))
	if err != nil {
		return err
	}
	w := newBlockWriter(out, magicOf(gramRowsMagic, k.n), true)
	defer func() { err = errors.Join(err, w.Close()) }()
	last, lastCode := int64(0), uint64(0)
	for _, i := range k.rank() {
		r := k.row(int(i))
		if w.inside == 0 {
			last, lastCode = math.MaxInt64, 0
		}
		code := r.Code
		w.block = appendUvarint(w.block, uint64(last-r.Count))
		if last != r.Count {
			lastCode = 0
		}
		w.block = appendUvarint(w.block, code-lastCode)
		last, lastCode = r.Count, code
		w.block = appendUvarint(w.block, uint64(r.Documents))
		w.block = appendUvarint(w.block, uint64(r.NewCount))
		w.block = appendUvarint(w.block, uint64(r.NewDocuments))
		w.end(0)
	}
	k.rows, k.groups = 0, k.groups[:0]
	o, err := w.Commit()
	k.outputs = append(k.outputs, o)
	return err
}

// Commit writes what is left, and returns the files: none if there was no row.
func (k *GramRanker) Commit() ([]pipeline.Output, error) {
	if k.rows > 0 {
		if err := k.flush(); err != nil {
			return nil, err
		}
	}
	return k.outputs, nil
}

// gramRowFile reads a file of rows.
type gramRowFile struct {
	*blockFile
	bits int // of a code
	row  GramRow
	any  bool
}

func (f *gramRowFile) next() bool {
	inside := true
	for f.left == 0 {
		if f.err != nil || len(f.index) == 0 {
			return false
		}
		if f.err = f.read(); f.err != nil {
			return false
		}
		inside = false
	}
	last, code := f.row.Count, f.row.Code
	if !inside {
		last, code = math.MaxInt64, 0
	}
	var below, above uint64
	var n [3]uint64
	below, f.rest = uvarint(f.rest)
	above, f.rest = uvarint(f.rest)
	for i := range n {
		n[i], f.rest = uvarint(f.rest)
	}
	if below > 0 {
		code = 0
	}
	code += above
	if f.rest == nil || below >= uint64(last) || code>>f.bits != 0 {
		f.err = sorted.Damaged(f.name, "a row is cut off, or has no letters")
		return false
	}
	count := last - int64(below)
	if f.any && (count > f.row.Count || count == f.row.Count && code <= f.row.Code) {
		f.err = sorted.Damaged(f.name, "a row of count %d is out of order", count)
		return false
	}
	f.left--
	f.any = true
	f.row = GramRow{
		Code: code, Count: count, Documents: int64(n[0]), NewCount: int64(n[1]), NewDocuments: int64(n[2]),
	}
	return true
}

// EachGramRow calls yield with the rows of files that GramRankers left, of n-grams of one length, in the order of tables. Memory is a block of each. Rows are valid until yield returns; an error of
// it ends the reading.
func EachGramRow(files *sorted.Handles, names []string, n int, yield func(*GramRow) error) error {
	var h []*gramRowFile
	for _, name := range names {
		b, err := openBlocks(files, name, magicOf(gramRowsMagic, n))
		if err != nil {
			return err
		}
		f := &gramRowFile{blockFile: b, bits: n * letterBits}
		if f.next() {
			h = append(h, f)
		} else if err := f.Err(); err != nil {
			return err
		}
	}
	return eachHead(h, func(f *gramRowFile) error { return yield(&f.row) })
}

func (f *gramRowFile) before(g *gramRowFile) bool {
	return f.row.Count > g.row.Count || f.row.Count == g.row.Count && f.row.Code < g.row.Code
}
