package words

import (
	"bytes"
	"iter"
	"strconv"
	"unicode/utf8"
)

// Field is the member of a document's metadata that says which words the document came in, where its format did: {"words":[2,1,-1,3]} are
// words of two, one and three characters, with one character before the last that is in none. It is the last member of its object, and
// written so to the byte; what looks otherwise is somebody else's.
const Field = "words"

const (
	fieldBegin = `"` + Field + `":[`
	fieldEnd   = "]}"
)

// AppendGiven adds the field to the object of metadata that begins at start in meta, or makes one of it. A word of n characters is n, n
// characters that are in none are -n.
func AppendGiven(meta []byte, start int, lengths []int32) []byte {
	if len(meta) == start {
		meta = append(meta, '{')
	} else if meta = meta[:len(meta)-1]; len(meta) > start+1 { // without its end; an empty object has no member to be parted from
		meta = append(meta, ',')
	}
	meta = append(meta, fieldBegin...)
	for i, n := range lengths {
		if i > 0 {
			meta = append(meta, ',')
		}
		meta = strconv.AppendInt(meta, int64(n), 10)
	}
	return append(meta, fieldEnd...)
}

// CutGiven takes the field from metadata: what is left of it, nothing if it was all, and the lengths, appended to dst.
func CutGiven(dst []int32, meta []byte) (lengths []int32, rest []byte, ok bool) {
	list, begin, ok := given(meta)
	if !ok {
		return dst, meta, false
	}
	for n := range list.all() {
		dst = append(dst, n)
	}
	if begin == 1 {
		return dst, meta[:0], true
	}
	rest = meta[:begin] // with a comma at its end
	rest[begin-1] = '}'
	return dst, rest, true
}

// Given returns the words that a document came in, by its metadata and its text, and whether its metadata says them. They are parts of text. A field
// that is not of a text as long as this one is none.
func Given(meta, text []byte) (words iter.Seq[[]byte], ok bool) {
	list, _, ok := given(meta)
	if !ok {
		return nil, false
	}
	sum := int64(0)
	for n := range list.all() {
		sum += max(int64(n), -int64(n))
	}
	if sum != int64(utf8.RuneCount(text)) {
		return nil, false
	}
	return func(yield func([]byte) bool) {
		rest := text
		for n := range list.all() {
			end := 0
			for range max(n, -n) {
				_, size := utf8.DecodeRune(rest[end:])
				end += size
			}
			if n > 0 && !yield(rest[:end:end]) {
				return
			}
			rest = rest[end:]
		}
	}, true
}

// numbers is a list of the field, as it stands in metadata.
type numbers []byte

// given finds the list, and where the field begins. Each number of the list is one.
func given(meta []byte) (list numbers, begin int, ok bool) {
	body, ok := bytes.CutSuffix(meta, []byte(fieldEnd))
	if !ok {
		return nil, 0, false
	}
	open := bytes.LastIndexByte(body, '[') + 1
	if begin = open - len(fieldBegin); begin < 1 || string(body[begin:open]) != fieldBegin || body[begin-1] != ',' && begin > 1 || body[0] != '{' {
		return nil, 0, false
	}
	list = body[open:]
	return list, begin, list.sound()
}

// mostDigits is more than a document may have characters.
const mostDigits = 9

// sound says whether the list has numbers that are not 0, as they are written, and commas between them.
func (l numbers) sound() bool {
	if len(l) == 0 {
		return true
	}
	digits, minus := 0, false
	for i := range len(l) + 1 {
		c := byte(',') // behind the last one too
		if i < len(l) {
			c = l[i]
		}
		switch {
		case c == '-' && digits == 0 && !minus:
			minus = true
		case c == '0' && digits == 0, digits == mostDigits && c != ',':
			return false
		case '0' <= c && c <= '9':
			digits++
		case c == ',' && digits > 0:
			digits, minus = 0, false
		default:
			return false
		}
	}
	return true
}

// all are the numbers of a sound list.
func (l numbers) all() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		n, sign := int32(0), int32(1)
		for _, c := range l {
			switch c {
			case '-':
				sign = -1
			case ',':
				if !yield(sign * n) {
					return
				}
				n, sign = 0, 1
			default:
				n = 10*n + int32(c-'0')
			}
		}
		if n != 0 {
			yield(sign * n)
		}
	}
}
