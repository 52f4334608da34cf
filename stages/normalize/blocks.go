package normalize

import (
	"encoding/binary"
	"math/bits"

	"github.com/millrace/millrace/pipeline/text/block"
)

// edge is what the last byte before a block is.
type edge struct{ visible, line uint64 }

// next returns which bytes of a block need a look, a bit each, and what the block ends with. It is those that are odd, and white space
// unless it stays as it is for sure: a blank or tab with a visible byte on either side, which in a block's last place is not seen;
// a line feed behind a visible byte or another one.
func (e edge) next(l block.Layout) (look uint64, end edge) {
	visible := ^(l.White | l.Odd)
	between := l.White &^ l.Line & (visible<<1 | e.visible) & (visible >> 1)
	lines := l.Line & ((visible|l.Line)<<1 | e.visible | e.line)
	return l.Odd | l.White&^(between|lines), edge{visible >> 63, l.Line >> 63}
}

// appendBlocks is append with a look at a block at a time. What needs nothing done to it is copied in runs: in[start:] has not been
// copied yet. A run begins with a character that stays, so white space in it has one before it, and the document is not empty.
func (z *zhSafe) appendBlocks(out, in []byte) []byte {
	out, start := z.odds(out, in, 0)
	var e edge
	for at := 0; at < len(in); at += block.Size {
		var look uint64
		look, e = e.next(block.LayoutOf(z.block(in[at:]), &z.classes.odd))
		for look = behind(look, start-at); look != 0; {
			i := at + bits.TrailingZeros64(look)
			look &= look - 1
			switch z.classAt(in, i) {
			case classCopy:
			case classReplacement:
				z.counts[countReplacement]++
			case classPrivate:
				z.counts[countPrivateUse]++
			default:
				out, start = z.odds(append(out, in[start:i]...), in, i)
				look = behind(look, start-at)
			}
		}
	}
	return z.trimEnd(append(out, in[start:]...))
}

// classAt is the class of the character at in[i], with a short way for one of three bytes.
func (z *zhSafe) classAt(in []byte, i int) class {
	if i+4 <= len(in) {
		if w := binary.LittleEndian.Uint32(in[i:]); w&0xC0C0F0 == 0x8080E0 {
			return z.classes.bmp[uint16(w<<12)|uint16(w>>2)&0xFC0|uint16(w>>16)&0x3F]
		}
	}
	return z.classOfFirst(in[i:])
}

func (z *zhSafe) classOfFirst(b []byte) class {
	r, _ := decode(b)
	return z.classes.classOf(r)
}

// behind is what of bits is from a place on.
func behind(bits uint64, place int) uint64 { return bits &^ (1<<max(place, 0) - 1) }

// block is t with a block's length of it or, at the end, that much with something visible behind it.
func (z *zhSafe) block(t []byte) []byte {
	if len(t) >= block.Size {
		return t
	}
	for i := copy(z.tail[:], t); i < len(z.tail); i++ {
		z.tail[i] = '.'
	}
	return z.tail[:]
}

// odds takes the characters from in[i] on up to one that stays, in a document that may be empty so far.
func (z *zhSafe) odds(out, in []byte, i int) ([]byte, int) {
	for i < len(in) {
		r, size := decode(in[i:])
		switch class := z.classes.classOf(r); class {
		case classCopy, classReplacement, classPrivate:
			return out, i
		case classComplex:
			out, i = z.segment(out, in, i)
		case classFullwidth:
			out, i = z.fullwidth(out, in, i)
		default:
			out = z.odd(out, class, r, in[i+size:])
			i += size
			if r == '\r' && i < len(in) && in[i] == '\n' {
				i++
			}
		}
	}
	return out, i
}
