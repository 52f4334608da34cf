package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// maxSlower is how much more a stage may cost than at the revision that it is compared with.
const maxSlower = 1.05

// check compares this tree with an earlier revision of it, in pairs of runs.
type check struct {
	lab
	runs      int
	benchtime string
	packages  []string
}

func checkCommand() *cobra.Command {
	var k check
	var rev string
	c := k.command("check REV", "compare each stage and the whole job with those of a revision, and fail if one got slower", func(ctx context.Context, w io.Writer) error {
		return k.run(ctx, w, rev)
	})
	run := c.RunE
	c.Args = cobra.ExactArgs(1)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		rev = args[0]
		return run(cmd, nil)
	}
	c.Flags().IntVar(&k.runs, "runs", 7, "how many pairs are run; what counts is the median of their ratios")
	c.Flags().StringVar(&k.benchtime, "benchtime", "200ms", "how long each benchmark runs each time")
	c.Flags().StringSliceVar(&k.packages, "packages", []string{
		"./stages/...", "./sinks/...", "./pipeline/columnar", "./pipeline/text/...", "./pipeline/sorted",
	}, "whose benchmarks are run")
	return c
}

// side is one of the two trees: this one, or that of the revision.
type side struct {
	folder, binary string
	tests          map[string]string // by package: a binary of its tests
	figures        map[string][]float64
}

func (k *check) run(ctx context.Context, w io.Writer, rev string) (err error) {
	inputs, _, err := k.inputs()
	if err != nil {
		return err
	}
	tree := filepath.Join(k.scratch, "rev")
	if _, err := output(ctx, ".", "git", "worktree", "add", "--detach", tree, rev); err != nil {
		return err
	}
	defer func() {
		_, removeErr := output(context.WithoutCancel(ctx), ".", "git", "worktree", "remove", "--force", tree)
		err = errors.Join(err, removeErr)
	}()
	before, now := &side{folder: tree}, &side{folder: "."}
	for i, s := range []*side{before, now} {
		if err := k.build(ctx, s, filepath.Join(k.scratch, strconv.Itoa(i))); err != nil {
			return err
		}
	}
	for i := range k.runs {
		pair := []*side{before, now}
		if i%2 == 1 { // what the machine does meanwhile hits the first of a pair as often as the second
			slices.Reverse(pair)
		}
		for _, s := range pair {
			if err := k.measure(ctx, s, inputs); err != nil {
				return err
			}
		}
	}
	return report(w, rev, before, now)
}

// build builds the program of a tree and the tests of its packages that have benchmarks.
func (k *check) build(ctx context.Context, s *side, into string) (err error) {
	if into, err = filepath.Abs(into); err != nil {
		return err
	}
	s.binary, s.tests, s.figures = filepath.Join(into, "millrace"), map[string]string{}, map[string][]float64{}
	if _, err := output(ctx, s.folder, "go", "build", "-o", s.binary, "./cmd/millrace"); err != nil {
		return err
	}
	list, err := output(ctx, s.folder, "go", append([]string{"list", "-e", "-f", "{{.ImportPath}} {{.Dir}}"}, k.packages...)...)
	if err != nil {
		return err
	}
	for line := range strings.Lines(list) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		if found, err := hasBenchmarks(dir); err != nil || !found {
			if err != nil {
				return err
			}
			continue
		}
		binary := filepath.Join(into, strings.ReplaceAll(name, "/", "-")+".test")
		if _, err := output(ctx, s.folder, "go", "test", "-c", "-o", binary, name); err != nil {
			return err
		}
		s.tests[dir] = binary
	}
	return nil
}

func hasBenchmarks(dir string) (bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return false, err
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return false, err
		}
		if bytes.Contains(data, []byte("\nfunc Benchmark")) {
			return true, nil
		}
	}
	return false, nil
}

// benchLine is what a benchmark says of itself: its name without the number of CPUs, and its time.
var benchLine = regexp.MustCompile(`(?m)^(Benchmark\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op`)

// measure makes one run of everything in a tree.
func (k *check) measure(ctx context.Context, s *side, inputs []string) error {
	u, err := once(ctx, func(scratch string) []string {
		return append([]string{s.binary, "run", "--out", filepath.Join(scratch, "out"), "--log-level", "error"}, inputs...)
	})
	if err != nil {
		return err
	}
	s.figures["whole job, CPU"] = append(s.figures["whole job, CPU"], cpuOf(u))
	for _, dir := range slices.Sorted(maps.Keys(s.tests)) {
		text, err := output(ctx, dir, s.tests[dir], "-test.run", "^$", "-test.bench", ".", "-test.benchtime", k.benchtime)
		if err != nil {
			return err
		}
		for _, m := range benchLine.FindAllStringSubmatch(text, -1) {
			ns, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				return err
			}
			name := filepath.Base(dir) + " " + m[1]
			s.figures[name] = append(s.figures[name], ns)
		}
	}
	return nil
}

// report prints what both trees have, and fails if some of it got slower.
func report(w io.Writer, rev string, before, now *side) error {
	fmt.Fprintf(w, "%s; this tree beside %s; medians of ratios of pairs\n", machine(), rev)
	t := table(w, "what\tpairs\tnow / then\t")
	var slower []string
	for _, name := range slices.Sorted(maps.Keys(now.figures)) {
		a, b := now.figures[name], before.figures[name]
		if len(a) != len(b) {
			continue // new, or changed
		}
		ratios := make([]float64, len(a))
		for i := range a {
			ratios[i] = a[i] / b[i]
		}
		ratio := middle(ratios)
		fmt.Fprintf(t, "%s\t%d\t%.3f\t\n", name, len(a), ratio)
		if ratio > maxSlower {
			slower = append(slower, fmt.Sprintf("%s (%.2f)", name, ratio))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(slower) > 0 {
		return fmt.Errorf("slower than at %s: %s", rev, strings.Join(slower, ", "))
	}
	return nil
}

// output runs a command in a folder and returns what it prints.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, said.Bytes())
	}
	return string(out), nil
}
