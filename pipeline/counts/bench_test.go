package counts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// texts are some MB of real text.
func texts(b *testing.B, name string, most int) (list [][]byte, size int64) {
	if testing.Short() {
		most >>= 4
	}
	data, err := os.ReadFile("../../.cache/measure/" + name + ".jsonl")
	if err != nil {
		b.Skip("the decoded real text is not there: make bench-data decodes it")
	}
	for line := range bytes.Lines(data) {
		if size > int64(most) {
			break
		}
		var doc struct{ Text string }
		if err := json.Unmarshal(line, &doc); err != nil {
			b.Fatal(err)
		}
		list = append(list, []byte(doc.Text))
		size += int64(len(doc.Text))
	}
	return list, size
}

// BenchmarkGrams counts n-grams of a shard, with writing them in order.
func BenchmarkGrams(b *testing.B) {
	for _, name := range []string{"laws", "tvnews", "fudan"} {
		list, size := texts(b, name, 64<<20)
		for n := LeastGram; n <= MostGram; n++ {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.SetBytes(size)
				for b.Loop() {
					document, commit := counterOf(b, pipelinetest.NewMemory(), n, mostCells/2)
					for _, text := range list {
						must(b, document(text))
					}
					_, err := commit()
					must(b, err)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/byte")
			})
		}
	}
}

// BenchmarkMerge adds files, by items that are read.
func BenchmarkMerge(b *testing.B) {
	store := pipelinetest.NewMemory()
	var names []string
	all := int64(0)
	for i, name := range []string{"laws", "tvnews", "fudan"} {
		list, _ := texts(b, name, 16<<20)
		g := NewGrams(b.Context(), job(store), "ngrams/", i, 4)
		for _, text := range list {
			must(b, g.Document(text))
		}
		outputs, err := g.Commit()
		must(b, err)
		for _, o := range outputs {
			names = append(names, o.Name)
			all += o.Rows
		}
	}
	for b.Loop() {
		files := sorted.NewHandles(b.Context(), store)
		var sources []Source
		for _, name := range names {
			f, err := Open(files, name, 0, 1)
			must(b, err)
			sources = append(sources, f)
		}
		m := NewMerge(sources)
		for m.Next() {
			continue
		}
		must(b, m.Err())
		must(b, files.Close())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(all), "ns/item")
}
