package textual

import "strings"

// Web addresses are what begins with http://, https://, ftp:// or www., in any case and not within a word, as far as the characters go that
// RFC 3986 has for addresses, without the punctuation at the end. All of these are ASCII.

const (
	authority = "://"
	www       = "www"
)

// schemes are those of addresses that people follow.
var schemes = [...]string{"https", "http", "ftp"}

// scheme counts the address whose scheme ends in front of t[i], if there is one.
func (m *measurer) scheme(l *line, i int) {
	t := m.text
	if i < l.url || len(t)-i < len(authority) || string(t[i:i+len(authority)]) != authority {
		return
	}
	for _, s := range schemes {
		if from := i - len(s); from >= l.url && hasPrefixFold(t[from:], s) {
			m.address(l, from, i+len(authority))
			return
		}
	}
}

// host counts the address that begins at t[from], if www. does.
func (m *measurer) host(l *line, from int) {
	if hasPrefixFold(m.text[from:], www) {
		m.address(l, from, from+len(www))
	}
}

// address counts an address that begins at t[from], and whose first bytes end at t[end].
func (m *measurer) address(l *line, from, end int) {
	t, head := m.text, end
	if from > 0 && isAlnum(t[from-1]) {
		return
	}
	for end < len(t) && addressByte(t[end]) {
		end++
	}
	for end > head && strings.IndexByte(".,;:!?'", t[end-1]) >= 0 {
		end--
	}
	if end > head {
		m.marks.urls += int64(end - from)
		l.url = end
	}
}

func isAlnum(b byte) bool { return b-'0' <= 9 || b|0x20-'a' <= 'z'-'a' }

// addressByte says whether a byte may be part of an address.
func addressByte(b byte) bool {
	switch b {
	case '"', '<', '>', '\\', '^', '`', '{', '|', '}':
		return false
	}
	return b > ' ' && b < 0x7F
}
