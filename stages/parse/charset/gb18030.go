package charset

import "unicode/utf8"

// gbDecoder reads GB18030 and with it GB2312, GBK and CP936. It is the mapping of GB18030-2000, in which every pair of bytes
// is a character, as in Python's codec of that name, and unlike it knows 0x80 as the euro sign of CP936.
//
// Undecodable are 0xFF, a lead byte before a byte that cannot follow, which is kept (hard wrapping cuts characters in two
// and puts a space or a line feed after the first half), four bytes that stand for nothing, together, and half a character
// at the end of the stream.
type gbDecoder struct{ *gbTable }

const (
	euro = '€'
	// linearAstral is the number of the four bytes that are U+10000.
	linearAstral = (0x90 - 0x81) * 12600
)

func (d gbDecoder) decode(dst, src []byte, last bool, c *Counts) (n, i int) {
	for {
		k, taken := d.pairTable.decode(dst[n:], src[i:], c)
		n, i = n+k, i+taken
		if i >= len(src) || len(dst)-n < maxUnit {
			return n, i
		}
		r, size := d.other(src[i:], last)
		if size == 0 {
			return n, i
		}
		if r < 0 {
			r = utf8.RuneError
			c.Replaced++
		}
		c.private(r)
		n += utf8.EncodeRune(dst[n:], r)
		i += size
	}
}

// other decodes what the two-byte table does not have at the start of b. It returns size 0 if that takes more bytes, and -1
// for size undecodable ones.
func (d gbDecoder) other(b []byte, last bool) (r rune, size int) {
	switch {
	case b[0] == 0x80:
		return euro, 1
	case b[0] == 0xFF:
		return -1, 1
	case len(b) == 1:
		return half(b, last)
	case b[1]-'0' > 9:
		return -1, 1
	case len(b) > 2 && (b[2] < 0x81 || b[2] == 0xFF):
		return -1, 1
	case len(b) > 3 && b[3]-'0' > 9:
		return -1, 1
	case len(b) < 4:
		return half(b, last)
	}
	linear := ((rune(b[0]-0x81)*10+rune(b[1]-'0'))*126+rune(b[2]-0x81))*10 + rune(b[3]-'0')
	switch {
	case linear < rune(len(d.four)):
		return rune(d.four[linear]), 4
	case linear >= linearAstral && linear-linearAstral <= utf8.MaxRune-0x10000:
		return linear - linearAstral + 0x10000, 4
	}
	return -1, 4
}

// unpaired is other for weighing.
func (t *gbTable) unpaired(b []byte, last bool) (rs [2]rune, size int) {
	rs[0], size = gbDecoder{t}.other(b, last)
	return rs, size
}

// half is the verdict on the start of a character behind which there is nothing yet.
func half(b []byte, last bool) (r rune, size int) {
	if last {
		return -1, len(b)
	}
	return 0, 0
}
