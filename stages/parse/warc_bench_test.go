package parse

import (
	"math/rand/v2"
	"strings"
	"testing"

	"millrace/pipeline/columnar"
	"millrace/stages/parse/codec"
)

// BenchmarkWARC reads answers with pages, and the members of a compressed archive of extracted texts.
func BenchmarkWARC(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	var pages, texts []string
	for range 500 {
		text := newspaper(rng, 8000)
		pages = append(pages, answered("Content-Type: text/html; charset=utf-8",
			"<html><head><title>题</title></head><body><p>"+strings.ReplaceAll(text, "\n", "</p>\n<p class=\"a\">")+"</body></html>"))
		texts = append(texts, archived("conversion", "text/plain", text))
	}
	packed := one(WARC, RuleRecord, codec.Gzip, gzipped(b, texts...))
	packed.files.Plan.Files[0].Numbered = true
	for name, in := range map[string]*input{
		"html":   one(WARC, RuleRecord, "", []byte(strings.Join(pages, ""))),
		"wet":    one(WARC, RuleRecord, "", []byte(strings.Join(texts, ""))),
		"wet.gz": packed,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(strings.Join(texts, ""))))
			if name == "html" {
				b.SetBytes(in.files.Plan.Files[0].Bytes)
			}
			for b.Loop() {
				rows := 0
				in.each(b, func(batch *columnar.Batch) { rows += batch.Len() })
				if rows != 500 {
					b.Fatal(rows)
				}
			}
		})
	}
}
