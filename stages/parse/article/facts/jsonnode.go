package facts

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// node is what an article of JSON-LD says, decoded.
type node struct {
	rank
	title, published, modified, site, siteID, url, language []byte
	authors                                                 []byte // in lines; an id begins with a byte of zero
}

// named is a person or an organisation that has an id.
type named struct{ id, name []byte }

// keepNode takes what an object says that may be the article, or is the site.
func (c *Collector) keepNode(f *found) {
	if f.site && len(c.siteLD) == 0 {
		c.siteLD = c.decoded(c.siteLD, f.name)
	}
	if f.rank == noRank || c.nodeCount == maxNodes {
		return
	}
	n := &c.nodes[c.nodeCount]
	c.nodeCount++
	n.rank = f.rank
	if len(f.title) == 0 && f.rank > noRank {
		f.title = f.name
	}
	n.title = c.decoded(n.title[:0], f.title)
	n.published = c.decoded(n.published[:0], f.published)
	n.modified = c.decoded(n.modified[:0], f.modified)
	n.site = c.decoded(n.site[:0], f.publisher)
	n.siteID = c.decoded(n.siteID[:0], f.publisherID)
	n.url = c.decoded(n.url[:0], f.url)
	n.language = c.decoded(n.language[:0], f.language)
	n.authors = n.authors[:0]
	for _, a := range f.authors[:f.count] {
		if a.id {
			n.authors = append(n.authors, 0)
		}
		n.authors = append(c.decoded(n.authors, a.text), '\n')
	}
}

// keepName takes the name that an id stands for.
func (c *Collector) keepName(id, name []byte) {
	if c.nameCount == maxNames {
		return
	}
	n := &c.names[c.nameCount]
	c.nameCount++
	n.id = c.decoded(n.id[:0], id)
	n.name = c.decoded(n.name[:0], name)
}

// nameOf is the name that an id stands for, nil if nothing says so.
func (c *Collector) nameOf(id []byte) []byte {
	for i := range c.names[:c.nameCount] {
		if bytes.Equal(c.names[i].id, id) {
			return c.names[i].name
		}
	}
	return nil
}

// decoded appends the value that a string of JSON is.
func (c *Collector) decoded(dst, raw []byte) []byte {
	c.a = appendJSON(c.a[:0], raw)
	return appendClean(dst, c.a)
}

// appendJSON appends what a string of JSON stands for, in one line. What is no escape stands for itself.
func appendJSON(dst, raw []byte) []byte {
	raw = raw[:min(len(raw), maxText)]
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '\\' {
			if c < ' ' {
				c = ' '
			}
			dst = append(dst, c)
			i++
			continue
		}
		i += 2
		switch e := byteAt(raw, i-1); e {
		case 'n', 'r', 't', 'b', 'f':
			dst = append(dst, ' ')
		case 'u':
			r, ok := hex4(raw, i)
			if !ok {
				break
			}
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if has(raw, i, `\u`) {
					low, _ = hex4(raw, i+2)
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			if r < ' ' {
				r = ' '
			}
			dst = utf8.AppendRune(dst, r)
		case 0:
		default:
			dst = append(dst, e)
		}
	}
	return dst
}

// hex4 reads four hexadecimal digits.
func hex4(s []byte, i int) (r rune, ok bool) {
	if i+4 > len(s) {
		return 0, false
	}
	for _, c := range s[i : i+4] {
		switch lower := c | 0x20; {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case lower >= 'a' && lower <= 'f':
			r = r<<4 | rune(lower-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
