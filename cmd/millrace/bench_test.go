package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/intake"
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
		o.Chain = spent.timed(o.Chain)
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
	"read", "parse", "normalize", "dedupe", "write-sketches", "settle", "resolve", "index", "vocab", "sink", "signal", "merge", "catchup", "rank",
}

type stageTimes [14]atomic.Int64

// book adds the CPU time of f, which must stay on its goroutine.
func (s *stageTimes) book(stage int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadCPU()
	defer func() { s[stage].Add(int64(threadCPU() - before)) }()
	return f()
}

// timed is a chain whose stages book their time.
func (s *stageTimes) timed(chain pipeline.Chain) pipeline.Chain {
	for _, name := range chain.Names() {
		chain = changed(chain, name, func(spec *pipeline.StageSpec) {
			if spec.Runner != nil {
				spec.Runner = &timedRunner{spec.Runner, s, slices.Index(timedStages, name)}
				return
			}
			s.time(spec.Step, name)
		})
	}
	return chain
}

func (s *stageTimes) time(step *pipeline.Step, name string) {
	at := slices.Index(timedStages, name)
	if open := step.Open; open != nil {
		step.Open = func(ctx context.Context, job *pipeline.Job, task int) (pipeline.Reader, error) {
			r, err := open(ctx, job, task)
			return &timedReader{r, s}, err
		}
	}
	if made := step.Stages; made != nil {
		step.Stages = func(ctx context.Context, job *pipeline.Job) ([]pipeline.Stage, error) {
			list, err := made(ctx, job)
			for i := range list {
				list[i] = &timedStage{list[i], s, at}
			}
			return list, err
		}
	}
	if write := step.Write; write != nil {
		written := at
		if name == "dedupe" {
			written = slices.Index(timedStages, "write-sketches")
		}
		step.Write = func(ctx context.Context, job *pipeline.Job, task int) (pipeline.BatchWriter, error) {
			w, err := write(ctx, job, task)
			if w == nil {
				return nil, err
			}
			return &timedWriter{w, s, written}, err
		}
	}
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
	s  *stageTimes
	at int
}

func (t *timedWriter) Write(b *columnar.Batch) error {
	return t.s.book(t.at, func() error { return t.BatchWriter.Write(b) })
}

func (t *timedWriter) Commit() (outs []pipeline.Output, err error) {
	err = t.s.book(t.at, func() (err error) {
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

func (t *timedRunner) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	err = t.s.book(t.at, func() (err error) {
		e, err = t.Runner.Run(ctx, task, job)
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
