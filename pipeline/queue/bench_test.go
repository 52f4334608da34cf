package queue_test

import (
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue"
)

// BenchmarkStart is what a small job pays for its queue: server, stream, all consumers, delete, stop.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		e, err := queue.StartEmbedded(b.Context(), b.TempDir(), queue.EmbeddedOptions{})
		if err != nil {
			b.Fatal(err)
		}
		r, err := queue.Create(b.Context(), e.Conn(), "r", queue.Options{Stages: pipelinetest.QueueStages, Exclusive: true})
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Delete(b.Context()); err != nil {
			b.Fatal(err)
		}
		r.Close()
		e.Close()
	}
}

func BenchmarkEnqueue(b *testing.B) {
	for _, always := range []bool{false, true} {
		b.Run(map[bool]string{false: "interval", true: "always"}[always], func(b *testing.B) {
			e := start(b, b.TempDir(), queue.EmbeddedOptions{SyncAlways: always})
			r := create(b, e.Conn(), "r", queue.Options{})
			const n = 1000
			i := 0
			for b.Loop() {
				enqueue(b, r, i, i+n)
				i += n
			}
			b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}

// BenchmarkTask is the way of a task through a worker that has nothing to do.
func BenchmarkTask(b *testing.B) {
	e := start(b, b.TempDir(), queue.EmbeddedOptions{})
	r := create(b, e.Conn(), "r", queue.Options{})
	i := 0
	for b.Loop() {
		enqueue(b, r, i, i+1)
		d, err := r.Receive(b.Context(), pipelinetest.QueueStages)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Attempt(b.Context(), d.Task(), 1); err != nil {
			b.Fatal(err)
		}
		if _, err := r.Record(b.Context(), d.Task(), entry(i)); err != nil {
			b.Fatal(err)
		}
		if err := d.Ack(b.Context()); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "tasks/s")
}

// BenchmarkLatency is the time from the publish of a task to the receiver who waits for it.
func BenchmarkLatency(b *testing.B) {
	e := start(b, b.TempDir(), queue.EmbeddedOptions{})
	r := create(b, e.Conn(), "r", queue.Options{Stages: pipelinetest.QueueStages})
	got := make(chan pipeline.Delivery)
	go func() {
		defer close(got)
		for {
			d, err := r.Receive(b.Context(), pipelinetest.QueueStages)
			if err != nil {
				return
			}
			got <- d
		}
	}()
	i := 0
	for b.Loop() {
		enqueue(b, r, i, i+1)
		d := <-got
		if err := d.Ack(b.Context()); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.StopTimer()
	r.Close()
	for range got {
	}
}
