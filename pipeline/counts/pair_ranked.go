package counts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/sorted"
)

// PairRow is a pair in a table, as Row is.
type PairRow struct {
	Left, Right            rune
	Count, Documents       int64
	NewCount, NewDocuments int64
}

// code is the letters as a number that is in the order of their bytes.
func (r *PairRow) code() uint64 { return uint64(r.Left)<<letterBits | uint64(r.Right) }

const (
	// pairRowsMagic is of files of rows of pairs: see PairRanker. The key of each block is 0.
	pairRowsMagic = "MRPRANK1"

	rowChunk       = 1 << 13 // rows are held in chunks, so that more of them have nothing copied
	rankedPairRows = 5 << 18 // that a PairRanker holds: 50 MiB, and 4 bytes each for their order
)

// PairRanker puts rows of pairs in the order of tables, in bounded memory, as Ranker does others. It is used by one goroutine.
type PairRanker struct {
	ctx     context.Context
	job     *pipeline.Job
	prefix  string
	part    int
	most    int
	chunks  [][]PairRow
	rows    int
	groups  []pairGroup
	order   []uint32
	outputs []pipeline.Output
}

// pairGroup is rows behind each other with one left letter.
type pairGroup struct {
	left     rune
	from, to int
}

// NewPairRanker begins the work files of a part: prefix, which begins with a folder, and behind it PART-RUN.ranked.
func NewPairRanker(ctx context.Context, job *pipeline.Job, prefix string, part int) *PairRanker {
	return &PairRanker{ctx: ctx, job: job, prefix: prefix, part: part, most: rankedPairRows}
}

// Add adds a row. Rows come in the order of the keys of pairs.
func (k *PairRanker) Add(row PairRow) error {
	if k.rows == k.most {
		if err := k.flush(); err != nil {
			return err
		}
	}
	if k.rows/rowChunk == len(k.chunks) {
		k.chunks = append(k.chunks, make([]PairRow, rowChunk))
	}
	if n := len(k.groups); n == 0 || k.groups[n-1].left != row.Left {
		k.groups = append(k.groups, pairGroup{left: row.Left, from: k.rows})
	}
	*k.row(k.rows) = row
	k.rows++
	k.groups[len(k.groups)-1].to = k.rows
	return nil
}

func (k *PairRanker) row(i int) *PairRow { return &k.chunks[i/rowChunk][i%rowChunk] }

// rank puts the rows in the order of tables. Those of a left letter are in the order of the right one, so the letters alone have to be put in order, and then rows
// by their counts, most of which are small.
func (k *PairRanker) rank() []uint32 {
	slices.SortFunc(k.groups, func(a, b pairGroup) int { return cmp.Compare(a.left, b.left) })
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
// A record is how much the count is below that of the record before, how much the pair is above it if that is 0, else the pair, then documents, and the new ones of both; of the first record
// of a block the count is below the highest that there can be. All are uvarints, and a pair is the left letter times 2^18 and the right one.
func (k *PairRanker) flush() (err error) {
	out, err := pipeline.CreateWork(k.ctx, k.job, fmt.Sprintf("%s%06d-%04d.ranked", k.prefix, k.part, len(k.outputs)))
	if err != nil {
		return err
	}
	w := newBlockWriter(out, pairRowsMagic, true)
	defer func() { err = errors.Join(err, w.Close()) }()
	last, lastCode := int64(0), uint64(0)
	for _, i := range k.rank() {
		r := k.row(int(i))
		if w.inside == 0 {
			last, lastCode = math.MaxInt64, 0
		}
		code := r.code()
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
func (k *PairRanker) Commit() ([]pipeline.Output, error) {
	if k.rows > 0 {
		if err := k.flush(); err != nil {
			return nil, err
		}
	}
	return k.outputs, nil
}

// pairRowFile reads a file of rows.
type pairRowFile struct {
	*blockFile
	row  PairRow
	code uint64
	any  bool
}

func (f *pairRowFile) next() bool {
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
	last, code := f.row.Count, f.code
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
	if f.rest == nil || below >= uint64(last) || code >= 1<<(2*letterBits) {
		f.err = sorted.Damaged(f.name, "a row is cut off, or has no letters")
		return false
	}
	count := last - int64(below)
	if f.any && (count > f.row.Count || count == f.row.Count && code <= f.code) {
		f.err = sorted.Damaged(f.name, "a row of count %d is out of order", count)
		return false
	}
	f.left--
	f.any, f.code = true, code
	f.row = PairRow{
		Left: rune(code >> letterBits), Right: rune(code & (mostLetters - 1)),
		Count: count, Documents: int64(n[0]), NewCount: int64(n[1]), NewDocuments: int64(n[2]),
	}
	return true
}

// EachPairRow calls yield with the rows of files that PairRankers left, in the order of tables. Memory is a block of each. Rows are valid until yield returns; an error of
// it ends the reading.
func EachPairRow(files *sorted.Handles, names []string, yield func(*PairRow) error) error {
	var h []*pairRowFile
	for _, name := range names {
		b, err := openBlocks(files, name, pairRowsMagic)
		if err != nil {
			return err
		}
		f := &pairRowFile{blockFile: b}
		if f.next() {
			h = append(h, f)
		} else if err := f.Err(); err != nil {
			return err
		}
	}
	return eachHead(h, func(f *pairRowFile) error { return yield(&f.row) })
}

func (f *pairRowFile) before(g *pairRowFile) bool {
	return f.row.Count > g.row.Count || f.row.Count == g.row.Count && f.code < g.code
}
