package lists

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

// maxStates bounds the memory of an automaton. A state takes 17 bytes.
const maxStates = 8 << 20

// automaton finds all words of a list in one pass over a text (Aho and Corasick 1975). States are numbered level by level, so that the children of one are
// next to each other, by their bytes: child k of state s is first[s]+k, and the byte that leads to state c is label[c].
type automaton struct {
	label []byte
	first []uint32 // children of state s are first[s] up to first[s+1]
	fail  []uint32 // the longest other state that s ends with
	link  []uint32 // the longest other state of a word that s ends with; 0 is none
	word  []uint32 // the word that ends here, its number plus 1; 0 is none
	root  [256]uint32
	words []word
	// starts has a bit for each character of the basic plane that a word begins with.
	starts [1 << 16 / 64]uint64
}

// word is what is to be known of a word: how many characters it has, and whether a letter may not stand before or behind it.
type word struct {
	chars                     int32
	borderBefore, borderAfter bool
}

// newAutomaton makes one of folded words, which it sorts. Of equal ones there is one.
func newAutomaton(list [][]byte) (*automaton, error) {
	slices.SortFunc(list, bytes.Compare)
	list = slices.CompactFunc(list, bytes.Equal)
	a := &automaton{words: make([]word, len(list))}
	for i, w := range list {
		begin, _ := utf8.DecodeRune(w)
		end, _ := utf8.DecodeLastRune(w)
		a.words[i] = word{int32(utf8.RuneCount(w)), isBordered(begin), isBordered(end)}
		if begin < 1<<16 {
			a.starts[begin/64] |= 1 << (begin % 64)
		}
	}
	if err := a.grow(list); err != nil {
		return nil, err
	}
	a.connect()
	return a, nil
}

// grow makes the states, level by level: each is a run of the sorted words that begin alike.
func (a *automaton) grow(list [][]byte) error {
	type run struct{ from, to uint32 }
	level := []run{{0, uint32(len(list))}}
	a.label, a.first, a.word = []byte{0}, []uint32{1}, []uint32{0}
	for depth := 0; len(level) > 0; depth++ {
		var next []run
		state := len(a.label) - len(level)
		for _, r := range level {
			i := r.from
			if i < r.to && len(list[i]) == depth { // the word itself is the first of those that begin with it
				a.word[state] = i + 1
				i++
			}
			for i < r.to {
				c, from := list[i][depth], i
				for i < r.to && list[i][depth] == c {
					i++
				}
				a.label, a.word = append(a.label, c), append(a.word, 0)
				next = append(next, run{from, i})
			}
			if len(a.label) > maxStates {
				return fmt.Errorf("the list needs more than %d states: it is too large", maxStates)
			}
			a.first = append(a.first, uint32(len(a.label)))
			state++
		}
		level = next
	}
	return nil
}

// connect finds, from the root on, what every state ends with.
func (a *automaton) connect() {
	n := len(a.label)
	a.fail, a.link = make([]uint32, n), make([]uint32, n)
	for c := a.first[0]; c < a.first[1]; c++ {
		a.root[a.label[c]] = c
	}
	for s := range uint32(n) {
		for c := a.first[s]; c < a.first[s+1]; c++ {
			if s != 0 {
				a.fail[c] = a.step(a.fail[s], a.label[c])
			}
			f := a.fail[c]
			if a.link[c] = a.link[f]; a.word[f] != 0 {
				a.link[c] = f
			}
		}
	}
}

// step is the state behind s and a byte.
func (a *automaton) step(s uint32, b byte) uint32 {
	for s != 0 {
		if c := a.child(s, b); c != 0 {
			return c
		}
		s = a.fail[s]
	}
	return a.root[b]
}

// child is the child of a state by a byte, 0 if there is none.
func (a *automaton) child(s uint32, b byte) uint32 {
	from, to := a.first[s], a.first[s+1]
	for to-from > 8 { // a few are faster looked at one by one
		if mid := (from + to) / 2; a.label[mid] <= b {
			from = mid
		} else {
			to = mid
		}
	}
	for ; from < to; from++ {
		if a.label[from] == b {
			return from
		}
	}
	return 0
}

// begins says whether a word begins with the character.
func (a *automaton) begins(r rune) bool {
	return r >= 1<<16 || a.starts[r/64]>>(r%64)&1 == 1
}
