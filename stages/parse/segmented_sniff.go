package parse

import (
	"unicode"
	"unicode/utf8"
)

// What a text must show to be taken for words with spaces between them. Ordinary text has its punctuation at the words; a
// text that has not, and whose words are all short, was segmented.
const (
	sniffWords     = 60 // words with Han characters
	sniffMarks     = 6  // punctuation marks
	aloneShare     = 95 // percent of these that stand alone
	hanShare       = 60 // percent of words that have Han characters or are such marks
	meanHan        = 3  // Han characters of a word, on average at most
	longHan        = 8  // Han characters of a long word
	longHanPercent = 3  // of long words, at most
)

func sniffSegmented(s sample, _ Config) (why string) {
	if line, _ := s.firstLine(); len(articleID(line)) > 0 {
		return "the first line begins with a paragraph id"
	}
	var c wordCensus
	s.lines(func(line []byte) bool {
		c.add(line)
		return true
	})
	if c.han < sniffWords {
		return ""
	}
	if 100*c.tagged >= 90*c.words {
		return "words with tags"
	}
	if c.marks >= sniffMarks && 100*c.alone >= aloneShare*c.marks && 100*(c.han+c.alone) >= hanShare*c.words &&
		c.characters <= meanHan*c.han && 100*c.long <= longHanPercent*c.han {
		return "short words and punctuation with spaces between them"
	}
	return ""
}

// wordCensus counts the words of a text between spaces.
type wordCensus struct {
	words, han, characters, long int // all; with Han characters; these characters; words with many of them
	marks, alone                 int // punctuation marks; those that are words of their own
	tagged                       int
}

func (c *wordCensus) add(line []byte) {
	for i := 0; i < len(line); {
		if n := separator(line, i); n > 0 {
			i += n
			continue
		}
		t := nextToken(line, i)
		i = t.end
		c.word(line[t.start:t.end])
	}
}

func (c *wordCensus) word(word []byte) {
	c.words++
	if isTag(word, '/') || isTag(word, '_') {
		c.tagged++
	}
	han, marks := 0, 0
	for rest := word; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		switch r {
		case '，', '。', '；', '：', '？', '！', '、':
			marks++
		default:
			if unicode.Is(unicode.Han, r) {
				han++
			}
		}
	}
	c.marks += marks
	if marks > 0 && han == 0 {
		c.alone += marks
	}
	if han > 0 {
		c.han++
		c.characters += han
		if han > longHan {
			c.long++
		}
	}
}
