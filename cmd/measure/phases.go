package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/engine"
)

// sampleEvery is how often the threads of a run are looked at: often enough for a phase of some milliseconds, and seldom enough to
// cost the run a few hundredths of a core.
const sampleEvery = 2 * time.Millisecond

func phasesCommand() *cobra.Command {
	var p phases
	c := p.command("phases", "print for each phase of a run how long it takes, and how much of that it uses one core or none", p.run)
	c.Flags().IntVar(&p.runs, "runs", 7, "how often the run is made; each figure is the median")
	c.Flags().StringVar(&p.input, "input", "", "what is read (default the real text)")
	return c
}

type phases struct {
	lab
	runs  int
	input string
}

// spent is the time of a phase by the number of cores that were in use.
type spent struct{ none, one, more float64 }

func (s spent) wall() float64 { return s.none + s.one + s.more }

// timeline is what one run did: its phases in the order in which they came, and the same for its last tenth.
type timeline struct {
	names []string
	spent map[string]spent
	tail  spent
}

func (p *phases) run(ctx context.Context, w io.Writer) error {
	inputs, _, err := p.inputs()
	if err != nil {
		return err
	}
	if p.input != "" {
		inputs = []string{p.input}
	}
	var runs []timeline
	for i := range p.runs + 1 {
		t, err := p.once(ctx, inputs)
		if err != nil {
			return err
		}
		if i > 0 { // the first is to warm up
			runs = append(runs, t)
		}
	}
	fmt.Fprintf(w, "%s; medians of %d runs; a core is in use if a thread runs or could run\n", machine(), p.runs)
	t := table(w, "phase\twall ms\t% of the run\tone core, % of the run\tno core, % of the run\tcores in use\t")
	row := func(name string, of func(timeline) spent) {
		figure := func(f func(timeline) float64) float64 {
			values := make([]float64, len(runs))
			for i, r := range runs {
				values[i] = f(r)
			}
			return middle(values)
		}
		share := func(part func(spent) float64) float64 {
			return figure(func(t timeline) float64 { return 100 * part(of(t)) / t.wall() })
		}
		cores := figure(func(t timeline) float64 {
			s := of(t)
			return (s.one + s.more*float64(runtime.NumCPU())) / max(s.wall(), 1e-9)
		})
		fmt.Fprintf(t, "%s\t%.0f\t%.1f\t%.1f\t%.1f\t%.2f\t\n", name, figure(func(t timeline) float64 { return 1000 * of(t).wall() }),
			share(spent.wall), share(func(s spent) float64 { return s.one }), share(func(s spent) float64 { return s.none }), cores)
	}
	for _, name := range runs[0].names {
		row(name, func(t timeline) spent { return t.spent[name] })
	}
	row("all", timeline.all)
	row("the last tenth", func(t timeline) spent { return t.tail })
	return t.Flush()
}

func (t timeline) all() (sum spent) {
	for _, s := range t.spent {
		sum.add(s)
	}
	return sum
}

func (t timeline) wall() float64 { return t.all().wall() }

func (s *spent) add(o spent) {
	s.none, s.one, s.more = s.none+o.none, s.one+o.one, s.more+o.more
}

// once makes one run and watches it.
func (p *phases) once(ctx context.Context, inputs []string) (t timeline, err error) {
	scratch, err := os.MkdirTemp(p.scratch, "run-")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	args := append([]string{"run", "--out", filepath.Join(scratch, "out"), "--log-level", "debug", "--log-format", "json"}, inputs...)
	cmd := exec.CommandContext(ctx, p.binary, args...)
	log, err := cmd.StderrPipe()
	if err != nil {
		return t, err
	}
	if err := cmd.Start(); err != nil {
		return t, err
	}
	begun := make(chan string, 64) // more than there are phases: who reads the log never waits
	ended := make(chan struct{})
	var last []byte
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			last = append(last[:0], lines.Bytes()...)
			var line struct{ Message, Phase string }
			if json.Unmarshal(last, &line) == nil && line.Message == engine.PhaseBegins {
				begun <- line.Phase
			}
		}
	}()
	t = watch(cmd.Process.Pid, begun, ended)
	if err := cmd.Wait(); err != nil {
		return t, fmt.Errorf("%w: %s", err, last)
	}
	return t, nil
}

// watch samples the threads of a process until it has ended. What comes before the first phase that it names is called start.
func watch(pid int, begun <-chan string, ended <-chan struct{}) timeline {
	type sample struct {
		phase string
		took  float64
		busy  int
	}
	var samples []sample
	threads := &threads{folder: fmt.Sprintf("/proc/%d/task", pid), open: map[string]*os.File{}}
	defer threads.close()
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	t := timeline{names: []string{"start"}, spent: map[string]spent{}}
	now, at := "start", time.Now()
	for running := true; running; {
		select {
		case now = <-begun:
			if _, known := t.spent[now]; !known {
				t.names, t.spent[now] = append(t.names, now), spent{}
			}
			continue
		case <-ended:
			running = false
		case <-tick.C:
		}
		took := time.Since(at)
		at = at.Add(took)
		samples = append(samples, sample{now, took.Seconds(), threads.busy()})
	}
	whole := 0.0
	for _, s := range samples {
		whole += s.took
	}
	so := 0.0
	for _, s := range samples {
		var part spent
		switch s.busy {
		case 0:
			part.none = s.took
		case 1:
			part.one = s.took
		default:
			part.more = s.took
		}
		sum := t.spent[s.phase]
		sum.add(part)
		t.spent[s.phase] = sum
		if so += s.took; so > 0.9*whole {
			t.tail.add(part)
		}
	}
	return t
}

// threads are those of a process, each by its file of figures.
type threads struct {
	folder string
	open   map[string]*os.File
	calls  int
	buffer [512]byte
}

// listEvery is how often new threads are looked for, in samples.
const listEvery = 5

// busy is how many threads run or could run.
func (t *threads) busy() (n int) {
	if t.calls%listEvery == 0 {
		t.list()
	}
	t.calls++
	for name, f := range t.open {
		m, err := f.ReadAt(t.buffer[:], 0)
		if err != nil && !errors.Is(err, io.EOF) { // it has ended
			_ = f.Close()
			delete(t.open, name)
			continue
		}
		// The state stands behind the name, which is in parentheses and may hold some itself.
		if i := bytes.LastIndexByte(t.buffer[:m], ')'); i >= 0 && i+2 < m && t.buffer[i+2] == 'R' {
			n++
		}
	}
	return n
}

func (t *threads) list() {
	entries, err := os.ReadDir(t.folder)
	if err != nil {
		return // it has ended
	}
	for _, e := range entries {
		if _, known := t.open[e.Name()]; known {
			continue
		}
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		if f, err := os.Open(filepath.Join(t.folder, e.Name(), "stat")); err == nil {
			t.open[e.Name()] = f
		}
	}
}

func (t *threads) close() {
	for _, f := range t.open {
		_ = f.Close()
	}
}
