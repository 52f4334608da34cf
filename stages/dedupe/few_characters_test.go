package dedupe

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
)

// fewKinds makes texts over few characters: each is a source of texts that have nothing to do with each other.
var fewKinds = map[string]func(r *rand.Rand, n int) string{
	"dna":       letters("ACGT", ""),
	"bits":      letters("01", ""),
	"bits, csv": letters("01", ","),
	"digits":    letters("0123456789", ""),
	"hex":       letters("0123456789abcdef", ""),
	"temperatures": func(r *rand.Rand, n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "S%d,%.1f,%.1f\n", i%60, 12+6*r.NormFloat64(), r.Float64()*100)
		}
		return b.String()
	},
	"plus minus": letters("+-", ""),
}

// letters makes texts of at least n bytes of some letters, each with something behind it.
func letters(of, behind string) func(r *rand.Rand, n int) string {
	return func(r *rand.Rand, n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteByte(of[r.IntN(len(of))])
			b.WriteString(behind)
		}
		return b.String()
	}
}

// In a run and over two nights: unrelated texts over few characters stay, and copies go.
func TestFewCharactersInRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(85, 86))
	for _, kind := range slices.Sorted(maps.Keys(fewKinds)) {
		t.Run(kind, func(t *testing.T) {
			var texts, copies []string
			for range 12 {
				a := []rune(fewKinds[kind](r, 3000))
				texts = append(texts, string(a))
				copies = append(copies, string(append(slices.Clone(a[:1500]), a[1520:]...)))
			}
			c := newCorpus(Default())
			if out := c.run(t, 3, texts); slices.Contains(out.kept, false) {
				t.Errorf("unrelated texts: kept %v", out.kept)
			}
			if out := c.run(t, 3, copies); slices.Contains(out.kept, true) {
				t.Errorf("copies: kept %v", out.kept)
			}
		})
	}
}

func BenchmarkSignFewCharacters(b *testing.B) {
	r := rand.New(rand.NewPCG(87, 88))
	var batch columnar.Batch
	for range 20 {
		batch.File, batch.Offset = append(batch.File, 0), append(batch.Offset, 0)
		batch.Text.Append([]byte(fewKinds["dna"](r, 10_000)))
	}
	stage := NewSign(Default())
	b.SetBytes(int64(len(batch.Text.Data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stage.Process(b.Context(), &batch); err != nil {
			b.Fatal(err)
		}
	}
}
