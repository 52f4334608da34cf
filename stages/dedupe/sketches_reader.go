package dedupe

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// sketchesFile is an open sketch file. See sketchesWriter for the format.
type sketchesFile struct {
	sketchBlocks
	name string
	o    pipeline.Object
	rows int64
	buf  []byte
}

// sketchBlocks is the table of a sketch file: where its blocks lie.
type sketchBlocks []sketchBlock

type sketchBlock struct {
	start int64
	sum   uint64 // of the lengths
	short bool   // the records have no signature
}

func (b *sketchBlock) recordBytes() int64 {
	if b.short {
		return shortBytes
	}
	return recordBytes
}

// at is where the record of one of so many rows lies, where the records of its block end, and whether they have no
// signatures.
func (t sketchBlocks) at(row, rows int64) (offset, end int64, short bool) {
	b := &t[row/sketchRows]
	n := min(rows-row/sketchRows*sketchRows, sketchRows)
	return b.start + row%sketchRows*b.recordBytes(), b.start + n*b.recordBytes(), b.short
}

// openSketches reads and checks the end of a sketch file, which must hold the given number of documents. o stays the
// caller's.
func openSketches(o pipeline.Object, name string, rows int64) (*sketchesFile, error) {
	size := o.Size()
	blocks := (rows + sketchRows - 1) / sketchRows
	if rows < 0 || rows > size/shortBytes || size < sketchesHead+rows*(shortBytes+4)+sketchEntry*blocks+sketchesTail {
		return nil, sorted.Damaged(name, "%d bytes are not %d documents", size, rows)
	}
	tail := make([]byte, sketchEntry*blocks+sketchesTail)
	if err := sorted.ReadAt(o, name, tail, size-int64(len(tail))); err != nil {
		return nil, err
	}
	n := sketchEntry * blocks
	if string(tail[n+16:]) != sketchesMagic || binary.LittleEndian.Uint64(tail[n:]) != uint64(rows) ||
		binary.LittleEndian.Uint64(tail[n+8:]) != xxh3.Hash(tail[:n+8]) {
		return nil, sorted.Damaged(name, "its end does not match")
	}
	s := &sketchesFile{name: name, o: o, rows: rows, sketchBlocks: make(sketchBlocks, blocks)}
	start := int64(sketchesHead)
	for i := range s.sketchBlocks {
		entry := tail[i*sketchEntry:]
		end := int64(binary.LittleEndian.Uint64(entry[8:]))
		documents := min(rows-int64(i)*sketchRows, sketchRows)
		b := sketchBlock{start: start, sum: binary.LittleEndian.Uint64(entry), short: end-start == documents*(shortBytes+4)}
		if end-start != documents*(b.recordBytes()+4) {
			return nil, sorted.Damaged(name, "block %d has %d bytes for %d documents", i, end-start, documents)
		}
		s.sketchBlocks[i], start = b, end
	}
	if start != size-int64(len(tail)) {
		return nil, sorted.Damaged(name, "its blocks end at %d of %d bytes", start, size)
	}
	return s, nil
}

// scanLengths calls yield with the text lengths of all rows, in order, in pieces.
func (s *sketchesFile) scanLengths(yield func(lengths []uint32) error) error {
	lengths := make([]uint32, 0, min(s.rows, sketchRows))
	for i := range s.sketchBlocks {
		b := &s.sketchBlocks[i]
		n := min(s.rows-int64(i)*sketchRows, sketchRows)
		raw := s.scratch(int(n) * 4)
		if err := sorted.ReadAt(s.o, s.name, raw, b.start+n*b.recordBytes()); err != nil {
			return err
		}
		if b.sum != xxh3.HashSeed(raw, uint64(i)) {
			return sorted.Damaged(s.name, "checksum of the lengths of block %d", i)
		}
		lengths = lengths[:0]
		for i := 0; i < len(raw); i += 4 {
			lengths = append(lengths, binary.LittleEndian.Uint32(raw[i:]))
		}
		if err := yield(lengths); err != nil {
			return err
		}
	}
	return nil
}

// scanRecords calls yield with every record for which want says so, in order. A record is valid until yield returns.
func (s *sketchesFile) scanRecords(want func(row int64) bool, yield func(r *record) error) error {
	const rowsAtOnce = 1024
	var widened record
	for first := int64(0); first < s.rows; first += rowsAtOnce { // 4096 is a multiple: a piece lies within a block
		n := min(s.rows-first, rowsAtOnce)
		at, _, short := s.at(first, s.rows)
		width := s.sketchBlocks[first/sketchRows].recordBytes()
		raw := s.scratch(int(n * width))
		if err := sorted.ReadAt(s.o, s.name, raw, at); err != nil {
			return err
		}
		for i := range n {
			if !want(first + i) {
				continue
			}
			r := &widened
			if short {
				copy(r[signatureBytes:], raw[i*width:])
			} else {
				r = (*record)(raw[i*width:])
			}
			if !r.sealed() {
				return sorted.Damaged(s.name, "checksum of row %d", first+i)
			}
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sketchesFile) scratch(n int) []byte {
	if cap(s.buf) < n {
		s.buf = make([]byte, n)
	}
	return s.buf[:n]
}

// forSketches opens the sketch file of a split with the given number of documents, which may be none: a rejected split has
// no file.
func forSketches(files *sorted.Handles, split int, rows int64, use func(*sketchesFile) error) error {
	if rows == 0 {
		return nil
	}
	s, err := openSplit(files, split, rows)
	if err != nil {
		return err
	}
	return use(s)
}

func openSplit(files *sorted.Handles, split int, rows int64) (*sketchesFile, error) {
	name := ingest.SketchesName(split)
	o, err := files.Get(name)
	if err != nil {
		return nil, err
	}
	return openSketches(o, name, rows)
}
