package segmented

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/millrace/millrace/pipeline/signal"
)

func BenchmarkMeasure(b *testing.B) {
	for _, name := range []string{"laws", "tvnews", "fudan"} {
		b.Run(name, func(b *testing.B) {
			data, err := os.ReadFile("../../../.cache/measure/" + name + ".jsonl")
			if err != nil {
				b.Skip("the decoded real text is not there: make bench-data decodes it")
			}
			var texts [][]byte
			size := 0
			for line := range bytes.Lines(data) {
				if size > 4<<20 {
					break
				}
				var doc struct{ Text string }
				if err := json.Unmarshal(line, &doc); err != nil {
					b.Fatal(err)
				}
				texts = append(texts, []byte(doc.Text))
				size += len(doc.Text)
			}
			m := family(b, Config{}).New()
			out := make([]int64, len(columns()))
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, text := range texts {
					m.Measure(&signal.Document{Text: text}, out)
				}
			}
		})
	}
}
