package parse

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// sniffCoNLL wants every line of the head to fit, and the tags to go on as tags do.
func sniffCoNLL(s sample, _ Config) (why string) {
	if isTreebank(s) {
		return "numbered words in columns"
	}
	var c tagCensus
	if fits := c.read(s); fits && c.convincing() {
		return "a word and a chunk tag a line"
	}
	return ""
}

// leastTagged is how many lines with a word and a tag there must be.
const leastTagged = 5

// tagCensus is what lines of words with chunk tags show.
type tagCensus struct {
	lines     int // with a word and a tag
	single    int // of these, with a word of one character that is no ASCII
	sentences int
	outside   int // tags O
	bare      int // tags of a letter: B, M
	typed     int // tags with a type: B-PER
	goesOn    int // of these, such as go on from the one before: I-PER behind B-PER
	broken    int // bare tags that cannot stand behind the one before
}

// read takes all lines of the head. It says whether all of them are of one number of columns, with a tag in the last.
func (c *tagCensus) read(s sample) (fits bool) {
	const longest = 100 // bytes of a line
	fits = true
	columns, before := 0, []byte(nil)
	s.lines(func(line []byte) bool {
		if isBlank(line) {
			if before != nil {
				c.sentence(before)
				before = nil
			}
			return true
		}
		line = bytes.TrimRight(line, " ")
		if bytes.HasPrefix(line, []byte("-DOCSTART-")) {
			return true
		}
		last := bytes.LastIndexAny(line, " \t")
		word, tag := line[:max(last, 0)], line[last+1:]
		if fits = len(line) <= longest && isChunkTag(tag); !fits {
			return false
		}
		if word = bytes.TrimSpace(word); len(word) > 0 { // else the character was a space
			n := bytes.Count(word, []byte("\t")) + bytes.Count(word, []byte(" ")) + 1
			if columns == 0 {
				columns = n
			}
			if fits = n == columns; !fits {
				return false
			}
			c.line(word, tag)
		}
		c.tag(before, tag)
		before = tag
		return true
	})
	if before != nil {
		if s.cut {
			c.sentences++
		} else {
			c.sentence(before)
		}
	}
	return fits
}

func (c *tagCensus) line(word, _ []byte) {
	c.lines++
	form, _, _ := bytes.Cut(word, []byte("\t"))
	form, _, _ = bytes.Cut(form, []byte(" "))
	if r, size := utf8.DecodeRune(form); r >= utf8.RuneSelf && (size == len(form) || gluedDigits(form)) {
		c.single++
	}
}

// tag takes a tag behind another one, or at the start of a sentence.
func (c *tagCensus) tag(before, tag []byte) {
	switch {
	case tag[0] == 'O':
		c.outside++
	case len(tag) == 1:
		c.bare++
	default:
		c.typed++
	}
	switch {
	case len(tag) > 1:
		if inner(tag[0]) && len(before) > 1 && bytes.Equal(before[1:], tag[1:]) {
			c.goesOn++
		}
	case !mayFollow(before, tag[0]):
		c.broken++
	}
}

// sentence ends a sentence at its last tag.
func (c *tagCensus) sentence(last []byte) {
	c.sentences++
	if len(last) == 1 && last[0] == 'M' {
		c.broken++
	}
}

func inner(letter byte) bool { return letter == 'I' || letter == 'M' || letter == 'E' || letter == 'L' }

// mayFollow says whether a bare tag may stand behind another: what is inside of a word begins none, and a word that has
// begun in the scheme of four letters goes on.
func mayFollow(before []byte, letter byte) bool {
	open := len(before) == 1 && (before[0] == 'B' || before[0] == 'M' || before[0] == 'I')
	switch letter {
	case 'M', 'E', 'L', 'I':
		return open
	case 'S', 'W', 'U':
		return len(before) != 1 || before[0] != 'M'
	}
	return true
}

// convincing says whether the tags are those of a text. Titles and lists may end in such letters, but seldom in the order
// of tags, and hardly ever behind single characters, or with words outside of everything between them.
func (c *tagCensus) convincing() bool {
	if c.lines < leastTagged {
		return false
	}
	if c.typed > 0 {
		return c.outside > 0 || c.goesOn > 0
	}
	switch {
	case 100*c.broken > c.bare:
		return false
	case 2*c.single >= c.lines:
		return c.bare > 0
	}
	return c.sentences >= 2 && 3*c.outside >= c.lines && c.bare > 0
}

// isTreebank wants sentences in the columns of CoNLL: words that are numbered from 1 on, and the number of another word or
// nothing in the column of the head.
func isTreebank(s sample) bool {
	const least, most, head, relation = 8, 14, 6, 7 // columns
	words, sentences, named, blanks, number := 0, 0, 0, 0, 0
	fits := true
	s.lines(func(line []byte) bool {
		switch {
		case isBlank(line):
			number = 0
			return true
		case line[0] == '#':
			if bytes.HasPrefix(line, []byte("# sent_id")) || bytes.HasPrefix(line, []byte("# text")) || bytes.HasPrefix(line, []byte("# newdoc")) {
				named++
			}
			return true
		}
		columns := bytes.Count(line, []byte("\t")) + 1
		if fits = columns >= least && columns <= most; !fits {
			return false
		}
		fields := bytes.Split(line, []byte("\t"))
		first, _, kind := wordID(fields[0])
		switch kind {
		case noID:
			fits = false
		case wordNumber:
			if first == 1 {
				sentences++
			}
			fits = first == number+1 || first == 1
			number = first
			words++
		case wordRange, emptyNode:
			return true
		}
		_, _, headKind := wordID(fields[head])
		fits = fits && len(fields[1]) > 0 && (headKind == wordNumber || isNothing(fields[head])) && !isNumber(fields[relation])
		for _, f := range fields {
			if isNothing(f) {
				blanks++
			}
		}
		return fits
	})
	return fits && words > 0 && (named > 0 || blanks >= words && (words > 1 || sentences > 0))
}

func isNothing(field []byte) bool { return len(field) == 1 && field[0] == '_' }

func isNumber(field []byte) bool {
	_, ok := number(field)
	return ok
}

// isChunkTag recognises tags of BIO, BMES and their kin: O, B, B-PER, S_LOC.
func isChunkTag(b []byte) bool {
	if len(b) == 0 || bytes.IndexByte([]byte("BIOESMLUW"), b[0]) < 0 {
		return false
	}
	if len(b) == 1 {
		return true
	}
	if len(b) == 2 || b[0] == 'O' || b[1] != '-' && b[1] != '_' {
		return false
	}
	r, _ := utf8.DecodeRune(b[2:])
	return unicode.IsLetter(r) // and not B-52
}
