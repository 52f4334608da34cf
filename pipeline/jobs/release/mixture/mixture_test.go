package mixture

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/rule"
)

func mixOf(t testing.TB, text string) *recipe.Mix {
	t.Helper()
	r, err := recipe.Read([]byte("encode: {tokenizer: chars}\nwrite: [format: megatron]\nmix: "+text), "a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return r.Mix
}

func TestDecide(t *testing.T) {
	strata := []Stratum{{"news", 10, 1000}, {"laws", 5, 100}, {"forum", 7, 70}}
	tests := []struct {
		mix  string
		want string // name target whole rest, by stratum
		err  string
	}{
		{"{}", "forum 70 1 0, laws 100 1 0, news 1000 1 0", ""},
		{"{tokens: 117}", "forum 7 0 7, laws 10 0 10, news 100 0 100", ""},
		{"{tokens: 2340, repeat_at_most: 2}", "forum 140 2 0, laws 200 2 0, news 2000 2 0", ""},
		{"{tokens: 2341, repeat_at_most: 2}", "", "tokens: 2_341 wanted, and 1_170 there, or 2_340 with repeat_at_most 2: that is repeat_at_most 2.000855"},
		{"{tokens: 1000, shares: {laws: 0.2, news: 0.8}, repeat_at_most: 4}", "forum 0 0 0, laws 200 2 0, news 800 0 800", ""},
		{"{shares: {laws: 0.25, news: 0.75}, repeat_at_most: 3.5}", "forum 0 0 0, laws 350 3 50, news 1050 1 50", ""},
		{"{shares: {laws: 0.5, news: 0.5}}", "forum 0 0 0, laws 100 1 0, news 100 0 100", ""},
		{"{budgets: {laws: 250, forum: 0}, repeat_at_most: 3}", "forum 0 0 0, laws 250 2 50, news 0 0 0", ""},
		{
			"{tokens: 2000, shares: {laws: 0.2, news: 0.6, wiki: 0.2}, repeat_at_most: 3}", "", `stratum wiki: it has the share 0.2, and there is nothing of it
stratum laws: 400 wanted, and 100 there, or 300 with repeat_at_most 3: that is repeat_at_most 4`,
		},
		{
			"{tokens: 2000, shares: {laws: 0.2, news: 0.8}}", "", `with these shares and repeat_at_most 1 there are at most 500 of tokens
stratum laws: 400 wanted, and 100 there: that is repeat_at_most 4
stratum news: 1_600 wanted, and 1_000 there: that is repeat_at_most 1.6`,
		},
		{"{shares: {laws: 0.5, wiki: 0.5}}", "", "stratum wiki: it has the share 0.5, and there is nothing of it"},
		{"{budgets: {laws: 101, wiki: 2e9}}", "", "stratum laws: 101 wanted, and 100 there: that is repeat_at_most 1.01\nstratum wiki: 2_000_000_000 wanted, and there is nothing of it"},
	}
	for _, tt := range tests {
		list, err := Decide(mixOf(t, tt.mix), strata)
		if tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("%s: %v, want %s", tt.mix, err, tt.err)
			}
			continue
		}
		var got []string
		for i := range list {
			d := &list[i]
			got = append(got, fmt.Sprint(d.Name, " ", d.Target, " ", d.Whole, " ", d.Rest()))
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tt.mix, err, diff)
		}
	}
	list, err := Decide(nil, strata)
	if err != nil || len(list) != 3 || list[0].Whole != 1 || list[0].Repeats != rule.One {
		t.Errorf("without a mixture: %v, %v", list, err)
	}
	if _, err := Decide(nil, []Stratum{{"a", 1, 1}, {"a", 1, 1}}); err == nil {
		t.Error("a stratum is there twice")
	}
}

// 20e9 tokens of strata with 10^18, and shares in millionths: products are above 64 bits.
func TestDecideLarge(t *testing.T) {
	list, err := Decide(mixOf(t, "{tokens: 3e18, shares: {a: 0.333333, b: 0.666667}, repeat_at_most: 1000}"), []Stratum{{"a", 1, 1e18}, {"b", 1, 2e18}})
	if err != nil || list[0].Target != 999_999_000_000_000_000 || list[1].Target != 2_000_001_000_000_000_000 || list[1].Repeats != 1_000_000 {
		t.Errorf("%+v, %v", list, err)
	}
}

// Shares are whole numbers that add up, near the exact share, and none gets smaller with a larger total.
func TestApportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 1, 12).Draw(t, "parts")
		total := rapid.OneOf(rapid.Int64Range(0, 100), rapid.Int64Range(0, math.MaxInt64-1)).Draw(t, "total")
		var sum int64
		for _, p := range parts {
			sum += p
		}
		got, more := apportion(total, parts), apportion(total+1, parts)
		var all int64
		grown := 0
		for i, n := range got {
			all += n
			if sum > 0 {
				if exact := mulDiv(total, parts[i], sum); exact-n > int64(len(parts)) || n-exact > int64(len(parts))+1 || parts[i] == 0 && n != 0 {
					t.Fatalf("part %d gets %d of %d, and its share is %d", i, n, total, exact)
				}
			}
			if more[i] < n {
				t.Fatalf("%v of %d, and %v of one more", got, total, more)
			} else if more[i] > n {
				grown++
			}
		}
		if sum > 0 && (all != total || grown != 1) {
			t.Fatalf("%v adds up to %d, not %d; of one more %v", got, all, total, more)
		}
	})
}

// With a larger budget no stratum has a smaller target. Targets add up to the budget, or the mixture is refused: what is not refused is there.
func TestTargetsGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var strata []Stratum
		var available int64
		shares := map[string]rule.Number{}
		left := rule.One
		n := rapid.IntRange(1, 6).Draw(t, "strata")
		for i := range n {
			s := Stratum{Name: recipe.Bucket(i), Documents: 1, Amount: rapid.Int64Range(0, 1e15).Draw(t, "amount")}
			strata, available = append(strata, s), available+s.Amount
			share := left
			if i < n-1 {
				share = rule.Number(rapid.Int64Range(0, int64(left)).Draw(t, "share"))
			}
			shares[s.Name], left = share, left-share
		}
		m := &recipe.Mix{Unit: recipe.UnitChars, RepeatAtMost: rule.Number(rapid.Int64Range(1e6, 5e6).Draw(t, "repeat"))}
		shared := rapid.Bool().Draw(t, "shares are said")
		if shared {
			m.Shares = shares
		}
		decide := func(budget int64) (list []Decision, sum int64, err error) {
			m.Chars = recipe.Amount(budget)
			list, err = Decide(m, strata)
			for i := range list {
				if d := &list[i]; err == nil && (d.Refused != "" || d.Rest() < 0 || d.Rest() >= max(d.Available, 1) || d.Target > times(d.Available, m.RepeatAtMost)) {
					t.Fatalf("%+v of a mixture that is not refused", *d)
				}
				sum += list[i].Target
			}
			return list, sum, err
		}
		budget := rapid.Int64Range(1, 2*available+1).Draw(t, "budget")
		few, sum, err := decide(budget)
		if err != nil {
			if most := times(available, m.RepeatAtMost); !shared && budget <= most {
				t.Fatalf("%d of %d: %v", budget, most, err)
			}
			return
		}
		if sum > budget || sum < budget-int64(n) {
			t.Fatalf("%d of a budget of %d", sum, budget)
		}
		many, _, err := decide(budget + rapid.Int64Range(0, budget).Draw(t, "more"))
		for i := range many {
			if err == nil && many[i].Target < few[i].Target {
				t.Fatalf("%+v, and %+v of a larger budget", few[i], many[i])
			}
		}
		if !shared {
			return
		}
		// The largest mixture is as large as one with a budget that is not refused, or larger.
		if all, most, err := decide(0); err != nil && budget > int64(n) || err == nil && most < sum-int64(n) {
			t.Fatalf("%v, and a budget of %d is met: %v", all, budget, err)
		}
	})
}

// document is one of a stratum.
type document struct {
	id     [16]byte
	size   int64
	weight int64
}

func documents(t *rapid.T) []document {
	n := rapid.IntRange(1, 200).Draw(t, "documents")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	list := make([]document, n)
	for i := range list {
		for k := range list[i].id {
			list[i].id[k] = byte(r.Uint32())
		}
		list[i].size, list[i].weight = int64(r.IntN(1000)), int64(r.IntN(5))
	}
	return list
}

func amountOf(list []document) (sum int64) {
	for _, d := range list {
		sum += d.size * d.weight
	}
	return sum
}

// settle finds the bound of a decision from documents that several tasks have.
func settle(t *rapid.T, d *Decision, list []document, seed uint64, strata int) {
	tasks := rapid.IntRange(1, 4).Draw(t, "tasks")
	counted := make([]*Histogram, tasks)
	for i := range counted {
		counted[i] = NewHistogram(strata)
	}
	for i := range list {
		counted[i%tasks].Add(Key(seed, &list[i].id), list[i].size*list[i].weight)
	}
	all := NewHistogram(strata)
	for _, h := range counted {
		back := NewHistogram(strata)
		if err := back.Read(h.Append(nil)); err != nil {
			t.Fatal(err)
		}
		all.Merge(back)
	}
	border := all.Border(d.Rest())
	var items Items
	for i := range list {
		if key := Key(seed, &list[i].id); border.Has(key) {
			items = append(items, Item{key, list[i].id, list[i].size * list[i].weight})
		}
	}
	d.Settle(border.Bound(items))
}

// Targets are met within one document, in any order of the documents, and a larger target has each document at least as often.
func TestSampling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := documents(t)
		available := amountOf(list)
		if available == 0 {
			t.Skip()
		}
		seed := rapid.Uint64().Draw(t, "seed of keys")
		strata := rapid.SampledFrom([]int{1, 100, 1 << 20}).Draw(t, "strata")
		m := &recipe.Mix{Budgets: map[string]recipe.Amount{}, RepeatAtMost: 4 * rule.One}
		taken := func(target int64, list []document) map[[16]byte]int {
			m.Budgets["a"] = recipe.Amount(target)
			all, err := Decide(m, []Stratum{{"a", int64(len(list)), available}})
			if err != nil {
				t.Fatal(err)
			}
			d := &all[0]
			settle(t, d, list, seed, strata)
			copies := map[[16]byte]int{}
			var sum, next int64
			next = math.MaxInt64
			for i := range list {
				n := d.Copies(Key(seed, &list[i].id), &list[i].id)
				copies[list[i].id] = n
				sum += int64(n) * list[i].weight * list[i].size
				if !d.Bound.All && Key(seed, &list[i].id) == d.Bound.Key && list[i].id == d.Bound.ID {
					next = list[i].weight * list[i].size
				}
			}
			if sum != d.Taken || sum > target || target-sum >= next && d.Rest() > 0 {
				t.Fatalf("%d is wanted, %d is said to be taken, and is %d; the next document has %d", target, d.Taken, sum, next)
			}
			return copies
		}
		target := rapid.Int64Range(0, 4*available).Draw(t, "target")
		larger := rapid.Int64Range(target, 4*available).Draw(t, "larger")
		few, many := taken(target, list), taken(larger, list)
		for id, n := range few {
			if many[id] < n {
				t.Fatalf("a document is taken %d times of %d, and %d of %d", n, target, many[id], larger)
			}
		}
		shuffled := slices.Clone(list)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
		if diff := cmp.Diff(few, taken(target, shuffled)); diff != "" {
			t.Fatalf("in another order:\n%s", diff)
		}
	})
}

// The parts of a stratum that are drawn are no more of one kind of id than of another, and another seed draws others.
func TestKeysAreSpread(t *testing.T) {
	const n = 100_000
	below := [2]int{}
	both := 0
	for i := range n {
		var id [16]byte
		id[0], id[1], id[2] = byte(i), byte(i>>8), byte(i>>16)
		one, other := Key(0, &id) < 1<<63, Key(1, &id) < 1<<63
		if one {
			below[0]++
		}
		if other {
			below[1]++
		}
		if one && other {
			both++
		}
	}
	for _, got := range []struct{ n, want int }{{below[0], n / 2}, {below[1], n / 2}, {both, n / 4}} {
		if math.Abs(float64(got.n-got.want)) > 5*math.Sqrt(n)/2 {
			t.Errorf("%d of %d, not about %d", got.n, n, got.want)
		}
	}
}

func TestBound(t *testing.T) {
	bounds := []Bound{{}, {Key: 1}, {Key: 1, ID: [16]byte{1}}, {Key: math.MaxUint64, ID: [16]byte{255, 3}}, {All: true}}
	for _, b := range bounds {
		data, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var back Bound
		if err := json.Unmarshal(data, &back); err != nil || back != b {
			t.Errorf("%s is %+v, %v", data, back, err)
		}
	}
	for _, text := range []string{"", "all ", "00", strings.Repeat("g", 48)} {
		if (&Bound{}).UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is a bound", text)
		}
	}
	low, id := [16]byte{0, 9}, [16]byte{1}
	for i, want := range []bool{false, false, true, true, true} {
		if got := bounds[i].Below(1, &low); got != want {
			t.Errorf("below %+v: %v", bounds[i], got)
		}
	}
	if bounds[2].Below(1, &id) {
		t.Error("the document of the bound is below it")
	}
}

// The weights of FineWeb-2 are those that its Rehydrater finds: of the last limit that is not above the size of a cluster.
func TestFineWeb2(t *testing.T) {
	limits, weights := []int64{1, 2, 3, 5, 100, 1000}, []int64{1, 2, 3, 5, 8, 1}
	var documents, copies int64
	for size := int64(1); size < 3000; size++ {
		at, found := slices.BinarySearch(limits, size)
		if !found {
			at--
		}
		if got := recipe.FineWeb2.Weight(size); got != weights[at] {
			t.Errorf("a cluster of %d is taken %d times, not %d", size, got, weights[at])
		}
		documents++
		copies += recipe.FineWeb2.Weight(size)
	}
	list, err := Decide(mixOf(t, "{by_copies: fineweb2, unit: documents}"), []Stratum{{"", documents, copies}})
	if err != nil || list[0].Target != 1+2+2*3+95*5+900*8+2000 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestHistogramsAreRefused(t *testing.T) {
	for _, data := range [][]byte{{1}, {0x80}, {0xff, 0xff, 0xff, 1, 1}, {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}} {
		if NewHistogram(1).Read(data) == nil {
			t.Errorf("%x is a histogram", data)
		}
		if len(data) != 5 && (&Values{}).Read(data) == nil {
			t.Errorf("%x are values", data)
		}
	}
}

// Borders part documents as evenly as equal values allow, whatever the order and the number of tasks.
func TestQuantiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(-5, 5), rapid.Int64Range(0, 1_000_000), rapid.Int64()), 1, 300).Draw(t, "values")
		buckets := rapid.IntRange(2, 20).Draw(t, "buckets")
		quantiles := func(values []int64, tasks int) []int64 {
			all := &Values{}
			for task := range tasks {
				one, back := &Values{}, &Values{}
				for i := task; i < len(values); i += tasks {
					one.Add(values[i], 1)
				}
				if err := back.Read(one.Append(nil)); err != nil {
					t.Fatal(err)
				}
				all.Merge(back)
			}
			exact := all.Quantiles(buckets)
			for task := range tasks {
				one := all.Quantiles(buckets)
				for i := task; i < len(values); i += tasks {
					one.Add(values[i], 1)
				}
				exact.Merge(one)
			}
			return exact.Borders()
		}
		borders := quantiles(values, 1)
		sorted := slices.Sorted(slices.Values(values))
		if diff := cmp.Diff(borders, quantiles(sorted, 3)); diff != "" {
			t.Fatalf("in another order: %s", diff)
		}
		counts := make([]int, len(borders)+1)
		for _, v := range values {
			counts[Bucket(borders, v)]++
		}
		most := 0 // documents with one value
		for i := 0; i < len(sorted); {
			k := i
			for k < len(sorted) && sorted[k] == sorted[i] {
				k++
			}
			most = max(most, k-i)
			i = k
		}
		for i, n := range counts {
			if n == 0 && len(borders) > 0 {
				t.Fatalf("bucket %d of %v is empty: %v", i, borders, counts)
			}
			if len(borders) == buckets-1 && (n > len(values)/buckets+1+most || n < len(values)/buckets-1-most) {
				t.Fatalf("bucket %d has %d of %d", i, n, len(values))
			}
		}
		if !slices.IsSorted(borders) {
			t.Fatal(borders)
		}
	})
	distinct := &Values{}
	for v := range int64(100_000) {
		distinct.Add(v*v, 1)
	}
	q := distinct.Quantiles(4)
	for v := range int64(100_000) {
		q.Add(v*v, 1)
	}
	if got, want := q.Borders(), []int64{25_000 * 25_000, 50_000 * 50_000, 75_000 * 75_000}; !slices.Equal(got, want) {
		t.Errorf("%d, want %d", got, want)
	}
	if got := (&Values{}).Quantiles(3).Borders(); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

// Ranges are in the order of values.
func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		if a > b {
			a, b = b, a
		}
		if rangeOf(a) > rangeOf(b) || rangeOf(a) >= 2*middle {
			t.Fatalf("%d is in range %d, %d in %d", a, rangeOf(a), b, rangeOf(b))
		}
	})
	for v := int64(-5000); v < 5000; v++ {
		if rangeOf(v) > rangeOf(v+1) || rangeOf(v)+1 < rangeOf(v+1) {
			t.Fatalf("%d is in range %d, the next in %d", v, rangeOf(v), rangeOf(v+1))
		}
	}
}
