package charset

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// utf8Decoder lets valid UTF-8 through. An invalid sequence is the maximal subpart of Unicode 3.9, as in browsers.
type utf8Decoder struct{}

func (utf8Decoder) decode(dst, src []byte, last bool, c *Counts) (n, i int) {
	for i < len(src) && len(dst)-n >= maxUnit {
		rest := src[i:]
		if k := text.ValidPrefix(rest[:min(len(rest), len(dst)-n)]); k > 0 {
			c.PrivateUse += privateUse(rest[:k])
			n += copy(dst[n:], rest[:k])
			i += k
			continue
		}
		if !last && !utf8.FullRune(rest) {
			break
		}
		c.Replaced++
		n += utf8.EncodeRune(dst[n:], utf8.RuneError)
		i += subpart(rest)
	}
	return n, i
}

// subpart is the length of the undecodable sequence at the start of b.
func subpart(b []byte) (size int) {
	size = 1
	for size < len(b) && !utf8.FullRune(b[:size+1]) {
		size++
	}
	return size
}

// privateUse counts the characters for private use in valid UTF-8, by their first bytes: EE, EF before 80 to A3, F3 before
// B0 and above, F4.
func privateUse(b []byte) int64 {
	n := bytes.Count(b, []byte{0xEE}) + bytes.Count(b, []byte{0xF4})
	for rest := b; ; rest = rest[1:] {
		i := bytes.IndexByte(rest, 0xEF)
		if i < 0 {
			break
		}
		if rest = rest[i+1:]; rest[0] < 0xA4 {
			n++
		}
	}
	for rest := b; ; rest = rest[1:] {
		i := bytes.IndexByte(rest, 0xF3)
		if i < 0 {
			break
		}
		if rest = rest[i+1:]; rest[0] >= 0xB0 {
			n++
		}
	}
	return int64(n)
}
