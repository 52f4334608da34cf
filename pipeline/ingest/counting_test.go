package ingest

import (
	"slices"
	"testing"
)

// TestPlanCounting: kinds that are new begin without runs, others go on with theirs, of which the last are merged where enough have come together.
func TestPlanCounting(t *testing.T) {
	if p := PlanCounting(nil, []Counted{{Kind: KindWords}}, 1, 1); p != nil || p.Room(1<<20, 1<<30) != 0 {
		t.Errorf("nothing is counted: %+v", p)
	}
	var runs []CountsRun
	for made := range 3 {
		runs = append(runs, CountsRun{Made: made + 1, Entries: 100})
	}
	p := PlanCounting([]string{KindWords, GramsKind(3)}, []Counted{{Kind: KindWords, Runs: runs}, {Kind: GramsKind(2), Runs: runs}}, 1600, 0)
	if len(p.Kinds) != 2 || p.Partitions != 1 || !p.Late() {
		t.Fatalf("%+v", p)
	}
	words, grams := &p.Kinds[0], &p.Kinds[1]
	if words.Late || len(words.Runs) != 3 || words.MergeRuns != 3 || len(words.Kept()) != 0 || len(words.Merged()) != 3 {
		t.Errorf("words: %+v", words)
	}
	if !grams.Late || len(grams.Runs) != 0 || grams.MergeRuns != 0 {
		t.Errorf("3-grams: %+v", grams)
	}
	if p := PlanCounting([]string{KindWords}, []Counted{{Kind: KindWords, Runs: runs[:2]}}, 1600, 5000); p.Kinds[0].MergeRuns != 0 || len(p.Kinds[0].Kept()) != 2 || p.Late() || p.Partitions != maxCountPartitions {
		t.Errorf("two runs: %+v", p)
	}
	if few, many := p.Room(1<<20, 0), p.Room(1<<20, 1<<30); few < 1<<20 || many < few+1<<30 {
		t.Errorf("it takes %d, and %d with what was not counted", few, many)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Counting){
		func(p *Counting) { p.Partitions = 0 }, func(p *Counting) { p.Kinds = nil }, func(p *Counting) { p.Kinds[0].MergeRuns = 4 },
		func(p *Counting) { p.Kinds[1].Kind = "ngrams-03" },
	} {
		q := Counting{Kinds: slices.Clone(p.Kinds), Partitions: p.Partitions}
		change(&q)
		if err := q.Check(); err == nil {
			t.Errorf("%+v is no plan", q)
		}
	}
}

// TestUntable: a kind has no table where there is one and the text is about what it was then.
func TestUntable(t *testing.T) {
	for _, c := range []struct {
		growth float64
		was    int64 // with the last table; -1: there is none
		late   bool
		text   int64
		want   bool
	}{
		{0, 100, false, 100, false},
		{.5, -1, false, 100, false},
		{.5, 0, false, 100, false},
		{.5, 100, true, 100, false},
		{.5, 100, false, 100, true},
		{.5, 100, false, 149, true},
		{.5, 100, false, 150, false},
		{.5, 100, false, 67, true},
		{.5, 100, false, 66, false},
		{5, 100, false, 599, true},
	} {
		p := &Counting{Kinds: []Counted{{Kind: KindWords, Late: c.late}, {Kind: GramsKind(2)}}}
		tabled := map[string]int64{}
		if c.was >= 0 {
			tabled[KindWords] = c.was
		}
		p.Untable(c.growth, tabled, c.text)
		if p.Kinds[0].Untabled != c.want || p.Kinds[1].Untabled {
			t.Errorf("%+v: %v", c, p.Kinds)
		}
	}
	var none *Counting
	none.Untable(.5, nil, 1)
}
