package normalize

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/text"
)

// What nfkc does to a BMP character.
const (
	nfkcCopy    = 0 // it is its own NFKC
	nfkcReplace = 1 // it has a short NFKC
	nfkcSegment = 2 // its segment goes to x/text
)

// replacementBytes bounds a replacement: two ideographs.
const replacementBytes = 6

// nfkcTables is built once, then read by every goroutine.
type nfkcTables struct {
	bmp   [1 << 16]uint8
	index [1 << 16]uint16 // in short, of what is replaced
	short []shortText
}

// shortText is a replacement.
type shortText struct {
	bytes [replacementBytes]byte
	n     uint8
}

var loadNFKC = sync.OnceValue(func() *nfkcTables {
	t := &nfkcTables{}
	for r := range rune(1 << 16) {
		if neverComplex(r) || !complexIn(norm.NFKC, r) {
			continue
		}
		t.bmp[r] = nfkcSegment
		to := norm.NFKC.String(string(r))
		if len(to) <= replacementBytes && utf8.ValidRune(r) && norm.NFKC.PropertiesString(string(r)).BoundaryBefore() && inert(to) {
			t.bmp[r] = nfkcReplace
			t.index[r] = uint16(len(t.short))
			var s shortText
			s.n = uint8(copy(s.bytes[:], to))
			t.short = append(t.short, s)
		}
	}
	return t
})

// inert says whether every character of s is one that does not depend on what is before it.
func inert(s string) bool {
	for _, r := range s {
		if complexIn(norm.NFKC, r) {
			return false
		}
	}
	return true
}

// nfkc is the profile of that name.
type nfkc struct {
	tables   *nfkcTables
	counts   *counts
	segments segments
}

func newNFKC(c *counts) *nfkc {
	return &nfkc{tables: loadNFKC(), counts: c, segments: segments{form: norm.NFKC}}
}

// append appends the NFKC of in to out.
func (n *nfkc) append(out, in []byte) []byte {
	base := len(out)
	start, i := 0, 0
	for i < len(in) {
		i += text.Span(&n.tables.bmp, in[i:])
		if i == len(in) {
			break
		}
		r, size := decode(in[i:])
		switch n.classOf(r) {
		case nfkcCopy:
			i += size
			continue
		case nfkcReplace:
			out = append(out, in[start:i]...)
			s := &n.tables.short[n.tables.index[r]]
			out = append(out, s.bytes[:s.n]...)
			i += size
			n.counts[countNFKC]++
		default:
			out = append(out, in[start:i]...)
			out, i = n.segment(out, in, base, i)
		}
		start = i
	}
	return append(out, in[start:]...)
}

func (n *nfkc) classOf(r rune) uint8 {
	switch {
	case r < 1<<16:
		return n.tables.bmp[r]
	case r >= 0x20000 && r < 0x2F800: // ideographs
		return nfkcCopy
	case complexIn(norm.NFKC, r):
		return nfkcSegment
	}
	return nfkcCopy
}

// segment takes the characters from in[i] on up to one that does not depend on what is before it.
func (n *nfkc) segment(out, in []byte, base, i int) ([]byte, int) {
	p := n.segments.open(out, base)
	for i < len(in) {
		r, size := decode(in[i:])
		if n.classOf(r) != nfkcSegment {
			break
		}
		out = append(out, in[i:i+size]...)
		i += size
	}
	out, changed := n.segments.close(out, p)
	if changed {
		n.counts[countNFKC]++
	}
	return out, i
}
