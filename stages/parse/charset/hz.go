package charset

import "unicode/utf8"

// hzDecoder reads HZ (RFC 1843): ASCII in which ~{ begins and ~} ends text of GB2312 with its high bits off. A line feed
// ends it too, ~~ is a tilde, and a tilde at the end of a line joins it to the next. Elsewhere a tilde that begins nothing
// stands for itself, since people type them. Bytes above 0x7F are undecodable.
type hzDecoder struct {
	cells *cells
	gb    bool // between ~{ and ~}
}

func (d *hzDecoder) decode(dst, src []byte, last bool, c *Counts) (n, i int) {
	for i < len(src) && len(dst)-n >= maxUnit {
		next := -1
		if i+1 < len(src) {
			next = int(src[i+1])
		}
		b := src[i]
		if next < 0 && !last && (b == '~' || d.gb && b > ' ') {
			break
		}
		r, size := rune(b), 1
		switch {
		case b == '~' && next == '{' && !d.gb:
			d.gb = true
			i += 2
			continue
		case b == '~' && next == '}':
			d.gb = false
			i += 2
			continue
		case b == '~' && next == '\n' && !d.gb:
			i += 2
			continue
		case b == '~' && next == '~' && !d.gb:
			size = 2
		case b >= utf8.RuneSelf:
			r = -1
		case b == '\n':
			d.gb = false
		case d.gb && b > ' ':
			r = -1
			if b < '~' && next > ' ' && next <= '~' {
				r, size = rune(d.cells[int(b)<<8|next|0x8080]), 2
			}
		}
		if r < 0 {
			r = utf8.RuneError
			c.Replaced++
		}
		c.private(r)
		n += utf8.EncodeRune(dst[n:], r)
		i += size
	}
	return n, i
}
