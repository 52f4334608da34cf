package block

// Size is how many bytes a kernel looks at at once.
const Size = 64

// Ahead is how many bytes behind a block Units and Threes read: as many as a sequence that begins with its last byte may have there.
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

// Threes counts, of the first bytes of t, those beyond ASCII, and those from E0 to EF that two bytes from 80 to BF follow, which may be
// behind the last that was read.
func Threes(t []byte) (high, three, read int) {
	if !Vector || len(t) < Size+Ahead {
		return 0, 0, 0
	}
	return threes(t)
}

// Sequences counts what may be sequences of UTF-8 wherever one begins: bytes beyond ASCII; those from C0 to DF that a byte from 80 to BF
// follows, from E0 to EF that two follow, from F0 on that three follow; and those from E0 on that one follows at least.
type Sequences struct{ High, Two, Three, Four, Begun int }

// FarAhead is how many bytes behind a block SequencesOf reads.
const FarAhead = 3

// SequencesOf counts the sequences that begin in the first bytes of t.
func SequencesOf(t []byte) (s Sequences, read int) {
	if !Vector || len(t) < Size+FarAhead {
		return s, 0
	}
	return sequences(t)
}

// Controls counts the control characters of ASCII, of the first bytes of t, but the white ones from tab to carriage return.
func Controls(t []byte) (n, read int) {
	if !Vector || len(t) < Size {
		return 0, 0
	}
	return controls(t)
}

// Decodes says whether there are vectors of a whole block, and instructions that leave out what a mask does not have. Without those,
// Units and what is for its units and for hashes would take longer than the loops behind them, so these do nothing by vectors then.
func Decodes() bool { return Vector && wide }

// Units decodes the beginning of t, whole characters, as UTF-16: one unit each, as it stops before a block with anything
// but well-formed sequences of one to three bytes. dst must have room for Size more units than it gets.
func Units(dst []uint16, t []byte) (units, read int) {
	if !Decodes() || len(t) < Size+Ahead {
		return 0, 0
	}
	return decode512(dst, t)
}

// Leads says of first bytes of sequences of several whether they are odd: see LayoutOf. The zero value says of none.
type Leads struct {
	sixBits [Size]uint8       // by their six low bits
	nibbles [2 * nibble]uint8 // by their low four bits, a bit for each of the others there are; twice, for a vector looks things up in its half
}

const nibble = 16

// Add makes a first byte odd, which is one from C0 on.
func (l *Leads) Add(first byte) {
	l.sixBits[first&0x3F] = 1
	for i := range 2 {
		l.nibbles[int(first&0xF)+i*nibble] |= 1 << (first >> 4 & 3)
	}
}

// Layout is how a block of text is laid out, a bit a byte: White are blanks, tabs and line feeds, of which Line are the last; Odd are
// other controls and those bytes from C0 on that are odd. All else is visible.
type Layout struct{ White, Line, Odd uint64 }

// LayoutOf is the Layout of the first Size bytes of t. Without vectors it is slow.
func LayoutOf(t []byte, odd *Leads) Layout {
	if !Vector {
		return plainLayout(t, odd)
	}
	return layoutOf(t, odd)
}

// Width is how many bytes characters of the basic plane take as UTF-8.
func Width(units []uint16) int {
	n, i := len(units), 0
	if Decodes() {
		more, read := width512(units)
		n, i = n+more, read
	}
	for _, u := range units[i:] {
		if u >= 0x80 {
			n++
		}
		if u >= 0x800 {
			n++
		}
	}
	return n
}

// From sets bit i%64 of masks[i/64] where values[i] is least or more, and clears it where not. values must have room for Size-1
// more behind the last one, whatever these are.
func From(masks []uint64, values []uint16, least uint16) {
	if !Decodes() {
		plainFrom(masks, values, least)
		return
	}
	from512(masks, values, least)
}

// Compact writes the values that are not 0 to dst, wider, and returns how many these are. values must have room for Size/2-1 more behind
// the last one, whatever these are, and dst for Size/2 more than there are values.
func Compact(dst []uint32, values []uint16) int {
	if !Decodes() {
		return plainCompact(dst, values)
	}
	return compact512(dst, values)
}

// GramLength is how many code points of a key text are hashed together by Grams.
const GramLength = 5

// Grams hashes runs of GramLength code points: x is the cyclic polynomial whose coefficients they are times spread, and the hash the
// high half of (x ^ x>>32) * finish. It writes those of the first runs of key to dst and returns of how many; the others are left to
// the caller.
func Grams(dst, key []uint32, spread, finish uint64) int {
	if !Decodes() {
		return 0
	}
	return grams512(dst, key, spread, finish)
}
