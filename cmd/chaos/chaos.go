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

// limitOfRun is how long a run may take once the storm is over. It includes the ack wait of what nobody holds any more.
const limitOfRun = 3 * time.Minute

// outcome is what is compared of a run.
type outcome struct {
	Digest    string         `json:"digest"`
	Version   int            `json:"version"`
	Documents map[string]int `json:"documents"`
	Files     map[string]int `json:"files"`
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
	scratch, err := os.MkdirTemp("", "chaos-")
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = os.RemoveAll(scratch)
		} else {
			o.say("logs and corpora are left in %s", scratch)
		}
	}()
	if o.binary == "" {
		o.binary = filepath.Join(scratch, "millrace")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.binary, "millrace/cmd/millrace").CombinedOutput(); err != nil {
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

// schedule is three nights and a compaction in one storm, on a cluster of its own.
func schedule(ctx context.Context, o options, seed uint64, folder string) (err error) {
	random := rand.New(rand.NewPCG(seed, 0))
	in, later := filepath.Join(folder, "news"), filepath.Join(folder, "later")
	for i, night := range []string{in, filepath.Join(later, "1"), filepath.Join(later, "2")} {
		size := o.kilobytes
		if i > 0 {
			size = smallNight
		}
		if err := os.MkdirAll(night, 0o755); err != nil {
			return err
		}
		if err := writeInput(night, seed+uint64(i), size); err != nil {
			return err
		}
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
	}
	if err := writeConfig(config, out, work, in, urls); err != nil {
		return err
	}
	want, err := o.alone(ctx, config, folder, in, later)
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
			args = append(args, "--stages", "dedupe,settle,resolve,index,vocab,sink,merge,rewrite")
		}
		f.add(&f.workers, name, args...)
	}
	o.say("schedule %d: corpus in %s, network namespaces %v, small disk %v", seed, out, f.network != nil, disk != "")
	counts, err := o.storm(ctx, f, random, disk, func(ctx context.Context) error {
		var got []outcome
		for i, job := range jobs {
			if err := arrive(later, in, i); err != nil {
				return err
			}
			one, err := o.run(ctx, config, job, i)
			if err != nil {
				return err
			}
			got = append(got, one)
		}
		return o.check(ctx, config, out, got, want)
	})
	if err != nil {
		return err
	}
	kinds := slices.Sorted(maps.Keys(counts))
	for i, k := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", counts[k], k)
	}
	o.say("schedule %d: same digests, sound, no version too many, after: %s", seed, strings.Join(kinds, ", "))
	return errors.Join(os.RemoveAll(filepath.Join(folder, "corpus")), os.RemoveAll(filepath.Join(folder, storeBucket)))
}

// jobs are what is asked for in a storm: a large night, two small ones, and a compaction of what these brought.
var jobs = []string{"ingest", "ingest", "ingest", "compact"}

// smallNight is how many kilobytes a small night has: less than half of a shard.
const smallNight = 250

// arrive moves the files of a small night to the others, whole, before its job.
func arrive(from, to string, job int) error {
	name := strconv.Itoa(job)
	if _, err := os.Stat(filepath.Join(from, name)); err != nil {
		return nil //nolint:nilerr // no night is this job's
	}
	return os.Rename(filepath.Join(from, name), filepath.Join(to, name))
}

// alone does the jobs in one process, and puts the files back.
func (o options) alone(ctx context.Context, config, folder, in, later string) (want []outcome, err error) {
	work, out := filepath.Join(folder, "alone-work"), filepath.Join(folder, "alone")
	want = make([]outcome, len(jobs))
	for i, job := range jobs {
		if err := arrive(later, in, i); err != nil {
			return nil, err
		}
		args := []string{"run", "--json", "--config", config, "--work", work, "--log-level", "error", "--out", out, in}
		if job == "compact" {
			args = []string{"compact", "--json", "--config", config, "--work", work, "--log-level", "error", out}
		}
		if err := o.millrace(ctx, &want[i], args...); err != nil {
			return nil, err
		}
	}
	for i := range jobs {
		if err := arrive(in, later, i); err != nil {
			return nil, err
		}
	}
	return want, nil
}

// storm does something while everything goes wrong.
func (o options) storm(ctx context.Context, f *fleet, random *rand.Rand, disk string, do func(context.Context) error) (counts map[string]int, err error) {
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
	blowing, calm := context.WithTimeout(alive, 20*time.Second+time.Duration(random.IntN(20))*time.Second)
	defer calm()
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.blow(blowing)
		o.say("  the storm is over")
	}()
	defer func() {
		calm()
		<-over
	}()
	return s.counts, do(alive)
}

// run asks for a job until one has ended well, and returns its result.
func (o options) run(ctx context.Context, config, job string, number int) (got outcome, err error) {
	limited, cancel := context.WithTimeout(ctx, limitOfRun)
	defer cancel()
	for try := 0; ; try++ {
		id := fmt.Sprintf("storm-%d-%d", number, try)
		err := o.millrace(limited, &got, "start", "--job", job, "--wait", "--json", "--config", config, "--log-level", "error", "--id", id)
		if err == nil {
			if got.Version != 0 {
				return got, nil
			}
			return got, errors.New("the run found nothing to do")
		}
		if limited.Err() != nil {
			return got, fmt.Errorf("the run does not end: %w", err)
		}
		o.say("  start ended: %v", firstLine(err))
		if !isFailure(err) { // it could not wait; the run goes on
			try--
		}
		select {
		case <-limited.Done():
		case <-time.After(time.Second):
		}
	}
}

// check looks at what came out. A bucket may still be in the storm, so it is asked again.
func (o options) check(ctx context.Context, config, corpus string, got, want []outcome) (err error) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		return fmt.Errorf("the runs gave %+v, in one process they gave %+v", got, want)
	}
	for range checkTries {
		var log struct{ Versions []struct{ Version int } }
		if err = o.millrace(ctx, &log, "log", "--json", "--config", config, corpus); err == nil && len(log.Versions) != len(want) {
			return fmt.Errorf("there are not %d versions: %v", len(want), log.Versions)
		}
		if err == nil {
			err = o.millrace(ctx, nil, "verify", "--config", config, corpus)
		}
		if err == nil || isFailure(err) {
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
