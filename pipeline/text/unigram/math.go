package unigram

import "math"

// The functions here are sums and products that no processor may fuse, so that a model is the same on each: those of package math are not.

// exp is the exponential function, to about the last bit.
func exp(x float64) float64 {
	switch {
	case x < -700:
		return 0
	case x > 700:
		return math.Inf(1)
	}
	// x = k·ln 2 + r, where |r| is at most half of ln 2. The first part of ln 2 ends in zeros, so its product with k is exact.
	k := math.Floor(float64(x/math.Ln2) + 0.5)
	r := float64(x-float64(k*ln2a)) - float64(k*ln2b)
	sum := 0.0
	for _, c := range taylor { // from the smallest term
		sum = float64(r*sum) + c
	}
	return math.Ldexp(sum, int(k))
}

const ln2a, ln2b = 6.93147180369123816490e-01, 1.90821492927058770002e-10

// taylor holds 1/13! to 1/0!.
var taylor = func() (c [14]float64) {
	term := 1.0
	for i := range c {
		c[len(c)-1-i] = term
		term /= float64(i + 1)
	}
	return c
}()

// ln is the natural logarithm of a positive number, to about the last bits.
func ln(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	// ln m = 2·artanh z, and |z| is at most .172.
	z := (m - 1) / (m + 1)
	square := float64(z * z)
	sum := 0.0
	for odd := 23; odd >= 1; odd -= 2 {
		sum = float64(sum*square) + 1/float64(odd)
	}
	k := float64(e)
	return float64(k*ln2a) + (float64(float64(2*z)*sum) + float64(k*ln2b))
}

// digamma is the derivative of the logarithm of the gamma function, for positive numbers.
func digamma(x float64) float64 {
	sum := 0.0
	for ; x < 7; x++ {
		sum -= 1 / x
	}
	x -= 0.5
	y := 1 / x
	y = float64(y * y)
	series := 0.0
	for _, c := range [...]float64{-127.0 / 30720, 31.0 / 8064, -7.0 / 960, 1.0 / 24} {
		series = float64(y * (series + c))
	}
	return sum + ln(x) + series
}

// lnSum is ln(exp a + exp b).
func lnSum(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) || b < a-50 {
		return a
	}
	return a + ln(1+exp(b-a))
}
