package charset

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/block"
)

// The counts of this file take eight bytes at a time. A mask has the highest bit of each byte that is meant.

const everyByte = highBits >> 7

// ofHigh, continuations and leads3 are the masks of bytes beyond ASCII, of continuation bytes of UTF-8, and of lead bytes of three.
func ofHigh(v uint64) uint64        { return v & highBits }
func continuations(v uint64) uint64 { return v &^ (v << 1) & highBits }
func leads3(v uint64) uint64        { return v & (v << 1) & (v << 2) &^ (v << 3) & highBits }

// below is the mask of the bytes of ASCII that are less than n, which is at most 0x80.
func below(v, n uint64) uint64 { return ^(v | highBits - n*everyByte) &^ v & highBits }

// composition is how many bytes of some kinds a text has.
type composition struct {
	bytes    int
	high     int  // beyond ASCII
	controls int  // of ASCII, but tabs and line ends
	letters  bool // there are some of ASCII
}

func compositionOf(b []byte) composition {
	c := composition{bytes: len(b)}
	for ; len(b) >= 8; b = b[8:] {
		v := binary.LittleEndian.Uint64(b)
		c.high += bits.OnesCount64(v & highBits)
		if v&highBits == highBits {
			continue
		}
		if !c.letters {
			lower := v | ' '*everyByte
			c.letters = below(lower, 'z'+1)&^below(lower, 'a') != 0
		}
		if below(v, ' ')|below(v, 0x80)&^below(v, 0x7F) != 0 {
			c.add(b[:8], false)
		}
	}
	c.add(b, true)
	return c
}

// add counts the bytes of ASCII, and with all set the others too.
func (c *composition) add(b []byte, all bool) {
	for _, b := range b {
		switch {
		case b >= utf8.RuneSelf:
			if all {
				c.high++
			}
		case asciiCosts[b] == costControl:
			c.controls++
		case all && isLetter(b):
			c.letters = true
		}
	}
}

// random is what the bytes cost if every one is on its own.
func (c *composition) random(highByte int) int {
	return c.high*highByte + (c.bytes-c.high-c.controls)*costASCII + c.controls*costControl
}

// sequencesOf counts what may be sequences of UTF-8 in b.
func sequencesOf(b []byte) block.Sequences {
	s, i := block.SequencesOf(b)
	for ; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		s.High++
		rest := b[i+1 : min(i+4, len(b))]
		more := 0
		for more < len(rest) && rest[more]&0xC0 == 0x80 {
			more++
		}
		switch {
		case b[i] >= 0xF0 && more >= 3:
			s.Four++
		case b[i] >= 0xE0 && b[i] < 0xF0 && more >= 2:
			s.Three++
		case b[i] >= 0xC0 && b[i] < 0xE0 && more >= 1:
			s.Two++
		}
		if b[i] >= 0xE0 && more >= 1 {
			s.Begun++
		}
	}
	return s
}

// leastReplaced is how many sequences of b cannot be decoded as UTF-8, at least, whether something follows b or not. Such a one is a
// byte, but for one to two bytes more behind a lead byte of three or four.
func leastReplaced(b []byte) int {
	const cut = utf8.UTFMax - 1 // of a character at the end
	s := sequencesOf(b)
	return max(0, s.High-2*s.Two-3*s.Three-4*s.Four-2*s.Begun-cut)
}

// countThrees counts the bytes beyond ASCII in b, and the lead bytes of three among them that two continuation bytes follow. No two of
// these characters overlap, wherever one begins.
func countThrees(b []byte) (high, threes int) {
	high, threes, i := block.Threes(b)
	for ; i+8+2 <= len(b); i += 8 {
		v := binary.LittleEndian.Uint64(b[i:])
		if v&highBits == 0 {
			continue
		}
		high += bits.OnesCount64(ofHigh(v))
		if leads := leads3(v); leads != 0 {
			threes += bits.OnesCount64(leads & continuations(binary.LittleEndian.Uint64(b[i+1:])) & continuations(binary.LittleEndian.Uint64(b[i+2:])))
		}
	}
	for ; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		high++
		if b[i]&0xF0 == 0xE0 && i+2 < len(b) && continued(b[i+1:i+3]) {
			threes++
		}
	}
	return high, threes
}
