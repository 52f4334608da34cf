package charset

import (
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// cells maps two bytes, the first of them the high one, to the BMP character they are. 0 stands for everything that is no
// such pair: ASCII, longer sequences, undecodable bytes.
type cells [1 << 16]uint16

// decode takes ASCII and pairs that have a character in the table and stops before anything else, before the last byte of
// src unless that is ASCII, and when dst is nearly full.
func (t *cells) decode(dst, src []byte, c *Counts) (n, i int) {
	for i < len(src) && len(dst)-n >= maxUnit {
		if src[i] < utf8.RuneSelf {
			k := ascii(dst[n:], src[i:])
			n, i = n+k, i+k
			continue
		}
		for i+1 < len(src) && n+3 <= len(dst) {
			r := rune(t[int(src[i])<<8|int(src[i+1])])
			if r < 0x800 {
				break
			}
			if uint32(r-0xE000) < 0x1900 {
				c.PrivateUse++
			}
			put3(dst[n:n+3], r)
			n, i = n+3, i+2
		}
		if i >= len(src) || len(dst)-n < maxUnit || src[i] < utf8.RuneSelf {
			continue
		}
		if i+1 == len(src) {
			break
		}
		r := rune(t[int(src[i])<<8|int(src[i+1])])
		if r == 0 {
			break
		}
		n += utf8.EncodeRune(dst[n:], r)
		i += 2
	}
	return n, i
}

// eachPair calls f for every pair of a lead and a trail byte with what a library's encoding makes of it: one character, or
// several, of which the first is U+FFFD if the pair means nothing to it.
func eachPair(e encoding.Encoding, f func(pair int, s []rune)) {
	// In one go, a line feed behind each: it is a trail byte nowhere.
	var in []byte
	var pairs []int
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			in = append(in, byte(lead), byte(trail), '\n')
			pairs = append(pairs, lead<<8|trail)
		}
	}
	out, err := e.NewDecoder().Bytes(in)
	if err != nil {
		panic(fmt.Sprintf("table of an encoding: %v", err)) // a decoder replaces, it does not fail
	}
	var s []rune
	for _, r := range string(out) {
		if r != '\n' {
			s = append(s, r)
			continue
		}
		f(pairs[0], s)
		pairs, s = pairs[1:], s[:0]
	}
}
