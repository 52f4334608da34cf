package merges

import (
	"bytes"
	"cmp"
	"errors"
	"math/bits"
	"slices"
)

// mostNodes bounds a trie: the largest vocabularies have some 600 000 nodes.
const mostNodes = 8 << 20

// trie finds the longest symbol that a text begins with. It is a double array: the child of a node by a byte is at the node's base and the byte, if
// it says so.
type trie struct {
	nodes []node
	// three has the nodes of all characters of three bytes, 0 where there is none: most of Chinese begins there.
	three []int32
}

type node struct {
	base, parent int32
	best         int32 // the longest symbol that the node's bytes begin with; -1 if there is none
	size         int32 // its bytes
}

// branch is a node whose children are to be placed: those of the symbols from low to high, which have depth bytes in common.
type branch struct {
	node, low, high, depth int32
}

// newTrie makes a trie of the symbols for which in says so, and tells for each the longest one that it begins with but itself.
func newTrie(symbols [][]byte, in func(id int32) bool, prefixed func(id, prefix int32)) (*trie, error) {
	var list []int32
	for id, s := range symbols {
		if len(s) > 0 && in(int32(id)) {
			list = append(list, int32(id))
		}
	}
	slices.SortFunc(list, func(a, b int32) int { return cmp.Or(bytes.Compare(symbols[a], symbols[b]), cmp.Compare(a, b)) })
	t := &trie{}
	var p places
	t.grow(&p, 512)
	t.nodes[0].parent = -2 // nobody's child
	p.take(0)
	todo, count := []branch{{high: int32(len(list))}}, 1
	var children []branch
	var letters []byte
	for len(todo) > 0 {
		b := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		// Symbols that end here come first: one, or equal ones, of which the last counts.
		for b.low < b.high && len(symbols[list[b.low]]) == int(b.depth) {
			id := list[b.low]
			prefixed(id, t.nodes[b.node].best)
			t.nodes[b.node].best, t.nodes[b.node].size = id, b.depth
			b.low++
		}
		children, letters = children[:0], letters[:0]
		for i := b.low; i < b.high; {
			c := symbols[list[i]][b.depth]
			j := i + 1
			for j < b.high && symbols[list[j]][b.depth] == c {
				j++
			}
			children, letters = append(children, branch{low: i, high: j, depth: b.depth + 1}), append(letters, c)
			i = j
		}
		if len(children) == 0 {
			continue
		}
		if count += len(children); count > mostNodes {
			return nil, errors.New("the symbols have too many beginnings")
		}
		base := p.find(letters)
		t.grow(&p, base+512)
		t.nodes[b.node].base = int32(base)
		for i, c := range letters {
			at := base + int(c)
			p.take(at)
			t.nodes[at] = node{parent: b.node, best: t.nodes[b.node].best, size: t.nodes[b.node].size}
			children[i].node = int32(at)
		}
		todo = append(todo, children...)
	}
	t.setThree()
	return t, nil
}

// grow makes room for so many nodes. One that is not there has no parent, and no node has itself for a child: what is at a node's base and a byte is
// always within.
func (t *trie) grow(p *places, size int) {
	for len(t.nodes) < size {
		t.nodes = append(t.nodes, node{parent: -1, best: -1})
	}
	p.grow(size)
}

func (t *trie) setThree() {
	var three []int32
	for first := 0xE0; first <= 0xEF; first++ {
		one, ok := t.child(0, byte(first))
		if !ok {
			continue
		}
		for second := 0x80; second <= 0xBF; second++ {
			two, ok := t.child(one, byte(second))
			if !ok {
				continue
			}
			for third := 0x80; third <= 0xBF; third++ {
				if at, ok := t.child(two, byte(third)); ok {
					if three == nil {
						three = make([]int32, 1<<16)
					}
					three[first&0xF<<12|second&0x3F<<6|third&0x3F] = at
				}
			}
		}
	}
	t.three = three
}

func (t *trie) child(of int32, c byte) (at int32, ok bool) {
	at = t.nodes[of].base + int32(c)
	return at, t.nodes[at].parent == of
}

// longest is the longest symbol that a text begins with, and its bytes; -1 if it begins with none.
func (t *trie) longest(text []byte) (id, size int32) {
	at, i := int32(0), 0
	if len(text) > 2 && text[0]&0xF0 == 0xE0 && text[1]&0xC0 == 0x80 && text[2]&0xC0 == 0x80 && t.three != nil {
		if at = t.three[uint16(text[0])<<12|uint16(text[1]&0x3F)<<6|uint16(text[2]&0x3F)]; at != 0 {
			i = 3
		}
	}
	for ; i < len(text); i++ {
		next := t.nodes[at].base + int32(text[i])
		if t.nodes[next].parent != at {
			break
		}
		at = next
	}
	end := &t.nodes[at]
	return end.best, end.size
}

// places are those of a double array that are free.
type places struct {
	free  []uint64 // bits
	first int      // none is free before it
	tried int      // before it, there is no room for several children, as far as was tried
}

const mostTries = 64

func (p *places) grow(size int) {
	for len(p.free)*64 < size {
		p.free = append(p.free, ^uint64(0))
	}
}

func (p *places) take(i int) { p.free[i/64] &^= 1 << (i % 64) }

func (p *places) is(i int) bool { return i >= len(p.free)*64 || p.free[i/64]>>(i%64)&1 != 0 }

// next is the first free place from i on.
func (p *places) next(i int) int {
	for w := i / 64; w < len(p.free); w++ {
		word := p.free[w]
		if w == i/64 {
			word &= ^uint64(0) << (i % 64)
		}
		if word != 0 {
			return w*64 + bits.TrailingZeros64(word)
		}
	}
	return max(i, len(p.free)*64)
}

// find is a base for children by these bytes, in their order.
func (p *places) find(letters []byte) int {
	p.first = p.next(p.first)
	low := int(letters[0])
	if len(letters) == 1 {
		return p.next(max(p.first, low)) - low
	}
	at := p.next(max(p.first, p.tried, low))
	for try := 0; ; try++ {
		if try == mostTries {
			p.tried = at
			try = 0
		}
		base := at - low
		fits := true
		for _, c := range letters[1:] {
			if !p.is(base + int(c)) {
				fits = false
				break
			}
		}
		if fits {
			return base
		}
		at = p.next(at + 1)
	}
}
