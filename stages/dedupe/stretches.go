package dedupe

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

// hasStretches says whether appendStretches finds any, and is quick where it does not: a window holds a block of half its length
// whole, wherever it begins, and what some characters of the block show to be different needs no closer look. Windows of
// numbers are not all found so, but of a few in a text one is.
func (g *grams) hasStretches(key []uint32) bool {
	if len(key) < shortText && g.isShortStretch(key) {
		return true
	}
	const block = fewWindow / 2
	// Characters by their low six bits, which some share.
	const hexBits = 1<<59 - 1<<33 | 1<<('−'&63)
	wide := uint64(0)
	for i := 0; i+block <= len(key); i += block {
		k := (*[block]uint32)(key[i:])
		some := uint64(1)<<(k[0]&63) | 1<<(k[3]&63) | 1<<(k[7]&63) | 1<<(k[12]&63) |
			1<<(k[14]&63) | 1<<(k[21]&63) | 1<<(k[25]&63) | 1<<(k[30]&63)
		// A code point less than the end wraps, which sets the highest bit.
		numbers := (k[0]-numbersEnd)>>31 + (k[7]-numbersEnd)>>31 + (k[14]-numbersEnd)>>31 + (k[25]-numbersEnd)>>31
		few := bits.OnesCount64(some) <= fewCharacters
		if (few || some&^hexBits == 0 || numbers >= 3) && g.some(appendAround(g.stretches[:0], key, i, few)) {
			return true
		}
		wide |= some
		if i/block%4 == 3 {
			around := key[max(i-7*block, 0):min(i+5*block, len(key))]
			if bits.OnesCount64(wide) <= wideCharacters && g.some(appendFew(g.stretches[:0], around, wideWindow, wideCharacters)) {
				return true
			}
			wide = 0
		}
	}
	return false
}

// appendAround appends stretches that have the block at key[i] within. few says that it may be of few characters.
func appendAround(dst []stretch, key []uint32, i int, few bool) []stretch {
	const block = fewWindow / 2
	numbers, hex := 0, true
	for _, r := range key[i : i+block] {
		if isNumber(r) {
			numbers++
		} else if !isHex(r) {
			hex = false
		}
	}
	around := key[max(i-block, 0):min(i+2*block, len(key))]
	if hex {
		dst = appendHex(dst, around)
	}
	if numbers >= leastNumbers-(fewWindow-block) {
		dst = appendNumbers(dst, around)
	}
	if few && atMostFew(key[i:i+block]) {
		dst = appendFew(dst, around, fewWindow, fewCharacters)
	}
	return dst
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

// isShortStretch is hasStretches for the kind that is looked for in short texts.
func (g *grams) isShortStretch(key []uint32) bool {
	const block = shortWindow / 2
	for i := 0; i+block <= len(key); i += block {
		k := (*[block]uint32)(key[i:])
		some := uint64(1)<<(k[0]&63) | 1<<(k[2]&63) | 1<<(k[5]&63) | 1<<(k[7]&63) | 1<<(k[11]&63) | 1<<(k[14]&63)
		if bits.OnesCount64(some) <= shortCharacters {
			return g.some(appendFew(g.stretches[:0], key, shortWindow, shortCharacters))
		}
	}
	return false
}

// some says whether there are stretches in what was appended to the scratch.
func (g *grams) some(s []stretch) bool {
	g.stretches = s[:0]
	return len(s) > 0
}

// numbersEnd is behind the digits and the signs of numbers: # $ % & * + , . / : and, where all punctuation counts, some more.
const numbersEnd = ':' + 1

func isNumber(r uint32) bool { return r < numbersEnd || r == '−' }

// isHex says whether r is a digit of a hexadecimal number, or the x of 0x, but no sign of numbers.
func isHex(r uint32) bool { return r-'a' < 6 || r == 'x' }

// appendStretches appends the stretches of a key text, in order, apart from each other.
func appendStretches(dst []stretch, key []uint32) []stretch {
	dst = appendFew(dst, key, fewWindow, fewCharacters)
	dst = appendFew(dst, key, wideWindow, wideCharacters)
	dst = appendHex(dst, key)
	dst = appendNumbers(dst, key)
	if len(key) < shortText {
		dst = appendFew(dst, key, shortWindow, shortCharacters)
	}
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

// appendFew appends what windows of at most so many different characters cover.
func appendFew(dst []stretch, key []uint32, window, most int) []stretch {
	// The last different characters, latest first, with their last places: one more than may be in a window.
	var recent [wideCharacters + 1]uint32
	var last [wideCharacters + 1]int
	n, from := 0, len(dst)
	for i, r := range key {
		at := slices.Index(recent[:n], r)
		if at < 0 {
			if n <= most {
				n++
			}
			at = n - 1
		}
		copy(recent[1:at+1], recent[:at])
		copy(last[1:at+1], last[:at])
		recent[0], last[0] = r, i
		start := 0
		if n > most {
			start = last[most] + 1
		}
		if i+1-start >= window {
			dst = extend(dst, from, stretch{start, i + 1})
		}
	}
	return dst
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

// appendNumbers appends what windows of mostly numbers cover.
func appendNumbers(dst []stretch, key []uint32) []stretch {
	numbers, from := 0, len(dst)
	for i, r := range key {
		if isNumber(r) {
			numbers++
		}
		if i >= fewWindow && isNumber(key[i-fewWindow]) {
			numbers--
		}
		if i+1 >= fewWindow && numbers >= leastNumbers {
			dst = extend(dst, from, stretch{i + 1 - fewWindow, i + 1})
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
