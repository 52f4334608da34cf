package facts

import (
	"bytes"
	"unicode/utf8"
)

// separators part the title of an article from the name of the site, in the title of a page.
var separators = []string{
	" -- ", " | ", " - ", " – ", " — ", " · ", " • ", " » ", " « ", " :: ", " / ", " ｜ ",
	"_", "|", "｜", "--", "——", "–", " -", "- ", "·", "-",
}

// strong is how many of them part whatever they stand in; the rest do so in Chinese and before the name of the site only.
const strong = 12

// appendTitle appends the title of the article. What the page calls its title is cut to what its heading says of it, or by the name of the site.
func (c *Collector) appendTitle(dst []byte, n *node, site []byte) []byte {
	var node []byte
	if n != nil && n.rank > pageRank {
		node = n.title
	}
	list := [4][]byte{c.values[titleOG], node, c.values[titlePage], c.values[titleOther]}
	// A heading that the title of the page begins or ends with, or holds between separators, is the title as readers see it.
	for _, h := range []slot{titleH1, titleSecondH1, titleH2, titleLine} {
		heading := c.values[h]
		if len(heading) == 0 || sameKey(c, heading, site) {
			continue
		}
		for _, t := range list {
			if h == titleLine && !introduced(t, heading) {
				continue
			}
			if c.isPart(heading, t, h == titleH1) {
				return append(dst, heading...)
			}
		}
	}
	for i, t := range list {
		if t = c.withoutSite(t, site, i == 2); len(t) > 0 && !sameKey(c, t, site) {
			return append(dst, t...)
		}
	}
	if h := c.values[titleH1]; len(h) > 0 && !sameKey(c, h, site) {
		return append(dst, h...)
	}
	return dst
}

// introduced says whether a title ends with a line behind a colon or two dashes: Bugle: Dogs bark.
func introduced(title, line []byte) bool {
	head, ok := bytes.CutSuffix(title, line)
	if head = bytes.TrimRight(head, " "); !ok {
		return false
	}
	for _, mark := range []string{":", "：", "--", "——"} {
		if bytes.HasSuffix(head, []byte(mark)) {
			return true
		}
	}
	return false
}

// isPart says whether a heading is a title or one of its parts, or begins with a title that was cut off with dots. With
// whole it may be the beginning of a title without a separator behind it.
func (c *Collector) isPart(heading, title []byte, whole bool) bool {
	if len(title) == 0 {
		return false
	}
	c.a, c.b = appendKey(c.a[:0], heading), appendKey(c.b[:0], title)
	if len(c.a) == 0 {
		return false
	}
	if bytes.Equal(c.a, c.b) {
		return true
	}
	for _, dots := range []string{"...", "…"} {
		if cut, ok := bytes.CutSuffix(bytes.TrimSpace(title), []byte(dots)); ok && len(c.b) > 0 && bytes.HasPrefix(c.a, c.b) && 2*len(cut) > len(heading) {
			return true
		}
	}
	// The first part, whatever is behind it: names of sites are last nearly everywhere.
	if bytes.HasPrefix(c.b, c.a) && (5*len(c.a) >= len(c.b) || runes(heading) >= 8) && c.endsAt(title, c.a) {
		return true
	}
	if bytes.HasPrefix(c.b, c.a) && (hasHan(heading) && runes(heading) >= 4 || len(c.a) >= 20) && whole {
		return true
	}
	return bytes.HasSuffix(c.b, c.a) && 2*len(c.a) >= len(c.b) && runes(heading) >= 8
}

// endsAt says whether a separator stands behind the beginning of a title that has this key.
func (c *Collector) endsAt(title, key []byte) bool {
	rest := title[c.endOf(title, key):]
	for _, s := range separators {
		if bytes.HasPrefix(rest, []byte(s)) {
			return true
		}
	}
	return len(rest) == 0
}

// endOf is where the beginning of a title ends that has this key, with the punctuation behind it up to a separator.
func (c *Collector) endOf(title, key []byte) int {
	var one [8]byte
	at, i := 0, 0
	for i < len(title) && at < len(key) {
		_, n := utf8.DecodeRune(title[i:])
		at += len(appendKey(one[:0], title[i:i+n]))
		i += n
	}
	for i < len(title) {
		for _, s := range separators {
			if bytes.HasPrefix(title[i:], []byte(s)) {
				return i
			}
		}
		_, n := utf8.DecodeRune(title[i:])
		if len(appendKey(one[:0], title[i:i+n])) > 0 {
			break
		}
		i += n
	}
	return i
}

// withoutSite cuts the name of the site off a title: where it is known, and of the title of a page what stands behind the last separator, or
// the first one of Chinese sites, which write title_channel_site.
func (c *Collector) withoutSite(title, site []byte, page bool) []byte {
	whole := len(title)
	title = c.withoutName(title, site)
	named := len(title) < whole
	if title = bytes.TrimRight(bytes.TrimLeft(title, " _|-—–»·"), " _|—–»"); !page || named && !hasHan(title) {
		return title
	}
	if at := bytes.IndexByte(title, '_'); at > 0 && runes(title[:at]) >= 4 && hasHan(title[:at]) {
		return bytes.TrimSpace(title[:at])
	}
	if at := bytes.Index(title, []byte(" - ")); at > 0 && bytes.Count(title, []byte(" - ")) > 1 && hasHan(title[:at]) && runes(title[:at]) >= 6 {
		return bytes.TrimSpace(title[:at]) // title - channel - site
	}
	last, width := -1, 0
	for _, s := range separators[:strong] {
		if at := bytes.LastIndex(title, []byte(s)); at > last {
			last, width = at, len(s)
		}
	}
	if last <= 0 && hasHan(title) {
		for _, s := range separators[strong:] {
			if at := bytes.LastIndex(title, []byte(s)); at > last {
				last, width = at, len(s)
			}
		}
	}
	if last <= 0 {
		return title
	}
	head, tail := bytes.TrimSpace(title[:last]), bytes.TrimSpace(title[last+width:])
	switch {
	case runes(tail) <= maxTail && runes(head) >= runes(tail):
		return head
	case runes(head) <= maxTail/2 && bytes.Count(title, []byte(" ")) > 4 && !hasHan(title):
		return tail // BBC News - the title
	}
	return title
}

// maxTail is how long the name of a site may be that is known by its place only, in characters.
const maxTail = 40

// withoutName cuts a name off a title, with what stands on its other side: the end or the beginning, a channel, another name of the site.
func (c *Collector) withoutName(title, site []byte) []byte {
	if len(site) == 0 || len(title) <= len(site) {
		return title
	}
	c.a = appendKey(c.a[:0], site)
	if len(c.a) == 0 {
		return title
	}
	for _, s := range separators {
		if at := bytes.LastIndex(title, []byte(s)); at > 0 {
			if c.b = appendKey(c.b[:0], title[at+len(s):]); bytes.Equal(c.a, c.b) || len(c.b) >= 4 && bytes.HasPrefix(c.a, c.b) {
				return bytes.TrimSpace(title[:at])
			}
		}
		if at := bytes.Index(title, []byte(s)); at > 0 {
			if c.b = appendKey(c.b[:0], title[:at]); bytes.Equal(c.a, c.b) {
				return bytes.TrimSpace(title[at+len(s):])
			}
			for _, mark := range []string{"｜", "|", "_"} { // title | channel | site | another name
				if s != mark {
					continue
				}
				for part := range bytes.SplitSeq(title[at+len(s):], []byte(s)) {
					if c.b = appendKey(c.b[:0], part); bytes.Equal(c.a, c.b) {
						return bytes.TrimSpace(title[:at])
					}
				}
			}
		}
	}
	return title
}

func hasHan(s []byte) bool {
	for i := range s {
		if _, ok := isHan(s, i); ok {
			return true
		}
	}
	return false
}
