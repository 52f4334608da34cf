// Package exact says what keep-first keeps if every document is compared with every other one, without sketches: what the
// duplicates that a run finds are measured against.
package exact

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/stages/dedupe"
)

// greedy is sequential keep-first by the exact Jaccard resemblance of all pairs: a document goes if it is equal to a kept one
// before it, or resembles it. It finds every pair without sketches: of two sets that resemble each other by t, each has one
// of the other's elements among its first n - tn + 1, in any order that is the same for all; rare ones come first.
type greedy struct {
	threshold float64
	counts    []uint16 // of shingles, by hash: at least how many documents have it
	exact     map[[16]byte]int
	keys      map[[16]byte]int
	holders   map[uint64][]int32 // of the first shingles of kept documents
	sets      [][]uint64         // of kept documents, ascending
}

// Fate is what became of a document: the one that it lost to, or -1, and how much it resembles it.
type Fate struct {
	Winner  int
	Jaccard float64
}

// countBits is the size of the table of counts: 128 MiB.
const countBits = 26

// Fates decides about texts in their order.
func Fates(cfg dedupe.Config, texts [][]byte) []Fate {
	g := &greedy{
		threshold: cfg.Threshold, counts: make([]uint16, 1<<countBits), exact: map[[16]byte]int{}, keys: map[[16]byte]int{},
		holders: map[uint64][]int32{}, sets: make([][]uint64, len(texts)),
	}
	s := dedupe.NewShingler(cfg)
	var set []uint64
	for _, t := range texts {
		set = s.Set(set[:0], t)
		for _, h := range set {
			if c := &g.counts[h>>(64-countBits)]; *c < math.MaxUint16 {
				*c++
			}
		}
	}
	fates := make([]Fate, len(texts))
	var key []uint32
	for i, t := range texts {
		key = text.AppendKey(key[:0], t)
		set = s.Set(set[:0], t)
		fates[i] = g.decide(i, xxh3.Hash128(t).Bytes(), hashOfKey(key), set)
	}
	return fates
}

func hashOfKey(key []uint32) (hash [16]byte) {
	if len(key) == 0 {
		return hash
	}
	data := make([]byte, 0, 4*len(key))
	for _, r := range key {
		data = binary.LittleEndian.AppendUint32(data, r)
	}
	return xxh3.Hash128(data).Bytes()
}

func (g *greedy) decide(i int, exact, key [16]byte, set []uint64) Fate {
	if w, ok := g.exact[exact]; ok {
		return Fate{w, 1}
	}
	if w, ok := g.keys[key]; ok && key != [16]byte{} {
		return Fate{w, 1}
	}
	first := g.first(set)
	slices.Sort(set)
	compared := map[int32]bool{}
	for _, h := range first {
		for _, k := range g.holders[h] {
			if compared[k] {
				continue
			}
			compared[k] = true
			if j := jaccard(set, g.sets[k], g.threshold); j >= g.threshold {
				return Fate{int(k), j}
			}
		}
	}
	g.exact[exact], g.keys[key] = i, i
	g.sets[i] = slices.Clone(set)
	for _, h := range first {
		g.holders[h] = append(g.holders[h], int32(i))
	}
	return Fate{Winner: -1}
}

// first returns the shingles of a set by which it is found.
func (g *greedy) first(set []uint64) []uint64 {
	rare := slices.Clone(set)
	slices.SortFunc(rare, func(a, b uint64) int {
		return cmp.Or(cmp.Compare(g.counts[a>>(64-countBits)], g.counts[b>>(64-countBits)]), cmp.Compare(a, b))
	})
	n := len(rare)
	rare = rare[:min(n, n-int(math.Floor(g.threshold*float64(n)-1e-6))+1)]
	return slices.DeleteFunc(rare, func(h uint64) bool { return g.counts[h>>(64-countBits)] < 2 }) // no other document has it
}

// jaccard is the resemblance of two ascending sets, 0 if it does not reach the threshold.
func jaccard(a, b []uint64, threshold float64) float64 {
	// The two have so much in common at least: what is missing beyond ends the walk.
	need := int(math.Floor(threshold/(1+threshold)*float64(len(a)+len(b)) - 1e-6))
	spare := min(len(a), len(b)) - need
	if spare < 0 {
		return 0
	}
	spareA, spareB := len(a)-need, len(b)-need
	shared, i, k := 0, 0, 0
	for i < len(a) && k < len(b) {
		switch {
		case a[i] == b[k]:
			shared++
			i++
			k++
		case a[i] < b[k]:
			i++
			if spareA--; spareA < 0 {
				return 0
			}
		default:
			k++
			if spareB--; spareB < 0 {
				return 0
			}
		}
	}
	return float64(shared) / float64(max(len(a)+len(b)-shared, 1))
}
