package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/measure/hostile"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// What a run may have resident: the process itself, and for each slot five times a document of the largest size (64 MiB by
// default), because it has two batches, each of which one document may fill, the row or page that the reader is at, and half as
// much again that is not collected yet.
const (
	memoryBase    = 256 << 20
	memoryPerSlot = 5 * 64 << 20
)

func memoryCommand() *cobra.Command {
	var m memoryRuns
	c := &cobra.Command{
		Use: "memory", Short: "run hostile inputs, each by itself, and print the peak memory", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return m.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	c.Flags().StringVar(&m.data, "data", ".cache/measure", "folder for the inputs, of which the largest has 4 GB")
	c.Flags().StringVar(&m.only, "only", "", "part of the names of the inputs to run")
	c.Flags().StringVar(&m.binary, "binary", "", "the program to run; built if none is named")
	c.Flags().BoolVar(&m.keep, "keep", false, "keep inputs and corpora")
	c.Flags().DurationVar(&m.limit, "limit", 10*time.Minute, "longest time of one run, which is stopped then")
	c.AddCommand(&cobra.Command{
		Use: "make NAME FILE", Hidden: true, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, h := range hostile.Inputs {
				if h.Name == args[0] {
					n, err := h.Write(args[1])
					fmt.Fprintln(cmd.OutOrStdout(), n)
					return err
				}
			}
			return fmt.Errorf("no input is called %q", args[0])
		},
	})
	return c
}

type memoryRuns struct {
	lab   // without the real text
	only  string
	limit time.Duration
}

// run makes every input, runs the program on it, and prints a line.
func (m *memoryRuns) run(ctx context.Context, w io.Writer) error {
	clean, err := m.open(ctx, "memory")
	if err != nil {
		return err
	}
	defer clean()
	bound := memoryBase + memoryPerSlot*int64(runtime.NumCPU())
	fmt.Fprintf(w, "%s; bound %d MiB: %d and %d a slot\n", machine(), bound>>20, memoryBase>>20, memoryPerSlot>>20)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "input\tstored MB\tdecoded MB\tdocuments\tkept\trejects\texit\tseconds\tCPU s\tpeak MiB\tits own word\tpeak disk MB\t")
	over := 0
	for _, h := range hostile.Inputs {
		if !strings.Contains(h.Name, m.only) {
			continue
		}
		r, err := m.one(ctx, h)
		if err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
		word := ""
		if r.peak > bound {
			word = " OVER"
			over++
		}
		line := fmt.Sprintf("%s\t%.1f\t%.0f\t%d\t%d\t%s\t%d\t%.1f\t%.1f\t%d%s\t%d\t%.0f\t", h.Name, float64(r.stored)/1e6, float64(r.decoded)/1e6,
			r.result.Documents.Read, r.result.Documents.Kept, r.reasons, r.code, r.wall.Seconds(), r.cpu.Seconds(), r.peak>>20, word,
			r.result.PeakRSSBytes>>20, float64(r.disk)/1e6)
		fmt.Fprintln(t, line)
		fmt.Fprintln(os.Stderr, strings.ReplaceAll(line, "\t", "  "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if over > 0 {
		return fmt.Errorf("%d inputs took more than %d MiB", over, bound>>20)
	}
	return nil
}

// hostileRun is what became of one input.
type hostileRun struct {
	usage
	stored, decoded int64
	result          ingest.Result
	disk            int64 // the most that the corpus and its work folder had at a time, as far as seen
	code            int
	reasons         string
}

// one makes an input and runs the program on it. The input is made by a process of its own, because a process that is
// started from a large one counts as large itself.
func (m *memoryRuns) one(ctx context.Context, h hostile.Input) (r hostileRun, err error) {
	folder := filepath.Join(m.scratch, strings.ReplaceAll(h.Name, " ", "-"))
	in, out := filepath.Join(folder, "in"), filepath.Join(folder, "out")
	if err := os.MkdirAll(in, 0o755); err != nil {
		return r, err
	}
	if !m.keep {
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	}
	file := filepath.Join(in, h.File)
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	maker := exec.CommandContext(ctx, self, "memory", "make", h.Name, file)
	maker.Stderr = os.Stderr
	made, err := maker.Output()
	if err != nil {
		return r, err
	}
	if _, err := fmt.Sscan(string(made), &r.decoded); err != nil {
		return r, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return r, err
	}
	r.stored = info.Size()

	var stdout, stderr bytes.Buffer
	limited, cancel := context.WithTimeout(ctx, m.limit)
	defer cancel()
	cmd := exec.CommandContext(limited, m.binary, "run", in, "--out", out, "--json", "--log-level", "error")
	cmd.Env = append(os.Environ(), h.Settings...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	seen := watchDisk(limited, out)
	r.usage, err = timed(cmd)
	late := limited.Err()
	cancel()
	r.disk = <-seen
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return r, err
	}
	r.code = cmd.ProcessState.ExitCode()
	if late != nil {
		r.reasons = "stopped after " + m.limit.String()
		return r, ctx.Err()
	}
	if stdout.Len() > 0 {
		if err := json.Unmarshal(stdout.Bytes(), &r.result); err != nil {
			return r, err
		}
	}
	if r.result.Version == 0 {
		first, _, _ := strings.Cut(stderr.String(), "\n")
		r.reasons = first[:min(len(first), 60)]
		return r, nil
	}
	r.reasons, err = reasonsOf(ctx, out)
	return r, err
}

// watchDisk adds up the files of a folder every half second until ctx ends, and then sends the most it has seen.
func watchDisk(ctx context.Context, folder string) <-chan int64 {
	most := make(chan int64, 1)
	go func() {
		var top int64
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			var sum int64
			_ = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return nil //nolint:nilerr // Files come and go.
				}
				if info, err := d.Info(); err == nil {
					sum += info.Size()
				}
				return nil
			})
			top = max(top, sum)
			select {
			case <-ctx.Done():
				most <- top
				return
			case <-tick.C:
			}
		}
	}()
	return most
}

// reasonsOf sums up what a corpus says of the rejects of its newest version.
func reasonsOf(ctx context.Context, out string) (string, error) {
	list, err := manifests(ctx, out)
	if err != nil {
		return "", err
	}
	reasons := list[len(list)-1].Reasons
	var parts []string
	for _, kind := range []struct {
		name string
		of   map[string]int64
	}{{"", reasons.Rejected}, {"file: ", reasons.Files}} {
		for _, reason := range slices.Sorted(maps.Keys(kind.of)) {
			if n := kind.of[reason]; n > 0 {
				parts = append(parts, fmt.Sprintf("%s%s %d", kind.name, reason, n))
			}
		}
	}
	return strings.Join(parts, ", "), nil
}
