package show

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// tokenMove is a token of two tables; a rank of 0 is none. The token is valid until yield returns. Of one that the second table does not have it is
// nil: see tokensAt.
type tokenMove struct {
	token        []byte
	rankA, rankB int64
	countA       int64
	b            tokenRow
}

// joinedTokens is how many tokens of a table are held in memory at once, at some 50 bytes each.
const joinedTokens = 4 << 20

// joinTokens calls yield with every token of two tables, once. Where the first has more tokens than are held at once, both are read several times, each
// time for a part of all tokens.
func joinTokens(ctx context.Context, a, b *tokenTable, atOnce int64, yield func(*tokenMove) error) error {
	if a.sums.rows > math.MaxUint32 {
		return fmt.Errorf("%s has %d rows, more than can be compared", a.file.Path, a.sums.rows)
	}
	parts := uint64(a.sums.rows/atOnce) + 1
	const slack = 1 << 10 // the parts are not of one size
	left := joinTable{slots: make([]joinSlot, uint64(a.sums.rows)/parts*3/2+slack)}
	for part := range parts {
		left.reset()
		key := func(token []byte) (xxh3.Uint128, bool) {
			h := xxh3.Hash128(token)
			return h, h.Lo%parts == part
		}
		err := a.each(ctx, true, func(r *tokenRow) error {
			if h, ok := key(r.token); ok && !left.add(h, r) {
				return fmt.Errorf("%s has more rows than its manifest says, or a token twice", a.file.Path)
			}
			return nil
		})
		if err != nil {
			return err
		}
		err = b.each(ctx, false, func(r *tokenRow) error {
			h, ok := key(r.token)
			if !ok {
				return nil
			}
			m := tokenMove{token: r.token, rankB: r.rank, b: *r}
			if s := left.find(h); s.rank != 0 {
				s.met = true
				m.rankA, m.countA = int64(s.rank), s.count
			}
			return yield(&m)
		})
		if err != nil {
			return err
		}
		for i := range left.slots {
			if s := &left.slots[i]; s.rank != 0 && !s.met {
				if err := yield(&tokenMove{rankA: int64(s.rank), countA: s.count}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// joinTable has the tokens of one part of a table by their hashes: open addressing, one slot behind the other.
type joinTable struct {
	slots []joinSlot
	used  int
}

type joinSlot struct {
	key   xxh3.Uint128
	count int64
	rank  uint32 // 0: free
	met   bool   // the other table has it
}

func (t *joinTable) reset() {
	clear(t.slots)
	t.used = 0
}

// find returns the slot of a token, or the free one where it would be. There is always one that is free.
func (t *joinTable) find(key xxh3.Uint128) *joinSlot {
	for i, _ := bits.Mul64(key.Hi, uint64(len(t.slots))); ; i++ {
		if i == uint64(len(t.slots)) {
			i = 0
		}
		if s := &t.slots[i]; s.rank == 0 || s.key == key {
			return s
		}
	}
}

// add puts a token in, unless it is there or the table is full.
func (t *joinTable) add(key xxh3.Uint128, r *tokenRow) bool {
	s := t.find(key)
	if s.rank != 0 || t.used+1 == len(t.slots) {
		return false
	}
	*s = joinSlot{key: key, count: r.count, rank: uint32(r.rank)}
	t.used++
	return true
}

// tokensAt returns the tokens of some ranks, each once.
func (t *tokenTable) tokensAt(ctx context.Context, ranks []int64) (map[int64]string, error) {
	tokens := map[int64]string{}
	if t.kind == Chars {
		for _, rank := range ranks {
			tokens[rank] = t.chars[rank-1].Token
		}
		return tokens, nil
	}
	var rows []int64
	for _, rank := range slices.Sorted(slices.Values(ranks)) {
		rows = append(rows, rank-1)
	}
	rows = slices.Compact(rows)
	err := pipeline.ReadRows(ctx, t.store, t.file.Path, columnar.Selection{Text: []string{"token"}}, rows, func(i int, f *columnar.Frame, row int) error {
		tokens[rows[i]+1] = string(f.Text("token").At(row))
		return nil
	})
	return tokens, err
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
