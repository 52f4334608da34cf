package charset

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// charmapDecoder reads text of a byte a character. Bytes that have no character, and those that are control characters
// above ASCII, which no text has, are undecodable: many of them say that the text is in another encoding.
type charmapDecoder struct{ *charmap.Charmap }

func (d charmapDecoder) decode(dst, src []byte, _ bool, c *Counts) (n, i int) {
	for i < len(src) && len(dst)-n >= maxUnit {
		if src[i] < utf8.RuneSelf {
			k := ascii(dst[n:], src[i:])
			n, i = n+k, i+k
			continue
		}
		r := d.DecodeByte(src[i])
		if r < 0xA0 {
			r = utf8.RuneError
		}
		if r == utf8.RuneError {
			c.Replaced++
		}
		c.private(r)
		n += utf8.EncodeRune(dst[n:], r)
		i++
	}
	return n, i
}
