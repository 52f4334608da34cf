package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

//go:embed peers/peers.py
var peersScript []byte

// environments are the virtual environments that the other tools live in, and what is pinned in each.
var environments = map[string][]string{
	"frames":     {"polars==2.1.0", "duckdb==2.0.1"},
	"sketches":   {"FastSketchLSH==1.0.1", "rensa==0.5.0", "gaoya==0.2.2", "datasketch==2.0.0"},
	"daft":       {"daft==0.7.26", "numpy"},
	"text-dedup": {"text-dedup==0.4.0"},
	"dolma":      {"dolma==1.2.1"},
	"datatrove":  {"datatrove[io,processing]==0.10.1", "spacy==3.8.18", "jieba==0.42.1", "orjson"},
	"juicer":     {"py-data-juicer==1.6.1", "aiohttp"},
}

// peer is a job of another tool: a function of the script, in an environment.
type peer struct {
	name, environment, function string
	slow                        bool // measured once, not --runs times
}

var peers = []peer{
	{"polars: exact, Parquet", "frames", "polars", false},
	{"DuckDB: exact, Parquet", "frames", "duckdb", false},
	{"dolma: exact, Bloom filter", "dolma", "dolma", false},
	{"FastSketchLSH: ready-made hashes", "sketches", "fastsketch", false},
	{"rensa: ready-made hashes", "sketches", "rensa", false},
	{"Daft: MinHash of characters", "daft", "daft", true},
	{"gaoya: characters", "sketches", "gaoya", true},
	{"datasketch: ready-made hashes", "sketches", "datasketch", true},
	{"text-dedup: characters", "text-dedup", "textdedup", true},
	{"datatrove: characters", "datatrove", "datatrove", true},
	{"datatrove: Chinese words", "datatrove", "datatrove_words", true},
	{"data-juicer: characters", "juicer", "datajuicer", true},
}

// peersLab measures other tools beside the program.
type peersLab struct {
	lab
	runs int
	only []string
}

func peersCommand() *cobra.Command {
	var p peersLab
	c := p.command("peers", "measure deduplication by other tools in turn with the whole job, with recall and false removals", p.run)
	c.Flags().IntVar(&p.runs, "runs", 3, "how often each of the fast ones is run")
	c.Flags().StringSliceVar(&p.only, "only", nil, "environments to measure, instead of all: "+strings.Join(slices.Sorted(maps.Keys(environments)), ", "))
	return c
}

// contender is one row of the table.
type contender struct {
	name    string
	slow    bool
	command func(scratch string, inputs []string) []string
	kept    func(ctx context.Context, scratch string) (map[string]bool, error)
	runs    []usage // over all of the input
	tenth   usage   // over a tenth of it, what it costs to start among it
	own     []float64
	ids     map[string]bool // of what it kept
}

func (p *peersLab) run(ctx context.Context, w io.Writer) error {
	inputs, size, err := p.inputs()
	if err != nil {
		return err
	}
	for i := range inputs {
		if inputs[i], err = filepath.Abs(inputs[i]); err != nil {
			return err
		}
	}
	few := filepath.Join(p.scratch, "tenth")
	fewSize, err := everyLine(inputs, few, tenth)
	if err != nil {
		return err
	}
	var fewInputs []string
	for _, name := range inputs {
		fewInputs = append(fewInputs, filepath.Join(few, filepath.Base(name)))
	}
	contenders, err := p.contenders(ctx)
	if err != nil {
		return err
	}
	for _, c := range contenders {
		if c.tenth, err = p.once(ctx, c, fewInputs, false); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	for i := range p.runs {
		for _, c := range contenders {
			if i > 0 && c.slow {
				continue
			}
			u, err := p.once(ctx, c, inputs, true)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.runs = append(c.runs, u)
		}
	}
	fmt.Fprintf(w, "%s, %s; %d bytes of JSONL (fudan, laws, tvnews); medians of %d runs in turn, of one where a tool is slow\n",
		machine(), time.Now().Format(time.DateOnly), size, p.runs)
	t := table(w, "tool\tCPU ns/byte\twithout start\town work\twall s\tpeak MB\tpairs J>=.80 found\tremoved\tfalsely\t")
	for _, c := range contenders {
		cpu := median(c.runs, cpuOf)
		own := "-"
		if len(c.own) > 0 {
			own = fmt.Sprintf("%.1f", middle(c.own)*1e9/float64(size))
		}
		v, err := p.judge(ctx, c.ids)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%s\t%.1f\t%.0f\t%s\t%d\t%s\t\n", c.name, cpu*1e9/float64(size),
			(cpu-cpuOf(c.tenth))*1e9/float64(size-fewSize), own, median(c.runs, wallOf), median(c.runs, peakMB),
			share(v.found, v.near), v.removed, share(v.falsely, v.removed))
	}
	return t.Flush()
}

// contenders are zstd as the measure of the machine, the program, and the peers, their environments built.
func (p *peersLab) contenders(ctx context.Context) ([]*contender, error) {
	all := []*contender{{
		name: "millrace: whole job",
		command: func(s string, in []string) []string {
			return append([]string{p.binary, "run", "--out", filepath.Join(s, "out"), "--log-level", "error"}, in...)
		},
		kept: func(_ context.Context, s string) (map[string]bool, error) { return keptIn(filepath.Join(s, "out")) },
	}}
	for _, e := range peers {
		if len(p.only) > 0 && !slices.Contains(p.only, e.environment) {
			continue
		}
		command, err := p.peer(ctx, e)
		if err != nil {
			return nil, err
		}
		all = append(all, &contender{
			name: e.name, slow: e.slow, command: command,
			kept: func(_ context.Context, s string) (map[string]bool, error) { return lines(filepath.Join(s, "kept")) },
		})
	}
	return all, nil
}

// peer returns the command of a peer, its environment built.
func (l *lab) peer(ctx context.Context, e peer) (command func(scratch string, inputs []string) []string, err error) {
	script := filepath.Join(l.scratch, "peers.py")
	if err := os.WriteFile(script, peersScript, 0o644); err != nil {
		return nil, err
	}
	python, err := l.environment(ctx, e.environment, environments[e.environment])
	if err != nil {
		return nil, fmt.Errorf("the environment of %s: %w", e.name, err)
	}
	return func(s string, in []string) []string { return append([]string{python, script, e.function, s}, in...) }, nil
}

// environment returns the interpreter of a virtual environment, which is built when its pins are new.
func (l *lab) environment(ctx context.Context, name string, pins []string) (python string, err error) {
	sum := sha256.Sum256([]byte(strings.Join(pins, "\n")))
	dir, err := filepath.Abs(filepath.Join(l.data, "..", "peers", name+"-"+hex.EncodeToString(sum[:4])))
	if err != nil {
		return "", err
	}
	python, ready := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return python, nil
	}
	for _, args := range [][]string{
		{"python3", "-m", "venv", "--clear", dir},
		append([]string{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"}, pins...),
	} {
		if _, err := output(ctx, ".", args[0], args[1:]...); err != nil {
			return "", err
		}
	}
	return python, os.WriteFile(ready, nil, 0o644)
}

// once runs a contender in a folder of its own. Of what it makes of the whole input it notes what it kept, and what was its own work.
func (p *peersLab) once(ctx context.Context, c *contender, inputs []string, whole bool) (u usage, err error) {
	scratch, err := os.MkdirTemp(p.scratch, "run-")
	if err != nil {
		return u, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	args := c.command(scratch, inputs)
	var out, failure bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = scratch, &out, &failure
	if u, err = timed(cmd); err != nil {
		return u, fmt.Errorf("%w: %s", err, tail(failure.String()))
	}
	if !whole {
		return u, nil
	}
	for line := range strings.Lines(out.String()) {
		if number, ok := strings.CutPrefix(strings.TrimSpace(line), "own "); ok {
			seconds, err := strconv.ParseFloat(number, 64)
			if err != nil {
				return u, err
			}
			c.own = append(c.own, seconds)
		}
	}
	c.ids, err = c.kept(ctx, scratch)
	return u, err
}

// tail is the end of what a program said before it failed.
func tail(said string) string {
	const most = 2000
	said = strings.TrimSpace(said)
	return said[max(0, len(said)-most):]
}

func lines(name string) (map[string]bool, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		set[strings.TrimSuffix(line, "\n")] = true
	}
	return set, nil
}

// verdict is what a tool found of the exhaustive pairs of all sets, and what it removed.
type verdict struct{ near, found, removed, falsely int }

// judge counts over the sets that whole runs are measured on. A removal is false if the document has shingles enough to be
// among the exhaustive pairs and resembles, at J >= .70, nothing that was kept.
func (p *peersLab) judge(ctx context.Context, kept map[string]bool) (verdict, error) {
	var v verdict
	for _, set := range []string{"fudan", "laws", "tvnews"} {
		m, err := marksOf(ctx, filepath.Join(p.data, set+".jsonl"), pairsFile(p.shared, set), kept)
		if err != nil {
			return v, fmt.Errorf("%s: %w", set, err)
		}
		v.near, v.found = v.near+m.near, v.found+m.found
		v.removed, v.falsely = v.removed+m.removed, v.falsely+m.lost+m.unlisted
	}
	return v, nil
}
