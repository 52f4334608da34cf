package facts

import "bytes"

// Bounds of what is taken of JSON-LD.
const (
	maxDepth   = 64      // how deep objects and arrays nest; what is deeper is skipped
	maxNodes   = 8       // articles of one page that are told apart
	maxNames   = 64      // people and organisations that others refer to
	maxAuthors = 8       // of one article
	maxJSONLD  = 4 << 20 // bytes of one page
)

// rank says how surely a node of JSON-LD is the article of the page, by its type.
type rank uint8

const (
	noRank   rank = iota
	pageRank      // the page itself
	workRank      // a recipe, a review
	articleRank
)

// ranks are the types that matter.
var ranks = map[string]rank{
	"Article": articleRank, "NewsArticle": articleRank, "BlogPosting": articleRank, "ReportageNewsArticle": articleRank,
	"AnalysisNewsArticle": articleRank, "OpinionNewsArticle": articleRank, "ReviewNewsArticle": articleRank,
	"BackgroundNewsArticle": articleRank, "AskPublicNewsArticle": articleRank, "LiveBlogPosting": articleRank,
	"TechArticle": articleRank, "APIReference": articleRank, "ScholarlyArticle": articleRank, "MedicalScholarlyArticle": articleRank,
	"Report": articleRank, "SocialMediaPosting": articleRank, "DiscussionForumPosting": articleRank,
	"AdvertiserContentArticle": articleRank, "SatiricalArticle": articleRank, "Newsarticle": articleRank, "article": articleRank,
	"Recipe": workRank, "HowTo": workRank, "Review": workRank, "CriticReview": workRank, "CreativeWork": workRank,
	"WebPage": pageRank, "ItemPage": pageRank, "MedicalWebPage": pageRank,
}

// role says what a value of JSON-LD stands for.
type role uint8

const (
	skipped   role = iota
	top            // it may be the article
	author         // a name, or who has it, or several
	publisher      // likewise
	address        // of the page: a string, or an object with an id
)

// found is what an object says, as it stands in the script.
type found struct {
	rank
	names                                                                       bool // it is of a kind that has a name of its own
	site                                                                        bool // of the site
	id, name, title, published, modified, publisher, publisherID, url, language []byte
	authors                                                                     [maxAuthors]reference
	count                                                                       int
}

// reference is a name, or the id of what has one.
type reference struct {
	text []byte
	id   bool
}

// addAuthor takes one of the authors.
func (f *found) addAuthor(text []byte, id bool) {
	if len(text) > 0 && f.count < maxAuthors {
		f.authors[f.count] = reference{text, id}
		f.count++
	}
}

// take sets what is not set.
func take(field *[]byte, value []byte) {
	if len(*field) == 0 {
		*field = value
	}
}

// ldReader reads JSON-LD as it is found: with commas too many or too few, comments, control characters, quotation marks within strings.
// It builds no values.
type ldReader struct {
	d     []byte
	i     int
	depth int // how many objects and arrays are open
	c     *Collector
}

// readJSONLD reads the values of one script.
func (c *Collector) readJSONLD(d []byte) {
	r := ldReader{d: d, c: c}
	for r.i < len(r.d) {
		switch r.d[r.i] {
		case '{', '[':
			r.value(top, nil)
		default:
			r.i++
		}
	}
}

// space skips white space, and comments of JavaScript.
func (r *ldReader) space() {
	for r.i < len(r.d) {
		switch c := r.d[r.i]; {
		case c <= ' ':
			r.i++
		case c == '/' && byteAt(r.d, r.i+1) == '*':
			r.behind(2, "*/")
		case c == '/' && byteAt(r.d, r.i+1) == '/':
			r.behind(2, "\n")
		default:
			return
		}
	}
}

// behind skips n bytes and goes on behind a mark, or at the end.
func (r *ldReader) behind(n int, mark string) {
	r.i = min(r.i+n, len(r.d))
	if at := bytes.Index(r.d[r.i:], []byte(mark)); at >= 0 {
		r.i += at + len(mark)
	} else {
		r.i = len(r.d)
	}
}

// value reads a value that has a role for the object f. It always goes on behind the value, or at the end of what holds it.
func (r *ldReader) value(what role, f *found) {
	r.space()
	switch c := byteAt(r.d, r.i); c {
	case '{', '[':
		r.depth++
		switch {
		case r.depth > maxDepth:
			r.skipNested()
		case c == '{':
			r.object(what, f)
		default:
			r.array(what, f)
		}
		r.depth--
	case '"':
		text := r.str()
		switch what {
		case author:
			f.addAuthor(text, false)
		case publisher:
			take(&f.publisher, text)
		case address:
			take(&f.url, text)
		case skipped, top:
		}
	default:
		r.bare()
	}
}

// bare skips a number, a word, or what is none.
func (r *ldReader) bare() {
	for r.i < len(r.d) {
		switch r.d[r.i] {
		case ',', '}', ']', '{', '[', '"', ':':
			return
		}
		r.i++
	}
}

// skipNested skips an object or an array that is too deep.
func (r *ldReader) skipNested() {
	for open := 0; r.i < len(r.d); {
		switch r.d[r.i] {
		case '{', '[':
			open++
		case '}', ']':
			open--
		case '"':
			r.str()
			continue
		}
		if r.i++; open <= 0 {
			return
		}
	}
}

func (r *ldReader) array(what role, f *found) {
	r.i++
	for {
		r.space()
		if r.i >= len(r.d) {
			return
		}
		switch r.d[r.i] {
		case ']':
			r.i++
			return
		case '}': // of what holds the array, which has no end
			return
		case ',', ':':
			r.i++
		default:
			r.value(what, f)
		}
	}
}

// object reads an object, which has a role for the object parent, or may be the article.
func (r *ldReader) object(what role, parent *found) {
	r.i++
	var f found
	for {
		key, ok := r.member()
		if !ok {
			break
		}
		switch string(key) {
		case "@type", "type":
			r.types(&f)
		case "@id":
			take(&f.id, r.text())
		case "name":
			take(&f.name, r.text())
		case "headline":
			take(&f.title, r.text())
		case "datePublished":
			take(&f.published, r.text())
		case "dateModified":
			take(&f.modified, r.text())
		case "pubDate": // of what Baidu asks sites to say, which has no types
			if take(&f.published, r.text()); what == top {
				f.rank = max(f.rank, articleRank)
			}
		case "upDate":
			take(&f.modified, r.text())
		case "inLanguage":
			take(&f.language, r.text())
		case "author", "creator":
			r.value(author, &f)
		case "publisher":
			r.value(publisher, &f)
		case "url", "mainEntityOfPage":
			if what == address || what == top {
				r.value(address, &f)
			} else {
				r.value(skipped, &f)
			}
		case "@graph", "mainEntity":
			if what == top {
				r.value(top, &f)
			} else {
				r.value(skipped, &f)
			}
		default:
			r.value(skipped, &f)
		}
	}
	switch what {
	case author:
		if len(f.name) > 0 {
			parent.addAuthor(f.name, false)
		} else {
			parent.addAuthor(f.id, true)
		}
	case publisher:
		take(&parent.publisher, f.name)
		take(&parent.publisherID, f.id)
	case address:
		take(&parent.url, f.id)
		take(&parent.url, f.url)
	case top:
		r.c.keepNode(&f)
	case skipped:
	}
	if f.names && len(f.id) > 0 && len(f.name) > 0 {
		r.c.keepName(f.id, f.name)
	}
}

// member goes to the value of the next member of an object, and returns its name; not ok at the end of the object.
func (r *ldReader) member() (key []byte, ok bool) {
	for {
		r.space()
		if r.i >= len(r.d) {
			return nil, false
		}
		switch r.d[r.i] {
		case '}':
			r.i++
			return nil, false
		case ']': // of what holds the object, which has no end
			return nil, false
		case '"':
			key = r.str()
			if at := bytes.LastIndexByte(key, '"'); at >= 0 { // what stands before it belongs to a value that was cut off
				key = key[at+1:]
			}
			if r.space(); byteAt(r.d, r.i) == ':' {
				r.i++
				r.space()
				return key, true
			}
		case '{', '[': // a value without a name
			r.value(skipped, nil)
		default:
			r.i++
		}
	}
}

// types reads a type, or several.
func (r *ldReader) types(f *found) {
	one := func(name []byte) {
		for _, prefix := range []string{"http://schema.org/", "https://schema.org/", "schema:"} {
			name = bytes.TrimPrefix(name, []byte(prefix))
		}
		f.rank = max(f.rank, ranks[string(name)])
		switch string(name) {
		case "WebSite":
			f.site = true
		case "Person", "Organization", "NewsMediaOrganization", "Corporation":
			f.names = true
		}
	}
	if byteAt(r.d, r.i) != '[' {
		one(r.text())
		return
	}
	r.i++
	for {
		r.space()
		switch byteAt(r.d, r.i) {
		case '"':
			one(r.str())
		case ',':
			r.i++
		case ']':
			r.i++
			return
		default:
			return
		}
	}
}

// text reads a value that is a string, or an array that begins with one, as it stands; of others nothing.
func (r *ldReader) text() (text []byte) {
	switch byteAt(r.d, r.i) {
	case '"':
		return r.str()
	case '[':
		at := *r
		at.i++
		if at.space(); byteAt(at.d, at.i) == '"' {
			text = at.str()
		}
	}
	r.value(skipped, nil)
	return text
}

// str reads a string, and returns what stands between its quotation marks. One behind which no string may end belongs to the string.
func (r *ldReader) str() []byte {
	r.i++
	start := r.i
	for r.i < len(r.d) {
		switch r.d[r.i] {
		case '\\':
			r.i = min(r.i+2, len(r.d))
			continue
		case '"':
		default:
			r.i++
			continue
		}
		end := r.i
		r.i++
		next := r.i
		for next < len(r.d) && r.d[next] <= ' ' {
			next++
		}
		switch byteAt(r.d, next) {
		case ',', '}', ']', ':', '/', '"', 0:
			return r.d[start:end]
		}
	}
	r.i = len(r.d)
	return r.d[start:]
}
