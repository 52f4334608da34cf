package contamination

import "slices"

// run is units of a part that stand in the document as they are.
type run struct {
	from, to int
}

// Bounds of an expansion, in units.
const (
	mostMisses = 11 // that are passed over in one place, on either side
	sureUnits  = 3  // that must be equal behind them
	fewMisses  = 2  // behind which it is enough that the fewer units are equal that a part has left
)

// expand goes from a place that part and document have in common both ways, as long as no more than mostMisses of the one stand for as many of the
// other. It sets runs, and returns where in the document the first one begins and where the last one ends.
func (m *Matcher) expand(q []unit, at, place int) (from, to int) {
	d := m.scan.units
	m.runs = m.runs[:0]
	to = place
	for i, k := at, place; ; {
		n := 0
		for i+n < len(q) && k+n < len(d) && q[i+n] == d[k+n] {
			n++
		}
		if n > 0 {
			m.runs = append(m.runs, run{i, i + n})
			to = k + n
		}
		a, b := misses(q[i+n:], d[k+n:])
		if a < 0 {
			break
		}
		i, k = i+n+a, k+n+b
	}
	from = place
	for i, k := at, place; ; {
		n := 0
		for n < i && n < k && q[i-1-n] == d[k-1-n] {
			n++
		}
		if n > 0 {
			m.runs = append(m.runs, run{i - n, i})
			from = k - n
		}
		a, b := missesBefore(q[:i-n], d[:k-n])
		if a < 0 {
			break
		}
		i, k = i-n-a, k-n-b
	}
	return from, to
}

// misses is how many units of q and of d have to be passed over for what follows to be equal: the least of the greater of the two. It is -1
// where there is nothing more to find.
func misses(q, d []unit) (a, b int) {
	for n := 1; n <= mostMisses; n++ {
		if follows(q, d, n, n) {
			return n, n
		}
		for less := range n {
			if follows(q, d, less, n) {
				return less, n
			}
			if follows(q, d, n, less) {
				return n, less
			}
		}
	}
	return -1, -1
}

// follows says whether q[a:] and d[b:] begin alike.
func follows(q, d []unit, a, b int) bool {
	if a >= len(q) || b >= len(d) || q[a] != d[b] {
		return false
	}
	n := min(sureUnits, len(q)-a)
	return (n == sureUnits || max(a, b) <= fewMisses) && b+n <= len(d) && slices.Equal(q[a:a+n], d[b:b+n])
}

// missesBefore is misses from the ends on.
func missesBefore(q, d []unit) (a, b int) {
	for n := 1; n <= mostMisses; n++ {
		if precedes(q, d, n, n) {
			return n, n
		}
		for less := range n {
			if precedes(q, d, less, n) {
				return less, n
			}
			if precedes(q, d, n, less) {
				return n, less
			}
		}
	}
	return -1, -1
}

func precedes(q, d []unit, a, b int) bool {
	misses := max(a, b)
	a, b = len(q)-a, len(d)-b
	if a <= 0 || b <= 0 || q[a-1] != d[b-1] {
		return false
	}
	n := min(sureUnits, a)
	return (n == sureUnits || misses <= fewMisses) && b >= n && slices.Equal(q[a-n:a], d[b-n:b])
}
