package counts

import (
	"context"
)

// PairSource is pairs of a file in one group of a merge, whose counts may be taken away.
type PairSource struct {
	*PairFile
	Group int
	Taken bool
}

// pairHead is a source with the key of its pair.
type pairHead struct {
	key    uint64
	source *PairSource
}

// MergePairs calls yield with the pairs of some sources in their order, and what each group has of them; both are valid until yield returns. Pairs that come to nothing in
// every group are left out. An error of yield ends the merge.
func MergePairs(ctx context.Context, groups int, sources []PairSource, yield func(all *Pair, sums []Sum) error) error {
	var heads []pairHead
	for i := range sources {
		s := &sources[i]
		if s.Next() {
			heads = append(heads, pairHead{s.Pair().Key, s})
		} else if err := s.Err(); err != nil {
			return err
		}
	}
	heaped(heads)
	sums, all := make([]Sum, groups), Pair{}
	for n := 0; len(heads) > 0; n++ {
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := heads[0].key
		all = Pair{Key: key}
		clear(sums)
		for len(heads) > 0 && heads[0].key == key {
			s := heads[0].source
			p, to := s.Pair(), &sums[s.Group]
			count, documents := p.Count, p.Documents
			if s.Taken {
				count, documents = -count, -documents
			}
			if !plus(&to.Count, count) || !plus(&to.Documents, documents) || !plus(&all.Count, count) || !plus(&all.Documents, documents) {
				return tooMany(key)
			}
			if s.Next() {
				heads[0].key = s.Pair().Key
			} else {
				if err := s.Err(); err != nil {
					return err
				}
				heads[0] = heads[len(heads)-1]
				heads = heads[:len(heads)-1]
			}
			down(heads, 0)
		}
		for i := range sums {
			if sums[i] != (Sum{}) {
				if err := yield(&all, sums); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

func (h pairHead) before(g pairHead) bool { return h.key < g.key }
