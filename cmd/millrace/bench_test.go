package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/engine"
	"millrace/pipeline/intake"
)

// BenchmarkRun does the whole job on one core and reports what each stage costs, in CPU nanoseconds per byte of input. It
// reads the JSONL in the folder MILLRACE_BENCH_DATA, or a few megabytes of made-up news.
func BenchmarkRun(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	folder := os.Getenv("MILLRACE_BENCH_DATA")
	if folder == "" {
		folder = news(b, 7, 3000)
	}
	spent := &stageTimes{}
	var bytes int64
	cpu := time.Duration(0)
	for b.Loop() {
		o := jobOptions(b, filepath.Join(b.TempDir(), "out"), folder)
		o.SplitBytes, o.PartitionBytes, o.ShardBytes, o.Slots = 0, 0, intake.ShardBytes, 1
		o.Wiring = spent.timed(o.Wiring)
		before := processCPU()
		bytes = job(b, o).InputBytes
		cpu += processCPU() - before
	}
	b.SetBytes(bytes)
	perByte := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(b.N) / float64(bytes) }
	rest := cpu
	for i, name := range timedStages {
		d := time.Duration(spent[i].Load())
		rest -= d
		b.ReportMetric(perByte(d), name+"-ns/B")
	}
	b.ReportMetric(perByte(rest), "rest-ns/B") // spills, queue, ledger, commit, start and end
	b.ReportMetric(perByte(cpu), "cpu-ns/B")
}

// timedStages are what the time is booked on.
var timedStages = []string{
	"read", "parse", "normalize", "sign", "write-sketches", "settle", "resolve", "index", "vocab", "sink", "merge",
}

type stageTimes [11]atomic.Int64

// book adds the CPU time of f, which must stay on its goroutine.
func (s *stageTimes) book(stage int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadCPU()
	defer func() { s[stage].Add(int64(threadCPU() - before)) }()
	return f()
}

func (s *stageTimes) timed(w engine.Wiring) engine.Wiring {
	timed := w
	timed.Open = func(ctx context.Context, files *pipeline.Files, split int) (pipeline.Reader, error) {
		r, err := w.Open(ctx, files, split)
		return &timedReader{r, s}, err
	}
	timed.Map = func(stage string, plan *pipeline.Plan) (list []pipeline.Stage, err error) {
		list, err = w.Map(stage, plan)
		at := map[string]int{pipeline.StageParse: 1, pipeline.StageNormalize: 2, pipeline.StageDedupe: 3}[stage]
		for i := range list {
			list[i] = &timedStage{list[i], s, at}
		}
		return list, err
	}
	timed.Sign = func(ctx context.Context, files *pipeline.Files, split int) (pipeline.BatchWriter, error) {
		bw, err := w.Sign(ctx, files, split)
		return &timedWriter{bw, s}, err
	}
	timed.Runners = map[string][]pipeline.Runner{}
	for i, stage := range timedStages {
		for _, r := range w.Runners[stage] {
			timed.Runners[stage] = append(timed.Runners[stage], &timedRunner{r, s, i})
		}
	}
	return timed
}

type timedReader struct {
	pipeline.Reader
	s *stageTimes
}

func (t *timedReader) Read(ctx context.Context, b *columnar.Batch) error {
	return t.s.book(0, func() error { return t.Reader.Read(ctx, b) })
}

type timedStage struct {
	pipeline.Stage
	s  *stageTimes
	at int
}

func (t *timedStage) Process(ctx context.Context, in *columnar.Batch) (out *columnar.Batch, err error) {
	err = t.s.book(t.at, func() (err error) {
		out, err = t.Stage.Process(ctx, in)
		return err
	})
	return out, err
}

type timedWriter struct {
	pipeline.BatchWriter
	s *stageTimes
}

func (t *timedWriter) Write(b *columnar.Batch) error {
	return t.s.book(4, func() error { return t.BatchWriter.Write(b) })
}

func (t *timedWriter) Commit() (outs []pipeline.Output, err error) {
	err = t.s.book(4, func() (err error) {
		outs, err = t.BatchWriter.Commit()
		return err
	})
	return outs, err
}

type timedRunner struct {
	pipeline.Runner
	s  *stageTimes
	at int
}

func (t *timedRunner) Run(ctx context.Context, task pipeline.Task, files *pipeline.Files) (e pipeline.Entry, err error) {
	err = t.s.book(t.at, func() (err error) {
		e, err = t.Runner.Run(ctx, task, files)
		return err
	})
	return e, err
}

func threadCPU() time.Duration  { return cpuOf(unix.RUSAGE_THREAD) }
func processCPU() time.Duration { return cpuOf(unix.RUSAGE_SELF) }

func cpuOf(who int) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(who, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
