package jsonscan

import (
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Readers of metadata stumble over what a line may have and they do not read: a lone surrogate, NaN, a number that no float
// holds, two members of one name. So a rest with such things is written anew.

// mend writes the object that begins at start in rest without what the scan found strange.
func (s *Scanner) mend(rest []byte, start int) []byte {
	if s.odd {
		s.mended = append(s.mended[:0], rest[start:]...)
		rest = s.readable(s.mended, rest[:start])
	}
	if s.twice {
		s.mended = append(s.mended[:0], rest[start:]...)
		rest, _ = s.distinct(s.mended, rest[:start], 0)
	}
	if cap(s.mended) > keepScratch {
		s.mended = nil
	}
	return rest
}

// keepScratch bounds the memory that a Scanner keeps from one line to the next.
const keepScratch = 1 << 20

// readable appends valid JSON: U+FFFD for lone surrogates, null for what is no number.
func (s *Scanner) readable(src, dst []byte) []byte {
	for i := 0; i < len(src); {
		start := i
		switch c := src[i]; {
		case c == '"':
			i = s.skipString(src, i+1)
			if s.escaped {
				dst = s.paired(src[start:i], dst)
				continue
			}
		case isNull(src, i) && c != 'n', c == '-' || isDigit(c):
			if i = s.skipValue(src, i, 0); !isFinite(src[start:i]) {
				s.NotFinite++
				dst = append(dst, "null"...)
				continue
			}
		default:
			i++
		}
		dst = append(dst, src[start:i]...)
	}
	return dst
}

// paired appends a string as it stands, with U+FFFD for the escapes of lone surrogates.
func (s *Scanner) paired(src, dst []byte) []byte {
	for i := 0; ; {
		from := i
		i = untilEscape(src, i)
		dst = append(dst, src[from:i]...)
		if i >= len(src) {
			return dst
		}
		if src[i+1] != 'u' {
			dst = append(dst, src[i:i+2]...)
			i += 2
			continue
		}
		end := i + 6
		if r := hex4(src[i+2:]); utf16.IsSurrogate(r) {
			var low rune
			if end+6 <= len(src) && src[end] == '\\' && src[end+1] == 'u' {
				low = hex4(src[end+2:])
			}
			if utf16.DecodeRune(r, low) == utf8.RuneError {
				s.Surrogates++
				dst = utf8.AppendRune(dst, utf8.RuneError)
				i = end
				continue
			}
			end += 6
		}
		dst = append(dst, src[i:end]...)
		i = end
	}
}

// isNull says whether at i stands null, or what programs write for no number: NaN, Infinity, -Infinity.
func isNull(d []byte, i int) bool {
	c := d[i]
	return c == 'n' || c == 'N' || c == 'I' || c == '-' && at(d, i+1) == 'I'
}

// isFinite says of a number, or of a word for none, whether a float holds it.
func isFinite(number []byte) bool {
	f, err := strconv.ParseFloat(string(number), 64)
	return err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// distinct appends the value at i of valid JSON with the last member of each name in every object, and returns where it ends.
func (s *Scanner) distinct(src, dst []byte, i int) (out []byte, end int) {
	switch src[i] {
	case '{':
		return s.distinctMembers(src, dst, i)
	case '[':
		dst = append(dst, '[')
		start := len(dst)
		for i = space(src, i+1); src[i] != ']'; i = next(src, i) {
			if len(dst) > start {
				dst = append(dst, ',')
			}
			dst, i = s.distinct(src, dst, i)
		}
		return append(dst, ']'), i + 1
	}
	end = s.skipValue(src, i, 0)
	return append(dst, src[i:end]...), end
}

// distinctMembers is distinct for an object.
func (s *Scanner) distinctMembers(src, dst []byte, i int) (out []byte, end int) {
	type span struct{ from, to int } // in dst, without a comma; empty if a later one has the name
	var members []span
	last := map[string]int{}
	dst = append(dst, '{')
	start := len(dst)
	dropped := false
	for i = space(src, i+1); src[i] != '}'; i = next(src, i) {
		keyEnd := s.skipString(src, i+1)
		name := src[i+1 : keyEnd-1]
		if s.escaped {
			name = s.plainKey(name)
		}
		if before, found := last[string(name)]; found {
			members[before] = span{}
			s.RepeatedNames++
			dropped = true
		}
		last[string(name)] = len(members)
		if len(dst) > start {
			dst = append(dst, ',')
		}
		from := len(dst)
		dst = append(append(dst, src[i:keyEnd]...), ':')
		dst, i = s.distinct(src, dst, space(src, space(src, keyEnd)+1))
		members = append(members, span{from, len(dst)})
	}
	if dropped {
		end := start
		for _, m := range members {
			if m.to == 0 {
				continue
			}
			if end > start {
				dst[end] = ','
				end++
			}
			end += copy(dst[end:], dst[m.from:m.to])
		}
		dst = dst[:end]
	}
	return append(dst, '}'), i + 1
}
