package show

import (
	"context"
	"slices"

	"github.com/zeebo/xxh3"
)

// tokenMove is a token of two tables; a rank of 0 is none. The token is valid until yield returns.
type tokenMove struct {
	token        []byte
	rankA, rankB int64
	a, b         tokenRow // without their tokens
}

// joinedTokens is how many tokens of a table are held in memory at once, at some 60 bytes each.
const joinedTokens = 4 << 20

// joinTokens calls yield with every token of two tables, once. Where the first has more tokens than are held at once, both are read several times, each
// time for a part of all tokens.
func joinTokens(ctx context.Context, a, b *tokenTable, atOnce int64, yield func(*tokenMove) error) error {
	type place struct{ rank, count int64 }
	parts := uint64(a.sums.rows/atOnce) + 1
	for part := range parts {
		left := map[xxh3.Uint128]place{}
		key := func(token []byte) (xxh3.Uint128, bool) {
			h := xxh3.Hash128(token)
			return h, h.Lo%parts == part
		}
		err := a.each(ctx, func(r *tokenRow) error {
			if h, ok := key(r.token); ok {
				left[h] = place{r.rank, r.count}
			}
			return nil
		})
		if err != nil {
			return err
		}
		err = b.each(ctx, func(r *tokenRow) error {
			h, ok := key(r.token)
			if !ok {
				return nil
			}
			m := tokenMove{token: r.token, rankB: r.rank, b: *r}
			if p, ok := left[h]; ok {
				delete(left, h)
				m.rankA, m.a.count = p.rank, p.count
			}
			return yield(&m)
		})
		if err != nil {
			return err
		}
		if len(left) == 0 {
			continue
		}
		err = a.each(ctx, func(r *tokenRow) error {
			h, ok := key(r.token)
			if _, gone := left[h]; !ok || !gone {
				return nil
			}
			return yield(&tokenMove{token: r.token, rankA: r.rank, a: *r})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// best keeps the first of values in an order, which has to be total.
type best[T any] struct {
	most    int // how many; negative: all
	compare func(a, b *T) int
	list    []T
	full    bool // the list has had most of them, the last of which is at most-1
}

// wants says whether a value is among them so far.
func (k *best[T]) wants(v *T) bool {
	return k.most != 0 && (!k.full || k.compare(v, &k.list[k.most-1]) < 0)
}

// add takes a value.
func (k *best[T]) add(v T) {
	const slack = 64
	if !k.wants(&v) {
		return
	}
	if k.list = append(k.list, v); k.most > 0 && len(k.list) >= 2*k.most+slack {
		k.cut()
	}
}

func (k *best[T]) cut() {
	slices.SortFunc(k.list, func(a, b T) int { return k.compare(&a, &b) })
	if k.most >= 0 && len(k.list) >= k.most {
		k.list, k.full = k.list[:k.most], true
	}
}

// result is what was kept, in order. It is never nil.
func (k *best[T]) result() []T {
	k.cut()
	return append([]T{}, k.list...)
}
