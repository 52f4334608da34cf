package tokenjson

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// added finds tokens in a text: of several the first one counts, of those that begin at one place the longest.
type added struct {
	tokens [256][]Added // by the first byte, the longest first
	begins [256]bool    // whether any begins with a byte
	any    bool
}

// finders are what looks for added tokens: for all of them, and for those alone that are not special.
type finders struct{ all, ordinary *added }

func newFinders(list []Added) finders {
	var rest []Added
	for _, t := range list {
		if !t.Special {
			rest = append(rest, t)
		}
	}
	return finders{newAdded(list), newAdded(rest)}
}

func newAdded(list []Added) *added {
	a := &added{any: len(list) > 0}
	for _, t := range list {
		if t.Content != "" { // what normalizers left nothing of
			a.begins[t.Content[0]] = true
			a.tokens[t.Content[0]] = append(a.tokens[t.Content[0]], t)
		}
	}
	for i, l := range a.tokens {
		slices.SortStableFunc(l, func(x, y Added) int {
			return cmp.Or(cmp.Compare(len(y.Content), len(x.Content)), strings.Compare(x.Content, y.Content))
		})
		// Of those of one content the last one counts.
		kept := l[:0]
		for j, t := range l {
			if j+1 == len(l) || l[j+1].Content != t.Content {
				kept = append(kept, t)
			}
		}
		a.tokens[i] = kept
	}
	return a
}

// walk calls f with the tokens and with what is between them, whose id is -1, in their order, and with where each begins.
func (a *added) walk(text []byte, f func(at int, part []byte, id int32)) {
	start := 0
	for i := 0; a.any && i < len(text); {
		if !a.begins[text[i]] {
			i++
			continue
		}
		t := a.at(text, i)
		if t == nil {
			i++
			continue
		}
		from, to := i, i+len(t.Content)
		i = to // also where it is none after all
		if t.SingleWord && (endsWithWord(text[:from]) || beginsWithWord(text[to:])) {
			continue
		}
		if t.Left {
			for from > start {
				r, size := utf8.DecodeLastRune(text[start:from])
				if !isSpace(r) {
					break
				}
				from -= size
			}
		}
		if t.Right {
			for to < len(text) {
				r, size := utf8.DecodeRune(text[to:])
				if !isSpace(r) {
					break
				}
				to += size
			}
		}
		if start < from {
			f(start, text[start:from], -1)
		}
		f(from, text[from:to], t.ID)
		start, i = to, to
	}
	if start < len(text) {
		f(start, text[start:], -1)
	}
}

// at is the token that begins at a place.
func (a *added) at(text []byte, i int) *Added {
	l := a.tokens[text[i]]
	for j := range l {
		if c := l[j].Content; len(c) <= len(text)-i && string(text[i:i+len(c)]) == c {
			return &l[j]
		}
	}
	return nil
}

func beginsWithWord(text []byte) bool {
	r, size := utf8.DecodeRune(text)
	return size > 0 && isWord(r)
}

func endsWithWord(text []byte) bool {
	r, size := utf8.DecodeLastRune(text)
	return size > 0 && isWord(r)
}
