package unigram

import (
	"cmp"
	"math"
	"slices"
)

// keep keeps so many pieces, those of the greatest losses; all that have to stay, and none that can go.
func (r *training) keep(p *pieces, losses []float64, most int) {
	var order []int
	kept := &pieces{r: r}
	for i, loss := range losses {
		switch {
		case math.IsInf(loss, 1):
			kept.add(p.from[i], p.size[i], p.score[i])
		case loss != -1:
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(losses[b], losses[a]), cmp.Compare(a, b)) })
	for _, i := range order {
		if kept.len() >= most {
			break
		}
		kept.add(p.from[i], p.size[i], p.score[i])
	}
	*p = *kept
}
