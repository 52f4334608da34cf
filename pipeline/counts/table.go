package counts

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/millrace/millrace/pipeline/sorted"
)

// entry is a token of a table, whose bytes lie in the arena.
type entry struct {
	hash      uint64 // by the seed of the table, not the one of the order
	count     int64
	at        uint32
	documents uint32
	last      uint32 // number of the last document that had it
	size      uint16
}

const entrySize = 32

// table counts tokens in memory. Hashes are seeded, against tokens that are made to collide. It is used by one goroutine.
type table struct {
	seed     maphash.Seed
	slots    []uint32 // number of an entry + 1, 0: free; as many as a power of two
	entries  []entry
	arena    []byte
	document uint32
}

const leastSlots = 1 << 12

func newTable() *table { return &table{seed: maphash.MakeSeed(), slots: make([]uint32, leastSlots)} }

// bytes is the memory that what was counted takes.
func (t *table) bytes() int { return len(t.entries)*entrySize + len(t.arena) + 4*len(t.slots) }

// add counts an occurrence in the document.
func (t *table) add(token []byte) {
	h := maphash.Bytes(t.seed, token)
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		n := t.slots[i]
		if n == 0 {
			t.insert(h, i, token)
			return
		}
		e := &t.entries[n-1]
		if e.hash != h || int(e.size) != len(token) || !bytes.Equal(t.arena[e.at:e.at+uint32(e.size)], token) {
			continue
		}
		e.count++
		if e.last != t.document {
			e.last = t.document
			e.documents++
		}
		return
	}
}

func (t *table) insert(h, slot uint64, token []byte) {
	t.entries = append(t.entries, entry{h, 1, uint32(len(t.arena)), 1, t.document, uint16(len(token))})
	t.arena = append(t.arena, token...)
	t.slots[slot] = uint32(len(t.entries))
	if 2*len(t.entries) <= len(t.slots) {
		return
	}
	t.slots = make([]uint32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for n := range t.entries {
		i := t.entries[n].hash & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = uint32(n + 1)
	}
}

// reset forgets everything but the memory.
func (t *table) reset() {
	clear(t.slots)
	t.entries, t.arena, t.document = t.entries[:0], t.arena[:0], 0
}

// order puts entries in the order of items.
type order struct{ sorter sorted.Sorter[uint32] }

// each calls yield with the entries as items, in their order. An error of yield ends it.
func (o *order) each(entries []entry, arena []byte, yield func(*Item) error) error {
	token := func(n uint32) []byte { return arena[entries[n].at:][:entries[n].size] }
	list := o.sorter.Items[:0]
	for n := range entries {
		list = append(list, sorted.Item[uint32]{Key: Hash(token(uint32(n))), Value: uint32(n)})
	}
	o.sorter.Items = list
	o.sorter.Sort()
	list = o.sorter.Items
	for i := 0; i < len(list); {
		k := i + 1
		for k < len(list) && list[k].Key == list[i].Key {
			k++
		}
		if k > i+1 {
			slices.SortFunc(list[i:k], func(a, b sorted.Item[uint32]) int { return bytes.Compare(token(a.Value), token(b.Value)) })
		}
		for ; i < k; i++ {
			e := &entries[list[i].Value]
			if err := yield(&Item{list[i].Key, token(list[i].Value), e.count, int64(e.documents)}); err != nil {
				return err
			}
		}
	}
	return nil
}
