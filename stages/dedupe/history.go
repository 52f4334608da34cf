package dedupe

import (
	"cmp"
	"fmt"
	"slices"

	"millrace/pipeline"
)

// history looks keys up in one run of the index. Keys are asked for in ascending order: where tonight brings many it reads
// the run from end to end, where it brings few it reads only the blocks that they fall in. It holds some blocks,
// and the sparse index of one file.
type history struct {
	versions []coveredVersion
	files    *handles
	names    []string // of the run's files, by partition
	opened   int      // number of file
	file     *indexKeysFile
	at       int // the block after those in items
	ahead    int // blocks to be read at once
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
		h.rest = from(h.rest, key)
		for len(h.rest) > 0 && h.rest[0].key == key {
			yield(h.ref(h.rest[0].value))
			h.rest = h.rest[1:]
		}
		behind := h.at
		if len(h.rest) > 0 || !h.mayFollow(key) {
			return nil
		}
		// Nearly every block is asked for: one read for several of them.
		if h.at-behind <= nearBlocks {
			h.ahead = min(2*h.ahead, maxAhead)
		} else {
			h.ahead = 1
		}
		n := min(h.ahead, len(h.file.blocks)-h.at)
		var err error
		if h.items, h.buf, err = h.file.read(h.files, h.at, n, h.items[:0], h.buf); err != nil {
			return err
		}
		h.rest = h.items
		h.at += n
	}
}

// nearBlocks is how many blocks may be skipped where reading them with the rest costs less than reading twice.
const nearBlocks = 2

// from returns the items from the first one whose key is not less, by galloping: it is near where many are asked for.
func from(items []item[uint64], key uint64) []item[uint64] {
	n := 1
	for n <= len(items) && items[n-1].key < key {
		n *= 2
	}
	low, high := n/2, min(n-1, len(items)) // those before low are less, that at high is not
	for low < high {
		if middle := (low + high) / 2; items[middle].key < key {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return items[low:]
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
	h.opened, h.file, h.at, h.ahead, h.rest = number, f, 0, 1, nil
	return nil
}
