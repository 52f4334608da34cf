package jieba

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// realText is the first texts of a set of the real text, of about this many bytes.
func realText(tb testing.TB, name string, size int) [][]byte {
	data, err := os.ReadFile(filepath.Join("../../../.cache/measure", name+".jsonl"))
	if err != nil {
		tb.Skip("the decoded real text is not there: make bench-data decodes it")
	}
	var texts [][]byte
	for line := range bytes.Lines(data) {
		if size <= 0 {
			break
		}
		var doc struct{ Text string }
		if err := json.Unmarshal(line, &doc); err != nil {
			tb.Fatal(err)
		}
		texts = append(texts, []byte(doc.Text))
		size -= len(doc.Text)
	}
	return texts
}

func BenchmarkCut(b *testing.B) {
	for _, name := range []string{"laws", "tvnews", "fudan"} {
		texts := realText(b, name, 4<<20)
		for _, mode := range []struct {
			name string
			hmm  bool
		}{{"hmm", true}, {"plain", false}} {
			b.Run(name+"/"+mode.name, func(b *testing.B) {
				c := Default().Cutter(mode.hmm)
				var ends []int32
				size := 0
				for _, t := range texts {
					size += len(t)
				}
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					for _, t := range texts {
						ends = c.Cut(ends[:0], t)
					}
				}
			})
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		raw, err := unpack(embedded)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}
