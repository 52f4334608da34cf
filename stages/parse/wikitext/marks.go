package wikitext

import (
	"bytes"
	"slices"
)

// kind is what a pair of marks encloses.
type kind uint8

const (
	template  kind = iota // {{ }}
	parameter             // {{{ }}}
	table                 // {| |}
	link                  // [[ ]]
	variant               // -{ }-
	comment               // <!-- -->
	verbatim              // <nowiki>, <pre> and the like, with their tags
)

// span is a pair of marks. The second ends at end; 0: there is none.
type span struct {
	kind       kind
	start, end int
}

const (
	// maxSpans bounds the memory for the marks of a page, of which an article has some thousands. Marks behind them are text.
	maxSpans = 1 << 20
	// maxNested is how deep marks nest at most.
	maxNested = 1 << 10
)

// marker finds the marks of a page.
type marker struct {
	src   []byte
	spans []span // by start
	open  []int  // those without an end so far, the innermost last
	none  [2]bool
}

// find pairs all marks of the page.
func (m *marker) find() {
	for i := 0; i < len(m.src) && len(m.spans) < maxSpans; {
		n := bytes.IndexAny(m.src[i:], "{}[]|-<")
		if n < 0 {
			break
		}
		i += n
		i += max(1, m.mark(i))
	}
}

// mark takes what stands at i, and returns how long it is; 0 if it is no mark.
func (m *marker) mark(i int) int {
	rest := m.src[i:]
	has := func(s string) bool { return bytes.HasPrefix(rest, []byte(s)) }
	switch rest[0] {
	case '{':
		switch {
		case has("{{{") && !has("{{{{"):
			return m.push(parameter, i, 3)
		case has("{{"):
			return m.push(template, i, 2)
		case has("{|") && m.fresh(i):
			return m.push(table, i, 2)
		}
	case '}':
		switch {
		case has("}}}") && m.pop(parameter, i+3):
			return 3
		case has("}}") && m.pop(template, i+2):
			return 2
		case has("}-") && m.pop(variant, i+2):
			return 2
		}
	case '|':
		if has("|}") && !has("|}}") && m.fresh(i) && m.pop(table, i+2) {
			return 2
		}
	case '[':
		if has("[[") {
			return m.push(link, i, 2)
		}
	case ']':
		if has("]]") && m.pop(link, i+2) {
			return 2
		}
	case '-':
		if has("-{") && !has("-{{") {
			return m.push(variant, i, 2)
		}
	case '<':
		return m.section(i)
	}
	return 0
}

func (m *marker) push(k kind, i, size int) int {
	if len(m.open) < maxNested {
		m.open = append(m.open, len(m.spans))
		m.spans = append(m.spans, span{kind: k, start: i})
	}
	return size
}

// pop ends the innermost open mark of a kind. Those within it have no end.
func (m *marker) pop(k kind, end int) bool {
	for n, at := range slices.Backward(m.open) {
		s := &m.spans[at]
		if s.kind == k {
			s.end = end
			m.open = m.open[:n]
			return true
		}
		if len(m.open)-n > maxCrossed {
			break
		}
	}
	return false
}

// maxCrossed is how many marks without an end another may enclose.
const maxCrossed = 8

// fresh says whether a line begins at i, but for white space and colons.
func (m *marker) fresh(i int) bool {
	for range 16 {
		if i--; i < 0 || m.src[i] == '\n' {
			return true
		}
		if c := m.src[i]; c != ' ' && c != '\t' && c != ':' {
			return false
		}
	}
	return false
}

// sections are the tags whose content is no wikitext.
var sections = []string{"nowiki", "pre", "syntaxhighlight", "source", "math", "chem"}

// section takes a comment, or an element whose content is no wikitext.
func (m *marker) section(i int) int {
	rest := m.src[i:]
	if bytes.HasPrefix(rest, []byte("<!--")) {
		return m.closed(comment, i, "-->", &m.none[0])
	}
	for _, name := range sections {
		if n := len(name) + 1; len(rest) > n && bytes.EqualFold(rest[1:n], []byte(name)) && (rest[n] == '>' || rest[n] == ' ') {
			if tag := bytes.IndexByte(rest[:min(len(rest), 256)], '>'); tag > 0 && rest[tag-1] != '/' {
				return m.closed(verbatim, i, "</"+name+">", &m.none[1])
			}
		}
	}
	return 0
}

// maxSection bounds how far the end of an element is looked for.
const maxSection = 64 << 10

// closed takes what begins at i and ends with a mark. Where one was looked for in vain, no other is looked for.
func (m *marker) closed(k kind, i int, mark string, none *bool) int {
	if *none {
		return 0
	}
	rest := m.src[i:]
	if k == verbatim {
		rest = rest[:min(len(rest), maxSection)]
	}
	n := bytes.Index(rest, []byte(mark))
	if n < 0 {
		*none = true
		return 0
	}
	m.spans = append(m.spans, span{kind: k, start: i, end: i + n + len(mark)})
	return n + len(mark)
}
