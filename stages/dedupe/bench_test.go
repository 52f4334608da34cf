package dedupe

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// benchBatch makes a batch of about a million characters in documents of n.
func benchBatch(n int) (b *columnar.Batch, chars int) {
	r := rand.New(rand.NewPCG(1, 1))
	b = &columnar.Batch{}
	for range 1_000_000 / n {
		t := chinese(r, n)
		b.File, b.Offset = append(b.File, 0), append(b.Offset, int64(len(b.File)))
		b.Text.Append([]byte(t))
		chars += utf8.RuneCountInString(t)
	}
	return b, chars
}

func BenchmarkSign(b *testing.B) {
	for _, n := range []int{100, 600, 1000, 2500, 10000} {
		b.Run(fmt.Sprintf("chars=%d", n), func(b *testing.B) {
			batch, chars := benchBatch(n)
			stage := NewSign(Default())
			b.SetBytes(int64(len(batch.Text.Data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := stage.Process(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*chars), "ns/char")
		})
	}
}

// BenchmarkTasks runs the tasks after sign over 20 000 documents of 600 characters, a tenth of them duplicates, in eight
// splits and one partition.
func BenchmarkTasks(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var splits [][]string
	var last string
	for range 8 {
		var list []string
		for i := range 2500 {
			if i%10 == 9 {
				last = substitute(r, last, 4)
			} else {
				last = chinese(r, 600)
			}
			list = append(list, last)
		}
		splits = append(splits, list)
	}
	c := newCorpus(Default())
	job := &pipeline.Job{
		Chain: pipelinetest.Chain(),
		Plan: pipelinetest.Seal(b, &ingest.Plan{
			Version: 1, Partitions: 1, ShardBytes: 128 << 20, Sources: []pipeline.Source{{Name: "news"}},
			Files: []ingest.File{{Path: "night-1.txt"}},
		}),
		Work: newMemoryStore(), Out: c.store, Corpus: c.store,
	}
	c.sign(b, job, splits)
	keys := float64(count(splits) * int64(Default().KeysOfDocument()))
	for _, task := range []struct {
		name   string
		runner pipeline.Runner
	}{{stageSettle, NewSettle(c.cfg)}, {stageResolve, NewResolve(c.cfg)}, {stageIndex, NewIndex()}} {
		b.Run(task.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := task.runner.Run(b.Context(), pipeline.Task{Stage: task.name}, job); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/keys, "ns/key")
		})
	}
}

func BenchmarkWriter(b *testing.B) {
	batch, _ := benchBatch(600)
	if _, err := NewSign(Default()).Process(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	job := &pipeline.Job{
		Chain: pipelinetest.Chain(),
		Plan: pipelinetest.Seal(b, &ingest.Plan{
			Version: 1, Partitions: 4, Sources: []pipeline.Source{{Name: "news"}}, Files: []ingest.File{{Path: "night-1.txt"}},
		}),
		Work: newMemoryStore(),
	}
	b.SetBytes(int64(len(batch.Text.Data)))
	for b.Loop() {
		w, err := NewWriter(b.Context(), Default(), job, 0)
		if err != nil {
			b.Fatal(err)
		}
		for range 10 {
			if err := w.Write(batch); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := w.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	documents := float64(10 * batch.Len())
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/documents, "ns/document")
}
