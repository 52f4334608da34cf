package mixture

import (
	"container/heap"
	"math/bits"
)

// apportion divides a total by parts, into whole numbers that add up to it: see the package's comment. Nothing goes to a part of 0. Of parts that
// come next at the same time the first does.
func apportion(total int64, parts []int64) []int64 {
	got := make([]int64, len(parts))
	var sum int64
	for _, p := range parts {
		sum += p
	}
	if sum == 0 || total <= 0 {
		return got
	}
	left := total
	for i, p := range parts {
		high, low := bits.Mul64(uint64(total), uint64(p))
		q, rest := bits.Div64(high, low, uint64(sum))
		if got[i] = int64(q); rest >= uint64(sum)-rest {
			got[i]++
		}
		left -= got[i]
	}
	// What rounding left over, or gave too much: at most one for every second part.
	next := &turns{parts: parts, got: got, down: left < 0}
	for i, p := range parts {
		if p > 0 {
			next.order = append(next.order, i)
		}
	}
	heap.Init(next)
	for ; left != 0; heap.Fix(next, 0) {
		if i := next.order[0]; left > 0 {
			got[i]++
			left--
		} else {
			got[i]--
			left++
		}
	}
	return got
}

// turns has the part first that gets, or loses, the next one. A part gets its nth at the total where its share is n - 1/2.
type turns struct {
	parts, got []int64
	order      []int
	down       bool
}

func (t *turns) Len() int { return len(t.order) }

func (t *turns) Less(a, b int) bool {
	i, k := t.order[a], t.order[b]
	if t.down {
		i, k = k, i // who got the last one loses it first
	}
	n, m := 2*uint64(t.got[i])+1, 2*uint64(t.got[k])+1
	if t.down {
		n, m = max(n, 2)-2, max(m, 2)-2
	}
	left, low := bits.Mul64(n, uint64(t.parts[k]))
	right, lower := bits.Mul64(m, uint64(t.parts[i]))
	if left != right {
		return left < right
	}
	if low != lower {
		return low < lower
	}
	return i < k
}

func (t *turns) Swap(a, b int) { t.order[a], t.order[b] = t.order[b], t.order[a] }

func (t *turns) Push(any) { panic("nothing comes later") }

func (t *turns) Pop() any { panic("nothing leaves") }
