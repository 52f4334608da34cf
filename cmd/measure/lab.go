package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// lab is what every measurement on the real text has.
type lab struct {
	shared, data string // folders: of the real text, and of its JSONL
	scratch      string // an absolute folder below data for what a measurement leaves
	keep         bool   // scratch, once it is over
	binary       string // the program, built from this tree
}

// command makes a command that measures once the lab is there.
func (l *lab) command(name, short string, measure func(ctx context.Context, w io.Writer) error) *cobra.Command {
	c := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if err := makeData(ctx, l.shared, l.data); err != nil {
				return err
			}
			name, _, _ := strings.Cut(name, " ") // the rest names its arguments
			clean, err := l.open(ctx, name)
			if err != nil {
				return err
			}
			defer clean()
			return measure(ctx, cmd.OutOrStdout())
		},
	}
	c.Flags().StringVar(&l.shared, "shared", "../shared/data", "folder of the real text and its pairs")
	c.Flags().StringVar(&l.data, "data", ".cache/measure", "folder of the JSONL, and to work in")
	return c
}

// open makes the scratch folder, and in it the program, unless one is named.
func (l *lab) open(ctx context.Context, name string) (clean func(), err error) {
	if err := os.MkdirAll(l.data, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(l.data, name+"-")
	if err != nil {
		return nil, err
	}
	clean = func() {
		if !l.keep {
			_ = os.RemoveAll(dir)
		}
	}
	if l.scratch, err = filepath.Abs(dir); err == nil && l.binary == "" {
		l.binary = filepath.Join(l.scratch, "millrace")
		cmd := exec.CommandContext(ctx, "go", "build", "-o", l.binary, "./cmd/millrace")
		cmd.Stderr = os.Stderr
		if err = cmd.Run(); err != nil {
			err = fmt.Errorf("build: %w", err)
		}
	}
	if err != nil {
		clean()
		return nil, err
	}
	return clean, nil
}

// inputs are the files that whole runs are measured on, and how many bytes they have.
func (l *lab) inputs() (names []string, bytes int64, err error) {
	for _, set := range []string{"fudan", "laws", "tvnews"} {
		name := filepath.Join(l.data, set+".jsonl")
		info, err := os.Stat(name)
		if err != nil {
			return nil, 0, err
		}
		bytes += info.Size()
		names = append(names, name)
	}
	return names, bytes, nil
}

// table is a table of figures for people.
func table(w io.Writer, head string) *tabwriter.Writer {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, head)
	return t
}

// usage is what one process cost.
type usage struct {
	cpu, wall time.Duration
	peak      int64 // resident bytes
}

func cpuOf(u usage) float64  { return u.cpu.Seconds() }
func wallOf(u usage) float64 { return u.wall.Seconds() }
func peakMB(u usage) float64 { return float64(u.peak) / 1e6 }

func (u *usage) add(p *os.ProcessState) {
	u.cpu += p.UserTime() + p.SystemTime()
	u.peak += peakOf(p)
}

// timed runs a command to its end.
func timed(cmd *exec.Cmd) (u usage, err error) {
	start := time.Now()
	err = cmd.Run()
	u.wall = time.Since(start)
	if cmd.ProcessState != nil {
		u.add(cmd.ProcessState)
	}
	return u, err
}

// machine names what is measured on.
func machine() string {
	return fmt.Sprintf("%s, %d CPUs", processor(), runtime.NumCPU())
}

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
