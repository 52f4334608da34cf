package dedupe

import (
	"encoding/binary"
	"io"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// A key file of the index is one sorted run of a partition of the key space: of every kept document of its version all keys
// that fall there, with the number of the document among the kept ones of the version.
//
//	magic [8]byte
//	groups of 64 blocks (the last has the rest), behind which lie their filters
//	block of 256 entries (the last has the rest): two bytes, the widths of steps and numbers, then for every entry the step
//	from the key before and the number, in as many bytes
//	filter of a block: 64 words of 64 bits, then the xxh3 of these, seeded with the offset; see filterBits
//	sparse index, for every block {first key uint64, offset uint64, xxh3 of the block, seeded with the offset}
//	tail {index offset uint64, entries uint64, partition uint32, partitions uint32, xxh3 of index and tail so far, magic [8]byte}
//
// The first step of a block is from its first key, so it is 0. Looking up keys touches the sparse index and the filters of
// the blocks that they fall in, and in 199 of 200 cases no block that has not got the key.
type indexKeysWriter struct {
	w       io.Writer
	steps   [blockRecords]uint64
	numbers [blockRecords]uint64
	records int // in the block
	last    uint64
	block   []byte
	blocks  int // of the group
	filters []byte
	index   []byte
	offset  int64
	entries int64
	err     error
}

const (
	indexKeysMagic    = "MRIXKEY2"
	oldIndexKeysMagic = "MRIXKEY1" // of corpora before format 3: as above, without filters
	indexKeysHead     = 8
	indexKeysTail     = 40
	sparseBytes       = 24

	groupBlocks = 64
	filterWords = 64
	filterBytes = 8*filterWords + 8
)

// filterBits says which bits of a block's filter stand for a key: four of one word. It is a Bloom filter with the memory
// access of one (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007), of 16 bits an entry: a key
// that the block has not got passes in 1 of 200 cases. Keys are hashes, and those of a block differ in their low bits.
func filterBits(key uint64) (word int, bits uint64) {
	return int(key % filterWords), 1<<(key>>6%64) | 1<<(key>>12%64) | 1<<(key>>18%64) | 1<<(key>>24%64)
}

func newIndexKeysWriter(w io.Writer) *indexKeysWriter {
	k := &indexKeysWriter{w: w}
	k.write([]byte(indexKeysMagic))
	return k
}

func (k *indexKeysWriter) write(data []byte) {
	if k.err == nil {
		_, k.err = k.w.Write(data)
	}
	k.offset += int64(len(data))
}

// add appends an entry; keys ascend.
func (k *indexKeysWriter) add(key, number uint64) {
	if k.records == 0 {
		k.filters = append(k.filters, emptyFilter[:]...)
		k.index = binary.LittleEndian.AppendUint64(k.index, key)
		k.index = binary.LittleEndian.AppendUint64(k.index, uint64(k.offset))
		k.last = key
	}
	k.steps[k.records], k.numbers[k.records] = key-k.last, number
	k.last = key
	word, bits := filterBits(key)
	filter := k.filters[len(k.filters)-filterBytes+8*word:]
	binary.LittleEndian.PutUint64(filter, binary.LittleEndian.Uint64(filter)|bits)
	k.entries++
	if k.records++; k.records == blockRecords {
		k.flush()
	}
}

func (k *indexKeysWriter) flush() {
	if k.records == 0 {
		return
	}
	var steps, numbers uint64
	for i := range k.records {
		steps |= k.steps[i]
		numbers |= k.numbers[i]
	}
	step, number := byteWidth(steps), byteWidth(numbers)
	size := 2 + k.records*(step+number)
	if cap(k.block) < size+8 {
		k.block = make([]byte, maxIndexBlock+8)
	}
	b := append(k.block[:0], byte(step), byte(number))[:size+8] // whole words are written, over the end
	at := 2
	for i := range k.records {
		binary.LittleEndian.PutUint64(b[at:], k.steps[i])
		at += step
		binary.LittleEndian.PutUint64(b[at:], k.numbers[i])
		at += number
	}
	b = b[:size]
	k.index = binary.LittleEndian.AppendUint64(k.index, xxh3.HashSeed(b, uint64(k.offset)))
	k.write(b)
	k.records = 0
	if k.blocks++; k.blocks == groupBlocks {
		k.endGroup()
	}
}

var emptyFilter [filterBytes]byte

// endGroup writes the filters of a group.
func (k *indexKeysWriter) endGroup() {
	for i := range k.blocks {
		f := k.filters[i*filterBytes : (i+1)*filterBytes]
		binary.LittleEndian.PutUint64(f[8*filterWords:], xxh3.HashSeed(f[:8*filterWords], uint64(k.offset+int64(i)*filterBytes)))
	}
	k.write(k.filters)
	k.filters, k.blocks = k.filters[:0], 0
}

// byteWidth is how many bytes a number needs.
func byteWidth(n uint64) int { return (bits.Len64(n) + 7) / 8 }

// finish writes what is left and returns the first error.
func (k *indexKeysWriter) finish(partition, partitions int) error {
	k.flush()
	k.endGroup()
	at := k.offset
	tail := binary.LittleEndian.AppendUint64(k.index, uint64(at))
	tail = binary.LittleEndian.AppendUint64(tail, uint64(k.entries))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(partition))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(partitions))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	k.write(append(tail, indexKeysMagic...))
	return k.err
}
