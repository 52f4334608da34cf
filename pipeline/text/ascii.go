package text

import "unicode/utf8"

// bytes says of the first byte of a character, by itself, how ASCII is folded: of most characters, with a look at the next byte,
// all there is to say.
type bytes [1 << 8]byteFold

// byteFold is the fold of an ASCII character where its neighbours do not matter, in the low byte; the groups of next bytes before
// which they may, in the second one; the groups that the byte itself is in, in the third one; and above whether there is a
// fold.
type byteFold uint32

// Groups of next bytes.
const (
	unlikeWord byteFold = 1 << iota // no character of the key text, nor the first byte of an ideograph of the main block
	digitNext
	mouthNext // the second character of an emoticon
	anyNext
)

func (b byteFold) fold() uint32 { return uint32(b & 0xFF) }

// wanted is 0 if there is no fold and 1 if there is one.
func (b byteFold) wanted() uint { return uint(b >> 24) }

// before says whether a closer look is needed where next is the next byte.
func (b byteFold) before(next byteFold) bool { return b&(next>>8)&0xFF00 != 0 }

// set fills the table from the folds of ASCII.
func (b *bytes) set(ascii []uint16) {
	for i := range b {
		c, fold, groups, look := byte(i), byteFold(0), anyNext, byteFold(0)
		switch {
		case c >= utf8.RuneSelf:
		case c-'0' <= 9:
			fold, groups, look = byteFold(c), groups|digitNext, unlikeWord
		case ascii[c] != inContext:
			fold = byteFold(ascii[c])
		case c == '.':
			look = digitNext
		case c == ':' || c == ';':
			look = mouthNext
		default:
			look = anyNext
		}
		if fold == 0 && !isIdeograph(c) {
			groups |= unlikeWord
		}
		if c == '(' || c == ')' || c == '-' || c == '\'' {
			groups |= mouthNext
		}
		b[c] = min(fold, 1)<<24 | groups<<16 | look<<8 | fold
	}
}

// mayCount says whether the ASCII character at t[i] needs a closer look at what is around it.
func (b *bytes) mayCount(t []byte, i int) bool {
	switch c := t[i]; {
	case i+1 == len(t):
		return c == '-' || c == '!'
	case !b[c].before(b[t[i+1]]):
		return false
	case c-'0' <= 9:
		return mayJoin(t, i+1)
	case c == '-':
		return i == 0 || i+2 >= len(t) || !isLetter(t[i-1]) || !isLetter(t[i+1]) || !isLetter(t[i+2]) // not in e-mail
	}
	return true
}

// mayJoin says whether what begins at t[i], behind a digit, may be punctuation with another digit behind it, if it is no
// character of the key text: no letter or ideograph follows.
func mayJoin(t []byte, i int) bool {
	if t[i] >= 0xE0 {
		i += 2
	}
	i++
	return i < len(t) && !isLetter(t[i]) && !isIdeograph(t[i])
}

func isLetter(c byte) bool { return c|0x20-'a' <= 'z'-'a' }

func isIdeograph(c byte) bool { return c-0xE4 <= 0xE9-0xE4 }

// appendASCII folds the ASCII characters at the beginning of t up to one that needs a closer look or is the last one of t or
// before end. It returns the bytes read and the values made. It is a function of its own as appendPairs is.
//
//go:noinline
func appendASCII(b *bytes, out []uint32, t []byte) (read, made int) {
	n := uint(0)
	v := b[t[0]]
	for i, next := range t[1:] {
		w := b[next]
		if v.before(w) || n >= uint(len(out)) {
			return i, int(n)
		}
		out[n] = v.fold()
		n += v.wanted()
		if next >= utf8.RuneSelf {
			return i + 1, int(n)
		}
		v = w
	}
	return len(t) - 1, int(n)
}
