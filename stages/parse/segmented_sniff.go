package parse

import (
	"bytes"
	"strings"
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
	knownShare     = 80 // percent of the tags that some corpus uses: glosses and readings stand behind words, too
)

func sniffSegmented(s sample, _ Config) (why string) {
	if line, _ := s.firstLine(); len(articleID(line)) > 0 && numberedLines(s) {
		return "the first line begins with a paragraph id"
	}
	c := newWordCensus(s.head)
	if c.hopeless() {
		return ""
	}
	s.lines(func(line []byte) bool {
		c.add(line)
		return !c.hopeless()
	})
	switch {
	case c.han < sniffWords:
		return ""
	case c.isTagged():
		return "words with tags"
	case c.isSpaced():
		return "short words and punctuation with spaces between them"
	}
	return ""
}

// numberedLines says whether half of the lines of the head have a paragraph id in front.
func numberedLines(s sample) bool {
	ids, lines := 0, 0
	s.lines(func(line []byte) bool {
		if !isBlank(line) {
			lines++
		}
		if len(articleID(line)) > 0 {
			ids++
		}
		return true
	})
	return 2*ids >= lines
}

// wordCensus counts the words of a text between spaces.
type wordCensus struct {
	words, han, characters, long int // all; with Han characters; these characters; words with many of them
	marks, alone                 int // punctuation marks; those that are words of their own
	tagged, known                int // words with tags; those whose tag is one of a corpus

	mostWords, mostTags int // in all of the text
}

// newWordCensus bounds what the words of a text can be by its bytes, so that ordinary text is known by a part of it.
func newWordCensus(text []byte) (c wordCensus) {
	count := func(b byte) int { return bytes.Count(text, []byte{b}) }
	c.mostWords = 1 + count(' ') + count('\t') + count('\n')
	for rest := text; ; rest = rest[1:] {
		i := bytes.IndexByte(rest, 0xE3)
		if i < 0 {
			break
		}
		if rest = rest[i:]; separator(rest, 0) > 0 {
			c.mostWords++
		}
	}
	if !hasHigh(text, 3*sniffWords) { // a Han character has three at least
		c.mostWords = 0
	}
	c.mostTags = count('/') + count('_')
	return c
}

func (c *wordCensus) isTagged() bool {
	return 100*c.tagged >= 90*c.words && 100*c.known >= knownShare*c.tagged
}

func (c *wordCensus) isSpaced() bool {
	return c.marks >= sniffMarks && 100*c.alone >= aloneShare*c.marks && 100*(c.han+c.alone) >= hanShare*c.words &&
		c.characters <= meanHan*c.han && 100*c.long <= longHanPercent*c.han
}

// hopeless says whether the words that may still come cannot make a segmented text of those so far.
func (c *wordCensus) hopeless() bool {
	more := c.mostWords - c.words
	if c.han+more < sniffWords {
		return true
	}
	// A word has a tag at most; one without stays so.
	tagged := 100*min(c.mostTags, c.tagged+more) >= 90*max(c.words, sniffWords) && 10*(c.words-c.tagged) <= c.mostWords
	// A word has a Han character at least, or does not count.
	short := c.characters-meanHan*c.han <= (meanHan-1)*more && 100*c.long <= longHanPercent*(c.han+more)
	return !tagged && !short
}

// add takes the words of a line. It goes over them once, for it sees the most of what planning sees of a Chinese text.
func (c *wordCensus) add(line []byte) {
	for i := 0; i < len(line); {
		if n := separator(line, i); n > 0 {
			i += n
			continue
		}
		start, han, marks := i, 0, 0
		for i < len(line) {
			b := line[i]
			if b > ' ' && b < utf8.RuneSelf {
				i++
				continue
			}
			if beginsHan(line[i:]) {
				han++
				i += 3
				continue
			}
			if separator(line, i) > 0 {
				break
			}
			r, size := utf8.DecodeRune(line[i:]) // a separator ends it as the end of the word does
			i += size
			switch {
			case r == '，', r == '。', r == '；', r == '：', r == '？', r == '！', r == '、':
				marks++
			case r >= utf8.RuneSelf && unicode.Is(unicode.Han, r):
				han++
			}
		}
		c.word(line[start:i], han, marks)
	}
}

// beginsHan says whether a text begins with a character from U+4E00 on below U+A000: the block that all but a few are of.
func beginsHan(t []byte) bool {
	return len(t) >= 3 && t[0] >= 0xE4 && t[0] <= 0xE9 && (t[0] > 0xE4 || t[1] >= 0xB8) && t[1]&0xC0 == 0x80 && t[2]&0xC0 == 0x80
}

// word takes a word of so many Han characters and punctuation marks.
func (c *wordCensus) word(word []byte, han, marks int) {
	c.words++
	if c.mostTags > 0 {
		for _, sep := range []byte("/_") {
			if isTag(word, sep) {
				c.tagged++
				if isKnownTag(word[bytes.LastIndexByte(word, sep)+1:]) {
					c.known++
				}
				break
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

// knownTags are the tags of the corpora of Peking University (with ICTCLAS, LTP and the People's Daily), the Chinese Treebank,
// Sinica and Universal Dependencies, in lower case.
var knownTags = tagSet(`
	a ad ag al an b bg bl c cc d dg df dl e eng f fg g h i j k l lg m mg ml mq mt n ng nd nf nh ni nl nm nn nr nr1 nr2 nrf nrfg nrg nrj
	nrt ns nsf nt ntc ntu nx nz nw o ow p pba pbei pn pu q qg qt qv r rb rg rr ry rys ryt ryv rz rzs rzt rzv s sp t tg tt u uv ud ude1 ude2
	ude3 udeng udh ug uguo uj ul ule ulian uls usuo uyy uz uzhe uzhi v vd vf vg vi vl vn vq vshi vu vx vyou w wb wd wf wh wj wky
	wkz wm wn wp ws wt ww wyy wyz x xe xs xu xx y yg z zg rzg
	ad as ba cd cs dec deg der dev dt etc fw ij jj lb lc m msp nn nr nt od on p pn pu sb va vc ve vv em ic noi url
	na nb nc ncd nd nep neqa neqb nes neu nf ng nh nv va vac vb vc vcl vd ve vf vg vh vhc vi vj vk vl v_2 da dfa dfb di dk de shi caa cab
	cba cbb fw t i b a p
	adj adp adv aux cconj det intj noun num part pron propn punct sconj sym verb
	commacategory periodcategory parenthesiscategory pausecategory coloncategory semicoloncategory questioncategory exclamationcategory
	dashcategory etccategory spchangecategory exclanationcategory
`)

func tagSet(list string) map[string]bool {
	set := map[string]bool{}
	for tag := range strings.FieldsSeq(list) {
		set[tag] = true
	}
	return set
}

// isKnownTag says whether a corpus has the tag: without what closes a compound behind it, n]nt, and what specifies it, NR-SHORT.
func isKnownTag(tag []byte) bool {
	var buf [maxTag]byte
	lower := buf[:0]
	for _, c := range tag {
		if c == ']' || c == '-' || len(lower) == maxTag {
			break
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		lower = append(lower, c)
	}
	// Those of organisations have three letters: ntc, nth, nts and so on.
	return knownTags[string(lower)] || len(lower) == 3 && string(lower[:2]) == "nt"
}
