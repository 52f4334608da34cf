package show

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// ordered puts tokens in the order of tables. Those that occur less than twice are below what stands there.
func ordered(counts map[string]int64, fresh map[string]int64) (list []corpustest.Token) {
	for text, n := range counts {
		list = append(list, corpustest.Token{Text: text, Count: n, Documents: (n + 1) / 2, NewCount: fresh[text], NewDocuments: min(fresh[text], 1), Below: n < 2})
	}
	slices.SortFunc(list, func(a, b corpustest.Token) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Text, b.Text))
	})
	return list
}

var (
	firstWords  = map[string]int64{"荆楚": 9, "大地": 5, "的": 40, "温暖": 3, "once": 1, "gone": 2, "also": 2}
	secondWords = map[string]int64{"荆楚": 9, "大地": 12, "的": 41, "温暖": 2, "once": 2, "新": 7, "also": 2, "rare": 1}
	freshWords  = map[string]int64{"大地": 7, "的": 1, "once": 1, "新": 7, "rare": 1}
)

// twoNightsOfWords are two nights that count words; the first counts 2-grams as well.
func twoNightsOfWords(t *testing.T) *corpus.Corpus {
	t.Helper()
	local := corpustest.NewStore(t)
	first := map[string][]corpustest.Token{"words": ordered(firstWords, firstWords), "ngrams-2": ordered(firstWords, firstWords)}
	corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{Tokens: first}).MustCommit(t)
	r := corpustest.MakeRun(t, local, corpustest.SecondNight(), corpustest.Sabotage{Tokens: map[string][]corpustest.Token{"words": ordered(secondWords, freshWords)}})
	r.MustCommit(t)
	corpustest.Verified(t, r.Corpus)
	return r.Corpus
}

// shownTokens is a vocabulary as a line a token.
func shownTokens(t *testing.T, c *corpus.Corpus, o VocabOptions) (lines []string) {
	t.Helper()
	v, err := Of(c).Vocab(t.Context(), o)
	pipelinetest.Must(t, err)
	for _, r := range v.Tokens {
		line := fmt.Sprintf("%d %s %d", r.Rank, r.Token, r.Count)
		if r.Change != nil {
			line += fmt.Sprintf(" %d %+d", *r.Before, *r.Change)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestVocabOfWords(t *testing.T) {
	c := twoNightsOfWords(t)
	v, err := Of(c).Vocab(t.Context(), VocabOptions{Kind: Words, Top: 3})
	pipelinetest.Must(t, err)
	var text, data bytes.Buffer
	pipelinetest.Must(t, v.WriteText(&text))
	enc := json.NewEncoder(&data)
	enc.SetIndent("", "  ")
	pipelinetest.Must(t, enc.Encode(v))
	corpustest.Golden(t, "words.txt", text.Bytes())
	corpustest.Golden(t, "words.json", data.Bytes())
	v, err = Of(c).Vocab(t.Context(), VocabOptions{Kind: Words, Since: 1, Top: 3})
	pipelinetest.Must(t, err)
	text.Reset()
	pipelinetest.Must(t, v.WriteText(&text))
	corpustest.Golden(t, "words_since.txt", text.Bytes())

	for name, test := range map[string]struct {
		options VocabOptions
		want    []string
	}{
		"all":              {VocabOptions{Kind: Words}, []string{"1 的 41", "2 大地 12", "3 荆楚 9", "4 新 7", "5 also 2", "6 once 2", "7 温暖 2"}},
		"earlier":          {VocabOptions{Kind: Words, Version: 1, Top: 2}, []string{"1 的 40", "2 荆楚 9"}},
		"new":              {VocabOptions{Kind: Words, New: true}, []string{"4 新 7"}},
		"new, the first":   {VocabOptions{Kind: Words, New: true, Version: 1, Top: 1}, []string{"1 的 40"}},
		"2-grams":          {VocabOptions{Kind: Ngrams(2), Top: 1}, []string{"1 的 40"}},
		"since":            {VocabOptions{Kind: Words, Since: 1}, []string{"2 大地 12 5 +7", "4 新 7 0 +7", "6 once 2 0 +2", "0 gone 0 2 -2", "1 的 41 40 +1", "7 温暖 2 3 -1"}},
		"since, the first": {VocabOptions{Kind: Words, Since: 1, Top: 2}, []string{"2 大地 12 5 +7", "4 新 7 0 +7"}},
		"since, new":       {VocabOptions{Kind: Words, Since: 1, New: true}, []string{"4 新 7 0 +7", "6 once 2 0 +2"}},
		"since itself":     {VocabOptions{Kind: Words, Since: 2}, nil},
	} {
		if got := shownTokens(t, c, test.options); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}

	corpustest.Drop(t, c)
	if got := shownTokens(t, c, VocabOptions{Kind: Words, Top: 1}); !slices.Equal(got, []string{"1 的 40"}) {
		t.Errorf("after a drop: %q", got)
	}
	if got := shownTokens(t, c, VocabOptions{Kind: Words, Since: 2, Top: 1}); !slices.Equal(got, []string{"3 大地 5 12 -7"}) {
		t.Errorf("since what was dropped: %q", got)
	}
}

// What a run did not count is named, with the setting that counts it.
func TestVocabWithoutTable(t *testing.T) {
	c := twoNightsOfWords(t)
	_, plain := corpustest.TwoNights(t)
	for name, test := range map[string]struct {
		corpus  *corpus.Corpus
		options VocabOptions
		want    string
		hint    string
	}{
		"no words":              {plain, VocabOptions{Kind: Words}, "the corpus: its words: not found", "vocab.count: [chars, words]"},
		"no words of a version": {plain, VocabOptions{Kind: Words, Version: 1}, "version 1: its words: not found", "vocab.count: [chars, words]"},
		"no 3-grams":            {c, VocabOptions{Kind: Ngrams(3)}, "the corpus: its 3-grams: not found", "vocab.count: [chars, ngrams]"},
		"no 2-grams any more":   {c, VocabOptions{Kind: Ngrams(2), Version: 2}, "version 2: its 2-grams: not found", "vocab.count: [chars, ngrams]"},
		"since nothing":         {c, VocabOptions{Kind: Words, Since: 9}, "version 9: not found: there are 1, 2", ""},
	} {
		_, err := Of(test.corpus).Vocab(t.Context(), test.options)
		if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), test.want) || !strings.Contains(pipeline.Hint(err), test.hint) {
			t.Errorf("%s: %v, hint %s", name, err, pipeline.Hint(err))
		}
	}
}

// Since is the difference of two tables, for characters too.
func TestVocabSince(t *testing.T) {
	c := twoNightsOfWords(t)
	for _, kind := range []TokenKind{Chars, Words} {
		count := func(version int) map[string]int64 {
			v, err := Of(c).Vocab(t.Context(), VocabOptions{Kind: kind, Version: version})
			pipelinetest.Must(t, err)
			counts := map[string]int64{}
			for _, r := range v.Tokens {
				counts[r.Token] = r.Count
			}
			return counts
		}
		before, after := count(1), count(2)
		want := map[string]int64{}
		for token := range maps.All(after) {
			want[token] = after[token] - before[token]
		}
		for token, n := range before {
			want[token] = after[token] - n
		}
		maps.DeleteFunc(want, func(_ string, n int64) bool { return n == 0 })
		v, err := Of(c).Vocab(t.Context(), VocabOptions{Kind: kind, Since: 1})
		pipelinetest.Must(t, err)
		got, last := map[string]int64{}, int64(1<<62)
		for _, r := range v.Tokens {
			got[r.Token] = *r.Change
			size := max(*r.Change, -*r.Change)
			if size > last || r.Count != after[r.Token] || *r.Before != before[r.Token] {
				t.Errorf("%s: %+v", kind, r)
			}
			last = size
		}
		if diff := gocmp.Diff(want, got); diff != "" || len(got) == 0 {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

// A join gives every token of two tables once, however few are held at once.
func TestJoinTokens(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 5))
		counts := func() map[string]int64 {
			m := map[string]int64{}
			for range rng.IntN(60) {
				m[string(rune('一'+rng.IntN(70)))] = 2 + rng.Int64N(9)
			}
			return m
		}
		left, right := counts(), counts()
		local := corpustest.NewStore(t)
		corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{Tokens: map[string][]corpustest.Token{"words": ordered(left, nil)}}).MustCommit(t)
		r := corpustest.MakeRun(t, local, corpustest.SecondNight(), corpustest.Sabotage{Tokens: map[string][]corpustest.Token{"words": ordered(right, nil)}})
		r.MustCommit(t)
		open := func(version int) *tokenTable {
			s, err := Of(r.Corpus).at(t.Context(), version)
			pipelinetest.Must(t, err)
			opened, err := s.tokens(t.Context(), Words)
			pipelinetest.Must(t, err)
			return opened
		}
		want := map[string][2]int64{}
		for token := range maps.All(left) {
			want[token] = [2]int64{left[token], right[token]}
		}
		for token, n := range right {
			want[token] = [2]int64{left[token], n}
		}
		for _, atOnce := range []int64{1, 7, 1000} {
			got := map[string][2]int64{}
			var gone []int64
			goneCounts := map[int64]int64{}
			err := joinTokens(t.Context(), open(1), open(2), atOnce, func(m *tokenMove) error {
				if m.rankB == 0 {
					if _, twice := goneCounts[m.rankA]; twice || m.b.count != 0 {
						t.Errorf("rank %d twice, or of count %d", m.rankA, m.b.count)
					}
					gone, goneCounts[m.rankA] = append(gone, m.rankA), m.countA
					return nil
				}
				if _, twice := got[string(m.token)]; twice || (m.rankA == 0) != (m.countA == 0) {
					t.Errorf("%s twice, or rank %d of count %d", m.token, m.rankA, m.countA)
				}
				got[string(m.token)] = [2]int64{m.countA, m.b.count}
				return nil
			})
			pipelinetest.Must(t, err)
			tokens, err := open(1).tokensAt(t.Context(), gone)
			pipelinetest.Must(t, err)
			for rank, token := range tokens {
				got[token] = [2]int64{goneCounts[rank], 0}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("seed %d, %d at once: %s", seed, atOnce, diff)
			}
		}
	}
}

// The best of many values are those at the front of all of them in order.
func TestBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var all []int
		most := rng.IntN(20) - 1
		k := best[int]{most: most, compare: func(a, b *int) int { return cmp.Compare(*a, *b) }}
		for range rng.IntN(500) {
			n := rng.IntN(1 << 40)
			all = append(all, n)
			k.add(n)
		}
		slices.Sort(all)
		if most >= 0 {
			all = all[:min(most, len(all))]
		}
		if got := k.result(); !slices.Equal(got, all) || got == nil {
			t.Errorf("the best %d are %v, want %v", most, got, all)
		}
	}
}

func TestDiffOfWords(t *testing.T) {
	c := twoNightsOfWords(t)
	d, err := Of(c).Diff(t.Context(), 1, c, 2, DiffOptions{Movers: 3})
	pipelinetest.Must(t, err)
	var text, data bytes.Buffer
	pipelinetest.Must(t, d.WriteText(&text))
	enc := json.NewEncoder(&data)
	enc.SetIndent("", "  ")
	pipelinetest.Must(t, enc.Encode(d.Tokens))
	_, words, _ := bytes.Cut(text.Bytes(), []byte("\nWORDS\n"))
	corpustest.Golden(t, "diff_words.txt", words)
	corpustest.Golden(t, "diff_words.json", data.Bytes())
	_, plain := corpustest.TwoNights(t)
	d, err = Of(c).Diff(t.Context(), 0, plain, 0, DiffOptions{Movers: 3})
	if err != nil || len(d.Tokens) != 2 || d.Tokens[0].Known || d.Tokens[1].Known {
		t.Errorf("%+v, %v", d.Tokens, err)
	}
}

// A table whose footer or order is not that of one is damage that is named.
func TestDamagedTokens(t *testing.T) {
	local := corpustest.NewStore(t)
	wrong := []corpustest.Token{{Text: "a", Count: 2}, {Text: "b", Count: 3}}
	r := corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{Tokens: map[string][]corpustest.Token{"words": wrong}})
	r.MustCommit(t)
	if _, err := Of(r.Corpus).Vocab(t.Context(), VocabOptions{Kind: Words}); err == nil || !strings.Contains(err.Error(), "words.parquet: row 1 is out of order") {
		t.Errorf("out of order: %v", err)
	}
	chars, err := pipeline.ReadAll(t.Context(), local, "vocab/000001/chars.parquet")
	pipelinetest.Must(t, err)
	corpustest.Damage(t, local, "vocab/000001/words.parquet", func([]byte) []byte { return chars })
	if _, err := Of(r.Corpus).Vocab(t.Context(), VocabOptions{Kind: Words}); err == nil || !strings.Contains(err.Error(), "its footer has no sound millrace.") {
		t.Errorf("another footer: %v", err)
	}
}
