package datatrove

import (
	"bytes"
	"unicode/utf8"
)

// isURL says whether t, without white space, is what spaCy takes for an address: a host of names or of four numbers, with a scheme, somebody's
// name, a port and a path or without. It is the language of its regular expression, found without going back: the host can start at the start,
// behind a scheme and behind every @, and each part of it ends where its characters do.
func (e *english) isURL(t []byte) bool {
	if bytes.IndexByte(t, '.') < 0 {
		return false
	}
	if e.isHost(t) {
		return true
	}
	if i := bytes.Index(t, []byte("://")); i > 0 && e.isScheme(t[:i]) && e.isHost(t[i+3:]) {
		return true
	}
	for i := 1; i < len(t); i++ {
		at := bytes.IndexByte(t[i:], '@')
		if at < 0 {
			return false
		}
		i += at
		if e.isHost(t[i+1:]) {
			return true
		}
	}
	return false
}

// isScheme says whether t is two or more of the characters of schemes.
func (e *english) isScheme(t []byte) bool {
	n := 0
	for i := 0; i < len(t); n++ {
		c, size := e.classes.at(t, i)
		if c&wordLike == 0 && t[i] != '+' && t[i] != '-' && t[i] != '.' {
			return false
		}
		i += size
	}
	return n > 1
}

// isHost says whether t is a host, and what may be behind it.
func (e *english) isHost(t []byte) bool { return e.isAddress(t) || e.isNamed(t) }

// isNamed: names that end in dots, the last in lower letters.
func (e *english) isNamed(t []byte) bool {
	named := false
	for {
		// A name is of the characters of names; in front and behind it has no _ and no -.
		size, chars, first := 0, 0, false
		for size < len(t) {
			r, n := utf8.DecodeRune(t[size:])
			if !isName(r) && r != '_' && r != '-' {
				break
			}
			first = first || chars == 0 && isName(r)
			size += n
			chars++
		}
		if size == len(t) || t[size] != '.' || chars > 64 || !first {
			break
		}
		if r, _ := utf8.DecodeLastRune(t[:size]); !isName(r) {
			break
		}
		t, named = t[size+1:], true
	}
	if !named {
		return false
	}
	i, chars := 0, 0
	for ; i < len(t); chars++ {
		c, size := e.classes.at(t, i)
		if c&lowerLetter == 0 {
			break
		}
		i += size
	}
	return chars >= 2 && chars <= 63 && e.endsURL(t[i:])
}

// endsURL says whether t is a port and a path, or one of them, or nothing.
func (e *english) endsURL(t []byte) bool {
	if len(t) > 0 && t[0] == ':' {
		i, n := 1, 0
		for ; i < len(t); n++ {
			c, size := e.classes.at(t, i)
			if c&decimal == 0 {
				break
			}
			i += size
		}
		if n < 2 || n > 5 {
			return false
		}
		t = t[i:]
	}
	return len(t) == 0 || t[0] == '/' || t[0] == '?' || t[0] == '#'
}

// isName says whether names of hosts can start with a character.
func isName(r rune) bool {
	return r < utf8.RuneSelf && (isASCIIDigit(byte(r)) || byte(r)|0x20-'a' <= 'z'-'a') || r >= 0xA1 && r <= 0xFFFF
}

// isAddress: four numbers, but for those of private networks.
func (e *english) isAddress(t []byte) bool {
	var parts [4]octet
	for i := range parts {
		if i > 0 {
			if len(t) == 0 || t[0] != '.' {
				return false
			}
			t = t[1:]
		}
		size := 0
		for size < len(t) {
			c, n := e.classes.at(t, size)
			if c&decimal == 0 {
				break
			}
			if !parts[i].add(t[size]) {
				return false
			}
			size += n
		}
		t = t[size:]
	}
	a, b := string(parts[0].digits[:parts[0].n]), string(parts[1].digits[:parts[1].n])
	return e.endsURL(t) && parts[0].is("223", false) && parts[1].is("255", true) && parts[2].is("255", true) && parts[3].is("254", false) &&
		a != "10" && a != "127" && (a != "169" || b != "254") && (a != "192" || b != "168") &&
		(a != "172" || len(b) != 2 || (b[0] != '1' || b[1] < '6' || b[1] > '9') && b[0] != '2' && b != "30" && b != "31")
}

// octet is one number of an address. Digits of other scripts are at some places as good as ours: they are written as a colon, which is behind
// the nine.
type octet struct {
	digits [3]byte
	n      int
}

func (o *octet) add(b byte) bool {
	if o.n == len(o.digits) {
		return false
	}
	if !isASCIIDigit(b) {
		b = ':'
	}
	o.digits[o.n] = b
	o.n++
	return true
}

// is says whether the number is at most a limit of three digits, the first of which is a two. A shorter one can start with any digit, or not with
// a zero.
func (o *octet) is(limit string, zero bool) bool {
	d := o.digits
	if o.n < 3 {
		return o.n > 0 && (zero || d[0] >= '1' && d[0] <= '9')
	}
	return d[0] == '1' || d[0] == '2' && (d[1] < limit[1] || d[1] == limit[1] && d[2] <= limit[2])
}
