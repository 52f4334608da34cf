package jsonscan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/block"
)

// skipString validates the string whose content begins at i and returns the index behind its closing quote, or -1.
func (s *Scanner) skipString(d []byte, i int) int {
	s.escaped = false
	for {
		i = plain(d, i)
		switch c := at(d, i); {
		case i >= len(d):
			return s.fail(i, "unterminated string")
		case c == '"':
			return i + 1
		case c == '\\':
			s.escaped = true
			if i = s.skipEscapes(d, i); i < 0 {
				return i
			}
		default:
			return s.fail(i, "control character in a string")
		}
	}
}

// skipEscapes validates a run of escapes that begins at i.
func (s *Scanner) skipEscapes(d []byte, i int) int {
	for at(d, i) == '\\' {
		switch at(d, i+1) {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			i += 2
		case 'u':
			if i+6 > len(d) {
				return s.fail(len(d), "unterminated string")
			}
			if hexDigit[d[i+2]]|hexDigit[d[i+3]]|hexDigit[d[i+4]]|hexDigit[d[i+5]] > 15 {
				return s.fail(i, "bad escape")
			}
			if d[i+2]|0x20 == 'd' && d[i+3] >= '8' { // a surrogate, perhaps a lone one
				s.odd = true
			}
			i += 6
		default:
			if i+1 >= len(d) {
				return s.fail(len(d), "unterminated string")
			}
			return s.fail(i, "bad escape")
		}
	}
	return i
}

// unescape appends the content of a validated string that has escapes. dst may overlay src from its start or before it.
func (s *Scanner) unescape(src, dst []byte) []byte {
	for i := 0; ; {
		from := i
		i = untilEscape(src, i)
		dst = append(dst, src[from:i]...)
		if i >= len(src) {
			return dst
		}
		for at(src, i) == '\\' {
			if src[i+1] != 'u' {
				dst = append(dst, escapes[src[i+1]])
				i += 2
				continue
			}
			r := hex4(src[i+2:])
			i += 6
			switch {
			case r >= 0x800 && (r < 0xD800 || r > 0xDFFF):
				dst = append(dst, byte(0xE0|r>>12), byte(0x80|r>>6&0x3F), byte(0x80|r&0x3F))
				continue
			case utf16.IsSurrogate(r):
				var low rune
				if i+6 <= len(src) && src[i] == '\\' && src[i+1] == 'u' {
					low = hex4(src[i+2:])
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					s.Surrogates++
				} else {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		}
	}
}

// untilEscape is the index of the first backslash from i on, or the length. Escapes often come with few characters
// between them, so it looks at eight bytes before it calls the search that is fast over distance.
func untilEscape(d []byte, i int) int {
	if i+8 <= len(d) {
		x := binary.LittleEndian.Uint64(d[i:]) ^ ones*'\\'
		if hit := (x - ones) &^ x & highs; hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
		i += 8
	}
	if n := bytes.IndexByte(d[i:], '\\'); n >= 0 {
		return i + n
	}
	return len(d)
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain is the index of the first byte from i on that ends a string or may not stand in one as it is: quote, backslash,
// control character; the length if there is none. Everything in a line passes through here, so it takes 32 bytes at a step.
func plain(d []byte, i int) int {
	n, found := block.Plain(d[i:])
	if i += n; found {
		return i
	}
	for ; i+32 <= len(d); i += 32 {
		b := (*[32]byte)(d[i:])
		s0, s1 := stops(binary.LittleEndian.Uint64(b[0:])), stops(binary.LittleEndian.Uint64(b[8:]))
		s2, s3 := stops(binary.LittleEndian.Uint64(b[16:])), stops(binary.LittleEndian.Uint64(b[24:]))
		if s0|s1|s2|s3 == 0 {
			continue
		}
		switch {
		case s0 != 0:
			return i + bits.TrailingZeros64(s0)/8
		case s1 != 0:
			return i + 8 + bits.TrailingZeros64(s1)/8
		case s2 != 0:
			return i + 16 + bits.TrailingZeros64(s2)/8
		}
		return i + 24 + bits.TrailingZeros64(s3)/8
	}
	for i < len(d) && d[i] != '"' && d[i] != '\\' && d[i] >= ' ' {
		i++
	}
	return i
}

// stops has the high bit of each byte of x set that is a quote, a backslash or a control character, and perhaps of bytes
// above one of these: a borrow makes false hits only above a true one. Flipping bit 1 puts the quote next to the control
// characters, so one comparison finds both.
func stops(x uint64) uint64 {
	slash := x ^ ones*'\\'
	return (((x^ones*2)-ones*('"'-1))&^x | (slash-ones)&^slash) & highs
}

// Plain is the index of the first byte from i on that may not stand in a string as it is; the length if there is none.
func Plain(d []byte, i int) int { return plain(d, i) }

// quoted is the index of the first quote or backslash from i on, the length if there is none: where a string may end, were it
// full of control characters.
func quoted(d []byte, i int) int {
	for ; i+16 <= len(d); i += 16 {
		b := (*[16]byte)(d[i:])
		s0, s1 := quotes(binary.LittleEndian.Uint64(b[0:])), quotes(binary.LittleEndian.Uint64(b[8:]))
		switch {
		case s0 != 0:
			return i + bits.TrailingZeros64(s0)/8
		case s1 != 0:
			return i + 8 + bits.TrailingZeros64(s1)/8
		}
	}
	for i < len(d) && d[i] != '"' && d[i] != '\\' {
		i++
	}
	return i
}

// quotes has the high bit of each byte of x set that is a quote or a backslash, and perhaps, as with stops, of others above it.
func quotes(x uint64) uint64 {
	quote, slash := x^ones*'"', x^ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash) & highs
}

// hex4 reads four hexadecimal digits that are known to be such.
func hex4(d []byte) rune {
	_ = d[3]
	return rune(hexDigit[d[0]])<<12 | rune(hexDigit[d[1]])<<8 | rune(hexDigit[d[2]])<<4 | rune(hexDigit[d[3]])
}

// hexDigit is the value of a hexadecimal digit, 255 for every other byte.
var hexDigit = func() (t [256]uint8) {
	for c := range t {
		switch {
		case '0' <= c && c <= '9':
			t[c] = uint8(c - '0')
		case 'a' <= c && c <= 'f':
			t[c] = uint8(c-'a') + 10
		case 'A' <= c && c <= 'F':
			t[c] = uint8(c-'A') + 10
		default:
			t[c] = 255
		}
	}
	return t
}()

var escapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}
