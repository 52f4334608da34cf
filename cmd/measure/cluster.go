package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// What a cluster on one machine is meant to cost at most, in CPU of all its processes, beside the same run in one process. It is printed
// beside what it does cost.
const (
	mostTogether = 1.08 // one worker with all stages
	mostChained  = 1.3  // one process per stage of an ingest, with spills between all of them
)

func clusterCommand() *cobra.Command {
	var b clusterBench
	c := b.command("cluster", "measure what a run costs as a cluster on one machine, beside one process", b.run)
	c.Flags().IntVar(&b.runs, "runs", 3, "how often each is run")
	c.Flags().IntVar(&b.copies, "copies", 4, "size of the input in copies of the real text, so that it is no matter what a dozen processes cost to start")
	return c
}

type clusterBench struct {
	lab
	runs, copies int
}

// arrangement is a way to do a run.
type arrangement struct {
	name    string
	workers []string // --stages of each; none: millrace run
	most    float64  // times the CPU of the first arrangement
	runs    []usage
	digest  string
}

func (b *clusterBench) run(ctx context.Context, w io.Writer) error {
	in := filepath.Join(b.scratch, "in")
	_, bytes, err := b.multiply(in, b.copies)
	if err != nil {
		return err
	}
	stages, err := stagesOf(ctx, b.binary)
	if err != nil {
		return err
	}
	list := []*arrangement{
		{name: "millrace run"},
		{name: "serve and one worker", workers: []string{strings.Join(stages, ",")}, most: mostTogether},
		{name: "serve and a worker per stage", workers: stages, most: mostChained},
	}
	for range b.runs {
		for _, a := range list {
			u, digest, err := a.once(ctx, b.binary, in)
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			a.runs, a.digest = append(a.runs, u), digest
		}
	}
	fmt.Fprintf(w, "%s; %d bytes of JSONL (fudan, laws, tvnews, %d times); medians of %d runs in turn\n", machine(), bytes, b.copies, b.runs)
	t := table(w, "arrangement\tCPU s\tratio\tat most\twall s\tprocesses' peaks MB\t")
	var errs []error
	for _, a := range list {
		r := ratio(a.runs, list[0].runs, cpuOf)
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t\n", a.name, median(a.runs, cpuOf), r, a.most, median(a.runs, wallOf),
			median(a.runs, peakMB))
		if a.digest != list[0].digest {
			errs = append(errs, fmt.Errorf("%s: digest %s, alone it is %s", a.name, a.digest, list[0].digest))
		}
	}
	// parse, normalize and sign are one process in the second arrangement, three in the third.
	hops := median(list[2].runs, cpuOf) - median(list[1].runs, cpuOf)
	const between = 2
	fmt.Fprintf(t, "a hop between two processes: %.2f s of CPU, %.2f ns per byte of input\n", hops/between, hops/between*1e9/float64(bytes))
	return errors.Join(append(errs, t.Flush())...)
}

// stagesOf are the stages of an ingest, which come first when a millrace tells what it knows to whoever asks for a stage that it does
// not know.
func stagesOf(ctx context.Context, binary string) ([]string, error) {
	const last = "merge"
	said, err := exec.CommandContext(ctx, binary, "worker", "--out", os.TempDir(), "--stages", "?").CombinedOutput()
	_, list, _ := strings.Cut(string(said), "known are ")
	list, _, _ = strings.Cut(list, "\n")
	stages := strings.Split(list, ", ")
	n := slices.Index(stages, last) + 1
	if n == 0 {
		return nil, fmt.Errorf("millrace does not name its stages, with %s among them: %q, %w", last, said, err)
	}
	return stages[:n], nil
}

// once does a run in this arrangement. The peak is the sum of those of all processes.
func (a *arrangement) once(ctx context.Context, binary, in string) (total usage, digest string, err error) {
	scratch, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return total, "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	out := filepath.Join(scratch, "out")
	config := filepath.Join(scratch, "config.yaml")
	text := fmt.Sprintf("sources: [{name: %q, path: %q, scan: true}]\nout: %q\nserve: {http: ''}\n", filepath.Base(in), in, out)
	if err := errors.Join(os.WriteFile(config, []byte(text), 0o600), warm(scratch, warmBytes)); err != nil {
		return total, "", err
	}
	if a.workers == nil {
		n, err := finish(exec.CommandContext(ctx, binary, "run", "--json", "--config", config, "--out", out, "--log-level", "error", in))
		return n.usage, n.Digest, err
	}
	start := time.Now()
	var members []*exec.Cmd
	begin := func(args ...string) error {
		cmd := exec.CommandContext(ctx, binary, append(args, "--config", config, "--log-level", "error")...)
		members = append(members, cmd)
		return cmd.Start()
	}
	err = begin("serve")
	for _, stages := range a.workers {
		if err == nil {
			err = begin("worker", "--stages", stages)
		}
	}
	// The server is there before a coordinator has opened the corpus.
	for err == nil && exec.CommandContext(ctx, binary, "status", "--config", config).Run() != nil {
		time.Sleep(10 * time.Millisecond)
		err = ctx.Err()
	}
	var n night
	if err == nil {
		n, err = finish(exec.CommandContext(ctx, binary, "start", "--wait", "--json", "--config", config, "--log-level", "error"))
	}
	total = n.usage
	total.wall = time.Since(start)
	for _, m := range members {
		if m.Process != nil {
			err = errors.Join(err, m.Process.Signal(syscall.SIGTERM))
		}
	}
	for _, m := range members {
		if m.Process != nil {
			_ = m.Wait() // it was told to end
			total.add(m.ProcessState)
		}
	}
	return total, n.Digest, err
}
