package fasttext

import "math"

// exp is the exponential function to about the last bit of a float64, by sums and products that no processor may fuse: that of package math
// is another one on each.
func exp(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x < -700:
		return 0
	case x > 700:
		return math.Inf(1)
	}
	// x = k·ln 2 + r, where |r| is at most half of ln 2. The first part of ln 2 ends in zeros, so its product with k is exact.
	const ln2a, ln2b = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	k := math.Floor(float64(x/math.Ln2) + 0.5)
	r := float64(x-float64(k*ln2a)) - float64(k*ln2b)
	sum := 0.0
	for _, c := range taylor { // from the smallest term
		sum = float64(r*sum) + c
	}
	return math.Ldexp(sum, int(k))
}

// taylor holds 1/13! to 1/0!.
var taylor = func() (c [14]float64) {
	term := 1.0
	for i := range c {
		c[len(c)-1-i] = term
		term /= float64(i + 1)
	}
	return c
}()
