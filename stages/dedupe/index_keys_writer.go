package dedupe

import (
	"encoding/binary"
	"io"

	"github.com/zeebo/xxh3"
)

// A key file of the index is one sorted run of a partition of the key space: of every kept document of its version all keys
// that fall there, with the number of the document among the kept ones of the version.
//
//	magic [8]byte
//	blocks of 256 entries (the last has the rest): key, as the uvarint difference to the one before, and uvarint number
//	sparse index, for every block {first key uint64, offset uint64, xxh3 of the block}
//	tail {index offset uint64, entries uint64, partition uint32, partitions uint32, xxh3 of index and tail so far, magic [8]byte}
//
// The first difference of a block is to its first key, so it is 0. Reading a range of keys touches the sparse index and the
// blocks of the range.
type indexKeysWriter struct {
	w       io.Writer
	block   []byte
	records int
	last    uint64
	index   []byte
	offset  int64
	entries int64
	err     error
}

const (
	indexKeysMagic = "MRIXKEY1"
	indexKeysHead  = 8
	indexKeysTail  = 40
	sparseBytes    = 24
)

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
		k.index = binary.LittleEndian.AppendUint64(k.index, key)
		k.index = binary.LittleEndian.AppendUint64(k.index, uint64(k.offset))
		k.last = key
	}
	k.block = binary.AppendUvarint(k.block, key-k.last)
	k.block = binary.AppendUvarint(k.block, number)
	k.last = key
	k.entries++
	if k.records++; k.records == blockRecords {
		k.flush()
	}
}

func (k *indexKeysWriter) flush() {
	if k.records == 0 {
		return
	}
	k.index = binary.LittleEndian.AppendUint64(k.index, xxh3.HashSeed(k.block, uint64(k.offset)))
	k.write(k.block)
	k.block, k.records = k.block[:0], 0
}

// finish writes what is left and returns the first error.
func (k *indexKeysWriter) finish(partition, partitions int) error {
	k.flush()
	at := k.offset
	tail := binary.LittleEndian.AppendUint64(k.index, uint64(at))
	tail = binary.LittleEndian.AppendUint64(tail, uint64(k.entries))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(partition))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(partitions))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	k.write(append(tail, indexKeysMagic...))
	return k.err
}
