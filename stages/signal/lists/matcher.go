package lists

import "unicode/utf8"

// hit is an occurrence: characters from up to to, and the number of the word.
type hit struct {
	from, to int32
	word     uint32
}

// matcher finds the words of an automaton in texts, for one goroutine.
type matcher struct {
	of     *automaton
	border []uint64 // a bit a character: it is a letter that words end at
	hits   []hit
}

// scan calls end behind each character of a text where a word may end: how many characters there are up to there, the state, and whether a letter that
// words end at follows.
func (m *matcher) scan(t []byte, end func(to int32, s uint32, letter bool)) {
	a, s := m.of, uint32(0)
	m.border = m.border[:0]
	var buf [utf8.UTFMax]byte
	chars, ended := int32(0), uint32(0)
	for i := 0; i < len(t); chars++ {
		if chars%64 == 0 {
			m.border = append(m.border, 0)
		}
		r, size := rune(t[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(t[i:])
		}
		i += size
		r = foldRune(r)
		letter := isBordered(r)
		if letter {
			m.border[chars/64] |= 1 << (chars % 64)
		}
		if ended != 0 {
			end(chars, ended, letter)
			ended = 0
		}
		if s == 0 && !a.begins(r) {
			continue
		}
		for _, b := range buf[:utf8.EncodeRune(buf[:], r)] {
			s = a.step(s, b)
		}
		if a.word[s] != 0 || a.link[s] != 0 {
			ended = s
		}
	}
	if ended != 0 {
		end(chars, ended, false)
	}
}

// each calls do for the words that end at a state, from the longest on, as far as their borders are right, until it says that this was enough.
func (m *matcher) each(to int32, s uint32, letter bool, do func(h hit) (enough bool)) {
	for a := m.of; s != 0; s = a.link[s] {
		n := a.word[s]
		if n == 0 {
			continue
		}
		w := &a.words[n-1]
		from := to - w.chars
		if w.borderAfter && letter || w.borderBefore && from > 0 && m.border[(from-1)/64]>>((from-1)%64)&1 == 1 {
			continue
		}
		if do(hit{from, to, n - 1}) {
			return
		}
	}
}

// find finds the hits of a text: of those that overlap the one that begins first, and of those that begin alike the longest. A word that begins or ends with a
// letter of Latin, Greek or Cyrillic has none beside it. What lies in an occurrence of an allowed phrase is no hit; allowed may be nil.
func (m *matcher) find(t []byte, allowed *phrases) []hit {
	if allowed != nil {
		allowed.find(t)
	}
	m.hits = m.hits[:0]
	m.scan(t, func(to int32, s uint32, letter bool) {
		m.each(to, s, letter, func(h hit) bool { return (allowed == nil || !allowed.swallow(h)) && m.place(h) })
	})
	return m.hits
}

// place puts a hit, which ends behind all before it, in place of those that do not begin before it, unless one that does overlaps it.
func (m *matcher) place(h hit) bool {
	n := len(m.hits)
	for n > 0 && m.hits[n-1].from >= h.from {
		n--
	}
	if n > 0 && m.hits[n-1].to > h.from {
		return false
	}
	m.hits = append(m.hits[:n], h)
	return true
}

// phrases finds the occurrences of phrases that swallow hits.
type phrases struct {
	matcher
	least []int32 // where the first of those begins that end with this one or later
	next  int     // the first one that ends no earlier than the last hit that was asked for
}

// find finds them in a text: of those with the same end the longest.
func (p *phrases) find(t []byte) {
	p.hits, p.least, p.next = p.hits[:0], p.least[:0], 0
	p.scan(t, func(to int32, s uint32, letter bool) {
		p.each(to, s, letter, func(h hit) bool {
			p.hits, p.least = append(p.hits, h), append(p.least, h.from)
			return true
		})
	})
	for i := len(p.least) - 2; i >= 0; i-- {
		p.least[i] = min(p.least[i], p.least[i+1])
	}
}

// swallow says whether a hit lies in one of them. Hits are asked for by their ends.
func (p *phrases) swallow(h hit) bool {
	for p.next < len(p.hits) && p.hits[p.next].to < h.to {
		p.next++
	}
	return p.next < len(p.least) && p.least[p.next] <= h.from
}
