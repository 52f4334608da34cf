package dedupe

import (
	"cmp"
	"encoding/json"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/dedupe/order"
)

// dateOf is the date of a document: a number, a string, or neither, which is the order of the classes.
func dateOf(meta string) (class int, number *big.Rat, text string) {
	var m map[string]any
	d := json.NewDecoder(strings.NewReader(meta))
	d.UseNumber()
	if d.Decode(&m) != nil {
		return 2, nil, ""
	}
	switch v := m["date"].(type) {
	case json.Number:
		number, _ = new(big.Rat).SetString(v.String())
		return 0, number, ""
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			v = at.UTC().Format("2006-01-02T15:04:05.999999999")
		}
		return 1, nil, v
	}
	return 2, nil, ""
}

// compareFields is the order of winner: field:date, as it is said and without the bytes of a rank.
func compareFields(a, b string) int {
	ac, an, at := dateOf(a)
	bc, bn, bt := dateOf(b)
	switch {
	case ac != bc:
		return cmp.Compare(ac, bc)
	case ac == 0:
		return bn.Cmp(an)
	}
	return cmp.Compare(bt, at)
}

// dates are values of a field, few enough for ties.
var dates = []string{
	"", "{}", `{"date":null}`, `{"other":"2026-11-29"}`, `{"date":"2026-11-29"}`, `{"date":"2026-11-30T08:00:00Z"}`, `{"date":"2026-2-1"}`, `{"date":"2026-11-30T15:59:59+08:00"}`, `{"date":"2026-11-30T03:00:00.5-05:00"}`, `{"date":"2026-11-30T08:00:00"}`,
	`{"date":""}`, `{"date":"\u0032026-11-29"}`, `{"date":20261129}`, `{"date":2.0261129e7}`, `{"date":-1}`, `{"date":-1.5}`, `{"date":0}`,
	`{"date":-0.0}`, `{"date":1764374400000000001}`, `{"date":1764374400000000002}`, `{"date":1e300}`, `{"date":[3]}`, `{"date":{"a":1}}`,
	`{"date":true}`, `{"a":{"date":9},"date":"好"}`,
}

func traitsOf(r *rand.Rand, n int) []trait {
	list := make([]trait, n)
	for i := range list {
		list[i] = trait{time: int64(r.IntN(7)-2) << (10 * r.IntN(6)), meta: dates[r.IntN(len(dates))]}
	}
	return list
}

// orderOf is the order of a winner, of documents that have traits.
func orderOf(winner string, documents []string, traits []trait) func(a, b int) int {
	return func(a, b int) int {
		switch winner {
		case order.Longest:
			return cmp.Compare(utf8.RuneCountInString(documents[b]), utf8.RuneCountInString(documents[a]))
		case order.Newest:
			return cmp.Compare(traits[b].time, traits[a].time)
		case "field:date":
			return compareFields(traits[a].meta, traits[b].meta)
		}
		return 0
	}
}

// Greedy keep-first in the order of each winner, as the slow reference has it: over several nights, any cuts and partitions, with groups
// that are large.
func TestWinners(t *testing.T) {
	for _, winner := range []string{order.First, order.Longest, order.Newest, "field:date"} {
		t.Run(winner, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
				cfg := Default()
				cfg.Winner, cfg.GroupCap = winner, rapid.SampledFrom([]int{1, 1000}).Draw(t, "group cap")
				if err := cfg.Validate(); err != nil {
					t.Fatal(err)
				}
				c, ref := newCorpus(cfg), reference{cfg: cfg}
				base := night(r, 10)
				for range 2 {
					list := append(night(r, 1+r.IntN(30)), base[:r.IntN(len(base))]...)
					for range r.IntN(15) { // a family: drafts of one text
						text := base[len(base)-1]
						list = append(list, substitute(r, text, r.IntN(1+len(text)/60))+strings.Repeat("。", r.IntN(3)))
					}
					base = append(base, list...)
					r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
					c.traits = traitsOf(r, len(list))
					ref.before = orderOf(winner, list, c.traits)
					out := c.run(t, rapid.IntRange(1, 9).Draw(t, "partitions"), cut(r, list, rapid.IntRange(1, 5).Draw(t, "splits"))...)
					ref.check(t, list, out)
					missing := int64(0)
					for _, tr := range c.traits {
						if class, _, _ := dateOf(tr.meta); class == 2 && winner == "field:date" {
							missing++
						}
					}
					if n := out.resolve.Counters["winner_missing"]; n != missing {
						t.Fatalf("%d documents without a date are counted, of %d", n, missing)
					}
					checkOutcome(t, out, list)
				}
			})
		})
	}
}

// Which documents go and to whom does not depend on splits, partitions and batches (invariant 1); first writes no ranks.
func TestWinnersDependOnContentOnly(t *testing.T) {
	r := rand.New(rand.NewPCG(90, 91))
	base := chinese(r, 300)
	list := night(r, 60)
	for range 60 {
		list = append(list, substitute(r, base, 5+r.IntN(30)))
	}
	traits := traitsOf(r, len(list))
	verdicts := map[string][]ingest.Verdict{}
	for _, winner := range []string{order.First, order.Longest, order.Newest, "field:date"} {
		cfg := Default()
		cfg.Winner, cfg.GroupCap = winner, 3
		for i, partitions := range []int{1, 3, 8} {
			c := newCorpus(cfg)
			c.traits, c.batch = traits, 1+20*i
			out := c.run(t, partitions, cut(r, list, 1+3*i)...)
			for name := range out.job.Work.(*memoryStore).files {
				if winner == order.First && strings.HasPrefix(name, "ranks/") {
					t.Errorf("%s is written for %s", name, winner)
				}
			}
			if i == 0 {
				verdicts[winner] = out.verdicts
			} else if d := gocmp.Diff(verdicts[winner], out.verdicts); d != "" {
				t.Errorf("%s, %d partitions: %s", winner, partitions, d)
			}
		}
	}
	for winner := range maps.Keys(verdicts) {
		if winner != order.First && slices.Equal(verdicts[winner], verdicts[order.First]) {
			t.Errorf("%s is the same as first", winner)
		}
	}
}
