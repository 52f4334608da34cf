package shingle

import (
	"cmp"
	"math/bits"
	"slices"
)

// A long text of few different characters (DNA, bits, digits, hexadecimal) has nearly every 5-gram that there can be of them, and
// so has every other one of its kind. Stretches of few characters are therefore compared by longer shingles. A stretch is
// where
//
//   - 64 code points in a row are at most 4 different ones, or 256 at most 8;
//   - 64 in a row are hexadecimal digits and the signs of numbers;
//   - of 64 in a row, 48 are digits and the signs of numbers;
//   - in a short text, 32 in a row are at most 3 different ones.
//
// Whether a place is in one depends on what is near it
// alone, so two texts that resemble each other have the same stretches where they are the same. Ordinary text in any
// language has none.
const (
	fewWindow, fewCharacters     = 64, 4
	wideWindow, wideCharacters   = 256, 8
	shortWindow, shortCharacters = 32, 3
	shortText                    = 2 * fewWindow
	leastNumbers                 = 48 // of fewWindow
)

// stretch is a part of a key text: from start up to end.
type stretch struct{ start, end int }

// piece is a part of a key text that is looked at by itself.
const piece = fewWindow / 2

// appendStretches appends the stretches of a key text, in order, apart from each other. It is quick where there are none: a window
// holds a piece of half its length whole, wherever it begins, and what some characters of the piece show to be different needs
// no closer look. Windows of numbers are not all seen so, but of a few in a text one is, and then all are looked for.
func appendStretches(dst []stretch, key []uint32) []stretch {
	if len(key) < shortText && mayBeShort(key) {
		dst, _ = appendFew(dst, key, 0, len(key), shortWindow, shortCharacters)
	}
	// Characters by their low six bits, which some share.
	const hexBits = 1<<59 - 1<<33 | 1<<('−'&63)
	wide := uint64(0)
	fewSeen, wideSeen := 0, 0 // as far as was looked
	hex, numbers := false, false
	for i := 0; i+piece <= len(key); i += piece {
		k := (*[piece]uint32)(key[i:])
		some := uint64(1)<<(k[0]&63) | 1<<(k[3]&63) | 1<<(k[7]&63) | 1<<(k[12]&63) |
			1<<(k[14]&63) | 1<<(k[21]&63) | 1<<(k[25]&63) | 1<<(k[30]&63)
		if bits.OnesCount64(some) <= fewCharacters && fewSeen < i+2*piece && atMostFew(key[i:i+piece]) {
			dst, fewSeen = appendFew(dst, key, i-piece, i+2*piece, fewWindow, fewCharacters)
		}
		if some&^hexBits == 0 {
			hex = hex || allHex(k[:])
		}
		// A code point less than the end wraps, which sets the highest bit.
		if (k[0]-numbersEnd)>>31+(k[7]-numbersEnd)>>31+(k[14]-numbersEnd)>>31+(k[25]-numbersEnd)>>31 >= 3 {
			numbers = numbers || manyNumbers(k) && mostlyNumbers(key[max(i-piece, 0):min(i+2*piece, len(key))])
		}
		wide |= some
		if i/piece%4 == 3 {
			if bits.OnesCount64(wide) <= wideCharacters && wideSeen < i+5*piece {
				dst, wideSeen = appendFew(dst, key, i-7*piece, i+5*piece, wideWindow, wideCharacters)
			}
			wide = 0
		}
	}
	if hex {
		dst = appendHex(dst, key)
	}
	if numbers {
		dst = appendNumbers(dst, key)
	}
	return slices.DeleteFunc(merged(dst), func(s stretch) bool { return isRule(key[s.start:s.end]) })
}

// isRule says whether nearly all code points are as the one before: ===== under a heading says nothing that a longer shingle could
// tell apart.
func isRule(key []uint32) bool {
	changes := 0
	for i := 1; i < len(key); i++ {
		if key[i] != key[i-1] {
			changes++
		}
	}
	return 8*changes <= len(key)
}

// mayBeShort says whether a short text may have a stretch of the kind that is looked for there alone.
func mayBeShort(key []uint32) bool {
	const piece = shortWindow / 2
	for i := 0; i+piece <= len(key); i += piece {
		k := (*[piece]uint32)(key[i:])
		some := uint64(1)<<(k[0]&63) | 1<<(k[2]&63) | 1<<(k[5]&63) | 1<<(k[7]&63) | 1<<(k[11]&63) | 1<<(k[14]&63)
		if bits.OnesCount64(some) <= shortCharacters {
			return true
		}
	}
	return false
}

// atMostFew says whether there are few different characters.
func atMostFew(key []uint32) bool {
	var seen [fewCharacters]uint32
	n := 0
	for _, r := range key {
		if slices.Contains(seen[:n], r) {
			continue
		}
		if n == len(seen) {
			return false
		}
		seen[n] = r
		n++
	}
	return true
}

// allHex says whether all are hexadecimal digits or signs of numbers.
func allHex(key []uint32) bool {
	for _, r := range key {
		if !isNumber(r) && !isHex(r) {
			return false
		}
	}
	return true
}

// mostlyNumbers says whether a window of a piece of a key text is.
func mostlyNumbers(key []uint32) bool {
	var found [3]stretch
	return len(appendNumbers(found[:0], key)) > 0
}

// numbersEnd is behind the digits and the signs of numbers: # $ % & * + , . / : and, where all punctuation counts, some more.
const numbersEnd = ':' + 1

func isNumber(r uint32) bool { return r < numbersEnd || r == '−' }

// isHex says whether r is a digit of a hexadecimal number, or the x of 0x, but no sign of numbers.
func isHex(r uint32) bool { return r-'a' < 6 || r == 'x' }

// merged sorts stretches and joins those that touch.
func merged(dst []stretch) []stretch {
	slices.SortFunc(dst, func(a, b stretch) int { return cmp.Compare(a.start, b.start) })
	n := 0
	for _, s := range dst {
		if n > 0 && s.start <= dst[n-1].end {
			dst[n-1].end = max(dst[n-1].end, s.end)
			continue
		}
		dst[n] = s
		n++
	}
	return dst[:n]
}

// appendFew appends what windows of at most so many different characters cover, those in key[from:to] and those that follow
// without a gap. It returns how far it looked.
func appendFew(dst []stretch, key []uint32, from, to, window, most int) ([]stretch, int) {
	// The last different characters, latest first, with their last places: one more than may be in a window.
	var recent [wideCharacters + 1]uint32
	var last [wideCharacters + 1]int
	from = max(from, 0)
	n, first := 0, len(dst)
	for i := from; i < len(key); i++ {
		r := key[i]
		at := 0
		for at < n && recent[at] != r {
			at++
		}
		if at == n {
			if n <= most {
				n++
			}
			at = n - 1
		}
		for ; at > 0; at-- {
			recent[at], last[at] = recent[at-1], last[at-1]
		}
		recent[0], last[0] = r, i
		start := from
		if n > most {
			start = last[most] + 1
		}
		if i+1-start >= window {
			dst = extend(dst, first, stretch{start, i + 1})
		} else if i >= to {
			return dst, i
		}
	}
	return dst, len(key)
}

// appendHex appends the runs of hexadecimal digits and signs of numbers that are as long as a window.
func appendHex(dst []stretch, key []uint32) []stretch {
	start := 0
	for i, r := range key {
		if isNumber(r) || isHex(r) {
			continue
		}
		if i-start >= fewWindow {
			dst = append(dst, stretch{start, i})
		}
		start = i + 1
	}
	if len(key)-start >= fewWindow {
		dst = append(dst, stretch{start, len(key)})
	}
	return dst
}

// appendNumbers appends what windows of mostly numbers cover. Every piece that is whole in such a window has many.
func appendNumbers(dst []stretch, key []uint32) []stretch {
	many := func(i int) bool { return i+piece <= len(key) && manyNumbers((*[piece]uint32)(key[i:])) }
	for i, first := 0, len(dst); i < len(key); i += piece {
		start := i - piece
		for many(i) {
			i += piece
		}
		if i > start+piece {
			dst = appendNumbersIn(dst, first, key, max(start, 0), min(i+piece, len(key)))
		}
	}
	return dst
}

// manyNumbers says whether a piece has so many numbers that it may be in a window of mostly numbers.
func manyNumbers(key *[piece]uint32) bool {
	n := uint32(0)
	for _, r := range key {
		n += (r - numbersEnd) >> 31 // a code point less than the end wraps
		if r == '−' {
			n++
		}
	}
	return n >= piece-(fewWindow-leastNumbers)
}

// appendNumbersIn appends what windows in key[from:to] cover to the stretches behind first.
func appendNumbersIn(dst []stretch, first int, key []uint32, from, to int) []stretch {
	numbers := 0
	for i := from; i < to; i++ {
		if isNumber(key[i]) {
			numbers++
		}
		if i >= from+fewWindow && isNumber(key[i-fewWindow]) {
			numbers--
		}
		if i+1 >= from+fewWindow && numbers >= leastNumbers {
			dst = extend(dst, first, stretch{i + 1 - fewWindow, i + 1})
		}
	}
	return dst
}

// extend appends a stretch, or lets the last one behind from end with it.
func extend(dst []stretch, from int, s stretch) []stretch {
	if len(dst) > from && s.start <= dst[len(dst)-1].end {
		dst[len(dst)-1].end = s.end
		return dst
	}
	return append(dst, s)
}
