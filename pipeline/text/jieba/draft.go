package jieba

import (
	"fmt"
	"maps"
	"slices"
)

// draft is a dictionary that words are added to: the nodes of another, which are the slots of its array, and new ones behind them.
type draft struct {
	from     *Dictionary
	words    int
	total    uint64
	runes    []rune
	codes    map[rune]uint16   // of the new characters
	children map[edge]uint32   // the new nodes
	edges    []edge            // of the new nodes
	freqs    map[uint32]uint32 // the new frequencies
	forced   map[string]struct{}
	logs     map[uint32]float64 // of new frequencies
}

// edge is the way from a node to its child by a character.
type edge struct {
	parent uint32
	code   uint16
}

func newDraft(d *Dictionary) *draft {
	u := &draft{
		from: d, total: d.total, runes: slices.Clone(d.runes), codes: map[rune]uint16{}, children: map[edge]uint32{}, freqs: map[uint32]uint32{},
		forced: map[string]struct{}{}, logs: map[uint32]float64{},
	}
	maps.Copy(u.forced, d.forced)
	return u
}

func (u *draft) code(r rune) uint16 {
	if code := u.from.code(r); code != 0 {
		return code
	}
	return u.codes[r]
}

// child is the node that a character leads to.
func (u *draft) child(node uint32, code uint16) (uint32, bool) {
	if code == 0 {
		return 0, false
	}
	if cells := u.from.cells; int(node) < len(cells) && int(code) < len(u.from.runes) {
		base := cells[node].base()
		if next := base + uint32(code); (base != 0 || node == 0) && cells[next].parent() == node {
			return next, true
		}
	}
	next, found := u.children[edge{node, code}]
	return next, found
}

func (u *draft) freq(node uint32) uint32 {
	if freq, found := u.freqs[node]; found {
		return freq
	}
	if int(node) < len(u.from.cells) {
		return u.from.freqs[u.from.cells[node].freq()]
	}
	return 0
}

// lookup is the frequency of a word, and whether it is one or the beginning of one.
func (u *draft) lookup(word []rune) (uint32, bool) {
	node := uint32(0)
	for _, r := range word {
		next, found := u.child(node, u.code(r))
		if !found {
			return 0, false
		}
		node = next
	}
	return u.freq(node), true
}

// add gives a word a frequency.
func (u *draft) add(word []rune, freq uint32) error {
	node := uint32(0)
	for _, r := range word {
		code := u.code(r)
		if code == 0 {
			if len(u.runes) > maxCodes {
				return fmt.Errorf("there are more than %d different characters", maxCodes)
			}
			code = uint16(len(u.runes))
			u.codes[r] = code
			u.runes = append(u.runes, r)
		}
		next, found := u.child(node, code)
		if !found {
			if len(u.from.cells)+len(u.edges) > maxNodes {
				return fmt.Errorf("the words have more than %d beginnings", maxNodes)
			}
			next = uint32(len(u.from.cells) + len(u.edges))
			u.children[edge{node, code}] = next
			u.edges = append(u.edges, edge{node, code})
		}
		node = next
	}
	u.freqs[node] = freq
	u.total += uint64(freq)
	if freq == 0 {
		u.forced[string(word)] = struct{}{}
	}
	return nil
}

// suggest is the frequency with which a word is cut out of text: by a little more probable than the words it is cut into now.
func (u *draft) suggest(word []rune) uint32 {
	total := float64(u.total)
	share := 1.0
	for _, part := range u.cut(word) {
		freq, known := u.lookup(part)
		if !known {
			freq = 1
		}
		share *= float64(freq) / total
	}
	freq, known := u.lookup(word)
	if !known {
		freq = 1
	}
	return max(uint32(share*total)+1, freq)
}

// cut cuts a word of a user into those there are, without the HMM: as Cutter does, but it need not be fast, and words are added all the time.
func (u *draft) cut(word []rune) [][]rune {
	var parts [][]rune
	for len(word) > 0 {
		n := 0
		for n < len(word) && inBlock(word[n]) {
			n++
		}
		if n == 0 {
			parts, word = append(parts, word[:1]), word[1:]
			continue
		}
		parts, word = append(parts, u.cutBlock(word[:n])...), word[n:]
	}
	return parts
}

func inBlock(r rune) bool {
	return r >= hanFirst && r <= hanLast || r >= 0 && r < 0x80 && blockASCII(byte(r))
}

func (u *draft) cutBlock(block []rune) [][]rune {
	total := ln(u.total)
	score, length := make([]float64, len(block)+1), make([]int, len(block))
	for i := len(block) - 1; i >= 0; i-- {
		score[i], length[i] = 0-total+score[i+1], 1
		found := false
		node, known := u.child(0, u.code(block[i]))
		for j := i + 1; known; j++ {
			if freq := u.freq(node); freq != 0 {
				if s := u.log(freq) - total + score[j]; !found || s >= score[i] {
					score[i], length[i], found = s, j-i, true
				}
			}
			if j == len(block) {
				break
			}
			node, known = u.child(node, u.code(block[j]))
		}
	}
	var parts [][]rune
	alnum := 0 // single letters and digits before i are one part
	for i := 0; i < len(block); i += length[i] {
		if length[i] == 1 && block[i] < 0x80 && isAlnum(byte(block[i])) {
			alnum++
			continue
		}
		if alnum > 0 {
			parts, alnum = append(parts, block[i-alnum:i]), 0
		}
		parts = append(parts, block[i:i+length[i]])
	}
	if alnum > 0 {
		parts = append(parts, block[len(block)-alnum:])
	}
	return parts
}

func (u *draft) log(freq uint32) float64 {
	log, found := u.logs[freq]
	if !found {
		log = ln(uint64(freq))
		u.logs[freq] = log
	}
	return log
}

// dictionary is that of all words.
func (u *draft) dictionary() (*Dictionary, error) {
	d := &Dictionary{total: u.total, runes: u.runes, freqs: slices.Clone(u.from.freqs), forced: u.forced}
	ids := map[uint32]uint16{}
	for id, freq := range d.freqs {
		ids[freq] = uint16(id)
	}
	for _, freq := range u.freqs {
		if _, known := ids[freq]; !known {
			ids[freq] = 0
			d.freqs = append(d.freqs, freq)
		}
	}
	slices.Sort(d.freqs[len(u.from.freqs):]) // the same words give the same numbers
	if len(d.freqs) > maxFreqs {
		return nil, fmt.Errorf("there are more than %d different frequencies", maxFreqs)
	}
	for id, freq := range d.freqs {
		ids[freq] = uint16(id)
	}
	var fits bool
	if d.cells, fits = u.tree(ids).build(len(d.runes) - 1); !fits {
		return nil, fmt.Errorf("there are too many words")
	}
	d.hmm = u.from.hmm.resize(len(d.runes))
	d.index()
	d.score()
	return d, nil
}

// tree is the trie of all words, with the frequencies by these numbers.
func (u *draft) tree(ids map[uint32]uint16) *tree {
	cells := u.from.cells
	nodes := len(cells) + len(u.edges)
	first := make([]uint32, nodes+1) // of the children in the list below, one place late until it is filled
	each := func(f func(node uint32, e edge)) {
		for slot, c := range cells {
			if slot > 0 && c != freeCell {
				f(uint32(slot), edge{c.parent(), uint16(uint32(slot) - cells[c.parent()].base())})
			}
		}
		for i, e := range u.edges {
			f(uint32(len(cells)+i), e)
		}
	}
	each(func(_ uint32, e edge) { first[e.parent+1]++ })
	for i := range nodes {
		first[i+1] += first[i]
	}
	type child struct {
		node uint32
		code uint16
	}
	list := make([]child, first[nodes])
	next := slices.Clone(first[:nodes])
	each(func(node uint32, e edge) {
		list[next[e.parent]] = child{node, e.code}
		next[e.parent]++
	})
	t := &tree{labels: []uint16{0}, freqs: []uint16{0}}
	queue := make([]uint32, 1, len(list)+1)
	for i := 0; i < len(queue); i++ {
		children := list[first[queue[i]]:first[queue[i]+1]]
		slices.SortFunc(children, func(a, b child) int { return int(a.code) - int(b.code) })
		t.counts = append(t.counts, uint16(len(children)))
		for _, c := range children {
			t.labels = append(t.labels, c.code)
			t.freqs = append(t.freqs, ids[u.freq(c.node)])
			queue = append(queue, c.node)
		}
	}
	return t
}
