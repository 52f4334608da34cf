package block

// Size is how many bytes a kernel looks at at once.
const Size = 64

// Ahead is how many bytes behind a block Units reads: as many as a sequence that begins with its last byte may have there.
const Ahead = 2

// Vector says whether there are vectors. It is set before main begins; tests turn it off to compare.
var Vector = available()

// Plain looks for the first byte of t that may not stand in a string of JSON as it is: a quote, a backslash or a control
// character. It returns its place, or with found false up to where there is none.
func Plain(t []byte) (n int, found bool) {
	if !Vector || len(t) < Size {
		return 0, false
	}
	return plain(t)
}

// ValidPrefix is the length of a prefix of t that is valid UTF-8 of whole characters. The longest one may be longer.
func ValidPrefix(t []byte) int {
	if !Vector || len(t) < Size {
		return 0
	}
	return validPrefix(t)
}

// CountRunes is how many bytes of the first ones of t, which are a multiple of Size, do not continue a sequence.
func CountRunes(t []byte) (runes, read int) {
	if !Vector || len(t) < Size {
		return 0, 0
	}
	return countRunes(t)
}

// Units decodes the beginning of t, whole characters, as UTF-16: one unit each, as it stops before a block with anything
// but well-formed sequences of one to three bytes. dst must have room for Size more units than it gets.
func Units(dst []uint16, t []byte) (units, read int) {
	if !Vector || len(t) < Size+Ahead {
		return 0, 0
	}
	return decode(dst, t)
}
