package unigram

import "math/rand/v2"

// trie holds pieces by their characters, as a table of its edges. Node 0 is the root.
type trie struct {
	edges []edge
	used  int
	nodes int32
	by    uint64 // what keys are multiplied by: another number in each trie, so that no file can be made for it
	shift uint
}

// edge leads from a node, by a character, to the next one, where a piece may end: -1 if none does.
type edge struct {
	key         uint64 // 0: there is no edge here
	next, piece int32
}

func newTrie(edges int) *trie {
	t := &trie{nodes: 1, by: rand.Uint64() | 1}
	size := 16
	for size < 2*edges {
		size *= 2
	}
	t.resize(size)
	return t
}

func (t *trie) resize(size int) {
	old := t.edges
	t.edges = make([]edge, size)
	for t.shift = 64; size > 1; size /= 2 {
		t.shift--
	}
	for _, e := range old {
		if e.key != 0 {
			*t.at(e.key) = e
		}
	}
}

// at is the edge of a key, or where it would be.
func (t *trie) at(key uint64) *edge {
	h := key * t.by
	h = (h ^ h>>32) * t.by >> t.shift
	for {
		e := &t.edges[h]
		if e.key == key || e.key == 0 {
			return e
		}
		h = (h + 1) & uint64(len(t.edges)-1)
	}
}

func keyOf(node, char int32) uint64 { return uint64(node)<<21 + uint64(char) + 1 }

// step is where a character leads to; next is 0 if nowhere.
func (t *trie) step(node, char int32) (next, piece int32) {
	e := t.at(keyOf(node, char))
	return e.next, e.piece
}

// add makes the path by another character, and returns its end.
func (t *trie) add(node, char int32) *edge {
	key := keyOf(node, char)
	e := t.at(key)
	if e.key == 0 {
		if 2*(t.used+1) > len(t.edges) {
			t.resize(2 * len(t.edges))
			e = t.at(key)
		}
		*e = edge{key, t.nodes, -1}
		t.nodes++
		t.used++
	}
	return e
}
