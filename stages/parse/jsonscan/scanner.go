// Package jsonscan takes the text and the rest out of a line that is one JSON object. It accepts exactly what RFC 8259
// allows, and NaN, Infinity and -Infinity as numbers, validates all of the line in the same pass that looks for the text, and
// allocates nothing for a good line. That the line is UTF-8 is for the caller to see to: a validator of its own is faster than
// one in here. It builds no values: what is not the text is copied as it stands, but for what other readers of JSON do not
// read or read otherwise (see Scanner). Framer finds the objects of a document that is no line.
package jsonscan

// maxDepth is how deep objects and arrays may be nested, the line itself included. What is deeper is an error.
const maxDepth = 512

// Status says what a line turned out to be.
type Status uint8

// What Scan finds. A field that occurs more than once counts with its last value, as in most readers of JSON.
const (
	OK        Status = iota
	Missing          // an object without any of the fields
	WrongType        // there are such fields, but none is a string
	Syntax           // not one JSON object: see Pos and What
)

// Scanner holds the wanted fields and what there is to say about the last line. The zero value wants none. Not safe for
// concurrent use.
type Scanner struct {
	Pos    int    // where in the line Scan gave up, after WrongType and Syntax
	What   string // what is wrong there, after WrongType and Syntax
	Wanted string // the candidate that is no string, after WrongType

	// Of all lines that were OK; never reset.
	Surrogates    int64 // lone surrogate escapes, which became U+FFFD, in text and rest
	Repeated      int64 // further occurrences of the text's field
	RepeatedNames int64 // further members of one name in an object of the rest: the last one stays
	NotFinite     int64 // NaN, infinities, and numbers too large for a float in the rest, which became null

	candidates []candidate
	heads      []head
	lengths    uint64 // bit n is set if a head has n bytes, the last bit for 63 and more
	// hot is the head that the last text came from, and the only one that the first pass over a line leaves out of the
	// rest. A line whose text is elsewhere is read twice, so that in files of one kind no text is ever copied into a rest.
	hot int

	line    uint64 // number of the line, which tells the spans of the line from older ones
	repeats int64  // of the hot head in the line
	escaped bool   // whether the last string had an escape
	key     []byte // scratch: a key without its escapes

	odd, twice bool     // what mend has to look for in the line
	names      []uint64 // hashes of the names in the open objects, one object behind the other
	mended     []byte   // scratch
}

// Scan reads a line, which must be valid UTF-8. It appends the text to text, which is the value of the first candidate that
// the line has as a string with more in it than white space, or else of the first that is a string, without its escapes, and
// all other members to rest, as an object in which they stand as they came; nothing if there are none. Lone surrogates, numbers
// that are none and repeated names do not: see the counts. Of a member with a path in it, what does not belong to the text
// comes last. Unless it returns OK, text comes back as it was and rest with bytes behind it that mean nothing.
//
// text may be a shorter slice of the memory of line that ends at or before the start of line: nothing is written to it
// before all of line is known to be good, and the value never has more bytes than its source.
func (s *Scanner) Scan(line, text, rest []byte) (newText, newRest []byte, status Status) {
	restStart := len(rest)
	rest, ok := s.members(line, rest)
	if !ok {
		return text, rest, Syntax
	}
	c, status := s.choose(line)
	if status != OK {
		return text, rest, status
	}
	if c.head != s.hot {
		s.hot = c.head
		rest, _ = s.members(line, rest[:restStart])
	}
	s.Repeated += s.repeats
	if c.path != nil {
		rest = s.remainder(line, rest, restStart, c)
	}
	if len(rest) > restStart {
		if rest = append(rest, '}'); s.odd || s.twice {
			rest = s.mend(rest, restStart)
		}
	}
	switch v := s.heads[c.head].value; {
	case c.path != nil:
		text = s.join(line, text, v.from, c.path)
	case v.escaped:
		text = s.unescape(line[v.from+1:v.to-1], text)
	default:
		text = append(text, line[v.from+1:v.to-1]...)
	}
	return text, rest, OK
}

// members validates a line, notes where the values of heads are, and appends all members but the hot one to rest, with an
// opening bracket before and none behind.
func (s *Scanner) members(line, rest []byte) (newRest []byte, ok bool) {
	restStart := len(rest)
	s.line++
	s.repeats, s.odd, s.twice = 0, false, false
	if s.names = s.names[:0]; cap(s.names) > keepScratch/8 {
		s.names = nil
	}
	i := space(line, 0)
	if at(line, i) != '{' {
		s.fail(i, "expected an object")
		return rest, false
	}
	i = space(line, i+1)
	for first := true; ; first = false {
		if first && at(line, i) == '}' {
			break
		}
		if at(line, i) != '"' {
			s.fail(i, "expected a name")
			return rest, false
		}
		start := i
		if i = s.skipString(line, i+1); i < 0 {
			return rest, false
		}
		name := line[start+1 : i-1]
		h := s.headOf(name)
		if h != s.hot {
			s.note(name, 0)
		}
		i = space(line, i)
		if at(line, i) != ':' {
			s.fail(i, "expected a colon")
			return rest, false
		}
		i = space(line, i+1)
		value := i
		if i = s.skipValue(line, i, 1); i < 0 {
			return rest, false
		}
		if h >= 0 {
			v := &s.heads[h].value
			if h == s.hot && v.line == s.line {
				s.repeats++
			}
			*v = span{line: s.line, key: start, from: value, to: i, escaped: s.escaped}
		}
		if h != s.hot {
			rest = append(appendSeparator(rest, restStart), line[start:i]...)
		}
		i = space(line, i)
		if at(line, i) == '}' {
			break
		}
		if at(line, i) != ',' {
			s.fail(i, "expected a comma or the end of the object")
			return rest, false
		}
		i = space(line, i+1)
	}
	s.noted(0)
	if i = space(line, i+1); i < len(line) {
		s.fail(i, "unexpected data after the object")
		return rest, false
	}
	return rest, true
}

// appendSeparator begins an object that starts at start, or goes on with it.
func appendSeparator(rest []byte, start int) []byte {
	if len(rest) == start {
		return append(rest, '{')
	}
	return append(rest, ',')
}

// Valid says whether data is one JSON object; truncated, whether it could still become one.
func (s *Scanner) Valid(data []byte) (valid, truncated bool) {
	_, _, status := s.Scan(data, nil, nil)
	if status == Syntax {
		return false, s.Pos >= len(data)
	}
	return true, false
}

func (s *Scanner) fail(pos int, what string) int {
	s.Pos, s.What = pos, what
	return -1
}

// at is the byte at i, 0 behind the end; no syntax has a zero byte.
func at(d []byte, i int) byte {
	if i < len(d) {
		return d[i]
	}
	return 0
}

// space skips white space.
func space(d []byte, i int) int {
	for i < len(d) && (d[i] == ' ' || d[i] == '\t' || d[i] == '\r' || d[i] == '\n') {
		i++
	}
	return i
}
