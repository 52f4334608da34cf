package normalize

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// segments normalises the few places where characters compose. It keeps its memory.
type segments struct {
	form norm.Form
	iter norm.Iter
	buf  []byte
}

// open returns where in out, at base or behind it, the segment begins that the next character belongs to: at the last
// character that does not depend on what is before it. out[base:] is normalised, and the concatenation of a normalised
// text with another normalises to the same as that of the two originals. out[p:] is valid UTF-8, whatever out is: an
// iterator of x/text may not end otherwise.
func (s *segments) open(out []byte, base int) int {
	p := len(out)
	for p > base {
		r, size := utf8.DecodeLastRune(out[base:p])
		if r == utf8.RuneError && size == 1 {
			break // not UTF-8: x/text must not see it
		}
		p -= size
		if s.form.Properties(out[p:]).BoundaryBefore() {
			break
		}
	}
	return p
}

// close normalises out[p:], to which all of the segment has been appended, and says whether that changed it.
func (s *segments) close(out []byte, p int) ([]byte, bool) {
	const ordinary = 1 << 20
	if s.buf = s.buf[:0]; cap(s.buf) > ordinary {
		s.buf = nil
	}
	s.iter.Init(s.form, out[p:])
	for !s.iter.Done() {
		s.buf = append(s.buf, s.iter.Next()...)
	}
	if bytes.Equal(s.buf, out[p:]) {
		return out, false
	}
	return append(out[:p], s.buf...), true
}
