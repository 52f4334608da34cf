package counts

import (
	"context"
)

// GramSource is n-grams of a file in one group of a merge, whose counts may be taken away.
type GramSource struct {
	*GramFile
	Group int
	Taken bool
}

// gramHead is a source with the key of its n-gram.
type gramHead struct {
	key    uint64
	source *GramSource
}

// MergeGrams calls yield with the n-grams of some sources, of one length, in their order, and what each group has of them; both are valid until yield returns. Those that come to nothing in
// every group are left out. An error of yield ends the merge.
func MergeGrams(ctx context.Context, groups int, sources []GramSource, yield func(all *Gram, sums []Sum) error) error {
	var heads []gramHead
	for i := range sources {
		s := &sources[i]
		if s.Next() {
			heads = append(heads, gramHead{s.Gram().Key, s})
		} else if err := s.Err(); err != nil {
			return err
		}
	}
	heaped(heads)
	sums, all := make([]Sum, groups), Gram{}
	for n := 0; len(heads) > 0; n++ {
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := heads[0].key
		all = Gram{Key: key}
		clear(sums)
		for len(heads) > 0 && heads[0].key == key {
			s := heads[0].source
			p, to := s.Gram(), &sums[s.Group]
			count, documents := p.Count, p.Documents
			if s.Taken {
				count, documents = -count, -documents
			}
			if !plus(&to.Count, count) || !plus(&to.Documents, documents) || !plus(&all.Count, count) || !plus(&all.Documents, documents) {
				return tooMany(s.n, key)
			}
			if s.Next() {
				heads[0].key = s.Gram().Key
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

func (h gramHead) before(g gramHead) bool { return h.key < g.key }
