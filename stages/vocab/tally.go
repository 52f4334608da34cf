package vocab

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/text/block"
)

// cell counts one character. It is 16 bytes, so four of them share a cache line and none straddles two.
type cell struct {
	count     int64
	documents uint32
	last      uint32 // number of the last document that had it, from 1
}

// add counts one occurrence in a document. The comparison becomes a flag, not a jump: whether a character is new to its
// document is what a branch predictor cannot guess.
func (c *cell) add(document uint32) {
	c.count++
	fresh := uint32(0)
	if c.last != document {
		fresh = 1
	}
	c.documents += fresh
	c.last = document
}

const (
	planeCells = 1 << 16
	pageCells  = 1 << 12
	pages      = (utf8.MaxRune + 1 - planeCells) / pageCells
)

// tally counts characters and the documents that have them: a flat table for the basic plane, pages made on demand for
// the others. Not safe for concurrent use.
type tally struct {
	plane     [planeCells]cell
	astral    [pages]*[pageCells]cell
	documents uint32
	bytes     int64 // of all texts
	invalid   bool  // a text was not valid UTF-8
	units     [unitsRoom]uint16
}

const (
	// unitsRoom is how many characters are decoded at once: they and the cells of frequent ones stay in the nearest cache.
	unitsRoom = 1<<10 + block.Size
	// stretch is how many bytes are counted one by one where there is something between that is decoded so only.
	stretch = 512
)

// errInvalid cannot come from input: normalize lets valid UTF-8 through only.
var errInvalid = errors.New("a kept document is not valid utf-8")

// add counts every document of a column. The texts must be valid UTF-8.
func (t *tally) add(texts *columnar.Strings) {
	for i := range texts.Len() {
		t.documents++
		t.text(texts.Data, int(texts.Offsets[i]), int(texts.Offsets[i+1]))
	}
}

// row counts one document of a column and returns its bytes.
func (t *tally) row(texts *columnar.Strings, row int) int64 {
	i, end := int(texts.Offsets[row]), int(texts.Offsets[row+1])
	t.documents++
	t.text(texts.Data, i, end)
	return int64(end - i)
}

// Two characters of three bytes each, as they lie in a little-endian word: the marks of lead and continuation bytes.
const (
	markMask = 0xc0c0f0_c0c0f0
	marks    = 0x8080e0_8080e0
)

// text counts data[i:end] as the document t.documents.
func (t *tally) text(data []byte, i, end int) {
	t.bytes += int64(end - i)
	for i < end {
		units, read := block.Units(t.units[:], data[i:end])
		if read == 0 {
			i = t.stretch(data, i, min(i+stretch, end), end)
			continue
		}
		t.count(t.units[:units])
		i += read
	}
}

// count counts characters of the basic plane. Four at a time, for one takes less than the loop round it.
func (t *tally) count(units []uint16) {
	plane, document := &t.plane, t.documents
	for len(units) >= 4 {
		u := (*[4]uint16)(units)
		plane[u[0]].add(document)
		plane[u[1]].add(document)
		plane[u[2]].add(document)
		plane[u[3]].add(document)
		units = units[4:]
	}
	for _, u := range units {
		plane[u].add(document)
	}
}

// stretch counts the characters that begin in data[i:until], a part of data[i:end], and returns where the next one begins.
func (t *tally) stretch(data []byte, i, until, end int) int {
	plane, document := &t.plane, t.documents
	// A word is loaded whole, so it must lie within data, and both characters within the document.
	for last := min(until-1, end-6, len(data)-8); i <= last; {
		w := binary.LittleEndian.Uint64(data[i : i+8])
		if w&markMask == marks {
			plane[basic(w)].add(document)
			plane[basic(w>>24)].add(document)
			i += 6
			continue
		}
		if b := byte(w); b < utf8.RuneSelf {
			plane[b].add(document)
			i++
			continue
		}
		i += t.slow(data[i:end])
	}
	for i < until {
		i += t.slow(data[i:end])
	}
	return i
}

// basic is the code point of a three-byte character in the low bytes of a little-endian word.
func basic(w uint64) uint16 {
	return uint16(w&0x0f<<12 | w>>8&0x3f<<6 | w>>16&0x3f)
}

// slow counts the first character of b, whatever it is, and returns its length.
func (t *tally) slow(b []byte) int {
	r, n := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError && n <= 1:
		t.invalid = true
	case r < planeCells:
		t.plane[r].add(t.documents)
	default:
		page := &t.astral[(r-planeCells)/pageCells]
		if *page == nil {
			*page = new([pageCells]cell)
		}
		(*page)[r%pageCells].add(t.documents)
	}
	return n
}

// counts returns what was counted, by code point.
func (t *tally) counts() ([]count, error) {
	var list []count
	for r := range t.plane {
		list = t.plane[r].appendTo(list, rune(r))
	}
	for p, page := range t.astral {
		if page == nil {
			continue
		}
		for i := range page {
			list = page[i].appendTo(list, rune(planeCells+p*pageCells+i))
		}
	}
	bytes := int64(0)
	for _, c := range list {
		t.invalid = t.invalid || !utf8.ValidRune(c.Rune) // three bytes that encode a surrogate
		bytes += c.Count * int64(utf8.RuneLen(c.Rune))
	}
	if t.invalid || bytes != t.bytes { // three bytes that encode what takes less
		return nil, errInvalid
	}
	return list, nil
}

func (c *cell) appendTo(list []count, r rune) []count {
	if c.count == 0 {
		return list
	}
	return append(list, count{Rune: r, Count: c.count, Documents: int64(c.documents)})
}
