package dedupe

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"millrace/pipeline"
)

// history looks keys up in one run of the index. Keys are asked for in ascending order: where tonight brings many, the
// filters of the run are read from end to end, where it brings few, only those of the blocks that they fall in. It holds
// the filters of a group, one block, and the sparse index of one file.
type history struct {
	versions []coveredVersion
	files    *handles
	names    []string // of the run's files, by partition
	opened   int      // number of file
	file     *indexKeysFile
	at       int // the first block that may hold the next key

	filters   []byte // of the blocks from..end-1
	from, end int
	ahead     int // how many were read at once
	block     int // the one in items, -1 if none is
	items     []item[uint64]
	buf       []byte
}

// hit is a document of an earlier version that has a key.
type hit struct {
	key uint64
	ref
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

// find appends the kept documents that have one of the keys, by key and number: at most some of each key.
func (h *history) find(keys []uint64, most int, hits []hit) (_ []hit, err error) {
	if len(h.names) == 0 {
		return hits, nil
	}
	for _, key := range keys {
		if p := partitionOf(key, len(h.names)); p != h.opened {
			if err := h.open(p); err != nil {
				return hits, err
			}
		}
		blocks := h.file.blocks
		if h.at+1 < len(blocks) && blocks[h.at+1].first < key {
			h.at = h.file.find(h.at, key)
		}
		word, bits := filterBits(key)
		for b, found := h.at, 0; b < len(blocks) && blocks[b].first <= key && found < most; b++ {
			if h.file.filter > 0 {
				if b < h.from || b >= h.end {
					if err := h.readFilters(b); err != nil {
						return hits, err
					}
				}
				if binary.LittleEndian.Uint64(h.filters[(b-h.from)*filterBytes+8*word:])&bits != bits {
					continue
				}
			}
			items, err := h.read(b)
			if err != nil {
				return hits, err
			}
			for _, i := range from(items, key) {
				if i.key != key || found == most {
					break
				}
				hits = append(hits, hit{key, h.ref(i.value)})
				found++
			}
		}
	}
	return hits, nil
}

// nearBlocks is how many blocks may be skipped where reading their filters with the rest costs less than reading twice.
const nearBlocks = 2

// readFilters reads the filter of a block, and those of the next ones of the group where nearly all are asked for.
func (h *history) readFilters(b int) (err error) {
	if b >= h.end && b-h.end <= nearBlocks {
		h.ahead = min(2*h.ahead, groupBlocks)
	} else {
		h.ahead = 1
	}
	n := min(h.ahead, h.file.groupEnd(b)-b)
	h.filters, err = h.file.readFilters(h.files, b, n, h.filters)
	h.from, h.end = b, b+n
	return err
}

// read returns the entries of a block.
func (h *history) read(b int) (items []item[uint64], err error) {
	if h.block != b {
		h.block = -1
		if h.items, h.buf, err = h.file.read(h.files, b, 1, h.items[:0], h.buf); err != nil {
			return nil, err
		}
		h.block = b
	}
	return h.items, nil
}

// from returns the items from the first one whose key is not less.
func from(items []item[uint64], key uint64) []item[uint64] {
	i, _ := slices.BinarySearchFunc(items, key, func(i item[uint64], key uint64) int { return cmp.Compare(i.key, key) })
	return items[i:]
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
	h.opened, h.file = number, f
	h.at, h.from, h.end, h.ahead, h.block = 0, 0, 0, 1, -1
	return nil
}
