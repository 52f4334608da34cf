package charset

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// windows1252Decoder reads Western European text of a byte a character. The five bytes that have no character, which
// browsers take for control characters, are undecodable.
type windows1252Decoder struct{}

func (windows1252Decoder) decode(dst, src []byte, _ bool, c *Counts) (n, i int) {
	for i < len(src) && len(dst)-n >= maxUnit {
		if src[i] < utf8.RuneSelf {
			k := ascii(dst[n:], src[i:])
			n, i = n+k, i+k
			continue
		}
		r := charmap.Windows1252.DecodeByte(src[i])
		if r < 0xA0 {
			r = utf8.RuneError
		}
		if r == utf8.RuneError {
			c.Replaced++
		}
		n += utf8.EncodeRune(dst[n:], r)
		i++
	}
	return n, i
}
