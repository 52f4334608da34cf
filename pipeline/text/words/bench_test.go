package words

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/text/jieba"
)

func BenchmarkCut(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"chinese", chinese(b)},
		{"english", strings.Repeat("The quick brown fox can't jump over 32.3 lazy dogs, which is (as we know) a pity: nobody likes that.\n", 10_000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			cutter := New(jieba.Default())
			var list []Word
			text := []byte(c.text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				list = cutter.Cut(list[:0], text)
			}
		})
	}
}

// chinese is 4 MB of laws.
func chinese(b *testing.B) string {
	data, err := os.ReadFile("../../../.cache/measure/laws.jsonl")
	if err != nil {
		b.Skip("the decoded real text is not there: make bench-data decodes it")
	}
	var all strings.Builder
	for line := range bytes.Lines(data) {
		if all.Len() > 4<<20 {
			break
		}
		var doc struct{ Text string }
		if err := json.Unmarshal(line, &doc); err != nil {
			b.Fatal(err)
		}
		all.WriteString(doc.Text)
		all.WriteByte('\n')
	}
	return all.String()
}
