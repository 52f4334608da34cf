package lines

import (
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/signal"
)

// benchDocuments are pages of a site with a template, in Chinese, with the lines of a text.
func benchDocuments(n int) (list []document, bytes int64) {
	for i := range n {
		text := "首页 | 新闻中心 | 关于我们\n" + string(pipelinetest.Chinese(uint64(i), 900)) + "\n版权所有 Copyright 2024 Example Inc."
		list = append(list, document{text: text, site: "example.com"})
		bytes += int64(len(text))
	}
	return list, bytes
}

// BenchmarkLines is the stage lines, with reading, by bytes of text.
func BenchmarkLines(b *testing.B) {
	c := &toy{t: b, store: pipelinetest.NewMemory()}
	list, bytes := benchDocuments(4000)
	c.add(list)
	p := &Plan{Partitions: 4, History: c.history, Splits: [][]ingest.LivePiece{{{LiveRows: ingest.LiveRows{Version: 1, Rows: int64(len(list))}, Path: c.shard(1)}}}}
	p.Cover()
	collect := CollectStage(func(*pipeline.Plan) (*Plan, error) { return p, nil }, pipeline.TableFormats{pipeline.ParquetTable}).Runner
	b.SetBytes(bytes)
	b.ReportAllocs()
	for b.Loop() {
		_, err := collect.Run(b.Context(), pipeline.Task{Stage: StageCollect}, c.job(2))
		must(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(bytes), "ns/byte")
}

// BenchmarkMeasure is a Measurer, without reading.
func BenchmarkMeasure(b *testing.B) {
	c := &toy{t: b, store: pipelinetest.NewMemory()}
	list, bytes := benchDocuments(4000)
	c.add(list)
	c.count(1, 4)
	m := NewMeasurer(b.Context(), c.job(2), &Plan{Partitions: 4})
	texts := make([][]byte, len(list))
	metas := make([][]byte, len(list))
	chars := make([]int, len(list))
	for i := range list {
		texts[i], metas[i], chars[i] = []byte(list[i].text), []byte(list[i].meta()), utf8.RuneCountInString(list[i].text)
	}
	out := [][]int64{make([]int64, len(list)), make([]int64, len(list)), make([]int64, len(list))}
	b.SetBytes(bytes)
	b.ReportAllocs()
	for b.Loop() {
		must(b, m.Measure(len(list), func(i int, d *signal.Document) error {
			*d = signal.Document{Text: texts[i], Chars: chars[i], Meta: metas[i], Source: "crawl"}
			return nil
		}, out))
	}
	must(b, m.Close())
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(bytes), "ns/byte")
}
