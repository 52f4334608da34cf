package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// options of the command.
type options struct {
	minutes   float64
	schedules int // at most so many; 0 is any number
	seed      uint64
	workers   int
	kilobytes int
	steps     int // behind the first two
	binary    string
	nats      string
	store     string // one of those below
	s3        string
	quiet     bool
	env       []string // of all processes
	say       func(format string, args ...any)
}

const (
	storeAny    = "any"
	storeFolder = "folder"
	storeBucket = "s3"
)

// limitOfStep is how long a step may take. It includes the ack wait of what nobody holds any more.
const limitOfStep = 4 * time.Minute

// outcome is what is compared of a job. Where there was nothing to do it is zero.
type outcome struct {
	Digest  string `json:"digest"`
	Version int    `json:"version"`
}

// chaos does schedule after schedule until the time is over.
func chaos(ctx context.Context, o options) (err error) {
	o.say("seed %d", o.seed)
	if !slices.Contains([]string{storeAny, storeFolder, storeBucket}, o.store) {
		return fmt.Errorf("no store is called %q", o.store)
	}
	for _, server := range []*string{&o.nats, &o.s3} {
		if *server, err = filepath.Abs(*server); err != nil {
			return err
		}
		if _, err := os.Stat(*server); err != nil {
			return fmt.Errorf("a server is missing (make chaos builds it): %w", err)
		}
	}
	scratch, release, err := newScratch(ctx, o.say)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release(err != nil)) }()
	if o.binary == "" {
		o.binary = filepath.Join(scratch, "millrace")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.binary, "github.com/millrace/millrace/cmd/millrace").CombinedOutput(); err != nil {
			return fmt.Errorf("build millrace: %w\n%s", err, out)
		}
	}
	end := time.Now().Add(time.Duration(o.minutes * float64(time.Minute)))
	for i := 0; (o.schedules == 0 || i < o.schedules) && (i == 0 || time.Now().Before(end)); i++ {
		if err := schedule(ctx, o, o.seed+uint64(i), filepath.Join(scratch, strconv.Itoa(i))); err != nil {
			return fmt.Errorf("seed %d: %w", o.seed+uint64(i), err)
		}
	}
	return nil
}

// schedule is a sequence of steps in one storm, on a cluster of its own.
func schedule(ctx context.Context, o options, seed uint64, folder string) (err error) {
	random := rand.New(rand.NewPCG(seed, 0))
	list := stepsOf(seed, o.kilobytes, o.steps, folder)
	source := filepath.Join(folder, "news")
	if err := os.MkdirAll(source, 0o755); err != nil {
		return err
	}
	onBucket := o.store == storeBucket || o.store == storeAny && seed%2 == 1
	f := &fleet{folder: folder}
	names := []string{"nats0", "nats1", "nats2"}
	workers := []string{}
	for i := range o.workers {
		workers = append(workers, fmt.Sprintf("worker%d", i))
	}
	workers = append(workers, "map", "rest")
	disk := ""
	if !o.quiet {
		if f.network, err = newNetwork(ctx, int(seed-o.seed), slices.Concat(names, workers, []string{storeBucket})); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.network.remove(context.WithoutCancel(ctx))) }()
		if !onBucket {
			if disk, err = smallDisk(ctx, filepath.Join(folder, "work"), 3*o.kilobytes+20<<10); err != nil {
				return err
			}
		}
		defer func() {
			if disk != "" {
				_, unmount := exec.CommandContext(context.WithoutCancel(ctx), "umount", "--lazy", disk).Output()
				err = errors.Join(err, unmount)
			}
		}()
	}
	config := filepath.Join(folder, "config.yaml")
	urls, err := f.addServers(ctx, o.nats, names)
	if err != nil {
		return err
	}
	out, work := filepath.Join(folder, "corpus"), filepath.Join(folder, "work")
	if onBucket {
		out, work = "s3://bucket/corpus", "s3://bucket/work"
		if f.env, err = f.addBucket(ctx, o.s3, "bucket"); err != nil {
			return err
		}
		o.env = f.env
		for _, v := range f.env { // readers of this process
			name, value, _ := strings.Cut(v, "=")
			if err := os.Setenv(name, value); err != nil {
				return err
			}
		}
	}
	if err := writeConfig(config, out, work, source, urls); err != nil {
		return err
	}
	held, err := o.alone(ctx, config, folder, list)
	if err != nil {
		return err
	}
	f.add(&f.serves, "serve0", o.binary, "serve", "--config", config, "--log-format", "json", "--log-level", "info")
	f.add(&f.serves, "serve1", o.binary, "serve", "--config", config, "--log-format", "json", "--log-level", "info")
	for _, name := range workers {
		args := []string{o.binary, "worker", "--config", config, "--log-format", "json", "--log-level", "info"}
		switch name {
		case "map":
			args = append(args, "--stages", "parse,normalize")
		case "rest":
			args = append(args, "--stages", "dedupe,supersede,settle,resolve,index,vocab,sink,cut,uncount,merge,rewrite,find,remove,unlist,recount")
		}
		f.add(&f.workers, name, args...)
	}
	o.say("schedule %d: corpus in %s, network namespaces %v, small disk %v: %s", seed, out, f.network != nil, disk != "", kindsOf(list))
	counts, err := o.storm(ctx, f, random, disk, func(ctx context.Context, s *storm) error {
		r := &readers{options: o, config: config, corpus: out, held: held, reads: map[string]int{}}
		if r.table, err = openTable(ctx, out); err != nil {
			return err
		}
		if err := r.during(ctx, seed, func(ctx context.Context) error {
			for i, one := range list {
				if err := o.stormy(ctx, s, r, one, i, config, source, !onBucket); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		o.say("  readers: %s", countsOf(r.reads))
		return o.check(ctx, config, filepath.Join(folder, "alone-corpus"), r.table)
	})
	if err != nil {
		return err
	}
	o.say("schedule %d: same digests, sound, no version too many, after: %s", seed, countsOf(counts))
	for _, name := range []string{"corpus", storeBucket, "news", "alone", "alone-corpus", "alone-work"} { // it may go on for hours
		err = errors.Join(err, os.RemoveAll(filepath.Join(folder, name)))
	}
	return err
}

// countsOf is how often what happened, for people.
func countsOf(counts map[string]int) string {
	kinds := slices.Sorted(maps.Keys(counts))
	for i, k := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", counts[k], k)
	}
	return strings.Join(kinds, ", ")
}

func kindsOf(list []*step) string {
	var kinds []string
	for _, s := range list {
		kinds = append(kinds, s.kind)
	}
	return strings.Join(kinds, ", ")
}

// stormy does a step in the storm, and then looks at what is there while nobody works on it.
func (o options) stormy(ctx context.Context, s *storm, r *readers, one *step, number int, config, source string, glob bool) error {
	random := rand.New(rand.NewPCG(uint64(number), 5)) // that of the storm is the storm's
	s.blowFor(time.Duration(6+random.IntN(10)) * time.Second)
	switch one.kind {
	case stepGC:
		r.freed.Store(max(r.freed.Load(), int64(one.version-kept+1))) // a purge may have freed more
	case stepPurge:
		r.freed.Store(int64(one.version))
	}
	if err := o.do(ctx, config, r.corpus, source, one, number, random); err != nil {
		return err
	}
	r.there.Store(int64(one.version))
	if one.kind == stepPurge {
		if err := o.verified(ctx, config, r.corpus, "--purged"); err != nil {
			return err
		}
	}
	o.say("  step %d, %s: version %d, %s", number+1, one.kind, one.version, r.held[one.version])
	if !glob { // what a worker that had been given up writes into a bucket lies there until the next command
		return nil
	}
	list, err := r.table.byGlob(ctx)
	if err == nil && sumOf(list) != r.held[one.version] {
		err = fmt.Errorf("the glob gives %s, version %d has %s", sumOf(list), one.version, r.held[one.version])
	}
	return err
}

// storm does something while everything goes wrong.
func (o options) storm(ctx context.Context, f *fleet, random *rand.Rand, disk string, do func(context.Context, *storm) error) (counts map[string]int, err error) {
	alive, end := context.WithCancel(ctx)
	g, alive := errgroup.WithContext(alive)
	defer func() {
		end()
		err = errors.Join(err, g.Wait())
	}()
	for _, p := range f.all() {
		g.Go(func() error { return p.keep(alive) })
	}
	s := &storm{fleet: f, random: random, disk: disk, say: o.say, counts: map[string]int{}}
	blowing, calm := context.WithCancel(alive)
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.blow(blowing)
	}()
	defer func() {
		calm()
		<-over
	}()
	return s.counts, do(alive, s)
}

// check compares the manifests with those of one process, and verifies the corpus. A bucket may still be in the storm, so it is asked again.
func (o options) check(ctx context.Context, config, alone string, t *table) (err error) {
	other, err := openTable(ctx, alone)
	if err != nil {
		return err
	}
	want, err := other.manifests(ctx)
	if err != nil {
		return err
	}
	var got []versionFile
	for range checkTries {
		if got, err = t.manifests(ctx); err == nil {
			break
		}
	}
	if err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
		err = fmt.Errorf("the manifests say %+v, those of one process %+v", got, want)
	}
	if err != nil {
		return err
	}
	return o.verified(ctx, config, t.at)
}

func (o options) verified(ctx context.Context, config, corpus string, more ...string) (err error) {
	for range checkTries {
		if err = o.millrace(ctx, nil, slices.Concat([]string{"verify", "--config", config, corpus}, more)...); err == nil || isFailure(err) {
			return err
		}
	}
	return err
}

// checkTries is how often a corpus is looked at until its store answers.
const checkTries = 5

// commandError is a command of millrace that has ended badly.
type commandError struct {
	name string
	code int
	text string
}

func (e *commandError) Error() string { return fmt.Sprintf("%s: exit %d: %s", e.name, e.code, e.text) }

// isFailure says that the run itself has failed, as a full disk makes it.
func isFailure(err error) bool {
	e, ok := errors.AsType[*commandError](err)
	return ok && e.code == 1
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// millrace runs a command. What was rejected is no failure: there are bad lines in the input.
func (o options) millrace(ctx context.Context, into any, args ...string) error {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, o.binary, args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &stdout, &stderr, append(os.Environ(), o.env...)
	notOrphaned(cmd)
	err := cmd.Run()
	if cmd.ProcessState == nil {
		return err
	}
	const rejected = 4
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != rejected {
		return &commandError{args[0], code, stderr.String() + stdout.String()}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(stdout.Bytes(), into)
}
