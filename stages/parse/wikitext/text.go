package wikitext

import (
	"bytes"

	"github.com/millrace/millrace/stages/parse/tagged"
)

// Text appends the readable text of a page. A paragraph is a line; there are no blank ones.
func Text(dst, src []byte) []byte {
	m := marker{src: src}
	m.find()
	w := writer{src: src, spans: m.spans, out: dst, start: len(dst), fresh: true, nextClose: map[string]int{}}
	w.run()
	return w.finish()
}

// redirects are the words with which a page begins that only leads to another.
var redirects = []string{"#redirect", "#重定向", "#転送", "#넘겨주기", "#redirection", "#weiterleitung", "#перенаправление"}

// IsRedirect says whether a page only leads to another one.
func IsRedirect(src []byte) bool {
	src = bytes.TrimLeft(src, " \t\r\n")
	for _, r := range redirects {
		if len(src) > len(r) && bytes.EqualFold(src[:len(r)], []byte(r)) {
			return bytes.Contains(src[:min(len(src), 1<<10)], []byte("[["))
		}
	}
	return false
}

// frame is a part of the source that is written, of something of which the rest is left out.
type frame struct{ end, resume int }

// writer writes a page.
type writer struct {
	src   []byte
	spans []span
	at    int // of the next byte
	next  int // of the next span

	frames    []frame
	nextClose map[string]int // where the next end tag of a name stands, as far as it was looked for

	out   []byte
	start int
	fresh bool // a line of the source begins
	line  bool // a line end belongs in front of what comes
	tail  int  // where the marks at the end of a heading begin
}

// special are the bytes that may begin something else than text.
var special = func() (t [256]bool) {
	for _, c := range "{[<&'\n_-" {
		t[c] = true
	}
	return t
}()

func (w *writer) run() {
	for {
		for n := len(w.frames) - 1; n >= 0 && w.at >= w.frames[n].end; n-- {
			w.at = max(w.at, w.frames[n].resume)
			w.frames = w.frames[:n]
		}
		if w.at >= len(w.src) {
			return
		}
		if w.tail > 0 && w.at >= w.tail {
			w.at, w.tail = w.lineEnd(), 0
			continue
		}
		if w.fresh {
			w.fresh = false
			w.beginLine()
			continue
		}
		for w.next < len(w.spans) && w.spans[w.next].start < w.at {
			w.next++
		}
		if w.next < len(w.spans) && w.spans[w.next].start == w.at && w.spans[w.next].end > 0 {
			w.span(w.spans[w.next])
			continue
		}
		w.piece()
	}
}

// limit is up to where bytes can be taken without a look at anything else.
func (w *writer) limit() int {
	end := len(w.src)
	if n := len(w.frames); n > 0 {
		end = min(end, w.frames[n-1].end)
	}
	if w.tail > w.at {
		end = min(end, w.tail)
	}
	return end
}

// piece takes text up to the next special byte, or what that begins.
func (w *writer) piece() {
	end := w.limit()
	i := w.at
	for i < end && !special[w.src[i]] {
		i++
	}
	if i > w.at {
		w.text(w.src[w.at:i])
		w.at = i
		return
	}
	rest := w.src[i:end]
	switch c := rest[0]; {
	case c == '\n':
		w.line, w.fresh = true, true
		w.at++
	case c == '\'' && run(rest[:min(len(rest), 5)], c) > 1:
		n := run(rest[:min(len(rest), 5)], c)
		if n == 4 { // bold, and an apostrophe
			w.text(rest[:1])
		}
		w.at += n
	case c == '&':
		w.reference(rest)
	case c == '<':
		w.tag(i)
	case c == '[' && address(rest[1:]):
		w.external(rest)
	case c == '_' && magicWord(rest) > 0:
		w.at += magicWord(rest)
	default:
		w.text(rest[:1])
		w.at++
	}
}

// run is how many bytes c text begins with.
func run(text []byte, c byte) (n int) {
	for n < len(text) && text[n] == c {
		n++
	}
	return n
}

// reference takes a character reference.
func (w *writer) reference(rest []byte) {
	const longest = 34
	n := bytes.IndexByte(rest[:min(len(rest), longest)], ';') + 1
	n = max(n, 1)
	var buf [longest]byte
	decoded := tagged.Decode(buf[:0], rest[:n])
	if string(decoded) == "\u00a0" {
		decoded = []byte(" ")
	}
	w.text(decoded)
	w.at += n
}

// span takes a pair of marks.
func (w *writer) span(s span) {
	switch s.kind {
	case template, parameter, table, comment:
		w.at = s.end
	case verbatim:
		body := w.src[s.start:s.end]
		from, to := bytes.IndexByte(body, '>')+1, bytes.LastIndexByte(body, '<')
		w.text(tagged.Decode(nil, body[from:max(from, to)]))
		w.at = s.end
	case link:
		w.link(s)
	case variant:
		w.variant(s)
	}
}

// text writes text, which may have line ends only if it is verbatim.
func (w *writer) text(b []byte) {
	if len(w.out) == w.start || w.line {
		if b = bytes.TrimLeft(b, " \t\r\n"); len(b) == 0 {
			return
		}
	}
	if w.line {
		w.line = false
		w.out = trimRight(w.out, w.start)
		if len(w.out) > w.start {
			w.out = append(w.out, '\n')
		}
	}
	w.out = append(w.out, b...)
}

func (w *writer) finish() []byte { return trimRight(w.out, w.start) }

func trimRight(out []byte, start int) []byte {
	for len(out) > start && (out[len(out)-1] <= ' ') {
		out = out[:len(out)-1]
	}
	return out
}

// lineEnd is where the current line ends.
func (w *writer) lineEnd() int {
	if n := bytes.IndexByte(w.src[w.at:], '\n'); n >= 0 {
		return w.at + n
	}
	return len(w.src)
}

// beginLine takes the marks of a line in front: of a heading, of items, of a rule.
func (w *writer) beginLine() {
	rest := w.src[w.at:w.limit()]
	switch {
	case len(rest) == 0:
	case rest[0] == '=':
		line := bytes.TrimRight(w.src[w.at:w.lineEnd()], " \t\r")
		n := min(run(line, '='), 6)
		end := len(bytes.TrimRight(line, "="))
		if end > n && end < len(line) {
			w.at, w.tail = w.at+n, w.at+end
		}
	case bytes.HasPrefix(rest, []byte("----")):
		w.at += run(rest, '-')
	default:
		n := 0
		for n < len(rest) && (rest[n] == '*' || rest[n] == '#' || rest[n] == ':' || rest[n] == ';') {
			n++
		}
		w.at += n
	}
}
