package dedupe

import (
	"cmp"
	"fmt"
	"slices"

	"millrace/pipeline"
)

// history looks keys up in one run of the index. Keys are asked for in ascending order: where tonight brings many it reads
// the run from end to end, where it brings few it reads only the blocks that they fall in. It holds one block, and the
// sparse index of one file.
type history struct {
	versions []coveredVersion
	files    *handles
	names    []string // of the run's files, by partition
	opened   int      // number of file
	file     *indexKeysFile
	at       int // the block after the one in items
	items    []item[uint64]
	rest     []item[uint64] // of items
	buf      []byte
}

// coveredVersion is a version whose documents are numbered from first on in a run.
type coveredVersion struct {
	version uint32
	first   uint64
}

func newHistory(files *handles, plan *pipeline.Plan, run pipeline.IndexRun) (*history, error) {
	versions, _, err := coveredBy(plan, run)
	return &history{versions: versions, files: files, names: run.Keys, opened: -1}, err
}

// coveredBy returns the versions of a run and how many documents they have together.
func coveredBy(plan *pipeline.Plan, run pipeline.IndexRun) (list []coveredVersion, documents uint64, err error) {
	for _, version := range run.Versions {
		i, ok := slices.BinarySearchFunc(plan.History, version, func(v pipeline.IndexVersion, n int) int { return cmp.Compare(v.Version, n) })
		if !ok {
			return nil, 0, pipeline.Permanent(fmt.Errorf("the plan has keys of version %d, but not the version", version))
		}
		list = append(list, coveredVersion{uint32(version), documents})
		documents += uint64(plan.History[i].Documents)
	}
	return list, documents, nil
}

// ref names the document of a number in the run.
func (h *history) ref(number uint64) ref {
	i := len(h.versions) - 1
	if h.versions[i].first > number {
		i, _ = slices.BinarySearchFunc(h.versions, number+1, func(v coveredVersion, n uint64) int { return cmp.Compare(v.first, n) })
		i--
	}
	return ref{number - h.versions[i].first, h.versions[i].version}
}

// find calls yield with the numbers of the kept documents that have the key, in order.
func (h *history) find(key uint64, yield func(ref)) error {
	if len(h.names) == 0 {
		return nil
	}
	if p := partitionOf(key, len(h.names)); p != h.opened {
		if err := h.open(p); err != nil {
			return err
		}
	}
	for {
		for len(h.rest) > 0 && h.rest[0].key < key {
			h.rest = h.rest[1:]
		}
		for len(h.rest) > 0 && h.rest[0].key == key {
			yield(h.ref(h.rest[0].value))
			h.rest = h.rest[1:]
		}
		if len(h.rest) > 0 || !h.mayFollow(key) {
			return nil
		}
		var err error
		if h.items, h.buf, err = h.file.read(h.files, h.at, 1, h.items[:0], h.buf); err != nil {
			return err
		}
		h.rest = h.items
		h.at++
	}
}

// mayFollow goes to the next block that may hold the key, and says whether there is one.
func (h *history) mayFollow(key uint64) bool {
	blocks := h.file.blocks
	if h.at+1 < len(blocks) && blocks[h.at+1].first < key { // not the next one: skip
		h.at = max(h.at, h.file.find(key))
	}
	return h.at < len(blocks) && blocks[h.at].first <= key
}

// open opens a file.
func (h *history) open(number int) error {
	name := h.names[number]
	o, err := h.files.get(name)
	if err != nil {
		return err
	}
	f, err := openPartition(o, name, number, len(h.names))
	if err != nil {
		return err
	}
	h.opened, h.file, h.at, h.rest = number, f, 0, nil
	return nil
}
