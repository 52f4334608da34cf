package dedupe

import (
	"cmp"
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/withdrawn"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// window is the edges of some documents of the run, all that each of them has. Documents of earlier versions are kept
// whatever happens, so those that a document of the window may lose to are compared with it before anything is decided, in
// the order of the shards that hold their texts.
type window struct {
	merge *sorted.Merge[edge]
	mask  *withdrawn.Mask
	more  bool // the merge has an edge that is in no window yet
	edges []candidate
	ends  []int // of each document's edges
	pairs []windowPair
	refs  []ref // of pairs, each once
	set   []uint64
	room  int // hashes of sets that may be kept yet
}

// windowPair is an edge of the window that leads to an earlier version.
type windowPair struct {
	ref
	at     int
	family bool // the later document is in large groups
}

// windowEdges is how many edges a window has at least, unless it is the last: 10 MiB.
const windowEdges = 1 << 18

func newWindow(m *sorted.Merge[edge], mask *withdrawn.Mask) *window {
	return &window{merge: m, mask: mask, more: m.Next()}
}

// next reads the next documents, and says whether there are any.
func (w *window) next(ctx context.Context) (bool, error) {
	w.edges, w.ends = w.edges[:0], w.ends[:0]
	for w.more && len(w.edges) < windowEdges {
		later, from := w.merge.Key, len(w.edges)
		for w.more && w.merge.Key == later {
			e := w.merge.Value
			w.edges = append(w.edges, candidate{edge: e, blocks: w.mask.Blocks(int(e.version), int64(e.number))})
			w.more = w.merge.Next()
		}
		// Several partitions may have found the same edge.
		edges := w.edges[from:]
		slices.SortFunc(edges, func(a, b candidate) int { return a.compare(b.edge) })
		w.edges = w.edges[:from+len(slices.Compact(edges))]
		w.ends = append(w.ends, len(w.edges))
	}
	if err := w.merge.Err(); err != nil {
		return false, err
	}
	return len(w.ends) > 0, ctx.Err()
}

// compareEarlier compares the documents with those of earlier versions that they may lose to. The sets of those that
// documents of large groups may lose to are kept for the families, as far as there is room.
func (w *window) compareEarlier(j *judge) error {
	clear(j.comparer.earlier)
	w.room, w.pairs = arenaBlocks*arenaBlock, w.pairs[:0]
	from := 0
	for _, end := range w.ends {
		w.collect(j, from, end)
		from = end
	}
	slices.SortFunc(w.pairs, func(a, b windowPair) int {
		return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(a.number, b.number), cmp.Compare(a.at, b.at))
	})
	w.refs = w.refs[:0]
	for _, p := range w.pairs {
		w.refs = append(w.refs, p.ref)
	}
	w.refs = slices.Compact(w.refs)
	before := j.comparer.before
	if err := before.ask(w.refs); err != nil {
		return err
	}
	pairs := w.pairs
	for _, d := range w.refs {
		text, err := before.read()
		if err != nil {
			return err
		}
		n := 1
		for n < len(pairs) && pairs[n].ref == d {
			n++
		}
		if err := w.compare(j, d, text, pairs[:n]); err != nil {
			return err
		}
		pairs = pairs[n:]
	}
	return nil
}

// compare does the pairs of one document of an earlier version.
func (w *window) compare(j *judge, d ref, text []byte, pairs []windowPair) (err error) {
	long := len(text) > shingle.LongBytes
	if !long {
		w.set = append(w.set[:0], j.comparer.shingler.Set(text)...)
		j.comparer.probeFor(d, w.set)
	}
	for _, p := range pairs {
		if p.family && !long && j.comparer.earlier[d] == nil && w.room >= len(w.set) {
			j.comparer.earlier[d] = slices.Clone(w.set)
			w.room -= len(w.set)
		}
		e := &w.edges[p.at]
		if j.certain(e.edge) {
			continue
		}
		if e.Overlap, err = j.comparer.compareEarlier(ref{e.later, j.version}, text, long); err != nil {
			return err
		}
	}
	return nil
}

// collect adds the pairs of one document: those that are open, unless it loses to an earlier version anyway, or is rejected; and the
// one that it loses to if it is in large groups.
func (w *window) collect(j *judge, from, end int) {
	if _, rejected := j.blocked(w.edges[from:end]); rejected {
		return
	}
	before := len(w.pairs)
	family := w.edges[end-1].kind == kindMember
	for i, e := range w.edges[from:end] {
		p := windowPair{ref{e.number, e.version}, from + i, family}
		switch {
		case e.version >= j.version:
			return
		case e.blocks:
		case j.certain(e.edge):
			w.pairs = w.pairs[:before]
			if family && j.comparer.before.readable(e.version) {
				w.pairs = append(w.pairs, p)
			}
			return
		case j.comparer.before.readable(e.version):
			w.pairs = append(w.pairs, p)
		}
	}
}
