package unigram

import (
	"bytes"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
)

// segments are counted parts of pre-tokens that no piece reaches over the ends of. Equal ones are one.
type segments struct {
	texts [][]byte // in chunks, which are filled one after the other and never moved
	list  []segment
	table []uint32 // one more than the place in list, by hash; 0: none
}

type segment struct {
	chunk, from, size uint32

	count int64
}

// chunk is how many bytes of texts stand together. A longer text has its own.
const chunk = 16 << 20

func (s *segments) text(i int) []byte { return s.of(&s.list[i]) }

func (s *segments) of(g *segment) []byte { return s.texts[g.chunk][g.from : g.from+g.size] }

// put keeps a text.
func (s *segments) put(text []byte) segment {
	last := len(s.texts) - 1
	if last < 0 || len(text) > cap(s.texts[last])-len(s.texts[last]) {
		s.texts = append(s.texts, make([]byte, 0, max(chunk, len(text))))
		last++
	}
	g := segment{chunk: uint32(last), from: uint32(len(s.texts[last])), size: uint32(len(text))}
	s.texts[last] = append(s.texts[last], text...)
	return g
}

// add counts a text. The sum of all counts is checked by who calls it.
func (s *segments) add(text []byte, count int64) {
	if 2*(len(s.list)+1) > len(s.table) {
		s.table = make([]uint32, max(1<<10, 2*len(s.table)))
		for i := range s.list {
			*s.at(s.text(i)) = uint32(i + 1)
		}
	}
	at := s.at(text)
	if *at == 0 {
		s.list = append(s.list, s.put(text))
		*at = uint32(len(s.list))
	}
	s.list[*at-1].count += count
}

func (s *segments) at(text []byte) *uint32 {
	for h := xxh3.Hash(text); ; h++ {
		e := &s.table[h&uint64(len(s.table)-1)]
		if *e == 0 || bytes.Equal(s.text(int(*e-1)), text) {
			return e
		}
	}
}

// sort puts them into the order of their bytes, which does not depend on the order that they came in.
func (s *segments) sort() {
	s.table = nil
	slices.SortFunc(s.list, func(a, b segment) int {
		return bytes.Compare(s.of(&a), s.of(&b))
	})
}

// cut calls f with the parts of a pre-token that pieces may be in, as sentencepiece has it: a blank begins a piece, which has characters of one
// script; kana are Han, marks what is before them, and digits and punctuation are of no script of others.
func (o *Options) cut(pretoken []byte, f func(part []byte)) {
	start, last := 0, anyScript
	for i := 0; i < len(pretoken); {
		r, size := utf8.DecodeRune(pretoken[i:])
		s, begins := anyScript, false
		switch {
		case r == '▁':
			begins = true
		case o.SplitDigits && isDigit(r):
			begins, s = true, digitScript
		case o.MixScripts:
			s = mixedScript
		default:
			if s = scriptOf(r); s == inherited {
				s = last
			}
		}
		if i > start && (begins || s != last && last != anyScript) {
			f(pretoken[start:i])
			start = i
		}
		last = s
		i += size
	}
	if start < len(pretoken) {
		f(pretoken[start:])
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }

// Scripts are numbers: these, and one for each that Unicode has.
const (
	anyScript uint8 = iota
	mixedScript
	digitScript
	inherited
	han
	firstScript
)

// scriptOf is the script of a character. Characters that are not assigned have none, as those of several have.
func scriptOf(r rune) uint8 {
	t := scripts()
	if r < 0 || int(r>>8) >= len(t) {
		return t['!'>>8]['!']
	}
	return t[r>>8][r&0xFF]
}

// scripts are tables of 256 characters each.
var scripts = sync.OnceValue(func() (tables []*[256]uint8) {
	var names []string
	for name := range unicode.Scripts {
		names = append(names, name)
	}
	slices.Sort(names)
	common := firstScript + uint8(slices.Index(names, "Common"))
	none := &[256]uint8{}
	for i := range none {
		none[i] = common
	}
	for range (unicode.MaxRune + 1) >> 8 {
		tables = append(tables, none)
	}
	set := func(r rune, script uint8) {
		if tables[r>>8] == none {
			own := *none
			tables[r>>8] = &own
		}
		tables[r>>8][r&0xFF] = script
	}
	for i, name := range names {
		script := firstScript + uint8(i)
		switch name {
		case "Han", "Hiragana", "Katakana":
			script = han
		case "Inherited":
			script = inherited
		}
		for _, ranges := range unicode.Scripts[name].R16 {
			for r := rune(ranges.Lo); r <= rune(ranges.Hi); r += rune(ranges.Stride) {
				set(r, script)
			}
		}
		for _, ranges := range unicode.Scripts[name].R32 {
			for r := rune(ranges.Lo); r <= rune(ranges.Hi); r += rune(ranges.Stride) {
				set(r, script)
			}
		}
	}
	set('ー', han)
	return tables
})
