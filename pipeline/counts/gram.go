package counts

import (
	"fmt"
	"unicode/utf8"
)

// Gram is two or three letters that follow each other, as a number, with how often they do, and in how many documents. n-grams of so few letters are many for what they
// tell, and are kept, merged and ranked as numbers.
type Gram struct {
	Key              uint64 // GramKey
	Count, Documents int64
}

const (
	// MostNumbered is the length up to which n-grams are numbers.
	MostNumbered = 3

	// mixLetter is odd, and near the golden section of mostLetters: letters that follow each other in Unicode come into different partitions.
	// unmixLetter is its inverse.
	mixLetter   = 162013
	unmixLetter = 8053

	firstShift = 64 - letterBits // of the first letter in a key
)

// A code is n letters of 18 bits, the last one lowest, which is in the order of their bytes.

// codeOf is the code of some letters.
func codeOf(letters ...rune) (code uint64) {
	for _, r := range letters {
		code = code<<letterBits | uint64(r)
	}
	return code
}

// keyShift is how many bits of a key of n letters are 0.
func keyShift(n int) uint { return uint(64-n*letterBits) & 63 }

// GramKey is what n-grams are in the order of: 18 bits for the first letter of a code, times mixLetter, so that partitions of the keys (sorted.Partition) are even in any
// language; then the other letters. Each n-gram has a key of its own.
func GramKey(n int, code uint64) uint64 {
	return uint64(mixed(uint32(code>>((n-1)*letterBits&63))))<<firstShift | code<<keyShift(n)<<letterBits>>letterBits
}

// GramCode is the code of a key.
func GramCode(n int, key uint64) uint64 {
	return (uint64(unmixed(uint32(key>>firstShift)))<<firstShift | key<<letterBits>>letterBits) >> keyShift(n)
}

func mixed(first uint32) uint32   { return first * mixLetter & (mostLetters - 1) }
func unmixed(first uint32) uint32 { return first * unmixLetter & (mostLetters - 1) }

// AppendGram appends the letters of a code, in UTF-8.
func AppendGram(b []byte, n int, code uint64) []byte {
	for n--; n >= 0; n-- {
		b = appendLetter(b, uint32(code>>(n*letterBits&63)&(mostLetters-1)))
	}
	return b
}

// appendLetter is utf8.AppendRune, which is slower for ideographs.
func appendLetter(b []byte, r uint32) []byte {
	if r >= 0x800 && r < 0xd800 {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, rune(r))
}

// GramToken is the n-gram of a key as text.
func GramToken(n int, key uint64) string { return string(AppendGram(nil, n, GramCode(n, key))) }

func outOfOrder(n int, key uint64) error {
	return fmt.Errorf("token %q is out of order", GramToken(n, key))
}

func tooMany(n int, key uint64) error {
	return fmt.Errorf("token %q: its count is beyond 64 bits", GramToken(n, key))
}
