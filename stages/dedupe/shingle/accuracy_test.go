package shingle

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func exactJaccard(a, b []uint32) float64 {
	grams := func(key []uint32) map[[gram]uint32]bool {
		set := map[[gram]uint32]bool{}
		for i := 0; i+gram <= len(key); i++ {
			set[[gram]uint32(key[i:])] = true
		}
		return set
	}
	sa, sb := grams(a), grams(b)
	both := 0
	for g := range sa {
		if sb[g] {
			both++
		}
	}
	return float64(both) / float64(len(sa)+len(sb)-both)
}

// editTo changes a text by substitution, insertion or a new tail until it resembles the old one to about j.
func editTo(r *rand.Rand, key []uint32, j float64) ([]uint32, float64) {
	n := len(key)
	out := slices.Clone(key)
	switch kind := r.IntN(3); kind {
	case 0, 1:
		// An edit costs about five shingles on either side: J = (1-x)/(1+x) for a share x of the shingles.
		edits := int(math.Round(float64(n) * (1 - j) / (1 + j) / gram))
		for range edits {
			at := r.IntN(len(out))
			if kind == 0 {
				out[at] = 0x6000 + r.Uint32N(9000)
			} else {
				out = slices.Insert(out, at, 0x6000+r.Uint32N(9000))
			}
		}
	case 2:
		tail := int(float64(n) * (1 - j) / (1 + j))
		copy(out[n-tail:], randomKey(r, tail))
	}
	return out, exactJaccard(key, out)
}

func TestAccuracy(t *testing.T) {
	// Root mean square errors measured for FSS with 256 8-bit slots, and the number of pairs.
	cells := []struct {
		n     int
		j     float64
		rmse  float64
		pairs int
	}{
		{30, .5, .0226, 600},
		{30, .8, .0177, 600},
		{100, .5, .0221, 600},
		{100, .8, .0170, 600},
		{100, .95, .0107, 600},
		{400, .5, .0244, 400},
		{400, .8, .0187, 400},
		{400, .95, .0102, 400},
		{2000, .5, .0305, 100},
		{2000, .8, .0219, 100},
		{2000, .95, .0135, 100},
	}
	s := &Signer{minShingles: 1}
	r := rand.New(rand.NewPCG(7, 11))
	for _, c := range cells {
		var sum, bias float64
		n := 0
		for n < c.pairs {
			a := randomKey(r, c.n+gram-1)
			b, j := editTo(r, a, c.j)
			if math.Abs(j-c.j) > .04 {
				continue
			}
			n++
			sa, sb := s.signatureOf(a), s.signatureOf(b)
			est := float64(EqualBytes(&sa, &sb)-1) / 255
			sum += (est - j) * (est - j)
			bias += est - j
		}
		rmse := math.Sqrt(sum / float64(n))
		mean := bias / float64(n)
		t.Logf("n=%d J=%.2f: RMSE %.4f (%.4f), bias %+.4f", c.n, c.j, rmse, c.rmse, mean)
		// The error of an RMSE over n pairs is about RMSE/√(2n): four of those, and a little for other texts.
		if limit := c.rmse * (1.05 + 4/math.Sqrt(2*float64(n))); rmse > limit {
			t.Errorf("n=%d J=%.2f: RMSE %.4f is above %.4f", c.n, c.j, rmse, limit)
		}
		if math.Abs(mean) > 4*c.rmse/math.Sqrt(float64(n)) {
			t.Errorf("n=%d J=%.2f: biased by %+.4f", c.n, c.j, mean)
		}
	}
}

// signatureOf is the signature of a key text.
func (s *Signer) signatureOf(key []uint32) (signature [slotCount]byte) {
	s.sketcher.sketch(key)
	for i, v := range &s.sketcher.slots {
		signature[i] = byte(v >> 8)
	}
	return signature
}
