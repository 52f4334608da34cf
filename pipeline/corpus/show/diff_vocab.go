package show

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
)

// VocabDiff is how the vocabulary moved.
type VocabDiff struct {
	Known bool `json:"known"` // both have a character table that can be read
	New   int  `json:"new"`   // characters that only B has
	Gone  int  `json:"gone"`  // that only A has

	NewChars  []CharMove `json:"new_chars"`  // most frequent first
	GoneChars []CharMove `json:"gone_chars"` // most frequent first
	ByShare   []CharMove `json:"by_share"`   // of those that both have: whose share of all characters moved most
	ByRank    []CharMove `json:"by_rank"`    // whose rank moved by the greatest factor, among the first 1000 of either
}

// CharMove is a character, or another token, on both sides; a rank of 0 is none.
type CharMove struct {
	Token  string  `json:"token"`
	RankA  int     `json:"rank_a"`
	RankB  int     `json:"rank_b"`
	CountA int64   `json:"count_a"`
	CountB int64   `json:"count_b"`
	ShareA float64 `json:"share_a"`
	ShareB float64 `json:"share_b"`
}

// rankedChars is how far down the movers by rank are looked for: below, a rank moves by chance.
const rankedChars = 1000

// TokenDiff is how the words moved, or the runs of so many characters. Counts are those of tokens that stand in the tables.
type TokenDiff struct {
	Kind  TokenKind `json:"kind"`
	Known bool      `json:"known"` // both have a table
	New   int64     `json:"new"`
	Gone  int64     `json:"gone"`

	NewTokens  []CharMove `json:"new_tokens"`
	GoneTokens []CharMove `json:"gone_tokens"`
	ByShare    []CharMove `json:"by_share"`
	ByRank     []CharMove `json:"by_rank"`
}

// diffVocab compares characters.
func diffVocab(ctx context.Context, a, b *state, movers int) (d VocabDiff, err error) {
	t, _, err := diffTokens(ctx, a, b, Chars, movers)
	return VocabDiff{
		Known: t.Known, New: int(t.New), Gone: int(t.Gone), NewChars: t.NewTokens, GoneChars: t.GoneTokens, ByShare: t.ByShare, ByRank: t.ByRank,
	}, err
}

// diffAllTokens compares what else is counted, of which either side has a table.
func diffAllTokens(ctx context.Context, a, b *state, movers int) (list []TokenDiff, err error) {
	for _, kind := range tokenKinds() {
		d, counted, err := diffTokens(ctx, a, b, kind, movers)
		if err != nil {
			return nil, err
		}
		if counted {
			list = append(list, d)
		}
	}
	return list, nil
}

// diffTokens compares the tables of one kind; counted says whether there are any. It holds what it returns, and a part of the tokens of one table: see
// joinTokens.
func diffTokens(ctx context.Context, a, b *state, kind TokenKind, movers int) (d TokenDiff, counted bool, err error) {
	d = TokenDiff{Kind: kind, NewTokens: []CharMove{}, GoneTokens: []CharMove{}, ByShare: []CharMove{}, ByRank: []CharMove{}}
	left, err := a.tokens(ctx, kind)
	if err != nil {
		return d, false, err
	}
	defer func() { err = errors.Join(err, left.close()) }()
	right, err := b.tokens(ctx, kind)
	defer func() { err = errors.Join(err, right.close()) }()
	if err != nil || left == nil || right == nil {
		return d, left != nil || right != nil, err
	}
	d.Known = true
	if a.store == b.store && left.version == right.version {
		return d, true, nil
	}
	m := newMovers(movers)
	err = joinTokens(ctx, left, right, joinedTokens, func(t *tokenMove) error {
		m.add(t, left.sums.count, right.sums.count)
		return nil
	})
	d.New, d.Gone = m.isNew, m.isGone
	if err != nil {
		return d, true, err
	}
	d.NewTokens, d.GoneTokens, d.ByShare, d.ByRank = m.new.result(), m.gone.result(), m.byShare.result(), m.byRank.result()
	var gone []int64
	for _, c := range d.GoneTokens {
		gone = append(gone, int64(c.RankA))
	}
	tokens, err := left.tokensAt(ctx, gone)
	for i := range d.GoneTokens {
		d.GoneTokens[i].Token = tokens[int64(d.GoneTokens[i].RankA)]
	}
	return d, true, err
}

// movers are the tokens that moved most.
type movers struct {
	isNew, isGone              int64
	new, gone, byShare, byRank best[CharMove]
}

func newMovers(most int) *movers {
	// Of equal ones the more frequent is the first.
	by := func(size func(*CharMove) float64) best[CharMove] {
		return best[CharMove]{most: most, compare: func(a, b *CharMove) int {
			return cmp.Or(cmp.Compare(size(b), size(a)), cmp.Compare(a.RankB, b.RankB), cmp.Compare(a.RankA, b.RankA))
		}}
	}
	frequent := func(*CharMove) float64 { return 0 }
	return &movers{new: by(frequent), gone: by(frequent), byShare: by((*CharMove).shareMoved), byRank: by((*CharMove).rankMoved)}
}

// shareMoved is how far a share moved.
func (m *CharMove) shareMoved() float64 { return math.Abs(m.ShareB - m.ShareA) }

// rankMoved is by which factor a rank moved, less one; 0 of what is too far down.
func (m *CharMove) rankMoved() float64 {
	if min(m.RankA, m.RankB) > rankedChars {
		return 0
	}
	return float64(max(m.RankA, m.RankB))/float64(min(m.RankA, m.RankB)) - 1
}

// add takes a token of either side, of so many tokens in all. What moves into no list costs no memory.
func (m *movers) add(t *tokenMove, allA, allB int64) {
	c := CharMove{
		RankA: int(t.rankA), RankB: int(t.rankB), CountA: t.countA, CountB: t.b.count,
		ShareA: share(t.countA, allA), ShareB: share(t.b.count, allB),
	}
	keep := func(list *best[CharMove]) {
		if list.wants(&c) {
			c.Token = string(t.token)
			list.add(c)
		}
	}
	switch {
	case c.RankA == 0:
		m.isNew++
		keep(&m.new)
	case c.RankB == 0:
		m.isGone++
		keep(&m.gone)
	default:
		if c.shareMoved() > 0 {
			keep(&m.byShare)
		}
		if c.rankMoved() > 0 {
			keep(&m.byRank)
		}
	}
}

// tokens opens the newest table of a kind; without one the result is nil.
func (s *state) tokens(ctx context.Context, kind TokenKind) (*tokenTable, error) {
	for _, m := range slices.Backward(s.Versions) {
		if ok, err := s.hasTokens(&s.View, m, kind); ok || err != nil {
			if err != nil {
				return nil, err
			}
			t, err := s.tokensAtVersion(ctx, &s.View, m, kind)
			if errors.Is(err, ErrNotFound) {
				return nil, nil //nolint:nilnil // what it has counted is gone
			}
			return t, err
		}
	}
	return nil, nil //nolint:nilnil // a corpus may have counted none
}
