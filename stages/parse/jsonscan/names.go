package jsonscan

import (
	"encoding/binary"
	"slices"
)

// manyNames is from how many names on an object's are sorted to find one twice, instead of each compared with all before it.
const manyNames = 32

// note takes down the name of a member of the object whose names begin at base in s.names; the string was just skipped. Where
// two of an object may be the same, s.twice says so: mend looks closely.
func (s *Scanner) note(name []byte, base int) {
	if s.escaped {
		name = s.plainKey(name)
	}
	h := hashName(name)
	if own := s.names[base:]; len(own) < manyNames {
		for _, other := range own {
			if other == h {
				s.twice = true
			}
		}
	}
	s.names = append(s.names, h)
}

// noted ends the object whose names begin at base.
func (s *Scanner) noted(base int) {
	if own := s.names[base:]; len(own) > manyNames {
		slices.Sort(own)
		for i := range own[1:] {
			if own[i] == own[i+1] {
				s.twice = true
			}
		}
	}
	s.names = s.names[:base]
}

// hashName tells names apart, nearly always.
func hashName(name []byte) uint64 {
	const prime, other = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
	n := len(name)
	h := uint64(n) * prime
	for len(name) > 16 {
		h = (h ^ binary.LittleEndian.Uint64(name)) * other
		h ^= h >> 29
		name = name[8:]
	}
	switch n := len(name); {
	case n >= 8:
		h ^= binary.LittleEndian.Uint64(name)*prime ^ binary.LittleEndian.Uint64(name[n-8:])*other>>1
	case n >= 4:
		h ^= (uint64(binary.LittleEndian.Uint32(name)) | uint64(binary.LittleEndian.Uint32(name[n-4:]))<<32) * other
	case n > 0:
		h ^= (uint64(name[0]) | uint64(name[n/2])<<8 | uint64(name[n-1])<<16) * other
	}
	return h ^ h>>32
}

// plainKey is the name of a member without its escapes, good until the next one.
func (s *Scanner) plainKey(key []byte) []byte {
	surrogates := s.Surrogates
	s.key = s.unescape(key, s.key[:0])
	s.Surrogates = surrogates
	return s.key
}

// Names lists the first names of the members of a line that is an object, at most so many, and how many there are. It is for
// people, not for speed.
func (s *Scanner) Names(line []byte, most int) (names []string, all int) {
	i := space(line, 0)
	if at(line, i) != '{' {
		return nil, 0
	}
	for i = space(line, i+1); at(line, i) == '"'; {
		end := s.skipString(line, i+1)
		if end < 0 {
			return names, all
		}
		if all++; len(names) < most {
			name := line[i+1 : end-1]
			if s.escaped {
				name = s.plainKey(name)
			}
			names = append(names, string(name))
		}
		if i = space(line, end); at(line, i) != ':' {
			return names, all
		}
		if i = s.skipValue(line, space(line, i+1), 1); i < 0 {
			return names, all
		}
		i = next(line, i)
	}
	return names, all
}
