package facts

// Facts are what a page says of its article. What it does not say, or not credibly, is empty.
type Facts struct {
	Title     string // of the article, without the name of the site
	Author    string // names, parted by commas
	Published string // RFC 3339, without the zone where none is stated; 2006-01-02 where only the day is
	Modified  string // likewise
	Site      string // its name
	Source    string // whom the site has the text from, as it prints it (来源)
	Editor    string // as printed (编辑)
	URL       string // the canonical one
	Language  string // BCP 47: language, script and region
}

// Place is where on the page something is printed.
type Place uint8

// The places.
const (
	Far  Place = iota // anywhere
	Head              // between the heading of the article and its text, or right before the heading
	Foot              // right behind the text
)

// slot is a value by what it was taken from; those of one fact follow each other, the one to be trusted most first.
type slot uint8

const (
	titleOG slot = iota
	titleOther
	titlePage
	titleH1
	titleSecondH1
	titleH2
	titleLine // a line that is a part of the title of the page

	authorPublisher
	authorArticle
	authorLabel
	authorByline
	authorMeta
	authorCreator
	authorElement
	authorReporter
	authorFar

	siteOG
	siteOther

	sourcePrinted
	sourceMeta
	editorPrinted
	editorMeta

	urlCanonical
	urlOG

	languageHTML
	languageOG
	languageMeta
	slots
)

// Collector gathers what a page says. Its zero value is ready; it is used for one page after the other, and not safe for concurrent use.
// What is handed in is copied as far as it is needed.
type Collector struct {
	values              [slots][]byte
	published, modified dates
	monthFirst          bool // the page has dates in this order
	dayFirst            bool

	nodes     [maxNodes]node
	nodeCount int
	names     [maxNames]named
	nameCount int
	siteLD    []byte
	read      int // bytes of JSON-LD

	title   []byte // key of the title of the page
	near    int    // how many of the next lines are near the title
	feet    int    // lines behind the text
	pieces  []byte // of a date in several lines
	printed date   // day of publication without its year

	editor    []byte
	a, b, out []byte // scratch
}

// Reset begins a page. Its parts are handed in in their order, for a line is near the title if it follows it.
func (c *Collector) Reset() {
	for i := range c.values {
		c.values[i] = c.values[i][:0]
	}
	c.published, c.modified = dates{}, dates{}
	c.monthFirst, c.dayFirst = false, false
	c.nodeCount, c.nameCount, c.siteLD, c.read = 0, 0, c.siteLD[:0], 0
	c.title, c.near, c.feet, c.pieces = c.title[:0], 0, 0, c.pieces[:0]
	c.printed = date{}
}

// first keeps a value unless there is one.
func (c *Collector) first(s slot, value []byte) {
	if len(c.values[s]) == 0 {
		c.values[s] = appendClean(c.values[s], value)
	}
}

// list keeps a value behind others, unless it is one of them.
func (c *Collector) list(s slot, value []byte) {
	have := c.values[s]
	if len(have) > maxText {
		return
	}
	start := len(have)
	if start > 0 {
		have = append(have, ", "...)
	}
	value0 := len(have)
	have = appendClean(have, value)
	if len(have) == value0 || containsFold(have[:start], have[value0:]) {
		have = have[:start]
	}
	c.values[s] = have
}

// Language takes the language of the html element.
func (c *Collector) Language(lang []byte) { c.first(languageHTML, lang) }

// Link takes a link element.
func (c *Collector) Link(rel, href []byte) {
	if equalFold(rel, "canonical") {
		c.first(urlCanonical, href)
	}
}

// JSONLD takes a script of JSON-LD.
func (c *Collector) JSONLD(script []byte) {
	if c.read += len(script); c.read <= maxJSONLD {
		c.readJSONLD(script)
	}
}

// Title takes the title element.
func (c *Collector) Title(text []byte) { c.first(titlePage, text) }

// Heading takes a heading of level 1 or 2, in their order.
func (c *Collector) Heading(level int, text []byte) {
	if c.isTitle(text) {
		c.near = nearLines
		c.first(titleLine, text)
	}
	switch {
	case level == 1 && len(c.values[titleH1]) == 0:
		c.first(titleH1, text)
	case level == 1:
		c.first(titleSecondH1, text)
	case level == 2:
		c.first(titleH2, text)
	}
}

// Time takes a time element: its datetime, what is known of it by its class and itemprop, and its text.
func (c *Collector) Time(datetime, label, text []byte, place Place) {
	to, from := &c.published, fromTime
	switch kind := labelOf(label, len(label)); {
	case kind == labelOther:
		return
	case kind == labelModified:
		to = &c.modified
	case containsFold(label, []byte("datepublished")):
		from = fromItem
	case place != Head:
		from = fromFarTime
	}
	for _, value := range [][]byte{datetime, text} {
		if len(value) > 4*maxWritten {
			continue
		}
		if d, _, _, ok := findDate(value, 0, true); ok {
			c.note(d)
			to.add(from, d)
			return
		}
	}
}

// Author takes the text of an element that is said to hold the author, by its class, its rel or its itemprop.
func (c *Collector) Author(text []byte, place Place) {
	if place == Head && len(text) <= maxAuthorLine {
		c.first(authorElement, text)
	}
}
