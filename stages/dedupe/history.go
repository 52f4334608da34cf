package dedupe

import (
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/tiers"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// history looks keys up in one index of earlier versions, in ascending order.
type history struct {
	covers *tiers.Numbering
	lookup *sorted.Lookup
	found  []sorted.Item[uint64]
}

// hit is a document of an earlier version that has a key.
type hit struct {
	key uint64
	ref
}

// newHistory leaves out what is gone: it counts for no bound of what is found.
func newHistory(files *sorted.Handles, plan *ingest.Plan, index ingest.IndexRun, mask *withdrawn.Mask) (*history, error) {
	covers, err := tiers.Number(plan.History, index)
	h := &history{covers: covers, lookup: sorted.NewLookup(files, index.Keys)}
	if slices.ContainsFunc(index.Versions, func(v int) bool { return mask.Count(v) > 0 }) {
		h.lookup.Skip = func(number uint64) bool { return gone(mask, h.ref(number)) }
	}
	return h, err
}

// ref names the document of a number in the index.
func (h *history) ref(number uint64) ref { return refOf(h.covers.Document(number)) }

// refOf is the same document in the words of this package.
func refOf(d tiers.Document) ref { return ref{uint64(d.Rank), uint32(d.Version)} }

// find appends the kept documents that have one of the keys, by key and number: at most some of each key.
func (h *history) find(keys []uint64, most int, hits []hit) (_ []hit, err error) {
	h.found, err = h.lookup.Find(keys, most, h.found[:0])
	for _, f := range h.found {
		hits = append(hits, hit{f.Key, h.ref(f.Value)})
	}
	return hits, err
}
