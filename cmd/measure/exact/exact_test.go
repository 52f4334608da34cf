package exact

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/dedupe"
)

// The pairs that Fates leaves out are none that reach the threshold.
func TestFatesAreAllPairs(t *testing.T) {
	pipelinetest.Long(t)
	for _, threshold := range []float64{.5, .75, .9, 1} {
		r := rand.New(rand.NewPCG(1, uint64(100*threshold)))
		cfg := dedupe.Default()
		cfg.Threshold = threshold
		var texts [][]byte
		for len(texts) < 400 {
			text := randomText(r, 10+r.IntN(200))
			if len(texts) > 0 && r.IntN(3) > 0 {
				text = []rune(string(texts[r.IntN(len(texts))]))
				for range r.IntN(1 + len(text)/10) {
					text[r.IntN(len(text))] = rune(0x4E00 + r.IntN(20000))
				}
			}
			texts = append(texts, []byte(string(text)))
		}
		fates := Fates(cfg, texts)
		s := dedupe.NewShingler(cfg)
		var kept []int
		sets := make([][]uint64, len(texts))
		for i, text := range texts {
			sets[i] = s.Set(nil, text)
			at := slices.IndexFunc(kept, func(k int) bool {
				return string(texts[k]) == string(text) || naive(sets[i], sets[k]) >= threshold
			})
			if (at < 0) != (fates[i].Winner < 0) {
				t.Fatalf("threshold %v, document %d: %+v", threshold, i, fates[i])
			}
			if at < 0 {
				kept = append(kept, i)
			} else if w := fates[i].Winner; !slices.Contains(kept, w) || string(texts[w]) != string(text) && naive(sets[i], sets[w]) != fates[i].Jaccard {
				t.Fatalf("threshold %v, document %d lost to %d: %v", threshold, i, w, fates[i].Jaccard)
			}
		}
		if len(kept) < 100 || len(kept) == len(texts) {
			t.Errorf("threshold %v: %d kept, the texts are wrong for this test", threshold, len(kept))
		}
	}
}

// randomText makes n different and unlike Chinese characters.
func randomText(r *rand.Rand, n int) []rune {
	text := make([]rune, n)
	for i := range text {
		text[i] = rune(0x4E00 + r.IntN(20000))
	}
	return text
}

func naive(a, b []uint64) float64 {
	shared := 0
	for _, h := range a {
		if slices.Contains(b, h) {
			shared++
		}
	}
	return float64(shared) / float64(max(len(a)+len(b)-shared, 1))
}

// Bits over shared shingles give what sets give.
func TestFamilyIsAllPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	template := randomText(r, 200)
	var texts [][]byte
	var list []string
	for range 80 {
		text := string(template[:90]) + string(randomText(r, 20+r.IntN(25))) + string(template[90:])
		texts, list = append(texts, []byte(text)), append(list, text)
	}
	fates := Fates(dedupe.Default(), texts)
	for i, stays := range Family(dedupe.Default(), list) {
		if stays != (fates[i].Winner < 0) {
			t.Errorf("page %d: stays %v, %+v", i, stays, fates[i])
		}
	}
}
