package pii

import "net/netip"

// reserved are the networks of IPv4 that are not public, or belong to documentation (RFC 6890, RFC 5737).
var reserved = func() (list []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	} {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}()

// internet is a public IP address.
func (f *Finder) internet(n int) Span {
	w := &f.window
	if w.get(n) == '.' && n <= 3 {
		return f.version4()
	}
	if n <= 4 && (w.c[0] == '2' || w.c[0] == '3') {
		return f.version6()
	}
	return Span{}
}

// version4 is an address of IPv4. Four small numbers are more often a section, and among other decimals it is
// more often a row of a table, so they are one only behind a word for addresses.
func (f *Finder) version4() Span {
	w := &f.window
	var a [4]byte
	k, small := 0, true
	for i := range a {
		n := w.run(k)
		if n == 0 || n > 3 || n > 1 && w.c[k] == '0' {
			return Span{}
		}
		v := 0
		for _, c := range w.c[k : k+n] {
			v = v*10 + int(c-'0')
		}
		if v > 255 {
			return Span{}
		}
		a[i], small = byte(v), small && v < 40
		if k += n; i < 3 && w.get(k) != '.' {
			return Span{}
		} else if i < 3 {
			k++
		}
	}
	if c := w.get(k); isAlnum(c) || c == '_' || c == '@' || c == '-' && isDigit(w.get(k+1)) || c == '.' && isAlnum(w.get(k+1)) || !w.begins(f.text) || isLetter(w.before) {
		return Span{}
	}
	addr := netip.AddrFrom4(a)
	for _, p := range reserved {
		if p.Contains(addr) {
			return Span{}
		}
	}
	from := w.at[0]
	if w.before == '/' {
		if c := w.byteBefore(f.text); isAlnum(c) {
			return Span{} // Chrome/120.0.6099.71
		}
	}
	if labelled(f.text, from, versionWords) || !labelled(f.text, from, addressWords) && (small || !f.alone(from, w.at[k]) && (k < 13 || w.get(k-2) == '.')) {
		return Span{}
	}
	return w.span(k, IP)
}

// alone says whether t[from:to] stands by itself, and no other decimal number near it in its line: rows of a table that lost its blanks have what
// looks like addresses.
func (f *Finder) alone(from, to int) bool {
	const near = 48
	t := f.text
	if from > 0 && t[from-1] > ' ' && !hasSuffixOf(t[:from], openings) || to < len(t) && t[to] >= 0xE4 && t[to] <= 0xE9 {
		return false
	}
	for i := from - 1; i > 1 && i > from-near && t[i] != '\n'; i-- {
		if t[i-1] == '.' && isDigit(t[i-2]) && isDigit(t[i]) {
			return false
		}
	}
	for i := to; i+2 < len(t) && i < to+near && t[i] != '\n'; i++ {
		if t[i+1] == '.' && isDigit(t[i]) && isDigit(t[i+2]) {
			return false
		}
	}
	return true
}

// openings may stand before an address that nothing is said of.
var openings = []string{
	":", "[", "<", "(", "/", "\"", "'", "=", ",", ";", "@", "“", "‘", "：", "（", "【", "《", "〈", "，", "、", "；", "。", "　", "「", "|",
}

// isVersion4 says whether t is an address of IPv4 in four decimal numbers.
func isVersion4(t []byte) bool {
	parts := 0
	for len(t) > 0 {
		n, v := 0, 0
		for n < len(t) && n < 3 && isDigit(t[n]) {
			v = v*10 + int(t[n]-'0')
			n++
		}
		if n == 0 || v > 255 || n > 1 && t[0] == '0' {
			return false
		}
		parts++
		if t = t[n:]; len(t) > 0 {
			if t[0] != '.' || len(t) == 1 {
				return false
			}
			t = t[1:]
		}
	}
	return parts == 4
}

// version6 is an address of IPv6 in the part of the space that is given out, 2000::/3, so that it begins with four digits. Those for examples
// (2001:db8::/32, RFC 3849) are none.
func (f *Finder) version6() Span {
	w := &f.window
	k := 0
	for c := w.get(k); isAlnum(c) || c == ':'; c = w.get(k) {
		if isLetter(c) && lower(c) > 'f' {
			return Span{}
		}
		k++
	}
	if k > 1 && w.c[k-1] == ':' && w.c[k-2] != ':' { // of the sentence
		k--
	}
	if k < 6 || k > 39 || w.c[4] != ':' || w.before == ':' || !w.begins(f.text) || !isVersion6(w.c[:k]) || w.get(k) == '.' && isAlnum(w.get(k+1)) {
		return Span{}
	}
	if w.c[0] == '2' && w.c[1] == '0' && w.c[2] == '0' && w.c[3] == '1' && (listed(" db8: ", w.c[5:9]) || listed(" 0db8 ", w.c[5:9])) {
		return Span{}
	}
	return w.span(k, IP)
}

// isVersion6 says whether t, of hexadecimal digits and colons, is an address of IPv6.
func isVersion6(t []byte) bool {
	parts, short := 0, false
	for i := 0; i < len(t); {
		n := 0
		for i+n < len(t) && t[i+n] != ':' {
			n++
		}
		if n == 0 || n > 4 {
			return false
		}
		parts, i = parts+1, i+n
		if i == len(t) {
			break
		}
		i++
		if i < len(t) && t[i] == ':' {
			if short {
				return false
			}
			short = true
			i++
		} else if i == len(t) {
			return false
		}
	}
	return parts == 8 && !short || parts < 8 && short
}
