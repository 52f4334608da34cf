package show

import (
	"cmp"
	"slices"
	"strings"
)

// Difference is a place where two texts are not the same: This stands in the one, Other in its place in the other, and either may be nothing. Before and After
// are what both have around it.
type Difference struct {
	At     int    `json:"at"` // where This begins, in characters
	This   string `json:"this"`
	Other  string `json:"other"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

const (
	mostDifferences = 20
	aroundRunes     = 12  // that are shown on either side
	shownRunes      = 200 // of what stands in one of the texts alone
)

// differences compares two texts by what they have in common once: runs of characters that each has one time, in the same order, then shorter ones between these.
// It finds no least number of changes, but the same ones each time, and what is not marked is the same. left is how many more there are than those returned.
func differences(this, other string) (list []Difference, left int) {
	a, b := []rune(this), []rune(other)
	var gaps []gap
	compare(a, b, 0, 0, 16, &gaps)
	for _, g := range gaps {
		if len(list) == mostDifferences {
			left++
			continue
		}
		list = append(list, Difference{
			At: g.a, This: clipRunes(a[g.a:g.aEnd]), Other: clipRunes(b[g.b:g.bEnd]),
			Before: string(a[max(0, g.a-aroundRunes):g.a]), After: string(a[g.aEnd:min(len(a), g.aEnd+aroundRunes)]),
		})
	}
	return list, left
}

func clipRunes(r []rune) string {
	if len(r) > shownRunes {
		return string(r[:shownRunes]) + "…"
	}
	return string(r)
}

// gap is a part of each of two texts that has no counterpart.
type gap struct{ a, aEnd, b, bEnd int }

// compare adds the gaps between two texts that begin at places of larger ones, by runs of k characters and fewer.
func compare(a, b []rune, aAt, bAt, k int, gaps *[]gap) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	a, b, aAt, bAt = a[head:], b[head:], aAt+head, bAt+head
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	if len(a) == 0 && len(b) == 0 {
		return
	}
	for ; k >= 2; k /= 2 {
		anchors := common(a, b, k)
		if len(anchors) == 0 {
			continue
		}
		fromA, fromB := 0, 0
		for _, at := range anchors {
			if at[0] < fromA || at[1] < fromB {
				continue // within the one before
			}
			compare(a[fromA:at[0]], b[fromB:at[1]], aAt+fromA, bAt+fromB, k/2, gaps)
			fromA, fromB = at[0]+k, at[1]+k
		}
		compare(a[fromA:], b[fromB:], aAt+fromA, bAt+fromB, k/2, gaps)
		return
	}
	*gaps = append(*gaps, gap{aAt, aAt + len(a), bAt, bAt + len(b)})
}

// common is where runs of k characters begin that each text has once: the longest list that ascends in both.
func common(a, b []rune, k int) (anchors [][2]int) {
	once := func(r []rune) map[string]int {
		at := map[string]int{}
		for i := 0; i+k <= len(r); i++ {
			s := string(r[i : i+k])
			if _, again := at[s]; again {
				at[s] = -1
			} else {
				at[s] = i
			}
		}
		return at
	}
	inB := once(b)
	var pairs [][2]int
	for s, i := range once(a) {
		if j, ok := inB[s]; ok && i >= 0 && j >= 0 {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	slices.SortFunc(pairs, func(x, y [2]int) int { return cmp.Compare(x[0], y[0]) })
	// The longest ascending list, by the last ones of lists of each length.
	var last []int
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n, _ := slices.BinarySearchFunc(last, p[1], func(at, want int) int { return cmp.Compare(pairs[at][1], want) })
		if before[i] = -1; n > 0 {
			before[i] = last[n-1]
		}
		if n == len(last) {
			last = append(last, i)
		} else {
			last[n] = i
		}
	}
	if len(last) == 0 {
		return nil
	}
	for i := last[len(last)-1]; i >= 0; i = before[i] {
		anchors = append(anchors, pairs[i])
	}
	slices.Reverse(anchors)
	return anchors
}

// differences prints where the texts of a duplicate and of what it lost to are not the same.
func (p explainPrinter) differences(d *DuplicateOf) {
	if len(d.Differences) == 0 {
		return
	}
	p.printf("  where they differ: [-in this document-] {+in what it lost to+}\n")
	for _, x := range d.Differences {
		text := x.Before
		if x.This != "" {
			text += "[-" + x.This + "-]"
		}
		if x.Other != "" {
			text += "{+" + x.Other + "+}"
		}
		text = visible(strings.ReplaceAll(text+x.After, "\n", "⏎"))
		p.printf("    at %d: %s\n", x.At, text)
	}
	if d.MoreDifferences > 0 {
		p.printf("    and %d more\n", d.MoreDifferences)
	}
}
