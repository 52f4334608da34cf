package facts

import "bytes"

// factCount is how many facts there are.
const factCount = 9

// Facts decides what the page says of its article.
func (c *Collector) Facts() Facts {
	n := c.article()
	var ends [factCount]int
	out := c.out[:0]
	site := c.site(n)

	out = c.appendTitle(out, n, site)
	ends[0] = len(out)
	editor := c.appendEditor(c.editor[:0])
	c.editor = editor
	out = c.appendAuthor(out, n, site)
	ends[1] = len(out)
	out = append(out, site...)
	ends[2] = len(out)
	out = c.appendSource(out)
	ends[3] = len(out)
	out = append(out, editor...)
	ends[4] = len(out)
	out = c.appendURL(out, n)
	url := out[ends[4]:]
	ends[5] = len(out)
	out = c.appendLanguage(out, n)
	order := c.order(string(out[ends[5]:]))
	ends[6] = len(out)

	if n != nil {
		from := fromArticle
		if n.rank == pageRank {
			from = fromPage
		}
		c.machineDate(&c.published, from, n.published)
		c.machineDate(&c.modified, from, n.modified)
	}
	if d, ok := dateInURL(url); ok {
		c.published.add(fromURL, d)
	}
	published, modified := c.published.choose(order), c.modified.choose(order)
	if published.precision == unknown {
		published = c.inYear(modified)
	}
	if published.precision != unknown {
		out = published.append(out)
	}
	ends[7] = len(out)
	if modified.precision != unknown && (published.precision == unknown || modified.days()+1 >= published.days()) {
		out = modified.append(out)
	}
	ends[8] = len(out)
	c.out = out

	all := string(out) // one allocation for all of them
	return Facts{
		Title: all[:ends[0]], Author: all[ends[0]:ends[1]], Site: all[ends[1]:ends[2]], Source: all[ends[2]:ends[3]],
		Editor: all[ends[3]:ends[4]], URL: all[ends[4]:ends[5]], Language: all[ends[5]:ends[6]], Published: all[ends[6]:ends[7]],
		Modified: all[ends[7]:ends[8]],
	}
}

// article is the node of JSON-LD that is the article of the page: of those that are so most surely the one that has the address or the title of
// the page, else the first, if the others are no other articles. It is nil if there is none.
func (c *Collector) article() (best *node) {
	most := noRank
	for i := range c.nodes[:c.nodeCount] {
		most = max(most, c.nodes[i].rank)
	}
	same := true
	for i := range c.nodes[:c.nodeCount] {
		n := &c.nodes[i]
		if n.rank != most {
			continue
		}
		if c.isOf(n) {
			return n
		}
		switch {
		case best == nil:
			best = n
		case !sameKey(c, best.title, n.title):
			same = false
		}
	}
	if !same {
		return nil
	}
	return best
}

// isOf says whether a node has the address or the title of the page.
func (c *Collector) isOf(n *node) bool {
	for _, s := range []slot{urlCanonical, urlOG} {
		if u := c.values[s]; len(u) > 0 && !isRoot(u) && bytes.Equal(bytes.TrimRight(n.url, "/"), bytes.TrimRight(u, "/")) {
			return true
		}
	}
	c.a = appendKey(c.a[:0], n.title)
	if len(c.a) == 0 {
		return false
	}
	for _, s := range []slot{titleOG, titlePage, titleH1, titleSecondH1} {
		c.b = appendKey(c.b[:0], c.values[s])
		if bytes.Contains(c.b, c.a) {
			return true
		}
	}
	return false
}

// sameKey says whether two texts have the same letters and digits.
func sameKey(c *Collector, a, b []byte) bool {
	c.a, c.b = appendKey(c.a[:0], a), appendKey(c.b[:0], b)
	return bytes.Equal(c.a, c.b)
}

// site is the name of the site.
func (c *Collector) site(n *node) []byte {
	name := func(s []byte) bool { return len(s) > 0 && len(s) <= maxSite && afterScheme(s) == nil && s[0] != '@' }
	if s := c.values[siteOG]; name(s) {
		return s
	}
	if n != nil {
		if len(n.site) == 0 && len(n.siteID) > 0 {
			n.site = append(n.site, c.nameOf(n.siteID)...)
		}
		if name(n.site) {
			return n.site
		}
	}
	if name(c.siteLD) {
		return c.siteLD
	}
	if s := c.values[siteOther]; name(s) {
		return s
	}
	if s := c.siteInTitle(n); name(s) {
		return s
	}
	return nil
}

// maxSite bounds the name of a site, in bytes.
const maxSite = 100

func (c *Collector) appendSource(dst []byte) []byte {
	for _, s := range []slot{sourcePrinted, sourceMeta} {
		if v := c.values[s]; len(v) > 0 && len(v) <= maxSite && afterScheme(v) == nil && !isNobody(v) {
			return append(dst, v...)
		}
	}
	return dst
}

func (c *Collector) appendEditor(dst []byte) []byte {
	for _, s := range []slot{editorPrinted, editorMeta} {
		if v := c.values[s]; len(v) <= maxSite && isName(v) {
			return append(dst, v...)
		}
	}
	return dst
}

// appendURL appends the canonical address. One that is that of the site is a mistake where there is another one.
func (c *Collector) appendURL(dst []byte, n *node) []byte {
	var root []byte
	list := [3][]byte{c.values[urlCanonical], c.values[urlOG]}
	if n != nil {
		list[2] = n.url
	}
	for _, u := range list {
		if !isAddress(u) {
			continue
		}
		if !isRoot(u) {
			return append(dst, u...)
		}
		if root == nil {
			root = u
		}
	}
	return append(dst, root...)
}

// appendLanguage appends the language that the page says it is in, with the region that Open Graph has for it.
func (c *Collector) appendLanguage(dst []byte, n *node) []byte {
	start := len(dst)
	dst = appendLanguage(dst, c.values[languageHTML])
	c.a = appendLanguage(c.a[:0], c.values[languageOG])
	switch {
	case len(dst) == start:
		dst = append(dst, c.a...)
	case bytes.IndexByte(dst[start:], '-') < 0 && bytes.HasPrefix(c.a, dst[start:]) && len(c.a) > len(dst)-start && c.a[len(dst)-start] == '-':
		dst = append(dst, c.a[len(dst)-start:]...)
	}
	if len(dst) == start {
		dst = appendLanguage(dst, c.values[languageMeta])
	}
	if len(dst) == start && n != nil {
		dst = appendLanguage(dst, n.language)
	}
	return dst
}
