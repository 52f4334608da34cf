package chart

import (
	"math"
	"slices"
)

// An axis maps numbers to units of a picture.
type axis struct {
	least, most float64 // of the numbers, by scale
	from, to    float64 // in the picture
	log         bool
	unit        float64 // of ticks; 0 is 1
}

func newAxis(least, most int64, log bool, from, to float64) axis {
	a := axis{log: log, from: from, to: to}
	a.least, a.most = a.scale(float64(least)), a.scale(float64(most))
	if !(a.most > a.least) {
		a.most = a.least + max(1, math.Abs(a.least)*1e-9)
	}
	return a
}

// scale is linear or logarithmic; 0 has a place on both, and negative numbers have theirs.
func (a axis) scale(v float64) float64 {
	if !a.log {
		return v
	}
	return math.Copysign(math.Log1p(math.Abs(v)), v)
}

// at is where a number is drawn: at the edge if it is beyond it.
func (a axis) at(v float64) float64 {
	share := (a.scale(v) - a.least) / (a.most - a.least)
	return a.from + (a.to-a.from)*min(max(share, 0), 1)
}

// has says whether a number is on the axis.
func (a axis) has(v float64) bool { return a.scale(v) >= a.least && a.scale(v) <= a.most }

// ticks are round numbers on the axis, about n of them.
func (a axis) ticks(n int) []int64 {
	if a.log {
		return a.powers(n)
	}
	unit := max(a.unit, 1)
	span := (a.most - a.least) / unit
	step := math.Pow(10, math.Floor(math.Log10(span/float64(n))))
	for _, times := range []float64{1, 2, 5, 10} {
		if span/(step*times) <= float64(n)+0.5 {
			step *= times
			break
		}
	}
	step = max(step*unit, 1)
	var list []int64
	first := math.Ceil(a.least / step)
	for i := range 2 * n {
		if v := (first + float64(i)) * step; v <= a.most && math.Abs(v) < math.MaxInt64 {
			list = append(list, int64(v))
		}
	}
	return list
}

// powers are powers of ten on the axis and 0, ascending, with gaps if there would be many more than n.
func (a axis) powers(n int) []int64 {
	var list []int64
	if a.has(0) {
		list = append(list, 0)
	}
	var all []int64
	// Where there are few powers, twice and five times of them are round, too.
	for _, times := range [][]float64{{1}, {1, 2, 5}} {
		all = all[:0]
		for e := range 19 {
			for _, t := range times {
				if v := t * math.Pow10(e); v < math.MaxInt64 && a.has(v) {
					all = append(all, int64(v))
				}
			}
		}
		if len(all) >= 3 {
			break
		}
	}
	every := max(1, (len(all)+n-1)/n)
	for i := len(all) - 1; i >= 0; i -= every {
		list = append(list, all[i])
	}
	slices.Sort(list)
	return list
}
