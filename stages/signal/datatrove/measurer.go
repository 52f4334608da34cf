package datatrove

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/signal"
)

// measurer keeps its scratch memory between documents.
type measurer struct {
	classes   *classTable
	splitter  splitter
	stopWords map[string]uint32 // a bit each
	stopShape shape

	words     []span
	wordsText []byte // what the words are of
	wordChars []int32
	grams     grams
	layout    layout
	c4        c4
}

func newMeasurer(l language) *measurer {
	m := &measurer{classes: classes(), splitter: l.splitter(), stopWords: map[string]uint32{}, layout: layout{classes: classes()}}
	for i, word := range l.stopWords {
		m.stopWords[word] = 1 << i
		m.stopShape.add(word)
	}
	return m
}

// Measure puts the figures of a document into out.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	clear(out)
	m.words, m.wordsText = m.splitter.split(m.words[:0], d.Text)
	chars := int64(d.Chars)
	ends := int64(bytes.Count(d.Text, []byte{'\n'}))
	words := m.countWords(out)
	m.grams.measure(m.wordsText, m.words, m.wordChars, chars, out)
	m.layout.measure(d.Text, chars, chars-ends, out)
	out[hashes] = signal.Share(int64(bytes.Count(d.Text, []byte{'#'})), words)
	out[ellipses] = signal.Share(int64(bytes.Count(d.Text, []byte("..."))+bytes.Count(d.Text, []byte("…"))), words)
	out[newLines] = signal.Share(ends, words)
	m.measureLines(d.Text, out)
}

// countWords measures the words, one by one, and says how many there are.
func (m *measurer) countWords(out []int64) int64 {
	var content, contentChars, alpha int64
	var found uint32
	m.wordChars = m.wordChars[:0]
	for _, w := range m.words {
		word := m.wordsText[w.start:w.end]
		chars, all, some := int32(0), symbol, class(0)
		for i := 0; i < len(word); chars++ {
			c, size := m.classes.at(word, i)
			all &= c
			some |= c
			i += size
		}
		m.wordChars = append(m.wordChars, chars)
		if all == 0 {
			content++
			contentChars += int64(chars)
		}
		if some&alphabetic != 0 {
			alpha++
		}
		if m.stopShape.may(word) {
			found |= m.stopWords[string(word)]
		}
	}
	words := int64(len(m.words))
	out[wordCount] = words
	out[contentWords] = content
	out[meanWordChars] = signal.Share(contentChars, content)
	out[alphaWords] = signal.Share(alpha, words)
	for ; found > 0; found &= found - 1 {
		out[stopWords]++
	}
	return words
}

// measureLines measures the lines as Python's splitlines finds them.
func (m *measurer) measureLines(text []byte, out []int64) {
	var lines, bullets, ellipses int64
	m.c4.start(m)
	for start := 0; start < len(text); {
		end, next := m.lineEnd(text, start)
		lines++
		from, to := m.classes.strip(text, start, end)
		if line := text[from:to]; len(line) > 0 {
			if line[0] == '-' || bytes.HasPrefix(line, []byte("•")) {
				bullets++
			}
			if bytes.HasSuffix(line, []byte("...")) || bytes.HasSuffix(line, []byte("…")) {
				ellipses++
			}
			m.c4.line(text, from, to)
		}
		start = next
	}
	out[bulletLines] = signal.Share(bullets, lines)
	out[ellipsisLines] = signal.Share(ellipses, lines)
	m.c4.measure(out)
}

// lineEnd is the end of the line that starts at i, and the start of the next.
func (m *measurer) lineEnd(text []byte, i int) (end, next int) {
	for ; i < len(text); i++ {
		switch b := text[i]; {
		case b >= ' ' && b < utf8.RuneSelf:
		case b == '\r' && i+1 < len(text) && text[i+1] == '\n':
			return i, i + 2
		case b >= '\n' && b <= '\r', b >= 0x1C && b <= 0x1E:
			return i, i + 1
		case b == 0xC2 && i+1 < len(text) && text[i+1] == 0x85: // U+0085
			return i, i + 2
		case b == 0xE2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2]&^1 == 0xA8: // U+2028, U+2029
			return i, i + 3
		}
	}
	return i, i
}
