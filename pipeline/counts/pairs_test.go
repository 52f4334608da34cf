package counts

import (
	"maps"
	"math/rand/v2"
	"testing"

	"millrace/pipeline/pipelinetest"
)

// TestPairs: pairs are counted the same, whether their letters have a row or came too late for one, and in each of several files.
func TestPairs(t *testing.T) {
	store, random := pipelinetest.NewMemory(), rand.New(rand.NewPCG(7, 7))
	g := NewGrams(t.Context(), job(store), "ngrams/", 0, 2)
	g.most = 20_000
	want := map[string]sum{}
	for range 12 {
		var text []rune
		for range 20_000 {
			text = append(text, rune(0x4e00+int(random.ExpFloat64()*400)%2500))
			if random.IntN(20) == 0 {
				text = append(text, '，')
			}
		}
		must(t, g.Document([]byte(string(text))))
		seen := map[string]bool{}
		for i := range text[1:] {
			if text[i] == '，' || text[i+1] == '，' {
				continue
			}
			token := string(text[i : i+2])
			s := want[token]
			s.count++
			if !seen[token] {
				seen[token] = true
				s.documents++
			}
			want[token] = s
		}
	}
	outputs, err := g.Commit()
	must(t, err)
	if len(outputs) < 2 {
		t.Fatalf("%d files: too few to show anything", len(outputs))
	}
	if got := readAll(t, store, names(outputs), 2); !maps.Equal(got, want) {
		t.Errorf("%d pairs, want %d, or other counts", len(got), len(want))
	}
}
