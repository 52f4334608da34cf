package unigram

import (
	"bytes"
	"unicode/utf8"

	"millrace/pipeline/text/tokenjson"
)

// modelFront is what sentencepiece does with a text before it is cut.
type modelFront struct {
	chars   *tokenjson.CharsMap // nil: none
	prefix  bool                // a blank is put in front
	squeeze bool                // blanks at the ends, and but one of several, are taken out
	escape  bool                // ▁ stands for a blank
	suffix  bool                // blanks belong to what is before them

	given map[int32]bool // pieces of users, which are always taken: they are not normalized
	match *trie          // of these
	most  float64        // the best score of all pieces
}

// normalize appends the normalized text.
func (m *modelFront) normalize(dst, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	if m.squeeze {
		for len(text) > 0 {
			by, size := m.next(text)
			if string(by) != " " {
				break
			}
			text = text[size:]
		}
		if len(text) == 0 {
			return dst
		}
	}
	blank := " "
	if m.escape {
		blank = space
	}
	from := len(dst)
	if m.prefix && !m.suffix {
		dst = append(dst, blank...)
	}
	last := m.squeeze // what is before is a blank
	for len(text) > 0 {
		by, size := m.next(text)
		for last && len(by) > 0 && by[0] == ' ' {
			by = by[1:]
		}
		if len(by) > 0 {
			for _, b := range by {
				if b == ' ' {
					dst = append(dst, blank...)
				} else {
					dst = append(dst, b)
				}
			}
			last = m.squeeze && by[len(by)-1] == ' '
		}
		text = text[size:]
	}
	if m.squeeze {
		for bytes.HasSuffix(dst[from:], []byte(blank)) {
			dst = dst[:len(dst)-len(blank)]
		}
	}
	if m.prefix && m.suffix {
		dst = append(dst, blank...)
	}
	return dst
}

// next is what the next characters become, and how many bytes of the text they are.
func (m *modelFront) next(text []byte) (by []byte, size int) {
	if m.match != nil {
		var node int32
		for i := 0; i < len(text); {
			r, n := utf8.DecodeRune(text[i:])
			next, id := m.match.step(node, r)
			if next == 0 {
				break
			}
			node = next
			i += n
			if id >= 0 {
				size = i
			}
		}
		if size > 0 {
			return text[:size], size
		}
	}
	if m.chars != nil {
		if size, by, ok := m.chars.Longest(text); ok {
			return by, size
		}
	}
	r, size := utf8.DecodeRune(text)
	if r == utf8.RuneError && size == 1 {
		return []byte("\uFFFD"), 1
	}
	return text[:size], size
}
