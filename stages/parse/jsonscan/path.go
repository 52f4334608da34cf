package jsonscan

// follow checks that a path leads from the valid value at i to strings or to nothing, and returns -1, or where it does not.
func (s *Scanner) follow(line []byte, i int, path []step) (bad int) {
	s.walk(line, i, path, func(from int) bool {
		if line[from] != '"' {
			bad = from
			return false
		}
		return true
	}, &bad)
	return bad
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
	if line[i] == 'n' {
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
			if i = space(line, s.skipValue(line, i, 0)); line[i] == ',' {
				i = space(line, i+1)
			}
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
	found := -1
	for i = space(line, i+1); line[i] != '}'; {
		start := i
		i = s.skipString(line, i+1)
		named := s.names(line[start+1:i-1], path[0].member)
		i = space(line, space(line, i)+1)
		if named {
			found = i
		}
		if i = space(line, s.skipValue(line, i, 0)); line[i] == ',' {
			i = space(line, i+1)
		}
	}
	return found < 0 || s.walk(line, found, path[1:], visit, bad)
}

// names says whether a key that was just skipped is name.
func (s *Scanner) names(key []byte, name string) bool {
	if s.escaped {
		surrogates := s.Surrogates
		s.key = s.unescape(key, s.key[:0])
		s.Surrogates = surrogates
		key = s.key
	}
	return string(key) == name
}
