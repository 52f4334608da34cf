// Package jsonscan takes one field and the rest out of a line that is one JSON object. It accepts exactly what RFC 8259
// allows, validates all of the line in the same pass that looks for the field, and allocates nothing for a good line. That
// the line is UTF-8 is for the caller to see to: a validator of its own is faster than one in here. It builds no values: what is not the wanted field is copied as it stands.
package jsonscan

// MaxDepth is how deep objects and arrays may be nested, the line itself included. What is deeper is an error.
const MaxDepth = 512

// Status says what a line turned out to be.
type Status uint8

// What Scan finds. A field that occurs more than once counts with its last value, as in most readers of JSON.
const (
	OK        Status = iota
	Missing          // an object without the field
	WrongType        // the field is no string
	Syntax           // not one JSON object: see Pos and What
)

// Scanner holds the wanted field and what there is to say about the last line. Not safe for concurrent use.
type Scanner struct {
	Field string // the name of the wanted member of the object

	Pos  int    // where in the line Scan gave up, after WrongType and Syntax
	What string // what is wrong there, after WrongType and Syntax

	Surrogates int64 // lone surrogate escapes in values of the field, which became U+FFFD; never reset
	Repeated   int64 // further occurrences of the field; never reset

	escaped bool   // whether the last string had an escape
	key     []byte // scratch: a key without its escapes
}

// Scan reads a line, which must be valid UTF-8. It appends the value of the field to text, without its escapes, and all other members to rest, as
// an object in which they stand as they came; nothing if there are none. Unless it returns OK, text comes back as it was
// and rest with bytes behind it that mean nothing.
//
// text may be a shorter slice of the memory of line that ends at or before the start of line: nothing is written to it
// before all of line is known to be good, and the value never has more bytes than its source.
func (s *Scanner) Scan(line, text, rest []byte) (newText, newRest []byte, status Status) {
	restStart := len(rest)
	status = Missing
	var from, to int
	var escaped bool

	i := space(line, 0)
	if at(line, i) != '{' {
		s.fail(i, "expected an object")
		return text, rest, Syntax
	}
	i = space(line, i+1)
	for first := true; ; first = false {
		if first && at(line, i) == '}' {
			break
		}
		if at(line, i) != '"' {
			s.fail(i, "expected a name")
			return text, rest, Syntax
		}
		start := i
		if i = s.skipString(line, i+1); i < 0 {
			return text, rest, Syntax
		}
		wanted := s.wanted(line[start+1 : i-1])
		i = space(line, i)
		if at(line, i) != ':' {
			s.fail(i, "expected a colon")
			return text, rest, Syntax
		}
		i = space(line, i+1)
		value := i
		if i = s.skipValue(line, i, 1); i < 0 {
			return text, rest, Syntax
		}
		if !wanted {
			if len(rest) == restStart {
				rest = append(rest, '{')
			} else {
				rest = append(rest, ',')
			}
			rest = append(rest, line[start:i]...)
		} else {
			if status != Missing {
				s.Repeated++
			}
			from, to, escaped, status = value+1, i-1, s.escaped, OK
			if line[value] != '"' {
				status = WrongType
			}
		}
		i = space(line, i)
		if at(line, i) == '}' {
			break
		}
		if at(line, i) != ',' {
			s.fail(i, "expected a comma or the end of the object")
			return text, rest, Syntax
		}
		i = space(line, i+1)
	}
	if i = space(line, i+1); i < len(line) {
		s.fail(i, "unexpected data after the object")
		return text, rest, Syntax
	}
	switch {
	case status == WrongType:
		s.Pos, s.What = from-1, "the field is no string"
		return text, rest, status
	case status == Missing:
		return text, rest, status
	case escaped:
		text = s.unescape(line[from:to], text)
	default:
		text = append(text, line[from:to]...)
	}
	if len(rest) > restStart {
		rest = append(rest, '}')
	}
	return text, rest, OK
}

// Valid says whether data is one JSON object; truncated, whether it could still become one.
func (s *Scanner) Valid(data []byte) (valid, truncated bool) {
	_, _, status := s.Scan(data, nil, nil)
	if status == Syntax {
		return false, s.Pos >= len(data)
	}
	return true, false
}

// wanted says whether a key, as it stands in the line, names the field.
func (s *Scanner) wanted(key []byte) bool {
	if s.escaped {
		surrogates := s.Surrogates
		s.key = s.unescape(key, s.key[:0])
		s.Surrogates = surrogates
		key = s.key
	}
	return string(key) == s.Field
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
