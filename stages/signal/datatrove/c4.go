package datatrove

import (
	"bytes"
	"unicode/utf8"
)

// c4 measures what C4QualityFilter keeps of a text, line by line: it changes the text and then counts the sentences that are left.
type c4 struct {
	m                *measurer
	next             int // the first of the words of the document that is not in front of the line
	lines, sentences int64
	lorem, bracket   int64
	text, lower      []byte
	words            []span
}

const (
	lineWords = 3    // a line has at least
	wordChars = 1000 // a word has at most
)

var (
	lorem   = []byte("lorem ipsum")
	policy  = []string{"terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"}
	citings = []string{"[edit]", "[citation needed]"}
)

func (c *c4) start(m *measurer) {
	c.m, c.next = m, 0
	c.lines, c.sentences, c.lorem, c.bracket = 0, 0, 0, 0
}

func (c *c4) measure(out []int64) {
	out[loremIpsum] = c.lorem
	out[curlyBracket] = c.bracket
	out[keptLines] = c.lines
	out[keptSentences] = c.sentences
}

// line looks at text[start:end], a line without white space at its ends.
func (c *c4) line(text []byte, start, end int) {
	line := c.withoutCitings(text[start:end])
	if !isEnded(line) || !c.hasWords(text[start:end]) {
		return
	}
	c.lower = lowerASCII(c.lower[:0], line)
	switch {
	case bytes.Contains(c.lower, lorem):
		c.lorem = 1 - c.bracket
		return
	case bytes.Contains(c.lower, []byte("javascript")):
		return
	case bytes.IndexByte(line, '{') >= 0:
		c.bracket = 1 - c.lorem
		return
	}
	for _, p := range policy {
		if bytes.Contains(c.lower, []byte(p)) {
			return
		}
	}
	c.lines++
	c.sentences += c.countSentences(text, start, end, line)
}

// withoutCitings is a line without the marks of citations, of which numbers may be empty. It is the line itself if it has none.
func (c *c4) withoutCitings(line []byte) []byte {
	i := bytes.IndexByte(line, '[')
	if i < 0 {
		return line
	}
	c.text = append(c.text[:0], line[:i]...)
	for i < len(line) {
		if n := c.citing(line[i:]); n > 0 {
			i += n
			continue
		}
		next := bytes.IndexByte(line[i+1:], '[')
		if next < 0 {
			c.text = append(c.text, line[i:]...)
			break
		}
		c.text = append(c.text, line[i:i+1+next]...)
		i += 1 + next
	}
	if len(c.text) == len(line) {
		return line
	}
	return c.text
}

// citing is how many bytes of t, which starts anywhere, are a mark of a citation.
func (c *c4) citing(t []byte) int {
	if t[0] != '[' {
		return 0
	}
	i := 1
	for i < len(t) {
		of, size := c.m.classes.at(t, i)
		if of&decimal == 0 {
			break
		}
		i += size
	}
	if i < len(t) && t[i] == ']' {
		return i + 1
	}
	for _, mark := range citings {
		if len(t) >= len(mark) && string(t[:len(mark)]) == mark {
			return len(mark)
		}
	}
	return 0
}

// isEnded says whether a line ends as sentences do.
func isEnded(line []byte) bool {
	return len(line) > 0 && bytes.IndexByte([]byte(`.?!"'`), line[len(line)-1]) >= 0 && !bytes.HasSuffix(line, []byte("..."))
}

// hasWords says whether a line has enough words, of what white space parts, and none that is too long.
func (c *c4) hasWords(line []byte) bool {
	words, chars := 0, 0
	for i := 0; i < len(line); {
		of, size := c.m.classes.at(line, i)
		i += size
		if of&space != 0 {
			chars = 0
			continue
		}
		if chars++; chars == 1 {
			words++
		}
		if chars > wordChars {
			return false
		}
	}
	return words >= lineWords
}

// lowerASCII appends text as Python's lower makes it, as far as ASCII is concerned: of all other characters only the sign of Kelvin becomes a letter
// that the phrases have.
func lowerASCII(dst, text []byte) []byte {
	const kelvin = "\u212A"
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case b-'A' <= 'Z'-'A':
			b += 'a' - 'A'
		case b == kelvin[0] && len(text)-i >= len(kelvin) && string(text[i:i+len(kelvin)]) == kelvin:
			b = 'k'
			i += len(kelvin) - 1
		}
		dst = append(dst, b)
	}
	return dst
}

// countSentences counts those of a line that is text[start:end], or what citations left of it. The words of a line are those that the document has
// there: white space ends whatever words go together.
func (c *c4) countSentences(text []byte, start, end int, line []byte) int64 {
	whole := len(c.m.wordsText) == len(text) && len(line) == end-start
	if !whole {
		var of []byte
		c.words, of = c.m.splitter.split(c.words[:0], line)
		return c.m.sentences(of, c.words)
	}
	all := c.m.words
	for c.next < len(all) && int(all[c.next].start) < start {
		c.next++
	}
	first := c.next
	for c.next < len(all) && int(all[c.next].start) < end {
		c.next++
	}
	return c.m.sentences(text, all[first:c.next])
}

// sentences counts sentences as spaCy's sentencizer does: one ends behind its mark and all punctuation that follows.
func (m *measurer) sentences(text []byte, words []span) int64 {
	sentences, ended := int64(1), false
	for i, w := range words {
		if i > 0 {
			// White space but a single space is a word, which starts a sentence.
			if gap := text[words[i-1].end:w.start]; ended && len(gap) > 0 && string(gap) != " " {
				sentences++
				ended = false
			}
		}
		r, size := utf8.DecodeRune(text[w.start:w.end])
		mark := size == int(w.end-w.start) && m.classes.of(r)&period != 0
		switch {
		case mark:
			ended = true
		case ended && !m.isPunctuation(text[w.start:w.end]):
			sentences++
			ended = false
		}
	}
	return sentences
}

func (m *measurer) isPunctuation(word []byte) bool {
	for i := 0; i < len(word); {
		c, size := m.classes.at(word, i)
		if c&punctuation == 0 {
			return false
		}
		i += size
	}
	return true
}
