package show

import (
	"cmp"
	"context"
	"math"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
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

// CharMove is a character on both sides; a rank of 0 is none.
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

func diffVocab(ctx context.Context, a, b *state, movers int) (d VocabDiff, err error) {
	d = VocabDiff{NewChars: []CharMove{}, GoneChars: []CharMove{}, ByShare: []CharMove{}, ByRank: []CharMove{}}
	left, err := a.vocab(ctx)
	if err != nil {
		return d, err
	}
	right, err := b.vocab(ctx)
	if err != nil || left == nil || right == nil {
		return d, err
	}
	d.Known = true
	at := map[string]int{}
	for i := range left.Tokens {
		at[left.Tokens[i].Token] = i
	}
	var both []CharMove
	for i := range right.Tokens {
		t := &right.Tokens[i]
		m := CharMove{Token: t.Token, RankB: t.Rank, CountB: t.Count, ShareB: t.Share}
		j, ok := at[t.Token]
		if !ok {
			d.NewChars = append(d.NewChars, m)
			continue
		}
		delete(at, t.Token)
		m.RankA, m.CountA, m.ShareA = left.Tokens[j].Rank, left.Tokens[j].Count, left.Tokens[j].Share
		both = append(both, m)
	}
	for i := range left.Tokens {
		t := &left.Tokens[i]
		if _, ok := at[t.Token]; ok {
			d.GoneChars = append(d.GoneChars, CharMove{Token: t.Token, RankA: t.Rank, CountA: t.Count, ShareA: t.Share})
		}
	}
	d.New, d.Gone = len(d.NewChars), len(d.GoneChars)
	d.NewChars, d.GoneChars = d.NewChars[:min(d.New, movers)], d.GoneChars[:min(d.Gone, movers)]
	d.ByShare = moved(both, movers, func(m *CharMove) float64 { return math.Abs(m.ShareB - m.ShareA) })
	d.ByRank = moved(both, movers, func(m *CharMove) float64 {
		if min(m.RankA, m.RankB) > rankedChars {
			return 0
		}
		return float64(max(m.RankA, m.RankB))/float64(min(m.RankA, m.RankB)) - 1
	})
	return d, nil
}

// moved returns the n characters that moved most, of those that moved at all.
func moved(all []CharMove, n int, by func(*CharMove) float64) []CharMove {
	list := slices.DeleteFunc(slices.Clone(all), func(m CharMove) bool { return by(&m) == 0 })
	slices.SortStableFunc(list, func(a, b CharMove) int { return cmp.Compare(by(&b), by(&a)) })
	return append([]CharMove{}, list[:min(len(list), n)]...)
}

// vocab reads the newest character table; without one the result is nil.
func (s *state) vocab(ctx context.Context) (v *Vocab, err error) {
	for _, m := range slices.Backward(s.Versions) {
		if f, ok := m.Find(pipeline.VocabFolder, corpus.CharsTable); ok {
			return s.readVocab(ctx, m.Version, f)
		}
	}
	return v, err
}
