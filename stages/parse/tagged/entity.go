package tagged

import (
	"bytes"
	"html"
	"unicode/utf8"
)

// maxReference is more than a reference is long.
const maxReference = 34

// Decode appends text with its references replaced: &lt; and the other four of XML, those of HTML, and numbers. What is none
// stays, and so does one of a character that may not be in a text.
func Decode(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		n := bytes.IndexByte(text[:min(len(text), maxReference)], ';')
		if n < 0 {
			dst = append(dst, '&')
			text = text[1:]
			continue
		}
		var ok bool
		if dst, ok = reference(dst, text[1:n]); ok {
			text = text[n+1:]
		} else {
			dst = append(dst, '&')
			text = text[1:]
		}
	}
}

// reference appends what a reference stands for.
func reference(dst, name []byte) (out []byte, ok bool) {
	switch string(name) {
	case "lt":
		return append(dst, '<'), true
	case "gt":
		return append(dst, '>'), true
	case "amp":
		return append(dst, '&'), true
	case "quot":
		return append(dst, '"'), true
	case "apos":
		return append(dst, '\''), true
	}
	if len(name) > 1 && name[0] == '#' {
		r, ok := numeric(name[1:])
		if !ok {
			return dst, false
		}
		return utf8.AppendRune(dst, r), true
	}
	for _, c := range name {
		if !isName(c, false) || c >= utf8.RuneSelf {
			return dst, false
		}
	}
	whole := "&" + string(name) + ";"
	decoded := html.UnescapeString(whole)
	if len(name) == 0 || decoded == whole || decoded[len(decoded)-1] == ';' {
		return dst, false
	}
	return append(dst, decoded...), true
}

func numeric(digits []byte) (r rune, ok bool) {
	base := rune(10)
	if digits[0]|0x20 == 'x' {
		base, digits = 16, digits[1:]
	}
	if len(digits) == 0 || len(digits) > 7 {
		return 0, false
	}
	for _, c := range digits {
		v := rune(c - '0')
		if c|0x20 >= 'a' {
			v = rune(c|0x20-'a') + 10
		}
		if c < '0' || c > '9' && c|0x20 < 'a' || v >= base {
			return 0, false
		}
		r = r*base + v
	}
	control := r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	return r, utf8.ValidRune(r) && !control
}
