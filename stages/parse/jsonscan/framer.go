package jsonscan

// Framer finds the values of a JSON document that comes in chunks: the elements of an array, or values that follow each
// other, or both. It counts brackets and does not match them, so it takes the same few bytes for a document of any depth;
// that a value is valid is for Scan to see. The zero value stands at the start of a document.
type Framer struct {
	place place
	kind  byte  // of the open value: its first byte, 0 for none
	depth int64 // of brackets in the open value
	text  bool  // within a string
	slash bool  // behind a backslash
}

type place uint8

const (
	outside place = iota // not in an array of values
	opened               // behind the opening bracket of the array
	between              // behind an element
	comma                // behind a comma
)

// Seek passes over what stands between values. n is the index of the value that begins in data, where Skip goes on, or
// len(data) if none does, or -1-i if at i stands what cannot stand there.
func (f *Framer) Seek(data []byte) (n int) {
	for i, c := range data {
		switch {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		case c == '[' && f.place == outside:
			f.place = opened
		case c == ']' && (f.place == opened || f.place == between):
			f.place = outside
		case c == ',' && f.place == between:
			f.place = comma
		case f.place == between, c != '{' && c != '[' && c != '"' && c != '-' && !isWord(c):
			return -1 - i
		default:
			f.kind = c
			return i
		}
	}
	return len(data)
}

// Skip passes over the value that Seek found, from its first byte on or from where the last chunk ended. n is the index
// behind what of data belongs to the value; done says that it ends there.
func (f *Framer) Skip(data []byte) (n int, done bool) {
	if f.kind != '{' && f.kind != '[' && f.kind != '"' {
		for i, c := range data {
			if !isWord(c) && c != '-' && c != '+' && c != '.' {
				return i, f.end()
			}
		}
		return len(data), false
	}
	for i := 0; i < len(data); {
		if f.slash {
			f.slash = false
			i++
			continue
		}
		if f.text {
			if i = quoted(data, i); i == len(data) {
				break
			}
		}
		switch c := data[i]; {
		case f.text && c == '\\':
			f.slash = true
		case c == '"':
			if f.text = !f.text; !f.text && f.depth == 0 {
				return i + 1, f.end()
			}
		case f.text:
		case c == '{' || c == '[':
			f.depth++
		case c == '}' || c == ']':
			if f.depth--; f.depth == 0 {
				return i + 1, f.end()
			}
		}
		i++
	}
	return len(data), false
}

func (f *Framer) end() bool {
	f.kind = 0
	if f.place != outside {
		f.place = between
	}
	return true
}

// Complete says whether a document may end here; last, whether that ends a value that Skip has not seen the end of.
func (f *Framer) Complete() (ok, last bool) {
	word := f.kind != 0 && f.kind != '{' && f.kind != '[' && f.kind != '"'
	return f.place == outside && (f.kind == 0 || word), word
}

func isWord(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }
