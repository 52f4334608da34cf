package normalize

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/pipeline/text/block"
)

// zhSafe is the profile zh-safe. It holds the state of one document at a time.
type zhSafe struct {
	classes  *classes
	counts   *counts
	segments segments
	base     int // where the document begins in the output
	tail     [block.Size]byte
	noRow    int // what is left of the document behind a line that is no row of a table, as far as one was looked at; else noLine
}

func newZhSafe(c *counts) *zhSafe {
	return &zhSafe{classes: loadClasses(), counts: c, segments: segments{form: norm.NFC}}
}

// append appends the normalised document to out.
func (z *zhSafe) append(out, in []byte) []byte {
	z.base, z.noRow = len(out), noLine
	if block.Vector {
		return z.appendBlocks(out, in)
	}
	return z.appendSpans(out, in)
}

// appendSpans is append for where there are no vectors. What needs nothing done to it is copied in runs: in[start:i] is the run
// that has been looked at and not yet copied.
func (z *zhSafe) appendSpans(out, in []byte) []byte {
	start, i := 0, 0
	for i < len(in) {
		i += text.Span(&z.classes.bmp, in[i:])
		if i < len(in) && in[i] < utf8.RuneSelf {
			i += plainASCII(in[start:], i-start)
		}
		if i == len(in) {
			break
		}
		r, size := decode(in[i:])
		class := z.classes.classOf(r)
		switch class {
		case classCopy:
			i += size
			continue
		case classReplacement:
			z.counts[countReplacement]++
			i += size
			continue
		case classPrivate:
			z.counts[countPrivateUse]++
			i += size
			continue
		case classComplex:
			out, i = z.segment(append(out, in[start:i]...), in, i)
		case classFullwidth:
			out, i = z.fullwidth(append(out, in[start:i]...), in, i)
		default:
			out = z.odd(append(out, in[start:i]...), class, r, in[i+size:])
			i += size
			if r == '\r' && i < len(in) && in[i] == '\n' {
				i++
			}
		}
		start = i
	}
	return z.trimEnd(append(out, in[start:]...))
}

// fullwidth takes the full-width letters and digits from in[i] on.
func (z *zhSafe) fullwidth(out, in []byte, i int) ([]byte, int) {
	for i < len(in) {
		r, size := decode(in[i:])
		if r >= 1<<16 || z.classes.bmp[r] != classFullwidth {
			break
		}
		z.counts[countFullwidth]++
		out = append(out, byte(r-0xFEE0))
		i += size
	}
	return out, i
}

// decode is utf8.DecodeRune with a short way for ASCII and three bytes. b is not empty.
func decode(b []byte) (r rune, size int) {
	switch c := b[0]; {
	case c < utf8.RuneSelf:
		return rune(c), 1
	case c > 0xE0 && c < 0xF0 && c != 0xED && len(b) >= 3 && b[1]&0xC0 == 0x80 && b[2]&0xC0 == 0x80:
		return rune(c&0xF)<<12 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F), 3
	}
	return utf8.DecodeRune(b)
}

// odd does what has to be done to a character r of the class, which is none of those that append does itself. rest begins behind
// it.
func (z *zhSafe) odd(out []byte, class class, r rune, rest []byte) []byte {
	switch class {
	case classRadical:
		z.counts[countRadicals]++
		return utf8.AppendRune(out, z.classes.radicals[r])
	case classBlank:
		return z.space(out)
	case classSpace:
		z.counts[countSpaces]++
		return z.space(out)
	case classTab:
		return z.tab(out, rest)
	case classNewline:
		return z.newline(out)
	case classLine, classReturn:
		z.counts[countLineEnds]++
		return z.newline(out)
	}
	if z.dropped(class, out, r, rest) {
		return out
	}
	return utf8.AppendRune(out, r)
}

// dropped says whether a character r of the class leaves no trace, and counts it then. out ends with the character before
// it, rest begins behind it.
func (z *zhSafe) dropped(class class, out []byte, r rune, rest []byte) bool {
	switch class {
	case classControl:
		z.counts[countControls]++
	case classInvisible:
		z.counts[countInvisible]++
	case classVariation:
		if r == 0xFE0E || r == 0xFE0F {
			const keycap = 0x20E3
			prev, _ := utf8.DecodeLastRune(out[z.base:])
			if next, _ := utf8.DecodeRune(rest); next == keycap || choosesForm(prev) {
				return false
			}
		}
		z.counts[countVariation]++
	default:
		return false
	}
	return true
}

// segment takes the characters from in[i] on that may compose with what is before them, and normalises them together. The
// first one is of classComplex.
func (z *zhSafe) segment(out, in []byte, i int) ([]byte, int) {
	p := z.segments.open(out, z.base)
	for i < len(in) {
		r, size := decode(in[i:])
		class := z.classes.classOf(r)
		if class == classComplex {
			out = append(out, in[i:i+size]...)
		} else if !z.dropped(class, out, r, in[i+size:]) {
			break
		}
		i += size
	}
	out, changed := z.segments.close(out, p)
	if changed {
		z.counts[countNFC]++
	}
	return out, i
}
