package dedupe

import (
	"cmp"
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/ingest"
	"millrace/pipeline/sorted"
	"millrace/pipeline/withdrawn"
)

// history looks keys up in one index of earlier versions, in ascending order.
type history struct {
	versions []coveredVersion
	lookup   *sorted.Lookup
	found    []sorted.Item[uint64]
}

// hit is a document of an earlier version that has a key.
type hit struct {
	key uint64
	ref
}

// coveredVersion is a version whose documents are numbered from first on in an index.
type coveredVersion struct {
	version uint32
	first   uint64
}

// newHistory leaves out what is gone: it counts for no bound of what is found.
func newHistory(files *sorted.Handles, plan *ingest.Plan, index ingest.IndexRun, mask *withdrawn.Mask) (*history, error) {
	versions, _, err := coveredBy(plan, index)
	h := &history{versions: versions, lookup: sorted.NewLookup(files, index.Keys)}
	if slices.ContainsFunc(index.Versions, func(v int) bool { return mask.Count(v) > 0 }) {
		h.lookup.Skip = func(number uint64) bool { return gone(mask, h.ref(number)) }
	}
	return h, err
}

// coveredBy returns the versions of an index and how many documents they have together.
func coveredBy(plan *ingest.Plan, index ingest.IndexRun) (list []coveredVersion, documents uint64, err error) {
	for _, version := range index.Versions {
		i, ok := slices.BinarySearchFunc(plan.History, version, func(v ingest.IndexVersion, n int) int { return cmp.Compare(v.Version, n) })
		if !ok {
			return nil, 0, pipeline.Permanent(fmt.Errorf("the plan has keys of version %d, but not the version", version))
		}
		list = append(list, coveredVersion{uint32(version), documents})
		documents += uint64(plan.History[i].Documents)
	}
	return list, documents, nil
}

// ref names the document of a number in the index.
func (h *history) ref(number uint64) ref { return refIn(h.versions, number) }

// refIn names the document of a number in an index that covers some versions.
func refIn(versions []coveredVersion, number uint64) ref {
	i := len(versions) - 1
	if versions[i].first > number {
		i, _ = slices.BinarySearchFunc(versions, number+1, func(v coveredVersion, n uint64) int { return cmp.Compare(v.first, n) })
		i--
	}
	return ref{number - versions[i].first, versions[i].version}
}

// find appends the kept documents that have one of the keys, by key and number: at most some of each key.
func (h *history) find(keys []uint64, most int, hits []hit) (_ []hit, err error) {
	h.found, err = h.lookup.Find(keys, most, h.found[:0])
	for _, f := range h.found {
		hits = append(hits, hit{f.Key, h.ref(f.Value)})
	}
	return hits, err
}
