package parse

import (
	"bytes"
	"unicode/utf8"
)

// conllFormat is a word or character a line with its annotation in columns, and a blank line behind a sentence: BIO and BMES
// tags behind the word, or the ten columns of CoNLL-U. A sentence becomes a line. In CoNLL-U the sentence is the comment
// "# text = " where there is one; words are joined as in chars.
var conllFormat = format{
	name:     CoNLL,
	rule:     RuleFile,
	rules:    []string{RuleFile, RuleBlankLine},
	suffixes: []string{".conllu", ".conll", ".bio", ".bmes"},
	sniff:    sniffCoNLL,
	decode:   decodeCoNLL,
}

func decodeCoNLL(s *Stage, rec []byte) (reason, detail string) {
	c := conllText{s: s, start: len(s.out)}
	s.words.begin(s.cfg.KeepWords)
	c.columns, c.glued = isCoNLLU(rec), gluedDigits(rec)
	for len(rec) > 0 {
		var line []byte
		line, rec = cutLine(rec)
		switch {
		case isBare(line):
			c.end()
		case c.columns:
			c.row(line)
		default:
			c.tagged(line)
		}
	}
	c.end()
	if s.words.on && !c.columns {
		c.lines.settle(&s.words, c.glued)
	}
	return "", ""
}

// isBare says whether a line has nothing but white space. U+3000 may be a character.
func isBare(line []byte) bool {
	return isBlank(line) && !bytes.Contains(line, []byte("\u3000")) || len(bytes.Trim(line, " \t")) == 0
}

// conllText appends sentences to the stage's text.
type conllText struct {
	s       *Stage
	start   int // of the document in s.out
	columns bool
	glued   bool

	open   bool
	raw    bool // the sentence was taken from its comment
	skip   int  // the last word that a range stood for
	before token
	left   []byte // of the comment, behind the words that rows have had of it
	lines  lineWords
}

// begin separates a sentence from the one before.
func (c *conllText) begin() {
	if !c.open {
		c.open = true
		if len(c.s.out) > c.start {
			c.s.out = append(c.s.out, '\n')
		}
	}
}

func (c *conllText) end() {
	if c.raw && len(bytes.TrimSpace(c.left)) > 0 {
		c.s.words.lost = true
	}
	c.open, c.raw, c.skip, c.before = false, false, 0, token{}
}

func (c *conllText) word(word []byte) {
	c.begin()
	t := tokenOf(word, 0, len(word))
	c.s.out = t.append(c.s.out, word, c.before)
	c.s.words.add(c.s.out, len(word))
	c.before = t
}

// found notes a word of the comment, which has to go on with it.
func (c *conllText) found(word []byte) {
	if !c.s.words.on {
		return
	}
	rest, found := bytes.CutPrefix(bytes.TrimLeft(c.left, " \t\u00a0\u3000"), word)
	if !found {
		c.s.words.lost = true
		return
	}
	c.left = rest
	c.s.words.add(c.s.out[:len(c.s.out)-len(rest)], len(word))
}

// row takes a line of CoNLL-U.
func (c *conllText) row(line []byte) {
	if line[0] == '#' {
		if text, found := bytes.CutPrefix(line, []byte("# text = ")); found && !c.raw && !c.open {
			c.begin()
			c.raw = true
			c.s.out = append(c.s.out, text...)
			c.left = c.s.out[len(c.s.out)-len(text):]
		}
		return
	}
	if c.raw && !c.s.words.on {
		return
	}
	id, rest, _ := bytes.Cut(line, []byte("\t"))
	form, _, more := bytes.Cut(rest, []byte("\t"))
	first, last, kind := wordID(id)
	switch {
	case (kind == noID || !more) && c.raw:
		c.s.words.lost = true
	case kind == noID || !more:
		c.s.count.odd++
		c.word(id)
	case kind == emptyNode, kind == wordNumber && first <= c.skip:
	default:
		if kind == wordRange {
			c.skip = last
		}
		if c.raw {
			c.found(form)
			return
		}
		c.word(form)
	}
}

// piece appends the word of a line, or a part of one which may go on with that of the line before, if it is of the same sentence.
func (c *conllText) piece(word []byte, more bool) {
	more = more && c.open
	c.word(word)
	if c.s.words.on && len(word) > 0 {
		c.s.words.pieces[len(c.s.words.pieces)-1].more = more
	}
}

// tagged takes a line of a word and its tags. Where there is only a tag, the character was a space.
func (c *conllText) tagged(line []byte) {
	word, tag, found := bytes.Cut(line, []byte("\t"))
	if !found {
		line = trimRight(line)
		for len(line) > 0 && line[0] == ' ' {
			line = line[1:]
		}
		word, tag, found = bytes.Cut(line, []byte(" "))
	}
	switch {
	case string(word) == "-DOCSTART-":
	case len(word) == 0 || string(word) == " ", !found && isChunkTag(word):
		c.begin()
		c.s.out = append(c.s.out, ' ')
		c.before = token{}
	case c.glued && len(tag) > 0:
		_, size := utf8.DecodeRune(word)
		c.piece(word[:size], string(bytes.TrimLeft(word[size:], "0")) != "")
	default:
		c.piece(word, c.lines.add(word, bytes.TrimSpace(tag)))
	}
}

type idKind uint8

const (
	noID idKind = iota
	wordNumber
	wordRange // 1-2
	emptyNode // 1.1
)

// wordID reads the first column of CoNLL-U.
func wordID(b []byte) (first, last int, kind idKind) {
	if first, ok := number(b); ok {
		return first, first, wordNumber
	}
	from, to, found := bytes.Cut(b, []byte("-"))
	kind = wordRange
	if !found {
		from, to, found = bytes.Cut(b, []byte("."))
		kind = emptyNode
	}
	first, ok1 := number(from)
	last, ok2 := number(to)
	if !found || !ok1 || !ok2 {
		return 0, 0, noID
	}
	return first, last, kind
}

// number reads a number of at most nine digits.
func number(b []byte) (n int, ok bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// isCoNLLU looks at the first line that is no comment: many columns, and an id in the first.
func isCoNLLU(rec []byte) bool {
	const least = 8 // columns; the older CoNLL-X has as many without the last two
	for len(rec) > 0 {
		var line []byte
		if line, rec = cutLine(rec); len(line) == 0 || line[0] == '#' && bytes.IndexByte(line, '\t') < 0 || isBlank(line) {
			continue
		}
		id, _, _ := bytes.Cut(line, []byte("\t"))
		_, _, kind := wordID(id)
		return kind != noID && bytes.Count(line, []byte("\t")) >= least-1
	}
	return false
}

// gluedDigits says whether every word is one character with its position in a word behind it, as in the corpus of Weibo
// names: 一0 个1 人0. It looks at the first lines.
func gluedDigits(rec []byte) bool {
	const look = 256
	lines, position, wide := 0, -1, false
	for len(rec) > 0 {
		var line []byte
		if line, rec = cutLine(rec); isBlank(line) {
			position = -1
			continue
		}
		word, _, found := bytes.Cut(line, []byte("\t"))
		if !found {
			word, _, found = bytes.Cut(line, []byte(" "))
		}
		_, size := utf8.DecodeRune(word)
		n, ok := number(word[size:])
		if !found || !ok || n != 0 && n != position+1 {
			return false
		}
		position = n
		wide = wide || size > 1
		if lines++; lines == look {
			break
		}
	}
	return wide
}
