package dedupe

import (
	"bytes"
	"container/heap"
	"encoding/binary"

	"millrace/pipeline"
)

// rankRun is one run of a split's ranks, at one of its documents.
type rankRun struct {
	blocks   blockReader
	base     uint64 // number of the split's first document
	rows     uint32 // documents of the split
	data     []byte // what was read, from the current one on
	rank     []byte
	document uint64 // in the run
}

// next goes to the next document, and says whether there is one.
func (r *rankRun) next() (bool, error) {
	if len(r.data) > 0 {
		r.data = r.data[r.blocks.kind.width:]
	}
	if len(r.data) == 0 {
		var err error
		if r.data, err = r.blocks.next(); len(r.data) == 0 {
			return false, err
		}
	}
	row := binary.LittleEndian.Uint32(r.data)
	if row >= r.rows {
		return false, damaged(r.blocks.name, "document %d of %d", row, r.rows)
	}
	r.rank, r.document = r.data[4:r.blocks.kind.width], r.base+uint64(row)
	return true, nil
}

// rankRuns is a heap of runs, the one whose document comes first on top.
type rankRuns []*rankRun

func (h rankRuns) Len() int      { return len(h) }
func (h rankRuns) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h rankRuns) Less(i, j int) bool {
	if c := bytes.Compare(h[i].rank, h[j].rank); c != 0 {
		return c > 0
	}
	return h[i].document < h[j].document
}

// Push implements heap.Interface.
func (h *rankRuns) Push(x any) { *h = append(*h, x.(*rankRun)) }

// Pop implements heap.Interface.
func (h *rankRuns) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// openRanks returns the runs of all splits, each at its first document.
func openRanks(kind runsKind, work *handles, bases []int64) (runs rankRuns, err error) {
	for split := range len(bases) - 1 {
		rows := bases[split+1] - bases[split]
		if rows == 0 {
			continue // a rejected split has no file
		}
		name := pipeline.RanksName(split)
		o, err := work.get(name)
		if err != nil {
			return nil, err
		}
		f, err := openRuns(o, name, kind)
		if err != nil {
			return nil, err
		}
		if f.partitions != 1 || f.rows != rows {
			return nil, damaged(name, "%d partitions, %d documents: the run has %d", f.partitions, f.rows, rows)
		}
		segments, err := f.segments(o, 0)
		if err != nil {
			return nil, err
		}
		for _, s := range segments {
			runs = append(runs, &rankRun{
				blocks: blockReader{files: work, name: name, kind: kind, rest: s}, base: uint64(bases[split]), rows: uint32(rows),
			})
		}
	}
	n := 0
	for _, r := range runs {
		r.blocks.ahead = ahead(len(runs))
		more, err := r.next()
		if err != nil {
			return nil, err
		}
		if more {
			runs[n] = r
			n++
		}
	}
	runs = runs[:n]
	heap.Init(&runs)
	return runs, nil
}
