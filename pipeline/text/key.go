package text

import (
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/block"
)

// FoldKey maps a code point of a text to the one that stands for it in the key text, or to 0 if it is not part of it, at
// least not by itself. The key text is what documents are compared by:
//
//   - letters (L), numbers (N), combining marks (M) and signs (S: operators, currency, emoji) belong to it, and what Unicode
//     calls punctuation of the signs of code and of quantities: # % & * / @ \ _ § ‰ ′;
//   - not so blanks, plain punctuation, tatweel, the vowel signs and accents of Arabic and Hebrew, variation selectors, the
//     frames of tables, and what stands for a lost character;
//   - characters have one width, letters are lower case (one character to one, so ß and ς stay), and variants of a sign are
//     the ASCII one;
//   - a traditional character becomes the simplified one that OpenCC names first for it, without regard to its
//     neighbours: many to one, and never back.
//
// Folding twice equals folding once. What is no code point (a surrogate, a negative number) maps to 0.
func FoldKey(r rune) rune {
	if r < 0 {
		return 0
	}
	f := loadFolds()
	if r < 1<<16 && f.bmp[r] == inContext {
		return f.alone(r)
	}
	return f.fold(r)
}

// keyChunk is how many bytes are folded between two looks at the capacity of dst: a text has at most one code point a
// byte, but room for that would be three times what Chinese needs.
const keyChunk = 4096

// keyVector is from how many bytes on it pays to make room for decoded characters.
const keyVector = 4 * block.Size

// AppendKey appends the key text of t, as code points, to dst: what FoldKey makes of every character, and punctuation where its
// neighbours make a sign of it: between two digits, before a digit or an operand, in !=, :) and ->. In a text of which more
// than three visible characters in four are punctuation (Morse code, pictures), all of it counts. Invalid UTF-8 contributes
// nothing, whatever it is. Memory is allocated only when dst has to grow. It is safe for concurrent use.
func AppendKey(dst []uint32, t []byte) []uint32 {
	f := loadFolds()
	from := len(dst)
	if block.Decodes() && len(t) >= keyVector {
		dst = (&unitFolder{folds: f}).appendKey(dst, t)
	} else {
		for i := 0; i < len(t); {
			dst = slices.Grow(dst, keyChunk+contextRoom)
			dst, i = f.appendChunk(dst, t, i, min(i+keyChunk, len(t)))
		}
	}
	if kept := len(dst) - from; mostlyPunctuation*kept < len(t) {
		return f.withPunctuation(dst, t, kept)
	}
	return dst
}

// mostlyPunctuation is how many times as many visible characters as the key text has there are in a text whose punctuation
// counts.
const mostlyPunctuation = 4

// appendChunk folds the sequences that begin in t[i:end] and returns where the next one begins. dst has room for end-i values and
// contextRoom more.
func (f *folds) appendChunk(dst []uint32, t []byte, i, end int) ([]uint32, int) {
	window := t[:min(end+utf8.UTFMax-1, len(t))] // a sequence that begins in the chunk is read to its end
	out := dst[len(dst):cap(dst)]
	n := 0
	for i < end {
		// At most one value comes out for each byte before i, so out has room behind n as long as i < end.
		if t[i] >= 0xE0 {
			read, made := appendPairs(&f.wide, out[n:], window[i:])
			i, n = i+read, n+made
			if i >= end {
				break
			}
		}
		if t[i] < utf8.RuneSelf {
			if v := f.bytes[t[i]]; i+1 < len(t) && t[i+1] >= utf8.RuneSelf && !v.before(f.bytes[t[i+1]]) {
				out[n] = v.fold() // often one stands alone
				n += int(v.wanted())
				i++
				continue
			}
			read, made := appendASCII(&f.bytes, out[n:], t[i:min(end+1, len(t))])
			i, n = i+read, n+made
			if i >= end || t[i] >= utf8.RuneSelf {
				continue
			}
			if !f.bytes.mayCount(t, i) {
				out[n] = f.bytes[t[i]].fold()
				n += int(f.bytes[t[i]].wanted())
				i++
				continue
			}
		} else {
			r, size := utf8.DecodeRune(window[i:])
			if v := f.fold(r); v != inContext {
				i += size
				if v != 0 {
					out[n] = uint32(v)
					n++
				}
				continue
			}
		}
		var read int
		dst, read = f.context(dst[:len(dst)+n], t, i)
		i += read
		out, n = dst[len(dst):cap(dst)], 0
	}
	return dst[:len(dst)+n], i
}

// withPunctuation makes the key text once more, with all punctuation, if there is enough of it.
func (f *folds) withPunctuation(dst []uint32, t []byte, kept int) []uint32 {
	visible := 0
	for i := 0; i < len(t); {
		if c := t[i]; c < utf8.RuneSelf {
			if c != ' ' && c-'\t' > '\r'-'\t' {
				visible++
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(t[i:])
		if !unicode.IsSpace(r) && r != utf8.RuneError {
			visible++
		}
		i += size
	}
	if mostlyPunctuation*kept >= visible {
		return dst
	}
	dst = slices.Grow(dst[:len(dst)-kept], visible)
	for i := 0; i < len(t); {
		r, size := utf8.DecodeRune(t[i:])
		v := f.fold(r)
		if v == inContext {
			v = f.alone(r)
		}
		if v == 0 {
			v = f.punctuation(r)
		}
		if v != 0 {
			dst = append(dst, uint32(v))
		}
		i += size
	}
	return dst
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
		if a >= inContext || b >= inContext {
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
		if v := wide[index3(w)]; w&oneMask == oneBits && v < inContext {
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

// fold is FoldKey of a code point that was decoded, or inContext.
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
