package charset

import (
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Decoder reads UTF-16 of either byte order. A surrogate without its other half is undecodable, and so is the last of
// an odd number of bytes.
type utf16Decoder struct{ big bool }

// unit reads the code unit at the start of b.
func (d utf16Decoder) unit(b []byte) rune {
	if d.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}

func (d utf16Decoder) decode(dst, src []byte, last bool, c *Counts) (n, i int) {
	for i+1 < len(src) && len(dst)-n >= maxUnit {
		u := d.unit(src[i:])
		switch {
		case u < utf8.RuneSelf:
			dst[n] = byte(u)
			n++
			i += 2
			continue
		case u >= 0x800 && (u < 0xD800 || u > 0xF8FF): // neither a surrogate nor for private use
			n += put3(dst[n:], u)
			i += 2
			continue
		}
		size := 2
		if utf16.IsSurrogate(u) {
			if u < 0xDC00 && i+3 >= len(src) && !last {
				break
			}
			low := rune(0)
			if i+3 < len(src) {
				low = d.unit(src[i+2:])
			}
			if u = utf16.DecodeRune(u, low); u == utf8.RuneError {
				c.Replaced++
			} else {
				size = 4
			}
		}
		c.private(u)
		n += utf8.EncodeRune(dst[n:], u)
		i += size
	}
	if last && i+1 == len(src) && len(dst)-n >= maxUnit {
		c.Replaced++
		n += utf8.EncodeRune(dst[n:], utf8.RuneError)
		i++
	}
	return n, i
}

// put3 writes a character of U+0800 to U+FFFF that is no surrogate.
func put3(dst []byte, r rune) int {
	_ = dst[2]
	dst[0] = 0xE0 | byte(r>>12)
	dst[1] = 0x80 | byte(r>>6)&0x3F
	dst[2] = 0x80 | byte(r)&0x3F
	return 3
}
