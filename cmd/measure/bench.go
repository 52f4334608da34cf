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

	"github.com/spf13/cobra"
)

func benchCommand() *cobra.Command {
	var b bench
	c := b.command("bench", "measure whole runs in turn with zstd -1 on the same bytes", b.run)
	c.Flags().IntVar(&b.runs, "runs", 7, "how often each command is run")
	c.Flags().IntVar(&b.copies, "copies", 4, "size of the large input, in copies of the small one")
	return c
}

type bench struct {
	lab
	runs, copies int
}

// subject is one command that is measured; Its arguments are made anew for every run.
type subject struct {
	name    string
	command func(scratch string) []string
	runs    []usage
}

func (b *bench) run(ctx context.Context, w io.Writer) error {
	inputs, bytes, err := b.inputs()
	if err != nil {
		return err
	}
	pin, err := exec.LookPath("taskset")
	if err != nil {
		return fmt.Errorf("one core is had by taskset (util-linux): %w", err)
	}
	fmt.Fprintf(w, "%s; %d bytes of JSONL (fudan, laws, tvnews); medians of %d runs in turn\n", machine(), bytes, b.runs)
	small, err := b.compare(ctx, w, pin, inputs, bytes)
	if err != nil {
		return err
	}
	if err := b.small(ctx, w, pin); err != nil {
		return err
	}
	in := filepath.Join(b.scratch, "in")
	if inputs, bytes, err = b.multiply(in, b.copies); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d times as much, no document a duplicate of one in another copy\n", b.copies)
	large, err := b.compare(ctx, w, pin, inputs, bytes)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "peak memory: %.0f MB; on %d times the input %.0f MB, a ratio of %.2f\n", small, b.copies, large, large/small)
	return nil
}

// compare measures the whole job on one core and on two in turn with what else reads the inputs. It returns its peak in MB.
func (b *bench) compare(ctx context.Context, w io.Writer, pin string, inputs []string, bytes int64) (peak float64, err error) {
	run := func(scratch string) []string {
		return append([]string{b.binary, "run", "--out", filepath.Join(scratch, "out"), "--log-level", "error"}, inputs...)
	}
	subjects := []*subject{
		zstdOf(inputs),
		{name: "millrace run, 1 core", command: func(s string) []string { return append([]string{pin, "-c", "0"}, run(s)...) }},
		{name: "millrace run, 2 cores", command: func(s string) []string { return append([]string{pin, "-c", "0,1"}, run(s)...) }},
	}
	for _, e := range peers {
		if e.environment != "frames" {
			continue
		}
		command, err := b.peer(ctx, e)
		if err != nil {
			fmt.Fprintf(w, "skip: %s is not measured: %v\n", e.name, err)
			continue
		}
		subjects = append(subjects, &subject{name: e.name, command: func(s string) []string { return command(s, inputs) }})
	}
	if err := inTurn(ctx, subjects, b.runs); err != nil {
		return 0, err
	}
	t := table(w, "command\tCPU s\tCPU ns/byte\tCPU / zstd -1\twall s\tpeak MB\t")
	for _, s := range subjects {
		cpu := median(s.runs, cpuOf)
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t\n", s.name, cpu, cpu*1e9/float64(bytes), ratio(s.runs, subjects[0].runs, cpuOf),
			median(s.runs, wallOf), median(s.runs, peakMB))
	}
	if err := t.Flush(); err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "wall clock, 1 core / 2 cores: %.2f\n", ratio(subjects[1].runs, subjects[2].runs, wallOf))
	return median(subjects[2].runs, peakMB), nil
}

// zstdOf is what the work of a run is compared with: its inputs compressed on one core.
func zstdOf(inputs []string) *subject {
	return &subject{name: "zstd -1 -T1", command: func(string) []string { return append([]string{"zstd", "-1", "-T1", "-q", "-c"}, inputs...) }}
}

// multiply fills a folder with copies of the inputs, each document changed a little so that none is a duplicate of one in another copy.
func (l *lab) multiply(dir string, copies int) (names []string, bytes int64, err error) {
	inputs, size, err := l.inputs()
	if err != nil {
		return nil, 0, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, 0, err
	}
	for i := range copies {
		for _, name := range inputs {
			to := filepath.Join(dir, fmt.Sprintf("%d-%s", i, filepath.Base(name)))
			if err := shifted(name, to, i); err != nil {
				return nil, 0, err
			}
			names = append(names, to)
		}
	}
	return names, size * int64(copies), nil
}

// shifted writes a copy of JSONL whose texts have every Han character moved by n code points: as long, and unlike the first.
func shifted(from, to string, n int) error {
	return whole(to, func(w io.Writer) error {
		enc := encoder(w)
		return eachLine(from, func(r record) error { return enc.Encode(record{r.ID, moved(r.Text, n)}) })
	})
}

// once runs a command in a scratch folder of its own, its output thrown away.
func once(ctx context.Context, command func(scratch string) []string) (u usage, err error) {
	scratch, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return u, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	args := command(scratch)
	if err := warm(scratch, warmBytes); err != nil {
		return u, err
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	return timed(cmd)
}

func median(runs []usage, of func(usage) float64) float64 {
	values := make([]float64, len(runs))
	for i, u := range runs {
		values[i] = of(u)
	}
	return middle(values)
}

// ratio is the median of a's figure over b's, pair by pair: both of a pair ran at the same time of day.
func ratio(a, b []usage, of func(usage) float64) float64 {
	values := make([]float64, len(a))
	for i := range values {
		values[i] = of(a[i]) / of(b[i])
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
