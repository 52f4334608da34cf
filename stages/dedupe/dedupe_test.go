package dedupe

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/ingest"
)

// chinese makes a text of n characters.
func chinese(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		f := r.Float64()
		b.WriteRune(rune(0x4E00 + int(f*f*f*4000)))
		if i%23 == 22 {
			b.WriteRune('，')
		}
	}
	return b.String()
}

// substitute replaces n characters.
func substitute(r *rand.Rand, text string, n int) string {
	runes := []rune(text)
	for range n {
		runes[r.IntN(len(runes))] = rune(0x7000 + r.IntN(5000))
	}
	return string(runes)
}

// night makes documents with every kind of duplicate among them.
func night(r *rand.Rand, n int) []string {
	var list []string
	for len(list) < n {
		switch k := r.IntN(10); {
		case k < 3 || len(list) == 0:
			list = append(list, chinese(r, 30+r.IntN(200)))
		case k == 3:
			list = append(list, list[r.IntN(len(list))]) // exact
		case k == 4:
			list = append(list, "——"+list[r.IntN(len(list))]+"！") // same key
		case k < 8:
			old := list[r.IntN(len(list))]
			list = append(list, substitute(r, old, r.IntN(2+len(old)/100))) // near, and chains of near
		case k == 8:
			list = append(list, []string{"1.5%", "15%", "％％％", "***", "……", "15 %", "好", "1.5%"}[r.IntN(8)])
		default:
			list = append(list, strings.Repeat(chinese(r, 1+r.IntN(3)), 20))
		}
	}
	return list
}

// cut cuts a list into parts, some of them empty.
func cut(r *rand.Rand, list []string, parts int) [][]string {
	at := make([]int, parts-1)
	for i := range at {
		at[i] = r.IntN(len(list) + 1)
	}
	slices.Sort(at)
	var splits [][]string
	from := 0
	for _, to := range append(at, len(list)) {
		splits = append(splits, list[from:to])
		from = to
	}
	return splits
}

func testConfig() Config {
	cfg := Default()
	cfg.GroupCap = 1000 // the reference has no cap
	return cfg
}

// Two versions, any cuts, any number of partitions: always what the slow reference says.
func TestRunIsGreedyKeepFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		c, ref := newCorpus(testConfig()), reference{cfg: testConfig()}
		base := night(r, 30)
		for range 3 {
			c.merge = rapid.IntRange(0, 3).Draw(t, "merge") // which changes nothing
			c.compact = rapid.Bool().Draw(t, "compact")     // nor does this
			list := night(r, 1+r.IntN(40))
			list = append(list, base[:r.IntN(len(base))]...) // much of a night was there before
			base = append(base, list...)
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			partitions := rapid.IntRange(1, 9).Draw(t, "partitions")
			out := c.run(t, partitions, cut(r, list, rapid.IntRange(1, 5).Draw(t, "splits"))...)
			ref.check(t, list, out)
			checkOutcome(t, out, list)

			// Twice is once: nothing that was kept resembles anything else that was.
			var left []string
			for i, k := range out.kept {
				if k {
					left = append(left, list[i])
				}
			}
			if again := newCorpus(testConfig()).run(t, 2, left); slices.Contains(again.kept, false) {
				t.Fatalf("a second pass removed %v", again.verdicts)
			}
		}
	})
}

// checkOutcome checks what must hold of every outcome.
func checkOutcome(t tester, out outcome, list []string) {
	t.Helper()
	kept, bytes := int64(0), int64(0)
	for i, k := range out.kept {
		if k {
			kept++
			bytes += int64(len(list[i]))
		}
	}
	got := out.resolve.Counters
	if got["kept"] != kept || got["kept_bytes"] != bytes || out.resolve.Rows != kept || out.resolve.Bytes != bytes {
		t.Fatalf("counters %v, rows %d, want %d documents of %d bytes", got, out.resolve.Rows, kept, bytes)
	}
	// Invariant 7: read = kept + duplicates.
	if n := got["exact"] + got["same_key"] + got["near"] + kept; n != int64(len(list)) || n != int64(len(out.verdicts))+kept {
		t.Fatalf("counters %v do not add up to %d documents", got, len(list))
	}
	checkShards(t, out.shards, out.kept, list)
	checkWinners(t, out)
}

func checkShards(t tester, shards []ingest.Shard, kept []bool, list []string) {
	t.Helper()
	next := int64(0)
	for i, s := range shards {
		if s.First != next || s.End <= s.First {
			t.Fatalf("shard %d begins at %d, not %d: %v", i, s.First, next, shards)
		}
		next = s.End
		n, bytes := int64(0), int64(0)
		for d := s.First; d < s.End; d++ {
			if kept[d] {
				n++
				bytes += int64(len(list[d]))
			}
		}
		if n != s.Kept || bytes != s.Bytes || n == 0 {
			t.Fatalf("shard %d is %+v, has %d documents of %d bytes", i, s, n, bytes)
		}
	}
	if len(shards) > 0 && next != int64(len(list)) || len(shards) == 0 && slices.Contains(kept, true) {
		t.Fatalf("shards %v do not cover %d documents", shards, len(list))
	}
}

// Groups beyond the cap: still the same for any cuts and partitions, and counted.
func TestCapDependsOnContentOnly(t *testing.T) {
	cfg := Default()
	cfg.GroupCap, cfg.MaxComparisons = 2, 2
	r := rand.New(rand.NewPCG(3, 4))
	base := chinese(r, 300)
	var list []string
	for range 40 {
		list = append(list, substitute(r, base, 8+r.IntN(8)))
	}
	var want outcome
	for i, partitions := range []int{1, 2, 7} {
		got := newCorpus(cfg).run(t, partitions, cut(r, list, 1+2*i)...)
		if i == 0 {
			want = got
			if want.overflow == 0 {
				t.Fatal("no overflow counted")
			}
			continue
		}
		if d := cmp.Diff(want.verdicts, got.verdicts); d != "" {
			t.Error(d)
		}
		if want.overflow != got.overflow {
			t.Errorf("overflow %d, then %d", want.overflow, got.overflow)
		}
	}
}

// How a worker cut its batches is not in the files (invariant 1).
func TestBatchesDoNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 15))
	list := night(r, 100)
	var want map[string][]byte
	for _, batch := range []int{1, 7, 1000} {
		c := newCorpus(Default())
		c.batch = batch
		out := c.run(t, 3, list[:40], list[40:])
		got := maps.Clone(out.job.Work.(*memoryStore).files)
		delete(got, ingest.DocumentsName(0)) // whose blocks are the batches here
		delete(got, ingest.DocumentsName(1))
		if want == nil {
			want = got
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("batches of %d: %s", batch, d)
		}
	}
}

// Boilerplate: equal texts count once toward the cap.
func TestEqualTextsCountOnce(t *testing.T) {
	cfg := Default()
	cfg.GroupCap = 1
	r := rand.New(rand.NewPCG(5, 6))
	a, b := chinese(r, 100), "短"
	var list []string
	for range 50 {
		list = append(list, a, b)
	}
	out := newCorpus(cfg).run(t, 1, list)
	if out.overflow != 0 || out.resolve.Counters["exact"] != 98 {
		t.Errorf("overflow %d, counters %v", out.overflow, out.resolve.Counters)
	}
}

func TestKinds(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	long := chinese(r, 200)
	// 24 code points are 20 shingles, 23 are 19: below the floor.
	floor, below := chinese(r, 20)+"abcd", chinese(r, 20)+"abc"
	tests := []struct {
		name      string
		documents []string
		want      []string // of the later ones: kind and winner, or kept
	}{
		{"exact", []string{long, long, long}, []string{"exact 0", "exact 0"}},
		{"same key", []string{long, "「" + long + "」", long + " "}, []string{"same_key 0", "same_key 0"}},
		{"exact wins over same key by position only", []string{long, long + "。", long + "。"}, []string{"same_key 0", "same_key 0"}},
		{"case, width, traditional", []string{"漢語" + long + "ＡＢＣ１２３", "汉语" + long + "abc123"}, []string{"same_key 0"}},
		{"near", []string{long, substitute(r, long, 2)}, []string{"near 0"}},
		{"different", []string{long, chinese(r, 200)}, []string{"kept"}},
		{"at the floor", []string{floor, floor + "。"}, []string{"same_key 0"}},
		{"below the floor", []string{below, below + "。", below}, []string{"same_key 0", "exact 0"}},
		{"near below the floor", []string{below, below[:len(below)-1]}, []string{"kept"}},
		{"one character", []string{"好", "好！", "1", "1.", "。", ""}, []string{"same_key 0", "kept", "same_key 2", "kept", "kept"}},
		{"figures", []string{"1.5%", "15%", "1.5%"}, []string{"kept", "exact 0"}},
		{"symbols", []string{"***", "———", "★★★", "***", ""}, []string{"kept", "kept", "exact 0", "kept"}},
		{"long rows of symbols", []string{strings.Repeat("*", 99), strings.Repeat("-", 99)}, []string{"kept"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := newCorpus(Default()).run(t, 3, tt.documents)
			got := []string{"kept"}
			for range tt.want {
				got = append(got, "kept")
			}
			ids := map[[16]byte]int{}
			for i, k := range (&reference{cfg: Default(), version: 1}).sketch(tt.documents) {
				ids[k.id] = i
			}
			for _, v := range out.verdicts {
				got[v.Document] = fmt.Sprintf("%s %d", ingest.KindName(v.Kind), ids[v.WinnerID])
			}
			if d := cmp.Diff(append([]string{"kept"}, tt.want...), got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Without the kind, an equal key text is as good as any other: short texts stay, long ones are near.
func TestSameKeyIsOff(t *testing.T) {
	cfg := Default()
	cfg.SameKey = false
	long := chinese(rand.New(rand.NewPCG(8, 9)), 200)
	out := newCorpus(cfg).run(t, 2, []string{"好", "好！", long, long + "。", "好"})
	if d := cmp.Diff([]bool{true, true, true, false, false}, out.kept); d != "" {
		t.Error(d)
	}
	if c := out.resolve.Counters; c["same_key"] != 0 || c["near"] != 1 || c["exact"] != 1 {
		t.Errorf("%v", c)
	}
}

// A~B, B~C, but not A~C: B goes, so C stays.
func TestChainKeepsItsFarEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 11))
	a := []rune(chinese(r, 400))
	b, c := slices.Clone(a), slices.Clone(a)
	for i := range 40 { // a tenth of the text: J about 0.8
		b[i] = rune(0x7000 + r.IntN(5000))
		c[i], c[399-i] = b[i], rune(0x7000+r.IntN(5000))
	}
	out := newCorpus(Default()).run(t, 2, []string{string(a)}, []string{string(b), string(c)})
	if d := cmp.Diff([]bool{true, false, true}, out.kept); d != "" {
		t.Error(d)
	}
}

func TestHistoryWins(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 13))
	old, fresh := chinese(r, 300), chinese(r, 300)
	c := newCorpus(Default())
	c.run(t, 3, []string{chinese(r, 50), old})
	// A revision comes first in the run, but the earlier version wins over it for both.
	out := c.run(t, 5, []string{fresh, substitute(r, old, 2)}, nil, []string{old, fresh})
	if d := cmp.Diff([]bool{true, false, false, false}, out.kept); d != "" {
		t.Error(d)
	}
	if n := out.resolve.Counters["earlier_version"]; n != 2 {
		t.Errorf("%d lost to an earlier version", n)
	}
	id, _ := ingest.DocumentID(nil, "news", "night-1.txt", int64(len(chineseOf(12, 13, 300, 300, 50)))+1)
	for _, v := range out.verdicts[:2] {
		if v.WinnerVersion != 1 || v.WinnerID != id {
			t.Errorf("verdict %+v", v)
		}
	}
	if out := c.run(t, 2, []string{old, fresh}); slices.Contains(out.kept, true) || len(out.shards) != 0 {
		t.Errorf("kept %v, shards %v", out.kept, out.shards)
	}
}

// chineseOf is the last of the texts that a generator makes.
func chineseOf(a, b uint64, lengths ...int) (last string) {
	r := rand.New(rand.NewPCG(a, b))
	for _, n := range lengths {
		last = chinese(r, n)
	}
	return last
}

func TestNothing(t *testing.T) {
	c := newCorpus(Default())
	out := c.run(t, 3)
	out2 := c.run(t, 2, nil, nil)
	if len(out.shards)+len(out2.shards)+len(out2.kept) != 0 {
		t.Errorf("%+v", out2)
	}
	if out := c.run(t, 2, nil, []string{"春"}, nil); !out.kept[0] {
		t.Error("lost")
	}
}
