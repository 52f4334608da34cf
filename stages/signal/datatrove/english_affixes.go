package datatrove

import "unicode/utf8"

func isASCIIDigit(b byte) bool { return b-'0' <= 9 }

// dots is how many dots t starts with.
func dots(t []byte) int {
	n := 0
	for n < len(t) && t[n] == '.' {
		n++
	}
	return n
}

// prefix is how many bytes are cut off in front of t.
func (e *english) prefix(t []byte) int {
	c, size := e.classes.at(t, 0)
	switch {
	case t[0] == '+':
		if len(t) > 1 && isASCIIDigit(t[1]) {
			return 0
		}
		return 1
	case c&prefix != 0:
		return size
	case t[0] == '.':
		if n := dots(t); n > 1 {
			return n
		}
	case len(t) > 1 && t[1] == '$' && (t[0] == 'A' || t[0] == 'C'):
		return 2
	case len(t) > 2 && string(t[:3]) == "US$":
		return 3
	}
	return 0
}

// suffix is how many bytes are cut off behind t: the longest that can be.
func (e *english) suffix(t []byte) int {
	if len(t) == 0 {
		return 0
	}
	if t[len(t)-1] == '.' {
		return e.dotsBehind(t)
	}
	c, size := e.classes.before(t, len(t))
	if c&suffix != 0 {
		const ellipsis = "…"
		if twice := len(t) - 2*len(ellipsis); twice >= 0 && string(t[twice:]) == ellipsis+ellipsis {
			return 2 * len(ellipsis)
		}
		return size
	}
	if last := t[len(t)-1]; last|0x20 == 's' {
		if r, size := utf8.DecodeLastRune(t[:len(t)-1]); r == '\'' || r == '’' {
			return size + 1
		}
	}
	// A unit, a currency or a plus behind a digit.
	for i := len(t) - 1; i >= 0 && len(t)-i <= e.rules.longestUnit+1; i-- {
		if !isASCIIDigit(t[i]) {
			continue
		}
		if behind := t[i+1:]; string(behind) == "+" || e.rules.units[string(behind)] {
			return len(behind)
		}
		break
	}
	return 0
}

// dotsBehind is suffix of what ends in a dot.
func (e *english) dotsBehind(t []byte) int {
	n := 1
	for n < len(t) && t[len(t)-1-n] == '.' {
		n++
	}
	if n > 1 {
		return n
	}
	c, size := e.classes.before(t, len(t)-1)
	if c&beforeDot != 0 {
		return 1
	}
	const degree = "°"
	rest := t[:len(t)-1-size]
	if c&upperLetter != 0 {
		if d, _ := e.classes.before(rest, len(rest)); d&upperLetter != 0 {
			return 1
		}
	}
	if f := t[len(rest):]; (f[0] == 'F' || f[0] == 'C' || f[0] == 'K') && len(rest) >= len(degree) && string(rest[len(rest)-len(degree):]) == degree {
		return 1
	}
	return 0
}

// infix is how many bytes are cut out of t at i, or none, and the bytes of the character there.
func (e *english) infix(t []byte, i int) (cut, size int) {
	c, size := e.classes.at(t, i)
	if c&infix != 0 {
		return size, size
	}
	if c&letter != 0 || isASCIIDigit(t[i]) {
		return 0, size
	}
	switch b := t[i]; b {
	case '.':
		if n := dots(t[i:]); n > 1 {
			return n, 1
		}
		if e.behind(t, i, lowerLetter|quote) && e.ahead(t, i+1, upperLetter|quote) {
			return 1, 1
		}
	case ',':
		if e.behind(t, i, letter) && e.ahead(t, i+1, letter) {
			return 1, 1
		}
	case '+', '*', '^':
		if i > 0 && isASCIIDigit(t[i-1]) && i+1 < len(t) && (isASCIIDigit(t[i+1]) || t[i+1] == '-') {
			return 1, 1
		}
	case '-':
		if i > 0 && isASCIIDigit(t[i-1]) && i+1 < len(t) && (isASCIIDigit(t[i+1]) || t[i+1] == '-') {
			return 1, 1
		}
		return e.hyphen(t, i), 1
	case '~', ':', '<', '>', '=', '/':
		if e.between(t, i, 1) {
			return 1, 1
		}
	default:
		return e.hyphen(t, i), size
	}
	return 0, size
}

// hyphen is how many bytes of a dash at i of t are cut out.
func (e *english) hyphen(t []byte, i int) int {
	for _, dash := range [...]string{"-", "--", "---", "–", "—", "——"} {
		if n := len(dash); len(t)-i > n && string(t[i:i+n]) == dash && e.between(t, i, n) {
			return n
		}
	}
	return 0
}

// between says whether the n bytes at i of t stand between a letter or digit and a letter.
func (e *english) between(t []byte, i, n int) bool {
	return i > 0 && (isASCIIDigit(t[i-1]) || e.behind(t, i, letter)) && e.ahead(t, i+n, letter)
}

func (e *english) behind(t []byte, i int, of class) bool {
	c, _ := e.classes.before(t, i)
	return c&of != 0
}

func (e *english) ahead(t []byte, i int, of class) bool {
	if i >= len(t) {
		return false
	}
	c, _ := e.classes.at(t, i)
	return c&of != 0
}
