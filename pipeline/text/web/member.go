package web

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendMember appends the value of a member of an object of JSON to dst, if it is a string. It looks at the first member of the name on the top level. Of what is no
// JSON it finds nothing, or what might be meant.
func AppendMember(dst, object []byte, name string) []byte {
	depth, key := 0, false // key: the next string is a name
	for i := 0; i < len(object); {
		switch c := object[i]; c {
		case '{', '[':
			depth++
			key = c == '{' && depth == 1
		case '}', ']':
			depth--
			key = false
		case ',':
			key = depth == 1
		case '"':
			end := stringEnd(object, i+1)
			if depth == 1 && key && string(object[i+1:end]) == name {
				rest := bytes.TrimLeft(object[min(end+1, len(object)):], " \t\r\n")
				if len(rest) == 0 || rest[0] != ':' {
					return dst
				}
				rest = bytes.TrimLeft(rest[1:], " \t\r\n")
				if len(rest) == 0 || rest[0] != '"' {
					return dst
				}
				return appendString(dst, rest[1:stringEnd(rest, 1)])
			}
			key = false
			i = end
		}
		i++
	}
	return dst
}

// stringEnd is where the quote is that ends a string whose content begins at t[i], the end of t if there is none.
func stringEnd(t []byte, i int) int {
	for ; i < len(t) && t[i] != '"'; i++ {
		if t[i] == '\\' {
			i++
		}
	}
	return min(i, len(t))
}

// appendString appends the content of a string of JSON.
func appendString(dst, t []byte) []byte {
	for i := 0; i < len(t); i++ {
		if t[i] != '\\' || i+1 == len(t) {
			dst = append(dst, t[i])
			continue
		}
		i++
		switch t[i] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(t[i+1:])
			i += min(4, len(t)-i-1)
			if utf16.IsSurrogate(r) && i+2 < len(t) && t[i+1] == '\\' && t[i+2] == 'u' {
				if pair := utf16.DecodeRune(r, hex4(t[i+3:])); pair != utf8.RuneError {
					r, i = pair, i+min(6, len(t)-i-1)
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, t[i])
		}
	}
	return dst
}

// hex4 is the number of four hexadecimal digits, U+FFFD if there are none.
func hex4(t []byte) (r rune) {
	if len(t) < 4 {
		return utf8.RuneError
	}
	for _, c := range t[:4] {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20-'a' <= 'f'-'a':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return utf8.RuneError
		}
	}
	return r
}
