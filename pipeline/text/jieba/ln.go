package jieba

import (
	"math"
	"math/big"
	"math/bits"
	"sync"
)

// lnBits is the precision that logarithms are computed with: far beyond what decides how one of a whole number is rounded to 53 bits.
const lnBits = 128

// ln is the natural logarithm of n, which is not 0, rounded to the nearest float64. math.Log differs from it, and between processors.
func ln(n uint64) float64 {
	if n == 1 {
		return 0
	}
	// n is m·2^e with m between 3/4 and 3/2, and ln m = 2·artanh((m-1)/(m+1)).
	e := bits.Len64(n)
	if 4*float64(n) < 3*math.Ldexp(1, e) {
		e--
	}
	sum := artanh(new(big.Int).Sub(new(big.Int).SetUint64(n), pow2(e)), new(big.Int).Add(new(big.Int).SetUint64(n), pow2(e)))
	sum.Add(sum, new(big.Float).Mul(halfLn2(), new(big.Float).SetInt64(int64(e))))
	f, _ := sum.Mul(sum, big.NewFloat(2)).Float64()
	return f
}

// halfLn2 is artanh(1/3).
var halfLn2 = sync.OnceValue(func() *big.Float { return artanh(big.NewInt(1), big.NewInt(3)) })

func pow2(e int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(e)) }

// artanh is z + z³/3 + z⁵/5 + … of the fraction p/q, which is at most a third.
func artanh(p, q *big.Int) *big.Float {
	// In whole numbers of 2^-lnBits. What is cut off of each of some dozen terms is far below the last bit that counts.
	z := new(big.Int).Lsh(p, lnBits)
	z.Quo(z, q)
	square := new(big.Int).Mul(z, z)
	square.Rsh(square, lnBits)
	sum, term, odd := new(big.Int).Set(z), new(big.Int), new(big.Int)
	for k := int64(3); z.Sign() != 0; k += 2 {
		z.Mul(z, square).Quo(z, one)
		sum.Add(sum, term.Quo(z, odd.SetInt64(k)))
	}
	f := new(big.Float).SetPrec(lnBits).SetInt(sum)
	return f.SetMantExp(f, -lnBits)
}

// one is 1 in these numbers.
var one = pow2(lnBits)
