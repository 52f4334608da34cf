package signal

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestShare: millionths compare with a bound of five decimals as the fraction does.
func TestShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.Int64Range(1, 1<<40).Draw(t, "all")
		bound := rapid.Int64Range(0, 300_000).Draw(t, "bound") * 10
		near := new(big.Int).Div(new(big.Int).Mul(big.NewInt(all), big.NewInt(bound)), big.NewInt(Millionths)).Int64()
		for _, part := range []int64{rapid.Int64Range(0, all).Draw(t, "part"), max(0, near-1), near, near + 1} {
			got := Share(part, all)
			want := big.NewRat(part, all).Cmp(big.NewRat(bound, Millionths))
			if c := big.NewInt(got).Cmp(big.NewInt(bound)); c != want {
				t.Fatalf("%d of %d is %d millionths, which compares with %d as %d, the fraction as %d", part, all, got, bound, c, want)
			}
			if exact := new(big.Int).Div(new(big.Int).Mul(big.NewInt(part), big.NewInt(Millionths)), big.NewInt(all)).Int64(); got-exact > 1 || got < exact {
				t.Fatalf("%d of %d is %d millionths, not %d", part, all, got, exact)
			}
		}
	})
	for _, c := range [][3]int64{
		{0, 0, 0},
		{5, 0, 0},
		{1, 2, 500_000},
		{1, 3, 333_333},
		{1, 1 << 40, 1},
		{7, 1, 7 * Millionths},
		{math.MaxInt64, 1, math.MaxInt64},
		{math.MaxInt64, math.MaxInt64, Millionths},
	} {
		if got := Share(c[0], c[1]); got != c[2] {
			t.Errorf("%d of %d is %d millionths, not %d", c[0], c[1], got, c[2])
		}
	}
}
