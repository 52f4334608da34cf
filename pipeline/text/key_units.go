package text

import (
	"math/bits"
	"slices"

	"github.com/millrace/millrace/pipeline/text/block"
)

// keyUnits is how many characters are folded at once, and keyStretch how many bytes are folded one by one where something between is
// decoded so only.
const (
	keyUnits   = 1 << 10
	keyStretch = 512
)

// unitFolder folds decoded characters, many at once: the folds of all of them by the table, those among them that need a
// closer look, and what of these depends on their neighbours. It makes of a text what folds.appendChunk does, which it leaves to it
// what is not decoded so. It is memory for one text.
type unitFolder struct {
	*folds
	units [keyUnits + block.Size]uint16
	fold  [keyUnits + block.Size]uint16
	looks [keyUnits / 64]uint64 // which of fold are no code points
}

// appendKey appends the key text of t but for what counts only where nearly all is punctuation.
func (f *unitFolder) appendKey(dst []uint32, t []byte) []uint32 {
	for i := 0; i < len(t); {
		dst = slices.Grow(dst, keyChunk+contextRoom)
		n, read := block.Units(f.units[:keyUnits], t[i:])
		if read == 0 {
			dst, i = f.appendChunk(dst, t, i, min(i+keyStretch, len(t)))
			continue
		}
		dst, i = f.append(dst, t, i, n, i+read)
	}
	return dst
}

// append folds n units, which are those of t[i:end], and returns where in t it has come to: behind end if what is there belongs to
// the last ones.
func (f *unitFolder) append(dst []uint32, t []byte, i, n, end int) ([]uint32, int) {
	f.lookUp(n)
	done := 0 // units that are in dst, of which the next one begins at t[i]
	for m, mask := range f.looks[:(n+63)/64] {
		for ; mask != 0; mask &= mask - 1 {
			at := 64*m + bits.TrailingZeros64(mask)
			if at < done {
				continue
			}
			if at > 0 && at+2 < n && !f.mayCount(at) {
				u := f.units[at]
				f.fold[at] = uint16(f.bytes[u&0x7F].fold())
				continue
			}
			dst = appendCompact(dst, f.fold[done:at])
			i += block.Width(f.units[done:at])
			dst, done, i = f.look(dst, t, i, at, n)
			if done == n {
				return dst, i
			}
		}
	}
	return appendCompact(dst, f.fold[done:n]), end
}

// lookUp folds n units by the table.
func (f *unitFolder) lookUp(n int) {
	bmp := &f.bmp
	units, fold := f.units[:n], f.fold[:n]
	for len(units) >= 4 && len(fold) >= 4 {
		u, v := (*[4]uint16)(units), (*[4]uint16)(fold)
		v[0], v[1], v[2], v[3] = bmp[u[0]], bmp[u[1]], bmp[u[2]], bmp[u[3]]
		units, fold = units[4:], fold[4:]
	}
	for k, u := range units {
		fold[k] = bmp[u]
	}
	block.From(f.looks[:], f.fold[:n], inContext)
}

// look appends the fold of the unit at a place, which begins at t[i], with what it says about those behind it. It returns
// the unit that is next, n at most, and where in t it begins.
func (f *unitFolder) look(dst []uint32, t []byte, i, at, n int) ([]uint32, int, int) {
	if u := f.units[at]; f.fold[at] == elsewhere {
		if v := f.foldOther(rune(u)); v != 0 {
			dst = append(dst, uint32(v))
		}
		return dst, at + 1, i + block.Width(f.units[at:at+1])
	}
	dst, read := f.context(dst, t, i)
	end := i + read
	for ; i < end && at < n; at++ {
		i += block.Width(f.units[at : at+1])
	}
	return dst, at, max(i, end)
}

// mayCount is bytes.mayCount of a unit that has one before and two behind it: whether it needs a closer look.
func (f *unitFolder) mayCount(at int) bool {
	c, next, after := f.units[at], f.units[at+1], f.units[at+2]
	if c >= runeSelf || f.fold[at] == elsewhere {
		return true
	}
	b := &f.bytes
	switch {
	case !b[c].before(b[firstByte(next)]):
		return false
	case c-'0' <= 9:
		return next >= runeSelf && next < 0x800 || !isLetter(firstByte(after)) && !isIdeograph(firstByte(after))
	case c == '-':
		return !isLetter(firstByte(f.units[at-1])) || !isLetter(firstByte(next)) || !isLetter(firstByte(after)) // not in e-mail
	}
	return true
}

// runeSelf is utf8.RuneSelf of units.
const runeSelf = 0x80

// firstByte is the first byte of a character, or one of the same groups.
func firstByte(u uint16) byte {
	switch {
	case u < runeSelf:
		return byte(u)
	case u >= 0x4000 && u < 0xA000:
		return 0xE4
	}
	return 0xE3
}

// appendCompact appends the values that are not 0. dst has room for as many, and half a block more.
func appendCompact(dst []uint32, values []uint16) []uint32 {
	return dst[:len(dst)+block.Compact(dst[len(dst):cap(dst)], values)]
}
