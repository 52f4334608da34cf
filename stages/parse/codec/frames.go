package codec

import (
	"encoding/binary"
	"errors"
	"io"
)

// errNoTable says that a zstd file has no seek table.
var errNoTable = errors.New("no seek table")

// seekTable reads the table at the end of a seekable zstd file (contrib/seekable_format of the reference implementation).
func (w *walker) seekTable() error {
	const footer, header, magic, checksums = 9, 8, 0x8F92EAB1, 1 << 7
	var b [footer]byte
	if err := w.read(b[:], w.size-footer); w.size < footer {
		return errNoTable
	} else if err != nil {
		return err
	}
	le := binary.LittleEndian
	if le.Uint32(b[5:]) != magic || b[4]&^checksums != 0 {
		return errNoTable
	}
	entry := int64(8)
	if b[4]&checksums != 0 {
		entry = 12
	}
	length := entry*int64(le.Uint32(b[:])) + footer
	start := w.size - length - header
	if start < 0 {
		return errNoTable
	}
	if err := w.read(b[:header], start); err != nil {
		return err
	}
	if le.Uint32(b[:])&^0xF != skippableMark || int64(le.Uint32(b[4:])) != length {
		return errNoTable
	}
	src := NewSource()
	src.Reset(w.object, start+header, w.size-footer)
	var row [12]byte
	for src.More() {
		if _, err := io.ReadFull(src, row[:entry]); err != nil {
			return err
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
		w.step(int64(le.Uint32(row[:])), int64(le.Uint32(row[4:])))
	}
	if err := src.Err(); err != nil {
		return err
	}
	if w.at.Stored != start { // the table is of another file
		w.cuts, w.at, w.target = nil, Cut{}, w.every
		return errNoTable
	}
	return nil
}

// frames walks the frames of a zstd file that know their content size (RFC 8878, 3.1), from block to block: one short read
// each. It gives up in a frame that is several times larger than a piece should be.
func (w *walker) frames() error {
	le := binary.LittleEndian
	for w.at.Decoded < 1<<61 {
		var b [18]byte
		n := min(int64(len(b)), w.size-w.at.Stored)
		if n < 5 {
			return nil
		}
		if err := w.read(b[:n], w.at.Stored); err != nil {
			return err
		}
		if mark := le.Uint32(b[:]); mark&^0xF == skippableMark {
			w.step(8+int64(le.Uint32(b[4:])), 0)
			continue
		} else if mark != zstdMark {
			return nil
		}
		header, content, ok := frameHeader(b[4:n])
		if !ok {
			return nil
		}
		end, sum := w.at.Stored+4+header, int64(b[4]&4) // a checksum has four bytes
		for last := false; !last; {
			if err := w.read(b[:3], end); err != nil {
				return err
			}
			block := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
			size := int64(block >> 3)
			if block>>1&3 == 1 { // one byte, so many times
				size = 1
			}
			end += 3 + size
			last = block&1 != 0
			if end-w.at.Stored > max(8*w.every, 1<<20) {
				return nil
			}
		}
		w.step(end+sum-w.at.Stored, content)
	}
	return nil
}

// frameHeader reads the header behind the mark of a frame: its length, and the size of the content, if it is there.
func frameHeader(b []byte) (length, content int64, ok bool) {
	if len(b) < 1 {
		return 0, 0, false
	}
	descriptor := b[0]
	single := descriptor>>5&1 == 1
	at := 1 + [4]int{0, 1, 2, 4}[descriptor&3] // the dictionary
	if !single {
		at++ // the window
	}
	size := [4]int{0, 2, 4, 8}[descriptor>>6]
	if size == 0 && single {
		size = 1
	}
	if size == 0 || len(b) < at+size {
		return 0, 0, false
	}
	var field [8]byte
	copy(field[:], b[at:at+size])
	n := binary.LittleEndian.Uint64(field[:])
	if size == 2 {
		n += 256
	}
	if n > 1<<61 {
		return 0, 0, false
	}
	return int64(at + size), int64(n), true
}
