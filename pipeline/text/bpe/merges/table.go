package merges

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// MostSymbols bounds the ids of symbols.
const MostSymbols = 1<<24 - 1

// Rule is a pair of symbols that becomes one, those of a lower rank first. Its symbol has the bytes of both.
type Rule struct{ Left, Right, Rank, To int32 }

// Table applies rules. It does not change and may be used by many goroutines, each by its own Encoder.
type Table struct {
	symbols []symbol
	pairs   pairs
	seams   *seams
	trie    *trie
	// all are the rules, if they are applied by merging alone; then trie has only symbols that are made by none.
	all map[[2]int32]Rule
}

// symbol is one with how it comes about.
type symbol struct {
	rank        int32 // of the rule that makes it; first if none does, never if it does not come about
	left, right int32 // of that rule
	prefix      int32 // the longest symbol that this one begins with but itself; -1 if there is none
	size        int32 // bytes
}

const (
	first = -1
	never = math.MaxInt32
)

// New makes a table. Symbols have their bytes by their ids, and nil where there is none; those of initial are there before anything is merged, are
// single bytes or characters, and every text that is cut consists of such.
func New(symbols [][]byte, initial []int32, rules []Rule) (*Table, error) {
	if len(symbols) > MostSymbols {
		return nil, fmt.Errorf("%d symbols: %d at most are read", len(symbols), MostSymbols)
	}
	t := &Table{symbols: make([]symbol, len(symbols)), pairs: newPairs(len(symbols)), seams: newSeams(symbols)}
	for id := range t.symbols {
		t.symbols[id] = symbol{rank: never, left: -1, right: -1, prefix: -1, size: int32(len(symbols[id]))}
	}
	for _, id := range initial {
		t.symbols[id].rank = first
	}
	if !slices.IsSortedFunc(rules, byRank) {
		rules = slices.Clone(rules)
		slices.SortStableFunc(rules, byRank)
	}
	for _, r := range rules {
		if r.Rank < 0 || r.Rank == never {
			return nil, fmt.Errorf("the rank %d", r.Rank)
		}
		if int(t.symbols[r.To].size) != len(symbols[r.Left])+len(symbols[r.Right]) {
			return nil, errors.New("a rule whose symbol is not its two parts")
		}
	}
	if t.derive(rules) {
		var err error
		if t.trie, err = newTrie(symbols, func(id int32) bool { return t.symbols[id].rank != never }, t.prefixed); err == nil {
			return t, nil
		}
	}
	return t.plain(symbols, initial, rules)
}

func byRank(a, b Rule) int { return cmp.Compare(a.Rank, b.Rank) }

// plain makes it a table of rules that are applied by merging.
func (t *Table) plain(symbols [][]byte, initial []int32, rules []Rule) (*Table, error) {
	t.pairs, t.seams = pairs{}, nil
	t.all = make(map[[2]int32]Rule, len(rules))
	for _, r := range slices.Backward(rules) { // of several for one pair the first counts
		t.all[[2]int32{r.Left, r.Right}] = r
	}
	for id := range t.symbols {
		t.symbols[id].rank = never
	}
	for _, id := range initial {
		t.symbols[id].rank = first
	}
	var err error
	t.trie, err = newTrie(symbols, func(id int32) bool { return t.symbols[id].rank == first }, t.prefixed)
	return t, err
}

func (t *Table) prefixed(id, prefix int32) { t.symbols[id].prefix = prefix }

// derive finds the one rule by which each symbol comes about, if it does, and says whether what comes of these rules alone is what comes of all.
func (t *Table) derive(rules []Rule) bool {
	for i, r := range rules {
		if i > 0 && rules[i-1].Rank == r.Rank && rules[i-1].To != r.To {
			return false // of two symbols neither comes before the other
		}
		to := &t.symbols[r.To]
		if to.rank != never || t.symbols[r.Left].rank >= r.Rank || t.symbols[r.Right].rank >= r.Rank {
			continue
		}
		if ok, _ := t.neighbours(r.Left, r.Right); ok {
			to.rank, to.left, to.right = r.Rank, r.Left, r.Right
			t.pairs.add(t.symbols, r.To)
			t.seams.add(r.Left, r.Right)
		}
	}
	for _, r := range rules {
		if to := &t.symbols[r.To]; to.left == r.Left && to.right == r.Right && to.rank != first {
			continue
		}
		if t.symbols[r.Left].rank == never || t.symbols[r.Right].rank == never {
			continue
		}
		if ok, _ := t.neighbours(r.Left, r.Right); ok {
			return false // they stand side by side, and would be merged
		}
	}
	return true
}

// neighbours says whether two symbols that stand next to each other stay what they are, and how many merges it undid to know.
func (t *Table) neighbours(left, right int32) (ok bool, steps int) {
	if t.seams.closed(left, right) {
		return true, 1
	}
	l, r := &t.symbols[left], &t.symbols[right]
	limit := int32(never)
	for {
		steps++
		if t.pairs.rank(t.symbols, left, right) < limit {
			return false, steps
		}
		// What was merged last is undone. Of equal ranks the left one was merged before, and a pair across after it and before the right one.
		if l.rank > r.rank {
			limit = l.rank
			left = l.right
			l = &t.symbols[left]
		} else {
			if r.rank < 0 {
				return true, steps
			}
			limit = r.rank + 1
			right = r.left
			r = &t.symbols[right]
		}
	}
}

// Comes says whether a symbol comes about: whether its own text is merged into it.
func (t *Table) Comes(id int32) bool {
	if t.all == nil {
		return t.symbols[id].rank != never
	}
	return false
}

// Direct says whether texts are cut without merging.
func (t *Table) Direct() bool { return t.all == nil }
