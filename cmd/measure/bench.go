package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func benchCommand() *cobra.Command {
	var shared, data string
	var runs, copies int
	c := &cobra.Command{
		Use: "bench", Short: "measure whole runs in turn with zstd -1 on the same bytes", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return bench(cmd.Context(), cmd.OutOrStdout(), shared, data, runs, copies)
		},
	}
	c.Flags().StringVar(&shared, "shared", "../shared/data", "folder of the real text")
	c.Flags().StringVar(&data, "data", ".cache/measure", "folder of the JSONL")
	c.Flags().IntVar(&runs, "runs", 5, "how often each command is run")
	c.Flags().IntVar(&copies, "copies", 4, "size of the large input whose memory is compared, in copies of the small one")
	return c
}

// usage is what one process cost.
type usage struct {
	cpu, wall time.Duration
	peak      int64 // resident bytes
}

// subject is one command that is measured; Its arguments are made anew for every run.
type subject struct {
	name    string
	command func(scratch string) []string
	runs    []usage
}

func bench(ctx context.Context, w io.Writer, shared, data string, runs, copies int) error {
	if err := makeData(ctx, shared, data); err != nil {
		return err
	}
	var inputs []string
	var bytes int64
	for _, set := range []string{"fudan", "laws", "tvnews"} {
		name := filepath.Join(data, set+".jsonl")
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		bytes += info.Size()
		inputs = append(inputs, name)
	}
	binary, clean, err := build(ctx)
	if err != nil {
		return err
	}
	defer clean()
	pin, err := exec.LookPath("taskset")
	if err != nil {
		return fmt.Errorf("one core is had by taskset (util-linux): %w", err)
	}
	run := func(scratch string) []string {
		return append([]string{binary, "run", "--out", filepath.Join(scratch, "out"), "--log-level", "error"}, inputs...)
	}
	subjects := []*subject{
		{name: "zstd -1 -T1", command: func(string) []string { return append([]string{"zstd", "-1", "-T1", "-q", "-c"}, inputs...) }},
		{name: "millrace run, 1 core", command: func(s string) []string { return append([]string{pin, "-c", "0"}, run(s)...) }},
		{name: "millrace run, 2 cores", command: func(s string) []string { return append([]string{pin, "-c", "0,1"}, run(s)...) }},
	}
	for i := range runs + 1 {
		for _, s := range subjects {
			u, err := once(ctx, s.command)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if i > 0 { // the first is to warm up
				s.runs = append(s.runs, u)
			}
		}
	}
	fmt.Fprintf(w, "%s, %d CPUs; %d bytes of JSONL (fudan, laws, tvnews); medians of %d runs in turn\n",
		processor(), runtime.NumCPU(), bytes, runs)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "command\tCPU s\tCPU ns/byte\tCPU / zstd -1\twall s\tpeak MB\t")
	for _, s := range subjects {
		cpu := median(s.runs, func(u usage) float64 { return u.cpu.Seconds() })
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t\n", s.name, cpu, cpu*1e9/float64(bytes), ratio(s, subjects[0], cpuOf),
			median(s.runs, wallOf), median(s.runs, func(u usage) float64 { return float64(u.peak) / 1e6 }))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "wall clock, 1 core / 2 cores: %.2f\n", ratio(subjects[1], subjects[2], wallOf))
	return memory(ctx, w, binary, inputs, subjects[2], copies)
}

func cpuOf(u usage) float64  { return u.cpu.Seconds() }
func wallOf(u usage) float64 { return u.wall.Seconds() }

// memory runs the job on several copies of the input, each document changed a little so that none is a duplicate, and
// compares its peak with that of the small job.
func memory(ctx context.Context, w io.Writer, binary string, inputs []string, small *subject, copies int) error {
	scratch, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	for i := range copies {
		for _, name := range inputs {
			if err := shifted(name, filepath.Join(scratch, fmt.Sprintf("in/%d-%s", i, filepath.Base(name))), i); err != nil {
				return err
			}
		}
	}
	u, err := once(ctx, func(s string) []string {
		return []string{binary, "run", filepath.Join(scratch, "in"), "--out", filepath.Join(s, "out"), "--log-level", "error"}
	})
	if err != nil {
		return err
	}
	peak := median(small.runs, func(u usage) float64 { return float64(u.peak) })
	fmt.Fprintf(w, "peak memory: %.0f MB; on %d times the input %.0f MB, a ratio of %.2f\n",
		peak/1e6, copies, float64(u.peak)/1e6, float64(u.peak)/peak)
	return nil
}

// shifted writes a copy of JSONL whose texts have every Han character moved by n code points: as long, and unlike the first.
func shifted(from, to string, n int) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // read only
	return whole(to, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		for dec := json.NewDecoder(in); ; {
			var r record
			if err := dec.Decode(&r); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			r.Text = moved(r.Text, n)
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
	})
}

// moved moves every Han character of a text by n code points.
func moved(text string, n int) string {
	return strings.Map(func(c rune) rune {
		if c >= 0x4E00 && c < 0x9F00 {
			return 0x4E00 + (c-0x4E00+rune(n))%(0x9F00-0x4E00)
		}
		return c
	}, text)
}

// once runs a command in a scratch folder of its own, its output thrown away.
func once(ctx context.Context, command func(scratch string) []string) (u usage, err error) {
	scratch, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return u, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	args := command(scratch)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	err = cmd.Run()
	u.wall = time.Since(start)
	if err != nil {
		return u, err
	}
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.peak = peakOf(cmd.ProcessState)
	return u, nil
}

func median(runs []usage, of func(usage) float64) float64 {
	values := make([]float64, len(runs))
	for i, u := range runs {
		values[i] = of(u)
	}
	return middle(values)
}

// ratio is the median of a's figure over b's, pair by pair: both of a pair ran at the same time of day.
func ratio(a, b *subject, of func(usage) float64) float64 {
	values := make([]float64, len(a.runs))
	for i := range values {
		values[i] = of(a.runs[i]) / of(b.runs[i])
	}
	return middle(values)
}

func middle(values []float64) float64 {
	slices.Sort(values)
	if n := len(values); n%2 == 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[len(values)/2]
}

// processor names the machine.
func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
