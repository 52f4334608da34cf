package tagged

import (
	"bytes"

	"golang.org/x/net/html/atom"
)

// paragraphs are the elements, beside those of HTML, that set a part of a text apart: as SGML corpora call them.
var paragraphs = map[string]bool{
	"p": true, "para": true, "br": true, "s": false, "turn": true, "annotation": true, "div": true, "h1": true, "h2": true, "h3": true, "h4": true,
	"h5": true, "h6": true, "li": true, "ul": true, "ol": true, "tr": true, "table": true, "section": true, "blockquote": true, "hl": true,
	"caption": true, "hr": true, "pre": true, "dd": true, "dt": true, "dl": true,
}

// IsProse says of a tag that it marks a part of a text, and not a field of a record: it is of HTML, or a paragraph by another name.
func IsProse(t Tag) bool {
	var buf [16]byte
	name := lower(buf[:0], t.Name)
	if _, known := paragraphs[string(name)]; known {
		return true
	}
	switch atom.Lookup(name) {
	case atom.A, atom.Abbr, atom.B, atom.Big, atom.Blink, atom.Center, atom.Cite, atom.Code, atom.Del, atom.Dfn, atom.Em, atom.Font, atom.Html, atom.I,
		atom.Img, atom.Ins, atom.Kbd, atom.Mark, atom.Math, atom.Nobr, atom.Q, atom.Rb, atom.Rp, atom.Rt, atom.Ruby, atom.Samp, atom.Script,
		atom.Small, atom.Span, atom.Strike, atom.Strong, atom.Style, atom.Sub, atom.Sup, atom.Td, atom.Th, atom.Tbody, atom.Thead, atom.Tt, atom.U,
		atom.Var, atom.Wbr:
		return true
	}
	return false
}

// Text appends the text of an element: references are decoded, CDATA sections taken as they are, comments left out, and so are
// tags of prose, where a paragraph, or whatever else is a block, stands in lines of its own. Any other tag is text; with all, none is. White space at the
// ends is left out.
func Text(dst, src []byte, all bool) []byte {
	w := writer{out: dst, start: len(dst)}
	var u unclosed
	for i := 0; ; {
		t, ok := next(src, i, &u)
		if !ok {
			w.decode(src[i:])
			return w.finish()
		}
		switch {
		case t.Kind == CData:
			w.decode(src[i:t.Start])
			w.verbatim(t.Content(src))
		case t.Kind == Comment:
			w.decode(src[i:t.Start])
		case all || IsProse(t):
			w.decode(src[i:t.Start])
			if isParagraph(t.Name) || all && !IsProse(t) {
				w.line = true
			}
		default:
			w.decode(src[i:t.End])
		}
		i = t.End
	}
}

func isParagraph(name []byte) bool {
	var buf [16]byte
	return paragraphs[string(lower(buf[:0], name))]
}

// lower appends a name in lower case, as far as it fits.
func lower(dst, name []byte) []byte {
	for _, c := range name[:min(len(name), cap(dst))] {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// writer appends text in paragraphs.
type writer struct {
	out   []byte
	start int
	line  bool // a line end belongs in front of what comes
}

func (w *writer) decode(text []byte) {
	if text = w.begin(text); len(text) > 0 {
		w.out = Decode(w.out, text)
	}
}

func (w *writer) verbatim(text []byte) { w.out = append(w.out, w.begin(text)...) }

// begin writes the line end that is due, and returns the text without the white space that it stands for.
func (w *writer) begin(text []byte) []byte {
	if !w.line && len(w.out) > w.start {
		return text
	}
	text = bytes.TrimLeft(text, " \t\r\n\f\v")
	if len(text) == 0 || !w.line {
		return text
	}
	w.line = false
	w.out = trimRight(w.out, w.start)
	if len(w.out) > w.start {
		w.out = append(w.out, '\n')
	}
	return text
}

func (w *writer) finish() []byte { return trimRight(w.out, w.start) }

func trimRight(out []byte, start int) []byte {
	for len(out) > start && isSpace(out[len(out)-1]) {
		out = out[:len(out)-1]
	}
	return out
}

// Unwrap appends what an element holds as the application behind XML gets it: CDATA sections without their marks, references
// decoded once, comments left out, tags as they stand there.
func Unwrap(dst, src []byte) []byte {
	var u unclosed
	for i := 0; ; {
		t, ok := next(src, i, &u)
		if !ok {
			return Decode(dst, src[i:])
		}
		dst = Decode(dst, src[i:t.Start])
		switch t.Kind {
		case CData:
			dst = append(dst, t.Content(src)...)
		case Comment:
		case Open, Close, Empty:
			dst = append(dst, src[t.Start:t.End]...)
		}
		i = t.End
	}
}
