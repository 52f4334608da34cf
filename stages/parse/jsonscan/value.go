package jsonscan

// skipValue validates the value at i, which lies in depth containers, and returns the index behind it, or -1.
func (s *Scanner) skipValue(d []byte, i, depth int) int {
	switch c := at(d, i); c {
	case '"':
		return s.skipString(d, i+1)
	case '{', '[':
		if depth >= maxDepth {
			return s.fail(i, "nested too deep")
		}
		if c == '{' {
			return s.skipObject(d, i+1, depth+1)
		}
		return s.skipArray(d, i+1, depth+1)
	case 't':
		return s.skipWord(d, i, "true")
	case 'f':
		return s.skipWord(d, i, "false")
	case 'n':
		return s.skipWord(d, i, "null")
	case 'N':
		s.odd = true
		return s.skipWord(d, i, "NaN")
	case 'I':
		s.odd = true
		return s.skipWord(d, i, "Infinity")
	default:
		if c == '-' || isDigit(c) {
			return s.skipNumber(d, i)
		}
		return s.fail(i, "expected a value")
	}
}

func (s *Scanner) skipObject(d []byte, i, depth int) int {
	base := len(s.names)
	i = space(d, i)
	if at(d, i) == '}' {
		return i + 1
	}
	for {
		if at(d, i) != '"' {
			return s.fail(i, "expected a name")
		}
		start := i + 1
		if i = s.skipString(d, start); i < 0 {
			return i
		}
		s.note(d[start:i-1], base)
		i = space(d, i)
		if at(d, i) != ':' {
			return s.fail(i, "expected a colon")
		}
		if i = s.skipValue(d, space(d, i+1), depth); i < 0 {
			return i
		}
		i = space(d, i)
		switch at(d, i) {
		case '}':
			s.noted(base)
			return i + 1
		case ',':
			i = space(d, i+1)
		default:
			return s.fail(i, "expected a comma or the end of the object")
		}
	}
}

func (s *Scanner) skipArray(d []byte, i, depth int) int {
	i = space(d, i)
	if at(d, i) == ']' {
		return i + 1
	}
	for {
		if i = s.skipValue(d, i, depth); i < 0 {
			return i
		}
		i = space(d, i)
		switch at(d, i) {
		case ']':
			return i + 1
		case ',':
			i = space(d, i+1)
		default:
			return s.fail(i, "expected a comma or the end of the array")
		}
	}
}

func (s *Scanner) skipWord(d []byte, i int, word string) int {
	for k := range len(word) {
		if at(d, i+k) != word[k] {
			return s.fail(i+k, "expected "+word)
		}
	}
	return i + len(word)
}

// longNumber is the length from which a number may be more than a float holds; an exponent of three digits may be, too.
const longNumber = 300

// skipNumber follows the grammar of RFC 8259, section 6, and takes -Infinity.
func (s *Scanner) skipNumber(d []byte, i int) int {
	start := i
	if d[i] == '-' {
		if i++; at(d, i) == 'I' {
			s.odd = true
			return s.skipWord(d, i, "Infinity")
		}
	}
	switch c := at(d, i); {
	case c == '0':
		i++
	case isDigit(c):
		i = digits(d, i)
	default:
		return s.fail(i, "expected a digit")
	}
	if at(d, i) == '.' {
		i++
		if !isDigit(at(d, i)) {
			return s.fail(i, "expected a digit")
		}
		i = digits(d, i)
	}
	if c := at(d, i); c == 'e' || c == 'E' {
		i++
		if c := at(d, i); c == '+' || c == '-' {
			i++
		}
		if !isDigit(at(d, i)) {
			return s.fail(i, "expected a digit")
		}
		exponent := i
		if i = digits(d, i); i-exponent > 2 {
			s.odd = true
		}
	}
	if i-start >= longNumber {
		s.odd = true
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func digits(d []byte, i int) int {
	for isDigit(at(d, i)) {
		i++
	}
	return i
}
