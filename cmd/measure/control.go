package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
	jobs "github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
)

// What the control plane has to do on any machine that a cluster's coordinator may stand on.
const (
	leastTasks      = 300       // a second, with the default sync
	leastOfDisk     = 0.8       // of what its fsync rate allows per task, with sync always
	mostCoordinator = 768 << 20 // bytes, for the splits below
	mostNATS        = 768 << 20
	controlSplits   = 100_000

	controlRun = "measure"
	// syncsPerTask are the messages that a task costs while it is worked on: its attempt and its ledger entry.
	syncsPerTask = 2
)

func controlCommand() *cobra.Command {
	var role, dir, url, token string
	var splits, synced, slots int
	var always bool
	c := &cobra.Command{
		Use: "control", Short: "measure the control plane: tasks that do nothing, on a plan of many splits", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch role {
			case "nats":
				return controlNATS(cmd.Context(), cmd.OutOrStdout(), cmd.InOrStdin(), dir, always)
			case "coordinator":
				debug.SetGCPercent(40) // as millrace does
				return controlCoordinator(cmd.Context(), cmd.OutOrStdout(), dir, url, token, splits)
			}
			w := cmd.OutOrStdout()
			fmt.Fprintf(w, "%s; %d slots in one worker\n", machine(), slots)
			if err := control(cmd.Context(), w, splits, slots, false); err != nil {
				return err
			}
			return control(cmd.Context(), w, synced, slots, true)
		},
	}
	f := c.Flags()
	f.IntVar(&splits, "splits", controlSplits, "tasks with the default sync")
	f.IntVar(&synced, "synced", 5000, "tasks with sync always")
	f.IntVar(&slots, "slots", 16, "tasks in hand at once")
	for name, p := range map[string]*string{"role": &role, "dir": &dir, "url": &url, "token": &token} {
		f.StringVar(p, name, "", "")
		_ = f.MarkHidden(name) // it exists: it was made in the line before
	}
	f.BoolVar(&always, "always", false, "")
	_ = f.MarkHidden("always") // the same
	return c
}

// controlNATS is the server, in a process of its own, until stdin ends.
func controlNATS(ctx context.Context, w io.Writer, in io.Reader, dir string, always bool) error {
	s, err := queue.StartEmbedded(ctx, dir, queue.EmbeddedOptions{Logger: zerolog.Nop(), SyncAlways: always, Listen: true})
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Fprintln(w, s.URL(), s.Token())
	_, err = io.Copy(io.Discard, in)
	return err
}

// controlChain has the shape of an ingest, and stages whose tasks nobody does by it.
func controlChain() pipeline.Chain {
	step := &pipeline.Step{Open: func(context.Context, *pipeline.Job, int) (pipeline.Reader, error) {
		return nil, errors.ErrUnsupported
	}}
	toys := func(names ...string) (list []pipeline.StageSpec) {
		for _, name := range names {
			list = append(list, pipeline.StageSpec{Name: name, Step: step})
		}
		return list
	}
	return jobs.Chain(jobs.Stages{
		Map: toys("cut", "mill", "sign"), Settle: toys("pair"), Resolve: pipeline.StageSpec{Name: "choose"}, Shards: toys("print", "weigh"),
		Index: toys("sort"), Merge: toys("sum"),
	})
}

var (
	// controlStages are the stages of the queue; controlSigned is the one whose entries end what is measured.
	controlStages    = controlChain().Names()
	controlSigned, _ = controlChain().Summed()
)

// controlPlan is a plan of tiny files.
func controlPlan(splits int) (*pipeline.Plan, error) {
	p := &ingest.Plan{Version: 1, Partitions: 1, ShardBytes: intake.ShardBytes}
	for i := range splits {
		p.Files = append(p.Files, ingest.File{Path: fmt.Sprintf("folder-%03d/file-%06d.jsonl", i%1000, i), Bytes: 1000, Format: "jsonl", Document: "line"})
		p.Splits = append(p.Splits, ingest.Split{Pieces: []ingest.Piece{{File: i, End: 1000}}})
	}
	return ingest.Seal(p, nil)
}

// controlCoordinator is the coordinator of the product, in a process of its own, until the map phase is over.
func controlCoordinator(ctx context.Context, w io.Writer, dir, url, token string, splits int) (err error) {
	nc, err := queue.Connect(ctx, queue.ConnectOptions{URLs: []string{url}, Token: token, Name: "coordinator", Logger: zerolog.Nop()})
	if err != nil {
		return err
	}
	defer nc.Close()
	plan, err := controlPlan(splits)
	if err != nil {
		return err
	}
	q, err := queue.Create(ctx, nc, controlRun, queue.Options{Stages: controlStages})
	if err != nil {
		return err
	}
	defer q.Close()
	s, err := store.Open(ctx, dir, store.Options{Write: true, Sync: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := false
	o := jobs.Options{Options: intake.Options{Log: zerolog.Nop()}, Chain: controlChain(), Hook: func(point string) {
		switch point {
		case "phase:map:enqueued":
			fmt.Fprintln(w, "enqueued")
		case "phase:map":
			over = true
			cancel()
		}
	}}
	if err := engine.NewSite(o.Engine(), s, s).Coordinate(ctx, q, plan); !over {
		return err
	}
	fmt.Fprintln(w, "over")
	return nil
}

// control measures one way of syncing.
func control(ctx context.Context, w io.Writer, splits, slots int, always bool) (err error) {
	scratch, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	fsyncs, err := fsyncRate(scratch)
	if err != nil {
		return err
	}
	args := []string{"--role", "nats", "--dir", filepath.Join(scratch, "nats")}
	if always {
		args = append(args, "--always")
	}
	server, err := startHelper(ctx, args...)
	if err != nil {
		return err
	}
	line, err := server.line()
	if err != nil {
		return err
	}
	url, token, _ := strings.Cut(line, " ")
	start := time.Now()
	coordinator, err := startHelper(ctx, "--role", "coordinator", "--dir", filepath.Join(scratch, "store"), "--url", url, "--token", token,
		"--splits", strconv.Itoa(splits))
	if err != nil {
		return err
	}
	if _, err := coordinator.line(); err != nil {
		return err
	}
	enqueued := time.Since(start)
	steps, took, err := controlWork(ctx, url, token, splits, slots)
	if err != nil {
		return err
	}
	if _, err := coordinator.line(); err != nil {
		return err
	}
	c, err := coordinator.end()
	if err != nil {
		return err
	}
	n, err := server.end()
	if err != nil {
		return err
	}
	rate := float64(splits) / took.Seconds()
	sync := "every second"
	if always {
		sync = "always"
	}
	fmt.Fprintf(w, "sync %s: %d tasks published in %.1f s, done in %.1f s: %.0f tasks/s\n", sync, splits, enqueued.Seconds(), took.Seconds(), rate)
	fmt.Fprintf(w, "  per task and slot: %s\n", steps)
	fmt.Fprintf(w, "  coordinator: %d MiB at most, %.0f µs of CPU per task; NATS: %d MiB, %.0f µs\n", c.peak>>20,
		c.cpu.Seconds()/float64(splits)*1e6, n.peak>>20, n.cpu.Seconds()/float64(splits)*1e6)
	if always {
		allowed := fsyncs / syncsPerTask
		fmt.Fprintf(w, "  the disk does %.0f fsyncs/s one after the other: %.0f tasks/s at %d synced messages each; that is %.0f %% (bound: %.0f %%)\n",
			fsyncs, allowed, syncsPerTask, 100*rate/allowed, 100*leastOfDisk)
		return nil
	}
	fmt.Fprintf(w, "  bounds: %d tasks/s; for %d splits %d MiB and %d MiB\n", leastTasks, controlSplits, mostCoordinator>>20, mostNATS>>20)
	if rate < leastTasks || splits <= controlSplits && (c.peak > mostCoordinator || n.peak > mostNATS) {
		return errors.New("a bound is exceeded")
	}
	return nil
}

// steps is where the time of a task goes.
type steps struct {
	receive, lookup, attempt, record, ack atomic.Int64
	tasks                                 float64
}

func (s *steps) String() string {
	us := func(n *atomic.Int64) float64 { return float64(n.Load()) / s.tasks / 1e3 }
	return fmt.Sprintf("receive %.0f µs, look up %.0f, count attempt %.0f, record %.0f, ack %.0f", us(&s.receive), us(&s.lookup),
		us(&s.attempt), us(&s.record), us(&s.ack))
}

// controlWork does what a worker does with the queue, and nothing between.
func controlWork(ctx context.Context, url, token string, splits, slots int) (*steps, time.Duration, error) {
	nc, err := queue.Connect(ctx, queue.ConnectOptions{URLs: []string{url}, Token: token, Name: "worker", Logger: zerolog.Nop()})
	if err != nil {
		return nil, 0, err
	}
	defer nc.Close()
	q, err := queue.Bind(ctx, nc, controlRun, queue.BindOptions{})
	if err != nil {
		return nil, 0, err
	}
	defer q.Close()
	s := &steps{tasks: float64(splits)}
	var left atomic.Int64
	left.Store(int64(splits))
	start := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for range slots {
		g.Go(func() error {
			for left.Add(-1) >= 0 {
				if err := s.task(ctx, q); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = g.Wait()
	return s, time.Since(start), err
}

// task does one, step by step as the worker of the engine.
func (s *steps) task(ctx context.Context, q *queue.Run) error {
	at := time.Now()
	took := func(n *atomic.Int64) {
		now := time.Now()
		n.Add(int64(now.Sub(at)))
		at = now
	}
	d, err := q.Receive(ctx, controlStages)
	if err != nil {
		return err
	}
	took(&s.receive)
	last := d.Task()
	last.Stage = controlSigned
	if _, _, err := q.Lookup(ctx, last); err != nil {
		return err
	}
	took(&s.lookup)
	if _, err := q.Attempt(ctx, d.Task(), 1); err != nil {
		return err
	}
	took(&s.attempt)
	if _, err := q.Record(ctx, last, controlEntry(last)); err != nil {
		return err
	}
	took(&s.record)
	err = d.Ack(ctx)
	took(&s.ack)
	return err
}

// controlEntry is as large as that of a real task.
func controlEntry(t pipeline.Task) pipeline.Entry {
	e := pipeline.Entry{Stage: t.Stage, Index: t.Index, Verdict: pipeline.VerdictDone, Rows: 4000, Bytes: 8 << 20, Sum: pipeline.Sum{In: 4000, Out: 4000}}
	for _, name := range []string{"spill", "signatures", "keys", "rejects"} {
		e.Outputs = append(e.Outputs, pipeline.Output{Name: fmt.Sprintf("%s/%06d", name, t.Index), Bytes: 1 << 20, Digest: strings.Repeat("0123456789abcdef", 4)})
	}
	e.Counters = columnar.Counters{"fullwidth": 100, "space": 200, "control": 3, "han": 5_000_000, "lines": 40_000}
	return e
}

// fsyncRate is how often a second the disk below a folder takes a small write for good.
func fsyncRate(folder string) (rate float64, err error) {
	f, err := os.Create(filepath.Join(folder, "fsync"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err := json.Marshal(controlEntry(pipeline.Task{Stage: controlSigned}))
	if err != nil {
		return 0, err
	}
	n := 0
	start := time.Now()
	for ; time.Since(start) < 2*time.Second; n++ {
		if _, err := f.Write(data); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}
