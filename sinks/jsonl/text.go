package jsonl

import "errors"

// How the bytes of a string stand in JSON: as they are, behind a backslash as the letter that is given here, or as \u00XX.
const (
	plain = 0
	coded = 'u'
)

var escapes = func() (table [256]byte) {
	for c := range ' ' {
		table[c] = coded
	}
	table['"'], table['\\'] = '"', '\\'
	table['\b'], table['\f'], table['\n'], table['\r'], table['\t'] = 'b', 'f', 'n', 'r', 't'
	return table
}()

// unescapes has the byte for each letter behind a backslash, 0 for none.
var unescapes = func() (table [256]byte) {
	for c, letter := range escapes {
		if letter != plain && letter != coded {
			table[letter] = byte(c)
		}
	}
	return table
}()

const hexDigits = "0123456789abcdef"

// AppendString appends s, which is UTF-8, as a JSON string, as the lines of the sink have it.
func AppendString(dst, s []byte) []byte { return appendString(dst, s) }

// appendString appends s, which is UTF-8, as a JSON string. Only what must be is escaped.
func appendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range s {
		letter := escapes[c]
		if letter == plain {
			continue
		}
		dst = append(append(dst, s[from:i]...), '\\', letter)
		if letter == coded {
			dst = append(dst, '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		from = i + 1
	}
	return append(append(dst, s[from:]...), '"')
}

var errString = errors.New("a string that this program does not write")

// appendText appends what the JSON string that s begins with says, and returns its length in s. It takes what appendString makes.
func appendText(dst, s []byte) (text []byte, n int, err error) {
	if len(s) == 0 || s[0] != '"' {
		return dst, 0, errString
	}
	for i := 1; ; i++ {
		from := i
		for i < len(s) && escapes[s[i]] == plain {
			i++
		}
		dst = append(dst, s[from:i]...)
		switch {
		case i == len(s):
			return dst, 0, errString
		case s[i] == '"':
			return dst, i + 1, nil
		case s[i] != '\\' || i+1 == len(s):
			return dst, 0, errString
		}
		i++
		c := unescapes[s[i]]
		ok := c != 0
		if s[i] == coded {
			c, ok = code(s[i+1:])
			i += 4
		}
		if !ok {
			return dst, 0, errString
		}
		dst = append(dst, c)
	}
}

// code is the control character of \u00XX, from behind the u.
func code(s []byte) (c byte, ok bool) {
	if len(s) < 4 || s[0] != '0' || s[1] != '0' || s[2] > '1' || s[2] < '0' {
		return 0, false
	}
	c = (s[2] - '0') << 4
	switch d := s[3]; {
	case d >= '0' && d <= '9':
		c |= d - '0'
	case d >= 'a' && d <= 'f':
		c |= d - 'a' + 10
	default:
		return 0, false
	}
	return c, escapes[c] == coded
}
