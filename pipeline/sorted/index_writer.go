package sorted

import (
	"encoding/binary"
	"io"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// IndexWriter writes a file of an index, which is one sorted run of entries: keys that ascend, each with a number. A file is
// one partition of the key space.
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
//
// An IndexWriter holds a group of filters and 24 bytes for 256 entries. It keeps the first error of w, and is used by one
// goroutine.
type IndexWriter struct {
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
	indexMagic    = "MRIXKEY2"
	oldIndexMagic = "MRIXKEY1" // of corpora before format 3: as above, without filters
	indexHead     = 8
	indexTail     = 40
	sparseBytes   = 24

	groupBlocks = 64
)

// NewIndexWriter starts a file of an index.
func NewIndexWriter(w io.Writer) *IndexWriter {
	k := &IndexWriter{w: w}
	k.write([]byte(indexMagic))
	return k
}

func (k *IndexWriter) write(data []byte) {
	if k.err == nil {
		_, k.err = k.w.Write(data)
	}
	k.offset += int64(len(data))
}

// Add appends an entry. Keys ascend, and may be equal.
func (k *IndexWriter) Add(key, number uint64) {
	if k.records == 0 {
		k.filters = append(k.filters, emptyFilter[:]...)
		k.index = binary.LittleEndian.AppendUint64(k.index, key)
		k.index = binary.LittleEndian.AppendUint64(k.index, uint64(k.offset))
		k.last = key
	}
	k.steps[k.records], k.numbers[k.records] = key-k.last, number
	k.last = key
	addToFilter(k.filters[len(k.filters)-filterBytes:], key)
	k.entries++
	if k.records++; k.records == blockRecords {
		k.flush()
	}
}

func (k *IndexWriter) flush() {
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

// endGroup writes the filters of a group.
func (k *IndexWriter) endGroup() {
	for i := range k.blocks {
		f := k.filters[i*filterBytes : (i+1)*filterBytes]
		binary.LittleEndian.PutUint64(f[8*filterWords:], xxh3.HashSeed(f[:8*filterWords], uint64(k.offset+int64(i)*filterBytes)))
	}
	k.write(k.filters)
	k.filters, k.blocks = k.filters[:0], 0
}

// byteWidth is how many bytes a number needs.
func byteWidth(n uint64) int { return (bits.Len64(n) + 7) / 8 }

// Entries is how many were added.
func (k *IndexWriter) Entries() int64 { return k.entries }

// Finish writes what is left, says which partition the file is, and returns the first error.
func (k *IndexWriter) Finish(partition, partitions int) error {
	k.flush()
	k.endGroup()
	at := k.offset
	tail := binary.LittleEndian.AppendUint64(k.index, uint64(at))
	tail = binary.LittleEndian.AppendUint64(tail, uint64(k.entries))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(partition))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(partitions))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	k.write(append(tail, indexMagic...))
	return k.err
}
