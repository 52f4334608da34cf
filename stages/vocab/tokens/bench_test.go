package tokens

import (
	"bytes"
	"encoding/json"
	"os"
	"syscall"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// BenchmarkCount counts the tokens of real text in one goroutine, by kind: in shards, merged, and with the table; by bytes of text. What reading the text takes
// is not in it.
func BenchmarkCount(b *testing.B) {
	const shardBytes = 64 << 20
	for _, name := range []string{"laws", "tvnews", "fudan"} {
		data, err := os.ReadFile("../../../.cache/measure/" + name + ".jsonl")
		if err != nil {
			b.Skip("the decoded real text is not there: make bench-data decodes it")
		}
		var shards [][][]byte
		all, size := int64(0), shardBytes
		if testing.Short() {
			data = data[:bytes.LastIndexByte(data[:4<<20], '\n')+1]
		}
		for line := range bytes.Lines(data) {
			var doc struct{ Text string }
			if err := json.Unmarshal(line, &doc); err != nil {
				b.Fatal(err)
			}
			if size >= shardBytes {
				shards, size = append(shards, nil), 0
			}
			last := &shards[len(shards)-1]
			*last = append(*last, []byte(doc.Text))
			size += len(doc.Text)
			all += int64(len(doc.Text))
		}
		for _, kind := range []string{ingest.KindWords, ingest.GramsKind(2), ingest.GramsKind(3), ingest.GramsKind(4), ingest.GramsKind(5)} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				cpu := used(b)
				for b.Loop() {
					c := &corpus{t: b, store: pipelinetest.NewMemory(), least: 1, version: 1, kinds: []ingest.Counted{{Kind: kind}}}
					p := &ingest.Counting{Kinds: c.kinds, Partitions: 1}
					work := &pipeline.Job{Work: c.store.Sub("work1")}
					var left []pipeline.Output
					for i, texts := range shards {
						k, err := New(b.Context(), work, p, ingest.TokensFolder, i, false)
						must(b, err)
						for _, text := range texts {
							must(b, k.Document(text, nil))
						}
						o, err := k.Commit()
						must(b, err)
						left = append(left, o...)
						must(b, k.Close())
					}
					c.merge(p, c.job(map[string][]pipeline.Output{ingest.TokensFolder: left}))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(all), "ns/byte")
				b.ReportMetric(float64(used(b)-cpu)/float64(b.N)/float64(all), "cpu-ns/byte") // which other work of the machine has little part in
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// used is the CPU time that the process has used.
func used(b *testing.B) int64 {
	var r syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return r.Utime.Nano() + r.Stime.Nano()
}
