package charset

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// cells maps two bytes, the first of them the high one, to the BMP character they are. 0 stands for everything that is no
// such pair: ASCII, longer sequences, undecodable bytes.
type cells [1 << 16]uint16

// threes are the UTF-8 of the cells that have three bytes of it and are not for private use, the first byte the lowest, and isThree.
// The others are 0.
type threes [1 << 16]uint32

const isThree = 1 << 31

func newThrees(t *cells) *threes {
	s := new(threes)
	for pair, r := range t {
		if r < 0x800 || isPrivate(rune(r)) {
			continue
		}
		var b [4]byte
		put3(b[:], rune(r))
		s[pair] = binary.LittleEndian.Uint32(b[:]) | isThree
	}
	return s
}

// decode decodes pairs, four at a time where there are as many, while dst has room for them and a byte more.
func (t *threes) decode(dst, src []byte) (n, i int) {
	for len(src)-i >= 8 && len(dst)-n >= 13 {
		v := bits.ReverseBytes64(binary.LittleEndian.Uint64(src[i:]))
		a, b, c, d := t[uint16(v>>48)], t[uint16(v>>32)], t[uint16(v>>16)], t[uint16(v)]
		if a&b&c&d&isThree == 0 {
			break
		}
		to := dst[n : n+13]
		binary.LittleEndian.PutUint32(to, a)
		binary.LittleEndian.PutUint32(to[3:], b)
		binary.LittleEndian.PutUint32(to[6:], c)
		binary.LittleEndian.PutUint32(to[9:], d)
		n, i = n+12, i+8
	}
	for len(src)-i >= 2 && len(dst)-n >= 4 {
		v := t[binary.BigEndian.Uint16(src[i:])]
		if v == 0 {
			break
		}
		binary.LittleEndian.PutUint32(dst[n:], v)
		n, i = n+3, i+2
	}
	return n, i
}

// pairTable is an encoding of two bytes: its cells, and the same ones as UTF-8.
type pairTable struct {
	cells  cells
	threes *threes
}

// decode takes ASCII and pairs that have a character in the table and stops before anything else, before the last byte of
// src unless that is ASCII, and when dst is nearly full.
func (t *pairTable) decode(dst, src []byte, c *Counts) (n, i int) {
	for i < len(src) && len(dst)-n >= maxUnit {
		if src[i] < utf8.RuneSelf {
			k := ascii(dst[n:], src[i:])
			n, i = n+k, i+k
			continue
		}
		k, taken := t.threes.decode(dst[n:], src[i:])
		n, i = n+k, i+taken
		if i >= len(src) || len(dst)-n < maxUnit || src[i] < utf8.RuneSelf {
			continue
		}
		if i+1 == len(src) {
			break
		}
		r := rune(t.cells[binary.BigEndian.Uint16(src[i:])])
		if r == 0 {
			break
		}
		c.private(r)
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
