package tokenjson

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// CharsMap replaces characters, and sequences of them, as a compiled map of sentencepiece says: a double array of what is replaced, and the
// replacements, each with a zero byte behind it.
type CharsMap struct {
	units []uint32
	texts []byte
	// longest is how many bytes the longest replacement has.
	longest int
}

// ReadCharsMap reads one, and keeps no part of data.
func ReadCharsMap(data []byte) (*CharsMap, error) {
	if len(data) < 4 {
		return nil, errors.New("a map of characters of less than 4 bytes")
	}
	size := binary.LittleEndian.Uint32(data)
	rest := data[4:]
	if size%4 != 0 || uint64(size) > uint64(len(rest)) || size == 0 {
		return nil, fmt.Errorf("a map of characters of %d bytes with an array of %d", len(rest), size)
	}
	m := &CharsMap{units: make([]uint32, size/4), texts: append([]byte(nil), rest[size:]...)}
	for i := range m.units {
		m.units[i] = binary.LittleEndian.Uint32(rest[4*i:])
	}
	for text := range bytes.SplitSeq(m.texts, []byte{0}) {
		m.longest = max(m.longest, len(text))
	}
	if m.longest > mostReplacement {
		return nil, fmt.Errorf("a map of characters with a replacement of %d bytes: %d at most", m.longest, mostReplacement)
	}
	return m, nil
}

// mostReplacement is far beyond the longest that Unicode's forms make of a character, 33 bytes.
const mostReplacement = 256

// Longest is how many bytes the longest sequence that the text begins with has, and what replaces it; not ok if there is none.
func (m *CharsMap) Longest(text []byte) (size int, by []byte, ok bool) {
	at := uint32(0)
	unit := m.units[0]
	at ^= offset(unit)
	for i, b := range text {
		if b == 0 {
			break
		}
		at ^= uint32(b)
		if int64(at) >= int64(len(m.units)) {
			break
		}
		if unit = m.units[at]; unit&(1<<31|0xFF) != uint32(b) {
			break
		}
		at ^= offset(unit)
		if unit>>8&1 == 0 {
			continue
		}
		if int64(at) >= int64(len(m.units)) {
			break
		}
		if value := m.units[at] & (1<<31 - 1); int64(value) < int64(len(m.texts)) {
			size, by, ok = i+1, m.texts[value:], true
		}
	}
	if ok {
		for i, b := range by {
			if b == 0 {
				by = by[:i]
				break
			}
		}
	}
	return size, by, ok
}

// offset is where the children of a unit are, seen from it.
func offset(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

// shortest is what the shortest sequence that the text begins with is replaced by: the library replaces all of a text by it, whatever follows.
func (m *CharsMap) shortest(text []byte) (by []byte, ok bool) {
	for i := range text {
		if size, by, ok := m.Longest(text[:i+1]); ok && size == i+1 {
			return by, true
		}
	}
	return nil, false
}

// appendGraphemes replaces as the library's Precompiled does: a grapheme of less than 6 bytes as a whole, if a sequence is at its beginning, else each character.
func (m *CharsMap) appendGraphemes(dst, text []byte) []byte {
	for g := graphemes.FromBytes(text); g.Next(); {
		whole := g.Value()
		if len(whole) < 6 {
			if by, ok := m.shortest(whole); ok {
				dst = append(dst, by...)
				continue
			}
		}
		for i := 0; i < len(whole); {
			_, size := utf8.DecodeRune(whole[i:])
			if by, ok := m.shortest(whole[i : i+size]); ok {
				dst = append(dst, by...)
			} else {
				dst = append(dst, whole[i:i+size]...)
			}
			i += size
		}
	}
	return dst
}
