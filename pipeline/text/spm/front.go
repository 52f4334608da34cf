package spm

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/bpe/merges"
	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// space stands for a blank in pieces.
const space = "▁"

// Front is what sentencepiece does with a text before it is cut.
type Front struct {
	chars   *tokenjson.CharsMap // nil: none
	prefix  bool                // a blank is put in front
	squeeze bool                // blanks at the ends, and but one of several, are taken out
	escape  bool                // ▁ stands for a blank
	suffix  bool                // blanks belong to what is before them
	given   *givens             // pieces of users, which are not normalized; nil if there are none
}

// givens finds pieces of users.
type givens struct {
	table *merges.Table // of these symbols, without rules
	sizes []int32
}

// newGivens is nil if there are none.
func newGivens(pieces []Piece) (*givens, error) {
	var symbols [][]byte
	var ids []int32
	g := &givens{}
	for id, p := range pieces {
		g.sizes = append(g.sizes, int32(len(p.Text)))
		if p.Type != Given || len(p.Text) == 0 {
			symbols = append(symbols, nil)
			continue
		}
		symbols, ids = append(symbols, p.Text), append(ids, int32(id))
	}
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // there is none, which is no error
	}
	var err error
	g.table, err = merges.New(symbols, ids, nil)
	return g, err
}

// HasGiven says whether there are pieces of users, which are always taken.
func (f *Front) HasGiven() bool { return f.given != nil }

// Given is the longest piece of a user that a text begins with, and its bytes; 0 bytes if there is none.
func (f *Front) Given(text []byte) (id int32, size int) {
	if f.given == nil {
		return 0, 0
	}
	if id = f.given.table.First(text); id < 0 {
		return 0, 0
	}
	return id, int(f.given.sizes[id])
}

// Normalize appends the normalized text.
func (f *Front) Normalize(dst, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	if f.squeeze {
		for len(text) > 0 {
			by, size := f.next(text)
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
	if f.escape {
		blank = space
	}
	from := len(dst)
	if f.prefix && !f.suffix {
		dst = append(dst, blank...)
	}
	last := f.squeeze // what is before is a blank
	for len(text) > 0 {
		by, size := f.next(text)
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
			last = f.squeeze && by[len(by)-1] == ' '
		}
		text = text[size:]
	}
	if f.squeeze {
		for bytes.HasSuffix(dst[from:], []byte(blank)) {
			dst = dst[:len(dst)-len(blank)]
		}
	}
	if f.prefix && f.suffix {
		dst = append(dst, blank...)
	}
	return dst
}

// next is what the next characters become, and how many bytes of the text they are.
func (f *Front) next(text []byte) (by []byte, size int) {
	if _, size := f.Given(text); size > 0 {
		return text[:size], size
	}
	if f.chars != nil {
		if size, by, ok := f.chars.Longest(text); ok {
			return by, size
		}
	}
	r, size := utf8.DecodeRune(text)
	if r == utf8.RuneError && size == 1 {
		return []byte("\uFFFD"), 1
	}
	return text[:size], size
}
