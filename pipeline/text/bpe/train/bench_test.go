package train

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// realTexts are texts of the real sets, if there are any here.
func realTexts(t testing.TB, names ...string) (texts [][]byte) {
	t.Helper()
	for _, name := range names {
		f, err := os.Open(filepath.Join("../../../../.cache/measure", name+".jsonl"))
		if err != nil {
			t.Skip("the real text is not there: make bench-data")
		}
		d := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
		for d.More() {
			var row struct{ Text string }
			if err := d.Decode(&row); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, []byte(row.Text))
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// count counts the pre-tokens of texts with two goroutines, each those of one half of the hashes.
func count(texts [][]byte, pattern *pretoken.Pattern) (parts []map[string]*int64) {
	parts = make([]map[string]*int64, 2)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			m := map[string]*int64{}
			for j := i; j < len(texts); j += len(parts) {
				pattern.Cut(texts[j], func(piece []byte) {
					n := m[string(piece)]
					if n == nil {
						n = new(int64)
						m[string(piece)] = n
					}
					*n++
				})
			}
			parts[i] = m
		})
	}
	wg.Wait()
	for piece, n := range parts[1] {
		if m := parts[0][piece]; m != nil {
			*m += *n
			*n = 0
		}
	}
	return parts
}

// peak is the most memory that the process had, in MB.
func peak() float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return float64(n) / 1024
}

// BenchmarkTrain makes a vocabulary of 64 000 out of real text, cut as GPT-4o cuts it: of the sets that MILLRACE_TRAIN names (laws,tvnews,fudan), or of
// the first 4 MB of one. What it logs is counting, adding and merging apart, and the most memory that the process had.
func BenchmarkTrain(b *testing.B) {
	var texts [][]byte
	if sets := os.Getenv("MILLRACE_TRAIN"); sets != "" {
		texts = realTexts(b, strings.Split(sets, ",")...)
	} else {
		texts = realTexts(b, "tvnews")
		texts = texts[:min(len(texts), 200)]
	}
	size := int64(0)
	for _, text := range texts {
		size += int64(len(text))
	}
	pattern, _ := pretoken.ByName("gpt4o")
	b.SetBytes(size)
	for b.Loop() {
		start := time.Now()
		parts := count(texts, pattern)
		counted := time.Since(start)
		k, err := New(Options{Size: 64_000, Special: []string{"<|end|>"}})
		if err != nil {
			b.Fatal(err)
		}
		start = time.Now()
		number, distinct := 0, 0
		for _, part := range parts {
			for piece, n := range part {
				if *n > 0 {
					number, distinct = number+1, distinct+len(piece)
				}
				if err := k.Add([]byte(piece), *n); err != nil {
					b.Fatal(err)
				}
			}
		}
		clear(parts)
		added := time.Since(start)
		m, err := k.Train(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		trained := time.Since(start) - added
		last := m.Merges[len(m.Merges)-1].Count
		b.Logf("%d MB: %d pre-tokens of %d MB: counted in %.1f s, added in %.1f s, merged in %.1f s: %d tokens, the last of %d; %.0f MB at most",
			size>>20, number, distinct>>20, counted.Seconds(), added.Seconds(), trained.Seconds(), len(m.Tokens), last, peak())
	}
}
