package pipelinetest

import (
	"math"
	"math/rand/v2"
	"unicode/utf8"
)

// Chinese returns about n bytes of made-up text: paragraphs of sentences whose characters are as unevenly distributed as
// those of Chinese, with digits, Latin words and a rare character outside the basic plane. Equal seeds give equal text.
func Chinese(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, 0, n+64)
	for len(b) < n {
		for range 1 + r.IntN(4) {
			b = appendSentence(b, r)
		}
		b = append(b, '\n')
	}
	return b
}

func appendSentence(b []byte, r *rand.Rand) []byte {
	for range 4 + r.IntN(30) {
		switch k := r.IntN(200); {
		case k == 0:
			b = utf8.AppendRune(b, rune(0x20000+r.IntN(500)))
		case k < 4:
			b = append(b, "1998年"[:4+3*r.IntN(2)]...)
		case k < 6:
			b = append(b, "NATS Arrow"[:4+6*r.IntN(2)]...)
		case k < 16:
			b = append(b, "，"...)
		default:
			rank := math.Exp(r.Float64() * math.Log(6000)) // Zipf: the density of a rank is its inverse
			b = utf8.AppendRune(b, rune(0x4e00+int(rank)*7919%20000))
		}
	}
	return append(b, "。"...)
}
