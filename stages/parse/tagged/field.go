package tagged

import "bytes"

// Field is an element in a record.
type Field struct {
	Tag
	Value []byte // what stands between its tags, as it stands there
}

// maxOpen is how many elements without an end tag are looked for in a record; behind them what is left is text.
const maxOpen = 8

// Fields calls visit with the elements that lie directly in a record, in their order, and between with what stands beside
// them that is not blank. isField says of a start tag whether it begins a field; what is none is text, and so is one without
// an end tag.
func Fields(record []byte, isField func(Tag) bool, visit func(Field), beside func(text []byte)) {
	var u unclosed
	open, text := 0, 0
	rest := func(end int) {
		if b := record[text:end]; !isBlank(b) {
			beside(b)
		}
	}
	for i := 0; open < maxOpen; {
		t, ok := next(record, i, &u)
		if !ok {
			break
		}
		i = t.End
		if t.Kind != Open && t.Kind != Empty || !isField(t) {
			continue
		}
		f := Field{Tag: t}
		end := t.End
		if t.Kind == Open {
			var found bool
			if f.Value, end, found = inside(record, t, &u); !found {
				open++
				continue
			}
		}
		rest(t.Start)
		visit(f)
		i, text = end, end
	}
	rest(len(record))
}

// inside finds the end of the element that t begins: behind as many end tags as there are start tags of its name.
func inside(record []byte, t Tag, u *unclosed) (value []byte, end int, found bool) {
	depth := 1
	for i := t.End; ; {
		e, ok := nextNamed(record, i, t.Name, u)
		if !ok {
			return nil, 0, false
		}
		switch e.Kind {
		case Open:
			depth++
		case Close:
			depth--
		case Empty, CData, Comment:
		}
		if depth == 0 {
			return record[t.End:e.Start], e.End, true
		}
		i = e.End
	}
}

// nextNamed finds the next tag of a name.
func nextNamed(text []byte, i int, name []byte, u *unclosed) (t Tag, ok bool) {
	for {
		if t, ok = next(text, i, u); !ok {
			return t, false
		}
		if t.Name != nil && bytes.EqualFold(t.Name, name) {
			return t, true
		}
		i = t.End
	}
}

// Inside is the value of the first element of a name that lies in text at any depth; ok is false if there is none.
func Inside(text []byte, name string) (f Field, ok bool) {
	var u unclosed
	for i := 0; ; {
		t, found := nextNamed(text, i, []byte(name), &u)
		if !found {
			return f, false
		}
		i = t.End
		if t.Kind == Empty {
			return Field{Tag: t}, true
		}
		if t.Kind != Open {
			continue
		}
		value, _, closed := inside(text, t, &u)
		return Field{Tag: t, Value: value}, closed
	}
}

func isBlank(text []byte) bool {
	for _, c := range text {
		if !isSpace(c) {
			return false
		}
	}
	return true
}
