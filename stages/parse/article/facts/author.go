package facts

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxAuthor bounds the names of authors, in bytes.
const maxAuthor = 200

// maxHan bounds a name of nothing but Chinese characters, in characters.
const maxHan = 12

// appendAuthor appends who wrote the article.
func (c *Collector) appendAuthor(dst []byte, n *node, site []byte) []byte {
	start := len(dst)
	if n != nil {
		for name := range bytes.SplitSeq(n.authors, []byte("\n")) {
			if len(name) > 0 && name[0] == 0 {
				name = c.nameOf(name[1:])
			}
			dst = c.appendNames(dst, start, name, site, false)
		}
	}
	for s := authorPublisher; s <= authorFar && len(dst) == start; s++ {
		dst = c.appendNames(dst, start, c.values[s], site, s == authorLabel || s == authorByline || s == authorElement)
	}
	return dst
}

// appendNames appends what is a name and is not there yet; start is where the author begins. A name that is printed near
// the text may be a part of that of the site, which is named after its author then.
func (c *Collector) appendNames(dst []byte, start int, name, site []byte, printed bool) []byte {
	name = withoutBy(name)
	switch {
	case !isName(name), sameKey(c, name, site), (!printed || !hasHan(name)) && c.isSite(name, site):
		return dst
	case len(c.editor) > 0 && (bytes.Contains(c.editor, name) || bytes.HasSuffix(name, c.editor)): // who is no author
		return dst
	case len(dst)-start+len(name) > maxAuthor, containsFold(dst[start:], name):
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ", "...)
	}
	for i := 0; i < len(name); { // names in Chinese are parted by commas of their own, and by spaces
		_, n := utf8.DecodeRune(name[i:])
		_, before := isHan(name, max(0, i-3))
		switch _, after := isHan(name, i+n); {
		case has(name, i, "、"), has(name, i, "，"), name[i] == ' ' && i > 0 && before && after:
			dst = append(dst, ", "...)
		default:
			dst = append(dst, name[i:i+n]...)
		}
		i += n
	}
	return dst
}

// isSite says whether a name is that of the site: it is one of the words of the site, of its address or of what the title of the page ends with,
// or begins with the site.
func (c *Collector) isSite(name, site []byte) bool {
	c.a = appendKey(c.a[:0], name)
	c.b = appendKey(c.b[:0], site)
	single := bytes.IndexByte(bytes.TrimSpace(name), ' ') < 0
	switch {
	case len(c.b) > 0 && (bytes.Equal(c.a, c.b) || bytes.HasPrefix(c.b, c.a) && single || len(c.b) >= 6 && bytes.HasPrefix(c.a, c.b)):
		return true
	case bytes.HasPrefix(c.b, []byte("the")) && bytes.HasPrefix(c.b[3:], c.a):
		return true
	case !single:
		return false
	}
	if title := c.values[titlePage]; len(title) > 0 {
		if at := bytes.LastIndexAny(title, "_|-—–"); at >= 0 {
			if c.b = appendKey(c.b[:0], title[at:]); bytes.HasPrefix(c.b, c.a) {
				return true
			}
		}
	}
	for _, s := range []slot{urlCanonical, urlOG} {
		host, _, _ := bytes.Cut(afterScheme(c.values[s]), []byte("/"))
		if c.b = appendKey(c.b[:0], bytes.TrimPrefix(host, []byte("www."))); len(c.a) >= 3 && bytes.HasPrefix(c.b, c.a) {
			return true
		}
	}
	return false
}

// written is what is written before a name.
var written = []string{
	"text:", "текст:", "Текст:", "by:", "by ", "written by ", "posted by ", "author:", "authors:",
	"作者：", "作者:", "文/", "文丨", "文｜", "记者：", "本报记者", "记者", "撰文：",
}

// withoutBy cuts off what is written around a name.
func withoutBy(name []byte) []byte {
	for again := true; again; {
		again = false
		if at := bytes.Index(name, []byte(" by ")); at > 0 && bytes.IndexByte(name[:at], ' ') < 0 { // Analysis by
			name = name[at+1:]
		}
		for _, by := range written {
			if len(name) > len(by) && bytes.EqualFold(name[:len(by)], []byte(by)) {
				name, again = bytes.TrimSpace(name[len(by):]), true
			}
		}
	}
	for _, mark := range []string{" | ", " • ", " · ", " — ", " – ", "|"} {
		if at := bytes.Index(name, []byte(mark)); at > 0 {
			name = name[:at]
		}
	}
	return bytes.Trim(name, " ,;:-|/\"、，；：")
}

// nobody are words in the place of a name, as keys.
var nobody = func() map[string]bool {
	words := map[string]bool{}
	for _, line := range []string{
		"admin administrator editor editors editorial editorialteam editorialstaff staff staffreports staffreport",
		"staffwriter staffreporter webmaster unknown anonymous guest author authors default root user test system",
		"superadmin me newsdesk webdesk onlineeditors contributor by discuzteamandcomsenzuiteam http https html",
		"佚名 匿名 未知 网络 互联网 本站 原创 编辑 管理员 小编 转载 网络整理 综合整理 综合报道 即時 即时 本网 网站管理员 综合 网友 本站原创 本站整理 不详 作者 系统管理员",
	} {
		for w := range strings.FieldsSeq(line) {
			words[w] = true
		}
	}
	return words
}()

// isNobody says whether a value is a word in the place of a name.
func isNobody(name []byte) bool {
	var buf [64]byte
	if len(name) > len(buf) {
		return false
	}
	return nobody[string(appendKey(buf[:0], name))]
}

// isName says whether a value may be the names of people or of an organisation: no address, no sentence, nothing that a program put there.
func isName(name []byte) bool {
	if len(name) == 0 || len(name) > maxAuthor || isNobody(name) {
		return false
	}
	if bytes.IndexByte(name, '@') >= 0 || bytes.Contains(name, []byte("//")) || bytes.Contains(name, []byte("www.")) || isHost(name) {
		return false
	}
	if bytes.IndexByte(name, ' ') < 0 && containsFold(name, []byte("admin")) {
		return false
	}
	if n := runes(name); 3*n == len(name) && n > maxHan {
		return false // a sentence
	}
	letters, digits := 0, 0
	for i, c := range name {
		switch {
		case isDigit(c):
			digits++
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80:
			letters++
		case c == '<' || c == '>' || c == '{' || c == '}' || c == '=' || c == '\\':
			return false
		case c == '.' && i > 24 && i == len(name)-1 && bytes.Count(name, []byte(" ")) > 6:
			return false // a sentence
		}
	}
	return letters >= 2 && digits*2 < letters
}

// isHost says whether a value is the name of a host: one word with a full stop in it and letters behind that.
func isHost(name []byte) bool {
	dot := bytes.LastIndexByte(name, '.')
	if dot <= 1 || dot > len(name)-3 || bytes.IndexByte(name, ' ') >= 0 {
		return false
	}
	for _, c := range name[dot+1:] {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

// equalFold is bytes.EqualFold of ASCII.
func equalFold(s []byte, word string) bool {
	return len(s) == len(word) && containsFold(s, []byte(word))
}

// containsFold says whether s holds a text that is not empty, without regard to the case of ASCII letters.
func containsFold(s, text []byte) bool {
	for i := 0; len(text) > 0 && i+len(text) <= len(s); i++ {
		if matchFold(s, i, text) {
			return true
		}
	}
	return false
}

// matchFold says whether a text stands at i.
func matchFold(s []byte, i int, text []byte) bool {
	if i+len(text) > len(s) {
		return false
	}
	for j, c := range text {
		d := s[i+j]
		if c == d {
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if d >= 'A' && d <= 'Z' {
			d |= 0x20
		}
		if c != d {
			return false
		}
	}
	return true
}
