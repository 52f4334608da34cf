package rule

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// Figures compare as fractions do, however large they are.
func TestMeets(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, f Figure, n Number) {
		c := big.NewRat(f.Part, max(f.All, 1)).Cmp(big.NewRat(int64(n), int64(One)))
		atLeast, atMost := &Bound{Op: AtLeast, Number: n}, &Bound{Op: AtMost, Number: n}
		if atLeast.Meets(f) != (c >= 0) || atMost.Meets(f) != (c <= 0) {
			t.Fatalf("%v and %v: at least %v, at most %v, but it compares as %d", f, n, atLeast.Meets(f), atMost.Meets(f), c)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, Figure{rapid.Int64Min(0).Draw(t, "part"), rapid.Int64Min(0).Draw(t, "all")}, Number(rapid.Int64Min(0).Draw(t, "number")))
	})
	rapid.Check(t, func(t *rapid.T) { // near the bound
		n := rapid.Int64Range(1, int64(One)).Draw(t, "number")
		all := rapid.Int64Range(0, 1<<32).Draw(t, "all")
		check(t, Figure{max(0, n*all/int64(One)+rapid.Int64Range(-1, 1).Draw(t, "off")), all}, Number(n))
	})
	for _, f := range []Figure{{0, 0}, {1, 3}, {3, 10}, {5, 1}, {math.MaxInt64 - 1, math.MaxInt64}, {math.MaxInt64, math.MaxInt64}} {
		for _, n := range []Number{0, 1, 300_000, 333_333, 333_334, One, 5 * One, math.MaxInt64} {
			check(t, f, n)
		}
	}
}

func TestBound(t *testing.T) {
	for _, c := range []struct {
		bound Bound
		bad   string // of the bound itself
		in    []Figure
		out   map[Figure]string
	}{
		{
			bound: Bound{Count, AtLeast, 6 * One}, in: []Figure{{6, 1}, {7, 1}},
			out: map[Figure]string{{5, 1}: "5 marks, fewer than 6"},
		},
		{
			bound: Bound{Count, AtMost, 6 * One}, in: []Figure{{0, 1}, {6, 1}},
			out: map[Figure]string{{7, 1}: "7 marks, more than 6"},
		},
		{
			bound: Bound{Share, AtLeast, 500_000}, in: []Figure{{1, 2}, {2, 2}},
			out: map[Figure]string{{1, 3}: "1 of 3 marks, less than 0.5", {0, 0}: "0 of 0 marks, less than 0.5"},
		},
		{
			bound: Bound{Share, AtMost, 500_000}, in: []Figure{{1, 2}, {0, 0}},
			out: map[Figure]string{{2, 3}: "2 of 3 marks, more than 0.5"},
		},
		{bound: Bound{Share, AtLeast, One}, in: []Figure{{2, 2}}},
		{bound: Bound{Share, AtMost, 0}, in: []Figure{{0, 2}}},
		{bound: Bound{Count, AtLeast, 0}, bad: "0 must be at least 1"},
		{bound: Bound{Count, AtMost, -One}, bad: "-1 must be at least 1"},
		{bound: Bound{Count, AtMost, 50*One + 1}, bad: "50.000001 must be a whole number"},
		{bound: Bound{Share, AtLeast, 0}, bad: "0 must be above 0 and at most 1"},
		{bound: Bound{Share, AtLeast, One + 1}, bad: "1.000001 must be above 0 and at most 1"},
		{bound: Bound{Share, AtMost, One}, bad: "1 must be at least 0 and below 1"},
		{bound: Bound{Share, AtMost, -1}, bad: "-0.000001 must be at least 0 and below 1"},
	} {
		bad := ""
		if err := c.bound.Check(); err != nil {
			bad = err.Error()
		}
		if bad != c.bad {
			t.Errorf("%+v: %q, want %q", c.bound, bad, c.bad)
		}
		for _, f := range c.in {
			if !c.bound.Meets(f) {
				t.Errorf("%+v: %v does not meet it", c.bound, f)
			}
		}
		for f, want := range c.out {
			if c.bound.Meets(f) {
				t.Errorf("%+v: %v meets it", c.bound, f)
			}
			if got := c.bound.Says(f, "marks"); got != want {
				t.Errorf("%+v: %q, want %q", c.bound, got, want)
			}
		}
	}
}
