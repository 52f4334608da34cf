package jsonscan

// follow checks that a path leads from the valid value at i to strings or to nothing. It says whether there is one, whether one
// has more in it than white space, and -1, or where the path leads to something else.
func (s *Scanner) follow(line []byte, i int, path []step) (found, full bool, bad int) {
	s.walk(line, i, path, func(from int) bool {
		if line[from] != '"' {
			bad = from
			return false
		}
		found, full = true, full || filled(line, from)
		return true
	}, &bad)
	return found, full, bad
}

// join appends the strings that a path leads to, which follow has checked.
func (s *Scanner) join(line, text []byte, i int, path []step) []byte {
	first := true
	s.walk(line, i, path, func(from int) bool {
		if !first {
			text = append(text, '\n')
		}
		first = false
		to := s.skipString(line, from+1)
		text = s.unescape(line[from+1:to-1], text)
		return true
	}, new(int))
	return text
}

// walk calls visit with the start of every value that a path leads to, until that returns false; null and missing members
// are passed over. Nothing up to the end of a value is read once visit had it. bad becomes -1, or the place where a value is not what the path needs.
func (s *Scanner) walk(line []byte, i int, path []step, visit func(from int) bool, bad *int) bool {
	*bad = -1
	if isNull(line, i) {
		return true
	}
	if len(path) == 0 {
		return visit(i)
	}
	if path[0].elements {
		if line[i] != '[' {
			*bad = i
			return false
		}
		for i = space(line, i+1); line[i] != ']'; {
			element := i
			i = next(line, s.skipValue(line, i, 0))
			// What visit is called with may be written over by it: from here on only what stands behind the element is read.
			if !s.walk(line, element, path[1:], visit, bad) {
				return false
			}
		}
		return true
	}
	if line[i] != '{' {
		*bad = i
		return false
	}
	found := s.find(line, i, path[0].member)
	return found < 0 || s.walk(line, found, path[1:], visit, bad)
}

// find is where the value of a member of the object at i is, the last one of that name; -1 if there is none.
func (s *Scanner) find(line []byte, i int, member string) (value int) {
	value = -1
	for i = space(line, i+1); line[i] != '}'; {
		found, named := s.member(line, i, member)
		if named {
			value = found
		}
		i = next(line, s.skipValue(line, found, 0))
	}
	return value
}

// member is where the value of the member at i is, and whether it has this name.
func (s *Scanner) member(line []byte, i int, name string) (value int, named bool) {
	end := s.skipString(line, i+1)
	named = s.isName(line[i+1:end-1], name)
	return space(line, space(line, end)+1), named
}

// next is where the member or element behind the one that ends at i begins, or the bracket that closes them.
func next(line []byte, i int) int {
	if i = space(line, i); line[i] == ',' {
		i = space(line, i+1)
	}
	return i
}

// remainder appends the member in which a path begins to the rest that begins at restStart, without the members that the path
// leads to: what else the objects on the way have stays metadata. Nothing is appended if they have nothing else.
func (s *Scanner) remainder(line, rest []byte, restStart int, c *candidate) []byte {
	path := c.path
	for len(path) > 0 && path[len(path)-1].elements { // all of such an array is text
		path = path[:len(path)-1]
	}
	if len(path) == 0 {
		return rest
	}
	before, v := len(rest), &s.heads[c.head].value
	rest = append(appendSeparator(rest, restStart), line[v.key:v.from]...)
	rest, more := s.without(line, rest, v.from, path)
	if !more {
		return rest[:before]
	}
	return rest
}

// without appends the value at i without the members that a path leads to, which follow has checked. It says whether there is
// more in it than the path.
func (s *Scanner) without(line, rest []byte, i int, path []step) (newRest []byte, more bool) {
	if isNull(line, i) {
		return append(rest, "null"...), false
	}
	if path[0].elements {
		return s.elementsWithout(line, rest, i, path)
	}
	found := s.find(line, i, path[0].member)
	rest = append(rest, '{')
	start := len(rest)
	for i = space(line, i+1); line[i] != '}'; {
		key := i
		value, named := s.member(line, i, path[0].member)
		i = s.skipValue(line, value, 0)
		text := named && len(path) == 1
		if !text && len(rest) > start {
			rest = append(rest, ',')
		}
		switch {
		case text && value != found:
			s.Repeated++
		case text:
		case value != found:
			rest, more = append(rest, line[key:i]...), true
		default:
			var in bool
			rest, in = s.without(line, append(rest, line[key:value]...), value, path[1:])
			more = more || in
		}
		i = next(line, i)
	}
	return append(rest, '}'), more
}

// elementsWithout is without for an array.
func (s *Scanner) elementsWithout(line, rest []byte, i int, path []step) (newRest []byte, more bool) {
	rest = append(rest, '[')
	start := len(rest)
	for i = space(line, i+1); line[i] != ']'; {
		if len(rest) > start {
			rest = append(rest, ',')
		}
		var in bool
		rest, in = s.without(line, rest, i, path[1:])
		more = more || in
		i = next(line, s.skipValue(line, i, 0))
	}
	return append(rest, ']'), more
}

// isName says whether a key that was just skipped is name.
func (s *Scanner) isName(key []byte, name string) bool {
	if s.escaped {
		key = s.plainKey(key)
	}
	return string(key) == name
}
