package sorted

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
)

// indexFile is the sparse index of a file of an index. See IndexWriter for the format.
type indexFile struct {
	name       string
	partition  int
	partitions int
	entries    int64
	blocks     []sparseEntry
	end        int64 // of the last group
	filter     int64 // bytes of a filter, 0 in an old file without any
}

type sparseEntry struct {
	first  uint64
	offset int64
	sum    uint64
}

// maxIndexBlock is the most bytes of a block: two words an entry.
const maxIndexBlock = 2 + blockRecords*16

// openIndex reads and checks the end of a file of an index.
func openIndex(o pipeline.Object, name string) (*indexFile, error) {
	size := o.Size()
	if size < indexHead+indexTail {
		return nil, Damaged(name, "%d bytes are too few", size)
	}
	var tail [indexTail]byte
	if err := ReadAt(o, name, tail[:], size-indexTail); err != nil {
		return nil, err
	}
	var filter int64
	switch string(tail[32:]) {
	case indexMagic:
		filter = filterBytes
	case oldIndexMagic:
	default:
		return nil, Damaged(name, "ends in %q, not in %q", tail[32:], indexMagic)
	}
	at, entries := int64(binary.LittleEndian.Uint64(tail[0:])), int64(binary.LittleEndian.Uint64(tail[8:]))
	if at < indexHead || at > size-indexTail || entries < 0 || entries > size {
		return nil, Damaged(name, "%d entries, index at %d", entries, at)
	}
	blocks := (entries + blockRecords - 1) / blockRecords
	if size-indexTail-at != blocks*sparseBytes {
		return nil, Damaged(name, "the index has %d bytes for %d entries", size-indexTail-at, entries)
	}
	index := make([]byte, size-at)
	if err := ReadAt(o, name, index, at); err != nil {
		return nil, err
	}
	if n := len(index) - 16; binary.LittleEndian.Uint64(index[n:]) != xxh3.Hash(index[:n]) {
		return nil, Damaged(name, "checksum of the index")
	}
	f := &indexFile{
		name: name, entries: entries, blocks: make([]sparseEntry, blocks), end: at, filter: filter,
		partition: int(binary.LittleEndian.Uint32(tail[16:])), partitions: int(binary.LittleEndian.Uint32(tail[20:])),
	}
	for i := range f.blocks {
		b := index[i*sparseBytes:]
		e := sparseEntry{
			binary.LittleEndian.Uint64(b), int64(binary.LittleEndian.Uint64(b[8:])), binary.LittleEndian.Uint64(b[16:]),
		}
		if i == 0 && e.offset != indexHead || i > 0 && e.first < f.blocks[i-1].first || e.offset < indexHead || e.offset > at {
			return nil, Damaged(name, "block %d is out of order", i)
		}
		f.blocks[i] = e
	}
	for i := range f.blocks {
		if size := f.blockEnd(i) - f.blocks[i].offset; size <= 0 || size > maxIndexBlock {
			return nil, Damaged(name, "block %d has %d bytes", i, size)
		}
	}
	return f, nil
}

// openPartition opens a file of an index that has one a partition.
func openPartition(files *Handles, names []string, number int) (*indexFile, error) {
	name, partitions := names[number], len(names)
	o, err := files.Get(name)
	if err != nil {
		return nil, err
	}
	f, err := openIndex(o, name)
	if err == nil && (f.partition != number || f.partitions != partitions) {
		return nil, Damaged(name, "is partition %d of %d, not %d of %d", f.partition, f.partitions, number, partitions)
	}
	return f, err
}

// find returns the first block that may hold the key, where those before from may not.
func (f *indexFile) find(from int, key uint64) int {
	less := func(i int) bool { return f.blocks[i].first < key } // the block may hold the key, and those before it may not
	step := 1
	for from+step < len(f.blocks) && less(from+step) {
		from += step
		step *= 2
	}
	high := min(from+step, len(f.blocks)) // is not less
	for from+1 < high {
		if middle := (from + high) / 2; less(middle) {
			from = middle
		} else {
			high = middle
		}
	}
	return from
}

// read reads and decodes n blocks of a group at once, appending their entries to items.
func (f *indexFile) read(files *Handles, i, n int, items []Item[uint64], buf []byte) (_ []Item[uint64], _ []byte, err error) {
	if buf, err = f.load(files, i, n, buf); err != nil {
		return nil, buf, err
	}
	from := f.blocks[i].offset
	for ; n > 0; i, n = i+1, n-1 {
		if items, err = f.decode(i, buf[f.blocks[i].offset-from:f.blockEnd(i)-from+8], items); err != nil {
			return nil, buf, err
		}
	}
	return items, buf, nil
}

// load reads n blocks of a group at once and checks their sums. There are eight bytes more behind them, of any value.
func (f *indexFile) load(files *Handles, i, n int, buf []byte) ([]byte, error) {
	from, end := f.blocks[i].offset, f.blockEnd(i+n-1)
	buf = slices.Grow(buf[:0], int(end-from)+8)[:end-from+8]
	if err := files.Read(f.name, buf[:end-from], from); err != nil {
		return buf, err
	}
	for ; n > 0; i, n = i+1, n-1 {
		if b := buf[f.blocks[i].offset-from : f.blockEnd(i)-from]; xxh3.HashSeed(b, uint64(f.blocks[i].offset)) != f.blocks[i].sum {
			return buf, Damaged(f.name, "checksum of block %d", i)
		}
	}
	return buf, nil
}

// decode appends the entries of a loaded block to items.
func (f *indexFile) decode(i int, b []byte, items []Item[uint64]) ([]Item[uint64], error) {
	items, err := decodeIndexBlock(items, b, f.blocks[i].first, f.records(i))
	if err != nil {
		return nil, Damaged(f.name, "block %d: %v", i, err)
	}
	return items, nil
}

// search appends the entries of a loaded block that have a key to items.
func (f *indexFile) search(i int, b []byte, key uint64, items []Item[uint64]) ([]Item[uint64], error) {
	items, err := searchIndexBlock(items, b, f.blocks[i].first, f.records(i), key)
	if err != nil {
		return nil, Damaged(f.name, "block %d: %v", i, err)
	}
	return items, nil
}

// records is how many entries a block has.
func (f *indexFile) records(i int) int {
	if i+1 == len(f.blocks) {
		return int(f.entries - int64(i)*blockRecords)
	}
	return blockRecords
}

// readFilters reads the filters of n blocks of a group at once.
func (f *indexFile) readFilters(files *Handles, i, n int, buf []byte) ([]byte, error) {
	from := f.filterAt(i)
	buf = slices.Grow(buf[:0], n*filterBytes)[:n*filterBytes]
	if err := files.Read(f.name, buf, from); err != nil {
		return buf, err
	}
	for b := buf; len(b) > 0; b, from, i = b[filterBytes:], from+filterBytes, i+1 {
		if binary.LittleEndian.Uint64(b[8*filterWords:]) != xxh3.HashSeed(b[:8*filterWords], uint64(from)) {
			return buf, Damaged(f.name, "checksum of the filter of block %d", i)
		}
	}
	return buf, nil
}

// groupEnd is the first block behind the group of a block.
func (f *indexFile) groupEnd(i int) int { return min(i-i%groupBlocks+groupBlocks, len(f.blocks)) }

// filterAt is the offset of a block's filter.
func (f *indexFile) filterAt(i int) int64 {
	next, end := f.groupEnd(i), f.end
	if next < len(f.blocks) {
		end = f.blocks[next].offset
	}
	return end - int64(next-i)*f.filter
}

// blockEnd is where a block ends.
func (f *indexFile) blockEnd(i int) int64 {
	if i+1 < f.groupEnd(i) {
		return f.blocks[i+1].offset
	}
	return f.filterAt(i - i%groupBlocks)
}

// searchIndexBlock appends those entries that have a key, and looks at none behind them: of blocks that are read, nearly all have been
// let pass by their filters for nothing.
func searchIndexBlock(items []Item[uint64], b []byte, first uint64, records int, key uint64) ([]Item[uint64], error) {
	step, number, err := indexWidths(b, records)
	if err != nil {
		return nil, err
	}
	stepMask, numberMask := ^uint64(0)>>(64-8*step), ^uint64(0)>>(64-8*number)
	at, this := 2, first
	for range records {
		next := this + binary.LittleEndian.Uint64(b[at:])&stepMask
		if next < this {
			return nil, errors.New("order of the keys")
		}
		if this = next; this >= key {
			if this > key {
				break
			}
			items = append(items, Item[uint64]{key, binary.LittleEndian.Uint64(b[at+step:]) & numberMask})
		}
		at += step + number
	}
	return items, nil
}

// indexWidths are the bytes of a step and of a number in a block.
func indexWidths(b []byte, records int) (step, number int, err error) {
	if len(b) < 2+8 || b[0] > 8 || b[1] > 8 || len(b) != 2+records*int(b[0]+b[1])+8 {
		return 0, 0, errors.New("length")
	}
	return int(b[0]), int(b[1]), nil
}

// decodeIndexBlock appends the entries of a block. Eight bytes follow the block in b, of any value.
func decodeIndexBlock(items []Item[uint64], b []byte, key uint64, records int) ([]Item[uint64], error) {
	step, number, err := indexWidths(b, records)
	if err != nil {
		return nil, err
	}
	// A shift by 64 gives 0, so a width of no bytes has an empty mask.
	stepMask, numberMask := ^uint64(0)>>(64-8*step), ^uint64(0)>>(64-8*number)
	at := 2
	for range records {
		next := key + binary.LittleEndian.Uint64(b[at:])&stepMask
		at += step
		if next < key {
			return nil, errors.New("order of the keys")
		}
		key = next
		items = append(items, Item[uint64]{key, binary.LittleEndian.Uint64(b[at:]) & numberMask})
		at += number
	}
	return items, nil
}
