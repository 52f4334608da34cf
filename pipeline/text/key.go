package text

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// FoldKey maps a code point of a text to the one that stands for it in the key text, or to 0 if it is not part of it.
// The key text is what documents are compared by:
//
//   - letters (L), decimal digits (Nd) and combining marks (M) belong to it, and of the other numbers (Nl, No) only those
//     of the Han script, which are 〇 and the Suzhou numerals; variation selectors do not, though they are marks, or
//     two rows of emoji would have a key text;
//   - full-width ASCII becomes half width, letters lower case (one character to one, so ß and ς stay);
//   - a traditional character becomes the simplified one that OpenCC names first for it, without regard to its
//     neighbours: many to one, and never back.
//
// Folding twice equals folding once. What is no code point (a surrogate, a negative number) maps to 0.
func FoldKey(r rune) rune {
	f := loadFolds()
	if r >= 0 && r < 1<<16 {
		if v := f.bmp[r]; v != elsewhere {
			return rune(v)
		}
	}
	return f.foldOther(r)
}

// keyChunk is how many bytes are folded between two looks at the capacity of dst: a text has at most one code point a
// byte, but room for that would be three times what Chinese needs.
const keyChunk = 4096

// AppendKey appends the key text of t, as code points, to dst. Invalid UTF-8 contributes nothing, whatever it is. Memory is
// allocated only when dst has to grow. It is safe for concurrent use.
func AppendKey(dst []uint32, t []byte) []uint32 {
	f := loadFolds()
	for i := 0; i < len(t); {
		dst = slices.Grow(dst, keyChunk)
		// A sequence that begins in the chunk is read to its end: the window is wider than the chunk.
		window := t[i:min(i+keyChunk+utf8.UTFMax-1, len(t))]
		var read int
		read, dst = f.appendChunk(dst, window, min(keyChunk, len(window)))
		i += read
	}
	return dst
}

// appendChunk folds the sequences that begin in t[:end] and returns how many bytes they have. dst has room for end more
// values.
func (f *folds) appendChunk(dst []uint32, t []byte, end int) (int, []uint32) {
	out := dst[len(dst) : len(dst)+end]
	i, n := 0, 0
	for i < end {
		// At most one value comes out for each byte before i, so out has room behind n as long as i < end.
		if t[i] >= 0xE0 {
			read, made := appendPairs(&f.wide, out[n:], t[i:])
			i, n = i+read, n+made
			if i >= end {
				break
			}
		}
		if c := t[i]; c < utf8.RuneSelf {
			v := f.bmp[c]
			out[n] = uint32(v)
			n += int(wanted(v))
			i++
			continue
		}
		r, size := utf8.DecodeRune(t[i:])
		i += size
		if v := f.fold(r); v != 0 {
			out[n] = uint32(v)
			n++
		}
	}
	return i, dst[:len(dst)+n]
}

// appendPairs folds three-byte sequences, two at a time and at the end perhaps one: nearly all of ordinary Chinese. It stops
// at anything else and before the end of t or out, and returns the bytes read and the values made. It is a function of its
// own so that everything it needs stays in registers.
func appendPairs(wide *[1 << 16]uint16, out []uint32, t []byte) (read, made int) {
	n, end := uint(0), len(t)
	for len(t) >= 8 && n+1 < uint(len(out)) {
		w := binary.LittleEndian.Uint64(t)
		if w&pairMask != pairBits {
			break
		}
		a := wide[index3(w)]
		b := wide[index3(w>>24)]
		if a == elsewhere || b == elsewhere {
			break
		}
		// A value that is not wanted is overwritten by the next one.
		out[n] = uint32(a)
		n += wanted(a)
		out[n] = uint32(b)
		n += wanted(b)
		t = t[6:]
	}
	if len(t) >= 4 && n < uint(len(out)) {
		w := uint64(binary.LittleEndian.Uint32(t))
		if v := wide[index3(w)]; w&oneMask == oneBits && v != elsewhere {
			out[n] = uint32(v)
			n += wanted(v)
			t = t[3:]
		}
	}
	return end - len(t), int(n)
}

// index3 is the code point of the three-byte sequence in the low bytes of w.
func index3(w uint64) uint16 {
	return uint16(w<<12) | uint16(w>>2)&0xFC0 | uint16(w>>16)&0x3F
}

// fold is FoldKey of a code point that was decoded.
func (f *folds) fold(r rune) rune {
	if r < 1<<16 {
		if v := f.bmp[r]; v != elsewhere {
			return rune(v)
		}
	}
	return f.foldOther(r)
}

// wanted is 0 for the fold 0 and 1 for all others, without a branch.
func wanted(v uint16) uint {
	return uint((uint32(v) + 0xFFFF) >> 16)
}
