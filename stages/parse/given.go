package parse

import (
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
	textwords "github.com/millrace/millrace/pipeline/text/words"
)

// given are the words of the current record, as its format gives them: where they are in the stage's text. A format that knows words begins it,
// and adds each behind its text.
type given struct {
	on      bool
	lost    bool // the text has other words than the format gave
	pieces  []wordPart
	lengths []int32
}

// wordPart is a word in the stage's text, or a part of one.
type wordPart struct {
	start, end int
	more       bool // it goes on with the word before
}

// begin says that the format of the record knows its words.
func (g *given) begin(keep bool) { g.on, g.lost, g.pieces = keep, false, g.pieces[:0] }

// add notes the word that ends a text.
func (g *given) add(out []byte, word int) {
	if g.on && word > 0 {
		g.pieces = append(g.pieces, wordPart{start: len(out) - word, end: len(out)})
	}
}

// shorten says that the last word ends earlier, where the text does now.
func (g *given) shorten(end int) {
	if g.on {
		g.pieces[len(g.pieces)-1].end = end
	}
}

// appendTo adds the words of a text, which begins at start in out, to the metadata that begins at begin in meta. It says whether they are lost.
func (g *given) appendTo(meta []byte, begin int, out []byte, start int) (_ []byte, lost bool) {
	if !g.on || g.lost {
		return meta, g.on
	}
	g.lengths = g.lengths[:0]
	at := start
	for _, p := range g.pieces {
		if gap := text.CountRunes(out[at:p.start]); gap > 0 {
			g.lengths = append(g.lengths, int32(-gap))
			p.more = false
		}
		n := int32(text.CountRunes(out[p.start:p.end]))
		if last := len(g.lengths) - 1; p.more && last >= 0 {
			g.lengths[last] += n
		} else {
			g.lengths = append(g.lengths, n)
		}
		at = p.end
	}
	if gap := text.CountRunes(out[at:]); gap > 0 {
		g.lengths = append(g.lengths, int32(-gap))
	}
	if cap(g.pieces) > keepScratch/16 {
		g.pieces, g.lengths = nil, g.lengths[:0:0]
	}
	return textwords.AppendGiven(meta, begin, g.lengths), false
}

// joinGiven is join that notes the words.
func (s *Stage) joinGiven(sentence []byte) {
	var before token
	for i := 0; i < len(sentence); {
		if n := separator(sentence, i); n > 0 {
			i += n
			continue
		}
		t := nextToken(sentence, i)
		s.out = t.append(s.out, sentence, before)
		s.words.add(s.out, t.end-t.start)
		before = t
		i = t.end
	}
}

// lineWords says what the lines of conll are, where they are no rows of CoNLL-U: words, or characters of which tags may say the words. A
// character a line is what many corpora of names have, so a line is a word for sure only where one has several ideographs, or none has any.
type lineWords struct {
	han, wide bool // a line has an ideograph; and another character
	tagged    bool // a line has a tag
	other     bool // one is not of those that cut words
}

// add takes a line and says whether its tag goes on with the word before: M, I and E of BMES, BIES and BI. B and S begin one.
func (l *lineWords) add(word, tag []byte) (more bool) {
	if r, size := utf8.DecodeRune(word); unicode.Is(unicode.Han, r) {
		l.han = true
		next, _ := utf8.DecodeRune(word[size:])
		l.wide = l.wide || unicode.Is(unicode.Han, next)
	}
	l.tagged = true
	switch string(tag) {
	case "B", "S":
	case "M", "I", "E":
		return true
	default:
		l.other = true
	}
	return false
}

// settle makes the pieces of a record words, or says that they are lost.
func (l *lineWords) settle(g *given, positions bool) {
	switch {
	case positions, l.tagged && !l.other && !l.wide:
		return // the pieces say which go on with one
	case l.wide, !l.han:
		for i := range g.pieces {
			g.pieces[i].more = false
		}
	default:
		g.lost = true
	}
}
