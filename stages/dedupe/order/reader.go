package order

import (
	"bytes"
	"container/heap"
	"encoding/binary"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// ranks is one sorted run of a split's ranks, at one of its documents.
type ranks struct {
	run      *sorted.Run
	base     uint64 // number of the split's first document
	rows     uint32 // documents of the split
	data     []byte // what was read, from the current one on
	rank     []byte
	document uint64 // in the run
}

// next goes to the next document, and says whether there is one.
func (r *ranks) next() (bool, error) {
	if len(r.data) > 0 {
		r.data = r.data[r.run.Kind().Width:]
	}
	if len(r.data) == 0 {
		var err error
		if r.data, err = r.run.Next(); len(r.data) == 0 {
			return false, err
		}
	}
	row := binary.LittleEndian.Uint32(r.data)
	if row >= r.rows {
		return false, sorted.Damaged(r.run.Name(), "document %d of %d", row, r.rows)
	}
	r.rank, r.document = r.data[4:r.run.Kind().Width], r.base+uint64(row)
	return true, nil
}

// ranksHeap has the one whose document comes first on top.
type ranksHeap []*ranks

func (h ranksHeap) Len() int      { return len(h) }
func (h ranksHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h ranksHeap) Less(i, j int) bool {
	if c := bytes.Compare(h[i].rank, h[j].rank); c != 0 {
		return c > 0
	}
	return h[i].document < h[j].document
}

// Push implements heap.Interface.
func (h *ranksHeap) Push(x any) { *h = append(*h, x.(*ranks)) }

// Pop implements heap.Interface.
func (h *ranksHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// openRanks returns the sorted runs of all splits, each at its first document.
func openRanks(kind sorted.Kind, work *sorted.Handles, bases []int64) (heads ranksHeap, err error) {
	all := sorted.NewRuns(work, kind)
	for split := range len(bases) - 1 {
		rows := bases[split+1] - bases[split]
		if rows == 0 {
			continue // a rejected split has no file
		}
		name := ingest.RanksName(split)
		f, runs, err := all.Open(name, 0)
		if err != nil {
			return nil, err
		}
		if f.Partitions != 1 || f.Rows != rows {
			return nil, sorted.Damaged(name, "%d partitions, %d documents: the run has %d", f.Partitions, f.Rows, rows)
		}
		for _, r := range runs {
			heads = append(heads, &ranks{run: r, base: uint64(bases[split]), rows: uint32(rows)})
		}
	}
	for _, r := range heads {
		if _, err := r.next(); err != nil { // a sorted run has records
			return nil, err
		}
	}
	heap.Init(&heads)
	return heads, nil
}
