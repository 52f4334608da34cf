package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// benchStart measures what a run costs that has little to do: its start and its end.
type benchStart struct {
	lab
	runs int
}

// tenth is every how many lines the small input has of the large one.
const tenth = 10

func benchStartCommand() *cobra.Command {
	var b benchStart
	c := b.command("bench-start", "measure what a run costs on one document, on a tenth of the real text, and millrace version", b.run)
	c.Flags().IntVar(&b.runs, "runs", 7, "how often each command is run, in turn")
	return c
}

func (b *benchStart) run(ctx context.Context, w io.Writer) error {
	inputs, _, err := b.inputs()
	if err != nil {
		return err
	}
	small, one := filepath.Join(b.scratch, "tenth"), filepath.Join(b.scratch, "one")
	bytes, err := everyLine(inputs, small, tenth)
	if err != nil {
		return err
	}
	if err := os.Mkdir(one, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(one, "one.jsonl"), []byte(`{"id": "1", "text": "一条很短的新闻。"}`+"\n"), 0o644); err != nil {
		return err
	}
	run := func(input string) func(string) []string {
		return func(scratch string) []string {
			return []string{b.binary, "run", input, "--out", filepath.Join(scratch, "out"), "--log-level", "error"}
		}
	}
	subjects := []*subject{
		{name: "millrace version", command: func(string) []string { return []string{b.binary, "version"} }},
		{name: "a run over one document", command: run(one)},
		{name: fmt.Sprintf("a run over %.0f MB", float64(bytes)/1e6), command: run(small)},
	}
	if err := inTurn(ctx, subjects, b.runs); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s; medians of %d runs in turn\n", machine(), b.runs)
	t := table(w, "command\tCPU ms\tCPU ns/byte\twall ms\tpeak MB\t")
	for i, s := range subjects {
		cpu, perByte := median(s.runs, cpuOf), "-"
		if i == 2 {
			perByte = fmt.Sprintf("%.1f", cpu*1e9/float64(bytes))
		}
		fmt.Fprintf(t, "%s\t%.1f\t%s\t%.1f\t%.0f\t\n", s.name, 1000*cpu, perByte, 1000*median(s.runs, wallOf), median(s.runs, peakMB))
	}
	return t.Flush()
}

// inTurn runs each command so often, one after the other, behind one round that is not counted.
func inTurn(ctx context.Context, subjects []*subject, runs int) error {
	for i := range runs + 1 {
		for _, s := range subjects {
			u, err := once(ctx, s.command)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if i > 0 {
				s.runs = append(s.runs, u)
			}
		}
	}
	return nil
}

// everyLine writes every so many lines of files to files of the same names in a new folder, and says how many bytes that are. It holds
// a line at a time: the peak of a process is, for Linux, at least that of the one which starts it.
func everyLine(files []string, folder string, every int) (bytes int64, err error) {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return 0, err
	}
	for _, name := range files {
		err := whole(filepath.Join(folder, filepath.Base(name)), func(w io.Writer) error {
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }() // nothing is written
			for r, n := bufio.NewReaderSize(f, 1<<20), 1; ; n++ {
				line, err := r.ReadBytes('\n')
				if len(line) > 0 && n%every == 0 {
					bytes += int64(len(line))
					if _, err := w.Write(line); err != nil {
						return err
					}
				}
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
			}
		})
		if err != nil {
			return 0, err
		}
	}
	return bytes, nil
}
