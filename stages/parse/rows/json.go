package rows

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendText appends a JSON string. Bytes that are not UTF-8 become U+FFFD, as many as Unicode's best practice says.
func appendText(dst, s []byte) []byte {
	dst, _ = appendRepaired(dst, s)
	return dst
}

// appendRepaired is appendText; broken is the number of U+FFFD that it put in.
func appendRepaired(dst, s []byte) (_ []byte, broken int) {
	dst = append(dst, '"')
	if utf8.Valid(s) {
		dst = appendEscaped(dst, s)
	} else {
		from := 0
		for i := 0; i < len(s); {
			r, n := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = appendEscaped(dst, s[from:i])
				dst = utf8.AppendRune(dst, utf8.RuneError)
				i += badPrefix(s[i:])
				from = i
				broken++
				continue
			}
			i += n
		}
		dst = appendEscaped(dst, s[from:])
	}
	return append(dst, '"'), broken
}

// badPrefix returns how many bytes at the start of s are one mistake: the longest beginning of a character, or a byte
// (Unicode 16, section 3.9, maximal subparts).
func badPrefix(s []byte) int {
	low, high, length := byte(0x80), byte(0xBF), 0
	switch c := s[0]; {
	case c >= 0xC2 && c <= 0xDF:
		length = 2
	case c >= 0xE0 && c <= 0xEF:
		length = 3
		switch c {
		case 0xE0:
			low = 0xA0
		case 0xED:
			high = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		length = 4
		switch c {
		case 0xF0:
			low = 0x90
		case 0xF4:
			high = 0x8F
		}
	}
	n := 1
	for n < length && n < len(s) && s[n] >= low && s[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}

// appendEscaped appends UTF-8 as the inside of a JSON string.
func appendEscaped(dst, s []byte) []byte {
	from, i := 0, 0
	for i < len(s) {
		if i+8 <= len(s) && !needsEscape(binary.LittleEndian.Uint64(s[i:])) {
			i += 8
			continue
		}
		for end := min(i+8, len(s)); i < end; i++ {
			c := s[i]
			if c >= 0x20 && c != '"' && c != '\\' {
				continue
			}
			dst = append(dst, s[from:i]...)
			from = i + 1
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
		}
	}
	return append(dst, s[from:]...)
}

// needsEscape says whether one of eight bytes is a quote, a backslash or a control character; it may err towards yes.
func needsEscape(w uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	return (((quote-ones)&^quote)|((slash-ones)&^slash)|((w-ones*0x20)&^w))&tops != 0
}

// appendFloat appends a number in the shortest form that reads back the same; what JSON has no number for is null.
func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	form := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		form = 'e'
	}
	return strconv.AppendFloat(dst, f, form, -1, bits)
}
