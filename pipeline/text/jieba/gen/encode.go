package main

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
)

// states of the HMM in the order of the tables.
var states = []string{"B", "M", "E", "S"}

// encode writes what decode in package jieba reads.
func encode(words map[string]uint64, total uint64, start, trans, emit table) []byte {
	runes, codes := alphabet(words, emit)
	freqs, ids := frequencies(words)
	out := []byte("jieba1\n")
	out = binary.AppendUvarint(out, total)
	out = binary.AppendUvarint(out, uint64(len(runes)))
	for _, r := range runes {
		out = binary.AppendUvarint(out, uint64(r))
	}
	out = binary.AppendUvarint(out, uint64(len(freqs)))
	for _, freq := range freqs {
		out = binary.AppendUvarint(out, freq)
	}
	out = appendTrie(out, words, codes, ids)
	for _, s := range states {
		out = appendFloat(out, start.flat[s])
	}
	for _, from := range states {
		for _, to := range states {
			out = appendFloat(out, trans.nested[from][to]) // 0 for one that no path takes
		}
	}
	return appendEmissions(out, runes, emit)
}

func appendFloat(out []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(out, math.Float64bits(f))
}

// ranked are the keys of counts, the most frequent first, and their ranks from 1 on.
func ranked[K cmp.Ordered](counts map[K]int) ([]K, map[K]uint64) {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b K) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	ranks := map[K]uint64{}
	for i, k := range keys {
		ranks[k] = uint64(i) + 1
	}
	return keys, ranks
}

// alphabet numbers the characters: the most frequent have the smallest codes, which keeps the trie and the embedded file small.
func alphabet(words map[string]uint64, emit table) ([]rune, map[rune]uint64) {
	counts := map[rune]int{}
	for w := range words {
		for _, r := range w {
			counts[r]++
		}
	}
	for _, s := range states {
		for c := range emit.nested[s] {
			r, _ := utf8.DecodeRuneInString(c)
			counts[r] += 0
		}
	}
	return ranked(counts)
}

func frequencies(words map[string]uint64) ([]uint64, map[uint64]uint64) {
	counts := map[uint64]int{}
	for _, freq := range words {
		if freq > 0 {
			counts[freq]++
		}
	}
	return ranked(counts)
}

type node struct {
	children map[uint64]*node
	freq     uint64 // its number, 0 for what is no word
}

// appendTrie writes the nodes breadth first: how many children each has, the code of each as the distance from the one before, and the number
// of the frequency of each.
func appendTrie(out []byte, words map[string]uint64, codes map[rune]uint64, ids map[uint64]uint64) []byte {
	root := &node{}
	nodes := 0
	for w, freq := range words {
		n := root
		for _, r := range w {
			next := n.children[codes[r]]
			if next == nil {
				if n.children == nil {
					n.children = map[uint64]*node{}
				}
				next = &node{}
				n.children[codes[r]] = next
				nodes++
			}
			n = next
		}
		n.freq = ids[freq]
	}
	var counts, labels, freqs []byte
	for queue := []*node{root}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		counts = binary.AppendUvarint(counts, uint64(len(n.children)))
		last := uint64(0)
		for _, code := range slices.Sorted(maps.Keys(n.children)) {
			labels = binary.AppendUvarint(labels, code-last)
			last = code
			freqs = binary.AppendUvarint(freqs, n.children[code].freq)
			queue = append(queue, n.children[code])
		}
	}
	out = binary.AppendUvarint(out, uint64(nodes))
	return slices.Concat(out, counts, labels, freqs)
}

// appendEmissions writes the values there are, and for each state and character the number of its value, 0 for none.
func appendEmissions(out []byte, runes []rune, emit table) []byte {
	numbers := map[float64]uint64{}
	for _, s := range states {
		for _, v := range emit.nested[s] {
			numbers[v] = 0
		}
	}
	values := slices.Sorted(maps.Keys(numbers))
	out = binary.AppendUvarint(out, uint64(len(values)))
	for i, v := range values {
		numbers[v] = uint64(i) + 1
		out = appendFloat(out, v)
	}
	for _, s := range states {
		for _, r := range runes {
			out = binary.AppendUvarint(out, numbers[emit.nested[s][string(r)]])
		}
	}
	return out
}
