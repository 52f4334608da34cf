package bpe

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// added are tokens that are sought in a text before it is cut: where one stands, that is a token. Of several the first one counts, of those that
// begin at one place the longest.
type added struct {
	tokens [256][]addedToken // by the first byte, the longest first
	none   bool
	begins [256]bool // whether any begins with a byte
	only   int       // the one byte that all begin with; -1 if there are several
}

// finders are what looks for added tokens: for all of them, and for those alone that are not special.
type finders struct{ all, ordinary *added }

func newFinders(ids map[string]int32, special func(text string) bool) finders {
	rest := map[string]int32{}
	for text, id := range ids {
		if !special(text) {
			rest[text] = id
		}
	}
	return finders{newAdded(ids), newAdded(rest)}
}

type addedToken struct {
	text string
	id   int32
}

func newAdded(ids map[string]int32) *added {
	a := &added{only: -1}
	for text, id := range ids {
		if text != "" {
			a.tokens[text[0]] = append(a.tokens[text[0]], addedToken{text, id})
		}
	}
	firsts := 0
	for b, list := range a.tokens {
		if len(list) > 0 {
			firsts, a.only, a.begins[b] = firsts+1, b, true
		}
		slices.SortFunc(list, func(x, y addedToken) int {
			return cmp.Or(cmp.Compare(len(y.text), len(x.text)), strings.Compare(x.text, y.text))
		})
	}
	a.none = firsts == 0
	if firsts > 1 {
		a.only = -1
	}
	return a
}

// next is the first token in the text: where it begins and ends; not ok if there is none.
func (a *added) next(text []byte) (from, to int, id int32, ok bool) {
	if a.none {
		return 0, 0, 0, false
	}
	for i := 0; i < len(text); i++ {
		if a.only >= 0 {
			n := bytes.IndexByte(text[i:], byte(a.only))
			if n < 0 {
				break
			}
			i += n
		} else if !a.begins[text[i]] {
			continue
		}
		for _, t := range a.tokens[text[i]] {
			if len(t.text) <= len(text)-i && string(text[i:i+len(t.text)]) == t.text {
				return i, i + len(t.text), t.id, true
			}
		}
	}
	return 0, 0, 0, false
}
