package jsonscan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// candidate is one place where the text may be.
type candidate struct {
	name string
	head int    // the member of the line's object
	path []step // from the value of that member on to the strings; nil if it is one itself
	one  bool   // the path passes through no array: it leads to one string, or the line has no such candidate
}

// step leads from a value to others.
type step struct {
	member   string
	elements bool // of an array; otherwise the member of an object
}

// head is a member of the line's object that the text may be in.
type head struct {
	name  string
	value span // the last one seen
}

// span is where a value stands in a line.
type span struct {
	line          uint64
	key, from, to int // key is where the member begins
	escaped       bool
}

// New makes a Scanner that looks for the candidates in their order. A candidate is the name of a member of the line's
// object, or a path to members of objects in it. data.text is the member that is called so or, if there is none, the member
// text of the object data. A path with "[]" in it leads to several strings, which are joined by line ends: 段落[].内容 is the
// member 内容 of every object in the array 段落. An element without the member, or with null, has no part in the text.
// Candidates that are no such path are taken for names; CheckCandidate finds them.
func New(candidates ...string) *Scanner {
	s := &Scanner{}
	for _, name := range candidates {
		first, path, err := parsePath(name)
		several := strings.Contains(name, elements)
		if err != nil || !several { // a member may well have dots in its name
			s.add(candidate{name: name}, name)
		}
		if path != nil {
			s.add(candidate{name: name, path: path, one: !several}, first)
		}
	}
	return s
}

// add adds a candidate in a member of the line's object.
func (s *Scanner) add(c candidate, member string) {
	c.head = slices.IndexFunc(s.heads, func(h head) bool { return h.name == member })
	if c.head < 0 {
		c.head = len(s.heads)
		s.heads = append(s.heads, head{name: member})
		s.lengths |= 1 << min(len(member), 63)
	}
	s.candidates = append(s.candidates, c)
}

// CheckCandidate says what is wrong with a candidate.
func CheckCandidate(name string) error {
	if name == "" || !utf8.ValidString(name) {
		return errors.New("must be the name of a field")
	}
	if !strings.Contains(name, elements) { // a member may have any name
		return nil
	}
	_, _, err := parsePath(name)
	return err
}

const elements = "[]"

// parsePath splits a path into the member of the line's object and the steps from there. The name of a member alone has none.
func parsePath(name string) (first string, path []step, err error) {
	for i, part := range strings.Split(name, ".") {
		member := strings.TrimRight(part, elements)
		if member == "" {
			return "", nil, fmt.Errorf("%q: a name is missing in the path", name)
		}
		brackets := part[len(member):]
		if brackets != strings.Repeat(elements, len(brackets)/2) {
			return "", nil, fmt.Errorf("%q: only [] may stand behind a name", name)
		}
		if i == 0 {
			first = member
		} else {
			path = append(path, step{member: member})
		}
		for range len(brackets) / 2 {
			path = append(path, step{elements: true})
		}
	}
	return first, path, nil
}

// headOf is the number of the head that a key names, as it stands in the line; -1 if there is none.
func (s *Scanner) headOf(key []byte) int {
	if s.escaped {
		key = s.plainKey(key)
	}
	if s.hot < len(s.heads) && string(key) == s.heads[s.hot].name {
		return s.hot
	}
	if s.lengths&(1<<min(len(key), 63)) == 0 {
		return -1
	}
	for i := range s.heads {
		if string(key) == s.heads[i].name {
			return i
		}
	}
	return -1
}

// choose finds the first candidate that the line has with something in it, or else the first that is a string. The members must
// have been read.
func (s *Scanner) choose(line []byte) (*candidate, Status) {
	status := Missing
	var empty *candidate
	for i := range s.candidates {
		c := &s.candidates[i]
		v := &s.heads[c.head].value
		if v.line != s.line {
			continue
		}
		bad, what := v.from, "the field is no string"
		if c.path == nil {
			if line[v.from] == '"' {
				if filled(line, v.from) {
					return c, OK
				}
				bad = -1
			}
		} else {
			var found, full bool
			if found, full, bad = s.follow(line, v.from, c.path); bad < 0 && full {
				return c, OK
			} else if bad < 0 && !found && c.one {
				continue
			}
			what = "the path leads to no string"
		}
		switch {
		case bad < 0 && empty == nil:
			empty = c
		case bad >= 0 && status == Missing:
			status = WrongType
			s.Wanted = c.name
			s.fail(bad, what)
		}
	}
	if empty != nil {
		return empty, OK
	}
	return nil, status
}
