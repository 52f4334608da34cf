package dedupe

import "millrace/pipeline"

// history looks keys up in the index of one earlier version. Keys are asked for in ascending order: where tonight brings
// many it reads the index from end to end, where it brings few it reads only the blocks that they fall in. It holds one
// block, and the sparse index of one file.
type history struct {
	version uint32
	files   *handles
	names   []string // of the version's key files, by partition: versions differ in their number
	opened  int      // number of file
	file    *indexKeysFile
	at      int // the block after the one in items
	items   []item[uint64]
	rest    []item[uint64] // of items
	buf     []byte
}

func newHistory(files *handles, v pipeline.IndexVersion) *history {
	return &history{version: uint32(v.Version), files: files, names: v.Keys, opened: -1}
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
			yield(ref{h.rest[0].value, h.version})
			h.rest = h.rest[1:]
		}
		if len(h.rest) > 0 || !h.mayFollow(key) {
			return nil
		}
		var err error
		if h.items, h.buf, err = h.file.block(h.files, h.at, h.items[:0], h.buf); err != nil {
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
	f, err := openIndexKeys(o, name)
	if err != nil {
		return err
	}
	if f.partition != number || f.partitions != len(h.names) {
		return damaged(name, "is partition %d of %d, not %d of %d", f.partition, f.partitions, number, len(h.names))
	}
	h.opened, h.file, h.at, h.rest = number, f, 0, nil
	return nil
}
