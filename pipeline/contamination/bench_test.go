package contamination

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// benchIndex is of questions in Chinese and in English, of which some have choices that are short.
func benchIndex(tb testing.TB, items int, short bool) *Index {
	tb.Helper()
	s := &Set{Name: "bench"}
	r := rand.New(rand.NewPCG(7, 7))
	for i := range items {
		it := Item{Line: i + 1, Question: string(pipelinetest.Chinese(uint64(i)+1<<32, 200)), Answer: "甲"}
		if i%2 == 1 {
			it.Question = englishWords(r, 40)
		}
		if short && i%16 == 0 {
			it.Question = firstChars(it.Question, 9)
		}
		s.Items = append(s.Items, it)
	}
	o := Default()
	o.AllowShort = true
	x, err := Build(tb.Context(), []*Set{s}, o)
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

func firstChars(s string, n int) string { return string([]rune(s)[:n]) }

// englishWords are n words of a vocabulary that is used as words are.
func englishWords(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s%s", strings.Repeat("a", r.IntN(3)), fmt.Sprintf("%x", r.IntN(1<<r.IntN(16)+1)+0xa00000)[1:])
	}
	return b.String()
}

// BenchmarkMatch is the second pass, by documents of 5.8 kB, of which 30 GB are 5.16 million. Its own figures are of the time on a processor.
func BenchmarkMatch(b *testing.B) {
	const size, documents = 5800, 200
	for _, of := range []string{"chinese", "english"} {
		for _, short := range []bool{false, true} {
			for _, items := range []int{10_000, 200_000} {
				if testing.Short() && items > 10_000 {
					continue
				}
				b.Run(fmt.Sprintf("%s/items=%d/short=%v", of, items, short), func(b *testing.B) {
					x := benchIndex(b, items, short)
					w, err := x.Weigh(nil)
					if err != nil {
						b.Fatal(err)
					}
					m := w.Matcher()
					r := rand.New(rand.NewPCG(1, 1))
					var texts [][]byte
					for i := range documents {
						text := pipelinetest.Chinese(uint64(i), size)
						if of == "english" {
							text = []byte(englishWords(r, size/6))
						}
						texts = append(texts, text[:size])
					}
					b.SetBytes(size * documents)
					b.ReportAllocs()
					began := pipelinetest.ProcessorTime(b)
					for b.Loop() {
						for _, t := range texts {
							m.Match(t)
						}
					}
					each := float64(pipelinetest.ProcessorTime(b)-began) / float64(b.N) / documents
					b.ReportMetric(each/1000, "µs/document")
					b.ReportMetric(each*5.162084e6/1e9, "s/30GB")
				})
			}
		}
	}
}
