package markup

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// lines writes text in lines: white space is collapsed, and what separates two pieces of text is written with the second.
type lines struct {
	out   []byte
	start int // of what is written, in out

	newline, space bool // what separates the next text from the last; the first of them that is set counts
	tabs           int  // but these stand at the start of a line, too
	wrapped        bool // the white space has a line end in it

	levels  [maxLevels]level // what is raised or lowered, from the outermost on
	nested  int              // levels that are open
	last    level            // the last one that ended
	ruby    int              // open elements of words with their reading
	reading bool             // the reading is being left out
}

// breakLine begins a line, except where a cell of a table has just begun.
func (w *lines) breakLine() { w.newline = w.newline || w.tabs == 0 }

// isSpace says what HTML takes for white space; the others, like U+3000, are text.
func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// text writes text whose white space does not matter.
func (w *lines) text(b []byte) {
	if w.reading {
		return
	}
	for len(b) > 0 {
		n := 0
		for n < len(b) && !isSpace(b[n]) {
			n++
		}
		if n > 0 {
			w.separate(b)
			w.out = append(w.out, b[:n]...)
			b = b[n:]
		}
		for n = 0; n < len(b) && isSpace(b[n]); n++ {
			w.space = true
			w.wrapped = w.wrapped || b[n] == '\n'
		}
		b = b[n:]
	}
}

// verbatim writes text whose white space matters.
func (w *lines) verbatim(b []byte) {
	if len(w.out) == w.start {
		b = bytes.TrimLeft(b, "\r\n")
	}
	if len(b) == 0 || w.reading {
		return
	}
	w.separate(b)
	w.out = append(w.out, b...)
}

// separate writes what belongs between the last text and next. A line end in the source between two characters that are
// written without spaces is none of the text (CSS Text Level 3, 4.1.3).
func (w *lines) separate(next []byte) {
	n := len(w.out)
	follows := n > w.start && w.out[n-1] != '\n'
	if w.newline && follows {
		w.out = append(w.out, '\n')
	}
	switch {
	case w.tabs > 0:
		for range w.tabs {
			w.out = append(w.out, '\t')
		}
	case w.newline || !follows:
	case w.space && (!w.wrapped || !w.unspaced(next)):
		w.out = append(w.out, ' ')
	case n == w.last.end && w.last.end > 0:
		w.partLevel(next)
	}
	w.newline, w.tabs, w.space, w.wrapped = false, 0, false, false
}

// unspaced says whether both sides are of scripts without spaces between words.
func (w *lines) unspaced(next []byte) bool {
	last, _ := utf8.DecodeLastRune(w.out[w.start:])
	first, _ := utf8.DecodeRune(next)
	return isWide(last) && isWide(first)
}

func isWide(r rune) bool {
	return r >= 0x3000 && (r <= 0x303f || // punctuation
		r >= 0xff01 && r <= 0xff60 || // full-width forms
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo))
}

// finish returns what is written, without white space at its end.
func (w *lines) finish() []byte {
	for len(w.out) > w.start && isSpace(w.out[len(w.out)-1]) {
		w.out = w.out[:len(w.out)-1]
	}
	return w.out
}
