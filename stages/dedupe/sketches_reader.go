package dedupe

import (
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
)

// sketchesFile is an open sketch file. See sketchesWriter for the format.
type sketchesFile struct {
	name string
	o    pipeline.Object
	rows int64
	sums []byte
	buf  []byte
}

// recordAt is where the record of a row lies in a sketch file of any length.
func recordAt(row int64) int64 {
	return sketchesHead + row/sketchRows*sketchBlock + row%sketchRows*recordBytes
}

// openSketches reads and checks the end of a sketch file, which must hold the given number of documents. o stays the
// caller's.
func openSketches(o pipeline.Object, name string, rows int64) (*sketchesFile, error) {
	size := o.Size()
	blocks := (rows + sketchRows - 1) / sketchRows
	if rows < 0 || rows > size/recordBytes || size != sketchesHead+rows*(recordBytes+4)+8*blocks+sketchesTail {
		return nil, damaged(name, "%d bytes are not %d documents", size, rows)
	}
	tail := make([]byte, 8*blocks+sketchesTail)
	if err := readAt(o, tail, size-int64(len(tail))); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	n := 8 * blocks
	if string(tail[n+16:]) != sketchesMagic || binary.LittleEndian.Uint64(tail[n:]) != uint64(rows) ||
		binary.LittleEndian.Uint64(tail[n+8:]) != xxh3.Hash(tail[:n+8]) {
		return nil, damaged(name, "its end does not match")
	}
	return &sketchesFile{name: name, o: o, rows: rows, sums: tail[:n]}, nil
}

// scanLengths calls yield with the text lengths of all rows, in order, in pieces.
func (s *sketchesFile) scanLengths(yield func(lengths []uint32) error) error {
	lengths := make([]uint32, 0, min(s.rows, sketchRows))
	for first := int64(0); first < s.rows; first += sketchRows {
		n := min(s.rows-first, sketchRows)
		block := first / sketchRows
		raw := s.scratch(int(n) * 4)
		if err := readAt(s.o, raw, recordAt(first)+n*recordBytes); err != nil {
			return fmt.Errorf("read %s: %w", s.name, err)
		}
		if binary.LittleEndian.Uint64(s.sums[8*block:]) != xxh3.HashSeed(raw, uint64(block)) {
			return damaged(s.name, "checksum of the lengths of block %d", block)
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
	for first := int64(0); first < s.rows; first += rowsAtOnce { // 4096 is a multiple: a piece lies within a block
		n := min(s.rows-first, rowsAtOnce)
		raw := s.scratch(int(n) * recordBytes)
		if err := readAt(s.o, raw, recordAt(first)); err != nil {
			return fmt.Errorf("read %s: %w", s.name, err)
		}
		for i := range n {
			if !want(first + i) {
				continue
			}
			r := (*record)(raw[i*recordBytes:])
			if !r.sealed() {
				return damaged(s.name, "checksum of row %d", first+i)
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
func forSketches(files *handles, split int, rows int64, use func(*sketchesFile) error) error {
	if rows == 0 {
		return nil
	}
	name := pipeline.SketchesName(split)
	o, err := files.get(name)
	if err != nil {
		return err
	}
	s, err := openSketches(o, name, rows)
	if err != nil {
		return err
	}
	return use(s)
}
