package counts

import (
	"encoding/binary"
	"sort"

	"github.com/zeebo/xxh3"

	"millrace/pipeline/columnar"
	"millrace/pipeline/sorted"
)

// File reads the items of one partition of the hashes out of a file: a Source. It holds one block.
type File struct {
	files       *sorted.Handles
	name        string
	least, most uint64
	index       []byte // of the blocks that may have some
	end         int64  // of the blocks
	Items       int64  // of the whole file

	packed []byte
	block  []byte
	rest   []byte
	left   uint32 // items of rest
	item   Item
	token  []byte // of the item before
	begun  bool
	err    error
}

// Open opens a file of a store, and reads its index. It is closed with files.
func Open(files *sorted.Handles, name string, partition, partitions int) (*File, error) {
	f := &File{files: files, name: name}
	f.least, f.most = sorted.KeyRange(partition, partitions)
	o, err := files.Get(name)
	if err != nil {
		return nil, err
	}
	size := o.Size()
	if size < int64(len(magic))+tailBytes {
		return nil, sorted.Damaged(name, "%d bytes are too few", size)
	}
	var tail [tailBytes]byte
	if err := sorted.ReadAt(o, name, tail[:], size-tailBytes); err != nil {
		return nil, err
	}
	if string(tail[28:]) != magic {
		return nil, sorted.Damaged(name, "ends in %q, not in %q", tail[28:], magic)
	}
	f.end = int64(binary.LittleEndian.Uint64(tail[:]))
	blocks := int64(binary.LittleEndian.Uint32(tail[8:]))
	f.Items = int64(binary.LittleEndian.Uint64(tail[12:]))
	if f.end < int64(len(magic)) || f.end > size-tailBytes || size-tailBytes-f.end != blocks*entryBytes || f.Items < blocks {
		return nil, sorted.Damaged(name, "%d blocks with %d items do not fit the index", blocks, f.Items)
	}
	whole := make([]byte, blocks*entryBytes+20)
	if err := sorted.ReadAt(o, name, whole, f.end); err != nil {
		return nil, err
	}
	if xxh3.Hash(whole) != binary.LittleEndian.Uint64(tail[20:]) {
		return nil, sorted.Damaged(name, "checksum of the index")
	}
	f.index = whole[:blocks*entryBytes]
	f.cut()
	return f, nil
}

// first is the first hash of a block of the index.
func first(index []byte, block int) uint64 {
	return binary.LittleEndian.Uint64(index[block*entryBytes:])
}

// cut leaves of the index the blocks that may have items of the partition: from the last that begins before it on.
func (f *File) cut() {
	n := len(f.index) / entryBytes
	from := sort.Search(n, func(i int) bool { return first(f.index, i) >= f.least })
	to := sort.Search(n, func(i int) bool { return first(f.index, i) > f.most })
	f.index = f.index[max(from-1, 0)*entryBytes : to*entryBytes]
}

// Next implements Source.
func (f *File) Next() bool {
	for f.err == nil {
		for f.left == 0 {
			if len(f.index) == 0 {
				if len(f.rest) > 0 {
					f.err = sorted.Damaged(f.name, "a block has more than its items")
				}
				return false
			}
			if f.err = f.read(); f.err != nil {
				return false
			}
		}
		if !f.take() {
			return false
		}
		switch {
		case f.item.Hash > f.most:
			f.left, f.rest, f.index = 0, nil, nil
			return false
		case f.item.Hash >= f.least:
			return true
		}
	}
	return false
}

// read reads the next block of the index.
func (f *File) read() error {
	e := f.index[:entryBytes]
	f.index = f.index[entryBytes:]
	at, packed, size := int64(binary.LittleEndian.Uint64(e[8:])), int64(binary.LittleEndian.Uint32(e[16:])), int64(binary.LittleEndian.Uint32(e[20:]))
	f.left = binary.LittleEndian.Uint32(e[24:])
	if len(f.rest) > 0 || at < int64(len(magic)) || packed > f.end-at || size > blockBytes+MaxToken+32 || f.left == 0 {
		return sorted.Damaged(f.name, "block at %d: %d bytes with %d items do not fit", at, packed, f.left)
	}
	if int64(cap(f.packed)) < packed {
		f.packed = make([]byte, packed)
	}
	f.packed = f.packed[:packed]
	if err := f.files.Read(f.name, f.packed, at); err != nil {
		return err
	}
	if xxh3.Hash(f.packed) != binary.LittleEndian.Uint64(e[28:]) {
		return sorted.Damaged(f.name, "checksum of the block at %d", at)
	}
	block, err := columnar.Unpack(f.block[:0], f.packed, int(size))
	if err != nil {
		return sorted.Damaged(f.name, "block at %d: %v", at, err)
	}
	f.block, f.rest = block, block
	return nil
}

// take decodes the next item, and holds it against the one before.
func (f *File) take() bool {
	size, n := binary.Uvarint(f.rest)
	if n <= 0 || size == 0 || size > MaxToken || size > uint64(len(f.rest)-n) {
		f.err = sorted.Damaged(f.name, "a token is cut off or too long")
		return false
	}
	token := f.rest[n : n+int(size)]
	rest := f.rest[n+int(size):]
	count, n := binary.Varint(rest)
	if n <= 0 {
		f.err = sorted.Damaged(f.name, "a count is cut off")
		return false
	}
	documents, m := binary.Varint(rest[n:])
	if m <= 0 {
		f.err = sorted.Damaged(f.name, "a number of documents is cut off")
		return false
	}
	next := Item{Hash: Hash(token), Token: token, Count: count, Documents: documents}
	f.item.Token = f.token
	if f.begun && f.item.compare(&next) >= 0 {
		f.err = sorted.Damaged(f.name, "token %.40q is out of order", token)
		return false
	}
	f.token = append(f.token[:0], token...) // which outlives the block
	f.item, f.begun, f.rest = next, true, rest[n+m:]
	f.left--
	return true
}

// Item implements Source.
func (f *File) Item() *Item { return &f.item }

// Err implements Source.
func (f *File) Err() error { return f.err }
