package parse

import (
	"strings"

	"github.com/millrace/millrace/stages/parse/tagged"
)

// elementFields are the fields of one record: attributes, and elements with their text. It is kept from record to record.
type elementFields struct {
	fields []elementField
	text   []byte // of all fields
	of     map[string]int
	more   int64 // fields behind the last that is kept
}

// elementField is a field, and where its text lies.
type elementField struct {
	name       string
	start, end int
	next       int // the next field of the same name; 0: none
	again      bool
	last       int // of the first of a name: the last one
}

// maxElements is how many fields of a record are kept. Those behind are counted.
const maxElements = 4096

func (e *elementFields) reset() {
	if cap(e.text) > keepScratch || cap(e.fields) > maxElements/8 {
		*e = elementFields{}
	}
	if e.of == nil {
		e.of = map[string]int{}
	}
	clear(e.of)
	e.fields, e.text, e.more = e.fields[:0], e.text[:0], 0
}

// add adds a field with its text. One without text is none.
func (e *elementFields) add(name, text []byte) {
	start := len(e.text)
	e.text = append(e.text, text...)
	e.added(name, start)
}

// addElement adds an element. One without text may have its value in an attribute, as a link has.
func (e *elementFields) addElement(f tagged.Field, all bool) {
	start := len(e.text)
	e.text = tagged.Text(e.text, f.Value, all)
	if len(e.text) == start {
		for _, attr := range []string{"href", "url", "term", "resource", "rdf:resource"} {
			if v := f.Attr(attr); len(v) > 0 {
				e.text = tagged.Decode(e.text, v)
				break
			}
		}
	}
	name := f.Name
	if string(name) == "field" || string(name) == "FIELD" { // of Solr: the name is an attribute
		if own := f.Attr("name"); len(own) > 0 {
			name = own
		}
	}
	e.added(name, start)
}

// added is called with what was appended to the text from start on.
func (e *elementFields) added(name []byte, start int) {
	if len(e.text) == start {
		return
	}
	if len(e.fields) == maxElements {
		e.text = e.text[:start]
		e.more++
		return
	}
	i := len(e.fields)
	f := elementField{name: string(name), start: start, end: len(e.text), last: i}
	if first, found := e.of[f.name]; found {
		f.again = true
		e.fields[e.fields[first].last].next = i
		e.fields[first].last = i
	} else {
		e.of[f.name] = i
	}
	e.fields = append(e.fields, f)
}

// choose finds the first of the names that a field has, from the field with the number from on, in any letter case; -1: none.
func (e *elementFields) choose(names []string, from int) int {
	for _, name := range names {
		for i := from; i < len(e.fields); i++ {
			if f := &e.fields[i]; !f.again && strings.EqualFold(f.name, name) {
				return i
			}
		}
	}
	return -1
}

// each visits the texts of a field and all others of its name.
func (e *elementFields) each(i int, visit func(text []byte)) {
	for {
		f := &e.fields[i]
		visit(e.text[f.start:f.end])
		if f.next == 0 {
			return
		}
		i = f.next
	}
}

// appendText appends a field, and all others of its name in lines of their own.
func (e *elementFields) appendText(dst []byte, i int) []byte {
	start := len(dst)
	e.each(i, func(text []byte) {
		if len(dst) > start {
			dst = append(dst, '\n')
		}
		dst = append(dst, text...)
	})
	return dst
}

// appendMeta appends the fields but one, and those that are left out, as an object: those of one name as an array.
func (e *elementFields) appendMeta(meta []byte, but int, which *Metadata) []byte {
	start := len(meta)
	for i := range e.fields {
		f := &e.fields[i]
		if i == but || f.again || !which.keeps([]byte(f.name)) {
			continue
		}
		if len(meta) == start {
			meta = append(meta, '{')
		} else {
			meta = append(meta, ',')
		}
		meta = append(appendJSONString(meta, []byte(f.name)), ':')
		if f.next == 0 {
			meta = appendJSONString(meta, e.text[f.start:f.end])
			continue
		}
		meta = append(meta, '[')
		e.each(i, func(text []byte) { meta = append(appendJSONString(meta, text), ',') })
		meta[len(meta)-1] = ']'
	}
	if len(meta) > start {
		meta = append(meta, '}')
	}
	return meta
}

// names are those of the first fields, for people, and how many there are.
func (e *elementFields) names(most int) (names []string, all int) {
	for i := range e.fields {
		if f := &e.fields[i]; !f.again {
			if all++; len(names) < most {
				names = append(names, f.name)
			}
		}
	}
	return names, all
}

// appendProse appends what was extracted from a record, which may be text that was broken at a width, as plain text may.
func (s *Stage) appendProse() {
	s.count.moreFields += s.elements.more
	width := wrapWidth(s.extracted)
	if width == 0 || !s.cfg.JoinWrapped {
		if width > 0 {
			s.count.wrapped++
		}
		s.appendExtracted()
		return
	}
	s.count.wrapped++
	s.makeRoom(len(s.extracted))
	s.joinWrapped(s.extracted, width)
}
