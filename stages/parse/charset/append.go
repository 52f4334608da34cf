package charset

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// AppendLines appends to dst what a Reader gives of a stream of these bytes after ResetLines, and says what it met.
func AppendLines(dst []byte, name string, data []byte, order bool) (out []byte, c Counts, err error) {
	dec := newDecoder(name)
	if dec == nil {
		return dst, c, fmt.Errorf("unknown encoding %q: known are %s", name, strings.Join(Names(), ", "))
	}
	start := len(dst)
	if l := newLines(name, dec, order); l != nil {
		// The buffer of a Reader is how far it looks for the end of a line.
		for more := true; more; {
			in := data[:min(len(data), inputBuffer)]
			if more = l.next(in, len(in) == inputBuffer, len(in) == len(data), &c); more {
				var taken int
				dst, taken = appendDecoded(dst, l.dec, data[:l.run], l.whole, &c)
				data = data[taken:]
			}
		}
	} else {
		dst, _ = appendDecoded(dst, dec, data, true, &c)
	}
	if mark := len(byteOrderMark); len(dst)-start >= mark && string(dst[start:start+mark]) == byteOrderMark {
		dst = slices.Delete(dst, start, start+mark)
	}
	return dst, c, nil
}

// appendDecoded decodes src, of which only half a character may be left, unless it is the last.
func appendDecoded(dst []byte, dec decoder, src []byte, last bool, c *Counts) (out []byte, taken int) {
	for taken < len(src) {
		rest := src[taken:]
		dst = slices.Grow(dst, len(rest)+len(rest)/2+utf8.UTFMax+maxUnit)
		n, m := dec.decode(dst[len(dst):cap(dst)], rest, last, c)
		if n == 0 && m == 0 {
			break
		}
		dst, taken = dst[:len(dst)+n], taken+m
	}
	return dst, taken
}
