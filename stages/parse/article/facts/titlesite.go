package facts

import "bytes"

// siteInTitle is the name of the site that the title of the page ends with, behind the title of the article as a heading or Open Graph has it,
// or as sites in Chinese write: title_channel_site, title - channel - site. It is empty if neither is there.
func (c *Collector) siteInTitle(n *node) []byte {
	title := c.values[titlePage]
	if at := bytes.LastIndex(title, []byte("Powered by ")); at > 0 { // of forums
		title = bytes.TrimRight(title[:at], " -|")
	}
	tail := bytes.TrimLeft(title, " -_|—–")
	if len(tail) == len(title) || len(tail) == 0 { // else the title of the article is missing
		list := [5][]byte{c.values[titleH1], c.values[titleSecondH1], c.values[titleOG], nil, c.values[titleLine]}
		if n != nil && n.rank > pageRank {
			list[3] = n.title
		}
		tail = nil
		for _, t := range list {
			if rest := c.behind(title, t); len(rest) > 0 {
				tail = rest
				break
			}
		}
		for _, s := range []string{"_", " - "} {
			if at := bytes.Index(title, []byte(s)); len(tail) == 0 && at > 0 && hasHan(title[:at]) && (s == "_" || bytes.Count(title, []byte(s)) > 1) {
				tail = title[at:]
			}
		}
	}
	for _, s := range separators {
		if at := bytes.LastIndex(tail, []byte(s)); at >= 0 {
			tail = tail[at+len(s):]
		}
	}
	tail = bytes.TrimPrefix(bytes.Trim(tail, " -_|—–·»"), []byte("www."))
	if len(tail) > maxSite || runes(tail) > maxTail || runes(tail) < 3 {
		return nil
	}
	return tail
}

// behind is what stands behind the beginning of a title of a page that is the title of the article, and a separator; nothing if it is not so.
func (c *Collector) behind(title, article []byte) []byte {
	c.a, c.b = appendKey(c.a[:0], article), appendKey(c.b[:0], title)
	if len(c.a) < 6 || len(c.a) == len(c.b) || !bytes.HasPrefix(c.b, c.a) {
		return nil
	}
	at := c.endOf(title, c.a)
	rest := bytes.TrimSpace(title[at:])
	for _, s := range separators {
		if s = string(bytes.TrimSpace([]byte(s))); bytes.HasPrefix(rest, []byte(s)) {
			return rest
		}
	}
	return nil
}
