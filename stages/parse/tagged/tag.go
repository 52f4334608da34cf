package tagged

import "bytes"

// Kind is what a piece of a text between < and > is.
type Kind uint8

// The kinds.
const (
	Open    Kind = iota // <name>
	Close               // </name>
	Empty               // <name/>
	CData               // a section of characters that mean themselves
	Comment             // or a declaration, or an instruction
)

// Tag is such a piece.
type Tag struct {
	Kind       Kind
	Name       []byte // with its prefix; nil of CData and Comment
	Attrs      []byte // what stands behind the name
	Start, End int    // of all of it
}

const (
	cdataBegin = "<![CDATA["
	cdataEnd   = "]]>"
)

// Content is the characters of a CData section of text.
func (t Tag) Content(text []byte) []byte {
	return bytes.TrimSuffix(text[t.Start+len(cdataBegin):t.End], []byte(cdataEnd))
}

// Next finds the next tag of text from i on. A section or comment without an end is none.
func Next(text []byte, i int) (t Tag, ok bool) {
	return next(text, i, &unclosed{})
}

// unclosed remembers which kinds of section have no end in the rest of a text, so that it is not searched again.
type unclosed struct{ cdata, comment, instruction bool }

func next(text []byte, i int, u *unclosed) (t Tag, ok bool) {
	for i < len(text) {
		n := bytes.IndexByte(text[i:], '<')
		if n < 0 {
			return t, false
		}
		i += n
		if t, ok = at(text, i, u); ok {
			return t, true
		}
		i++
	}
	return t, false
}

// at reads the tag that begins at i.
func at(text []byte, i int, u *unclosed) (t Tag, ok bool) {
	rest := text[i:]
	switch {
	case len(rest) < len("<a>"):
		return t, false
	case rest[1] == '!' && bytes.HasPrefix(rest, []byte(cdataBegin)):
		return section(text, i, CData, len(cdataBegin), cdataEnd, &u.cdata)
	case rest[1] == '!' && bytes.HasPrefix(rest, []byte("<!--")):
		return section(text, i, Comment, len("<!--"), "-->", &u.comment)
	case rest[1] == '?':
		return section(text, i, Comment, len("<?"), "?>", &u.instruction)
	}
	t.Start = i
	i++
	if text[i] == '/' {
		t.Kind = Close
		i++
	}
	start := i
	for i < len(text) && isName(text[i], i == start) {
		i++
	}
	t.Name = text[start:i]
	if len(t.Name) == 0 {
		return t, false
	}
	return t.attributes(text, i)
}

// attributes goes on behind the name, to the end of the tag. Another < ends nothing, also within quotes: in tags there is none.
// A quote without its partner is none.
func (t Tag) attributes(text []byte, i int) (Tag, bool) {
	if i < len(text) && text[i] != '>' && text[i] != '/' && !isSpace(text[i]) {
		return t, false
	}
	start, quote, quoted := i, byte(0), -1
	for ; i < len(text) && text[i] != '<'; i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			} else if c == '>' && quoted < 0 {
				quoted = i
			}
		case (c == '"' || c == '\'') && i > start && text[i-1] == '=':
			quote = c
		case c == '>':
			return t.ended(text, start, i), true
		}
	}
	if quoted < 0 {
		return t, false
	}
	return t.ended(text, start, quoted), true
}

// ended is the tag whose attributes begin at start, and which ends with the byte at end.
func (t Tag) ended(text []byte, start, end int) Tag {
	t.Attrs, t.End = text[start:end], end+1
	if n := len(t.Attrs); n > 0 && t.Attrs[n-1] == '/' && t.Kind == Open {
		t.Kind, t.Attrs = Empty, t.Attrs[:n-1]
	}
	return t
}

func section(text []byte, i int, kind Kind, begin int, end string, unclosed *bool) (t Tag, ok bool) {
	if *unclosed {
		return t, false
	}
	n := bytes.Index(text[min(i+begin, len(text)):], []byte(end))
	if n < 0 {
		*unclosed = true
		return t, false
	}
	return Tag{Kind: kind, Start: i, End: i + begin + n + len(end)}, true
}

func isName(c byte, first bool) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == ':' || c >= 0x80 ||
		!first && ('0' <= c && c <= '9' || c == '-' || c == '.')
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// EachAttr calls visit with the attributes of a tag, their values as they stand there, until it returns false.
func (t Tag) EachAttr(visit func(name, value []byte) bool) {
	for rest := t.Attrs; ; {
		rest = bytes.TrimLeft(rest, " \t\r\n/")
		n := 0
		for n < len(rest) && isName(rest[n], n == 0) {
			n++
		}
		if n == 0 {
			return
		}
		name := rest[:n]
		rest = bytes.TrimLeft(rest[n:], " \t\r\n")
		var value []byte
		if len(rest) > 0 && rest[0] == '=' {
			value, rest = attrValue(bytes.TrimLeft(rest[1:], " \t\r\n"))
		}
		if !visit(name, value) {
			return
		}
	}
}

func attrValue(rest []byte) (value, behind []byte) {
	if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
		value, behind, _ = bytes.Cut(rest[1:], rest[:1])
		return value, behind
	}
	n := 0
	for n < len(rest) && !isSpace(rest[n]) {
		n++
	}
	return rest[:n], rest[n:]
}

// Attr is the value of an attribute as it stands there; nil if there is none.
func (t Tag) Attr(name string) (value []byte) {
	t.EachAttr(func(n, v []byte) bool {
		if string(n) == name {
			value = v
			return false
		}
		return true
	})
	return value
}

// At reads the tag that begins at text[i]; ok is false if none does.
func At(text []byte, i int) (t Tag, ok bool) {
	if i >= len(text) || text[i] != '<' {
		return t, false
	}
	return at(text, i, &unclosed{})
}
