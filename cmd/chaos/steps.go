package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Kinds of step.
const (
	stepIngest  = "ingest"
	stepCompact = "compact"
	stepRemove  = "remove"
	stepPurge   = "purge"
	stepDrop    = "drop"
	stepGC      = "gc"
)

// kept is how many manifests a gc keeps.
const kept = 2

// smallNight is how many kilobytes a small night has: less than half of a shard.
const smallNight = 250

// step is one thing that happens to a corpus, the same by one process and in a storm.
type step struct {
	kind   string
	change func(source string) error // what becomes of the files before it; nil: nothing
	args   []string                  // which documents a removal means
	choose func(documents []document) []string

	version int     // the newest version behind it, as it was in one process
	want    outcome // of a job
}

// stepsOf are two nights, and then so many steps of all kinds in an order that follows from the seed.
func stepsOf(seed uint64, kilobytes, number int, folder string) (list []*step) {
	random := rand.New(rand.NewPCG(seed, 2))
	files := seed
	night := func(kilobytes int) *step {
		files++
		number := files
		return &step{kind: stepIngest, change: func(source string) error {
			return writeInput(filepath.Join(source, strconv.FormatUint(number-seed, 10)), number, kilobytes)
		}}
	}
	list = []*step{night(kilobytes), night(smallNight)}
	var bag []func() *step
	for fresh := true; len(list) < number+2; fresh = list[len(list)-1].makes() {
		if len(bag) == 0 {
			bag = []func() *step{
				func() *step { return changed(random.Uint64()) },
				func() *step { return changed(random.Uint64()) },
				func() *step { return night(smallNight) },
				func() *step { return &step{kind: stepCompact} },
				func() *step { return &step{kind: stepDrop} },
				func() *step { return &step{kind: stepGC} },
				func() *step { return &step{kind: stepPurge} },
				func() *step { return removedByPath(random.Uint64()) },
				func() *step {
					return removedByID(random.Uint64(), filepath.Join(folder, fmt.Sprintf("ids-%d.txt", len(list))))
				},
			}
			random.Shuffle(len(bag), func(i, j int) { bag[i], bag[j] = bag[j], bag[i] })
		}
		one := bag[0]()
		bag = bag[1:]
		if one.kind == stepDrop && !fresh { // a gc may have freed what the corpus was before, and a compaction may have made no version
			list = append(list, changed(random.Uint64()))
		}
		list = append(list, one)
	}
	return list
}

// makes says whether the step makes a version that can be dropped right behind it, whatever the corpus holds.
func (s *step) makes() bool { return s.kind == stepIngest || s.kind == stepRemove }

// changed is a night on which files of earlier ones are others: lines go, lines are revised, lines come.
func changed(seed uint64) *step {
	return &step{kind: stepIngest, change: func(source string) error {
		random := rand.New(rand.NewPCG(seed, 3))
		files, err := filepath.Glob(filepath.Join(source, "*", "*", "*.jsonl"))
		if err != nil {
			return err
		}
		for range min(3, len(files)) {
			if err := changeFile(files[random.IntN(len(files))], random); err != nil {
				return err
			}
		}
		return nil
	}}
}

func removedByPath(seed uint64) *step {
	return &step{kind: stepRemove, choose: func(documents []document) []string {
		return []string{"--path", documents[seed%uint64(len(documents))].path}
	}}
}

// removedByID removes some documents of several shards.
func removedByID(seed uint64, file string) *step {
	return &step{kind: stepRemove, choose: func(documents []document) []string {
		random := rand.New(rand.NewPCG(seed, 4))
		var ids []byte
		for range 20 {
			ids = append(ids, documents[random.IntN(len(documents))].id+"\n"...)
		}
		if err := os.WriteFile(file, ids, 0o600); err != nil {
			return nil // the removal says that it names no document
		}
		return []string{"--ids", file}
	}}
}

// alone does the steps in one process, and notes what came out and what the documents of each version are.
func (o options) alone(ctx context.Context, config, folder string, list []*step) (held map[int]string, err error) {
	source, work, out := filepath.Join(folder, "alone", "news"), filepath.Join(folder, "alone-work"), filepath.Join(folder, "alone-corpus")
	held = map[int]string{0: sumOf(nil)}
	common := []string{"--config", config, "--work", work, "--log-level", "error"}
	t, err := openTable(ctx, out)
	if err != nil {
		return nil, err
	}
	newest, documents := 0, []document(nil)
	for _, s := range list {
		args := []string{s.kind, out}
		switch s.kind {
		case stepIngest:
			if err := s.change(source); err != nil {
				return nil, err
			}
			args = []string{"run", "--json", "--out", out, source}
		case stepRemove:
			s.args = append(s.choose(documents), "--reason", "a letter")
			args = append([]string{s.kind, "--json", out}, s.args...)
		case stepCompact, stepPurge:
			args = []string{s.kind, "--json", out}
		case stepDrop:
			args = append(args, strconv.Itoa(newest))
		case stepGC:
			args = append(args, "--keep", strconv.Itoa(kept))
		}
		var into any = &s.want
		if !s.isJob() {
			into = nil
		}
		if err := o.millrace(ctx, into, slices.Concat(args, common)...); err != nil {
			return nil, fmt.Errorf("in one process: %w", err)
		}
		if newest, err = t.newest(ctx); err != nil {
			return nil, err
		}
		s.version = newest
		if documents, err = t.byManifest(ctx, newest); err != nil {
			return nil, err
		}
		held[newest] = sumOf(documents)
	}
	return held, nil
}

func (s *step) isJob() bool { return s.kind != stepDrop && s.kind != stepGC }

// do does a step on the cluster until it has ended well.
func (o options) do(ctx context.Context, config, corpus, source string, s *step, number int, random *rand.Rand) (err error) {
	if s.change != nil {
		if err := s.change(source); err != nil {
			return err
		}
	}
	limited, cancel := context.WithTimeout(ctx, limitOfStep)
	defer cancel()
	if !s.isJob() {
		err = o.keepUp(limited, config, corpus, s, random)
	} else {
		err = o.job(limited, config, s, number)
	}
	if err != nil {
		return fmt.Errorf("step %d, %s: %w", number+1, s.kind, err)
	}
	return nil
}

// job asks for a job until one has ended well, and compares its result.
func (o options) job(ctx context.Context, config string, s *step, number int) error {
	args := []string{"start", "--job", s.kind, "--wait", "--json", "--config", config, "--log-level", "error"}
	for try := 0; ; try++ {
		var got outcome
		id := fmt.Sprintf("storm-%d-%d", number, try)
		err := o.millrace(ctx, &got, slices.Concat(args, s.args, []string{"--id", id})...)
		if err == nil {
			if fmt.Sprint(got) != fmt.Sprint(s.want) {
				return fmt.Errorf("it gave %v, in one process %v", got, s.want)
			}
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("it does not end: %w", err)
		}
		o.say("  start ended: %v", firstLine(err))
		if !isFailure(err) { // it could not wait; the run goes on
			try--
		}
		pause(ctx, time.Second)
	}
}

// keepUp does a drop or a gc, which is killed now and then.
func (o options) keepUp(ctx context.Context, config, corpus string, s *step, random *rand.Rand) error {
	args := []string{s.kind, corpus}
	if s.kind == stepDrop {
		args = append(args, strconv.Itoa(s.version-1))
	} else {
		args = append(args, "--keep", strconv.Itoa(kept))
	}
	args = append(args, "--config", config, "--log-level", "error")
	for try := 0; ; try++ {
		err := o.killed(ctx, try < 3 && random.IntN(2) == 0, time.Duration(random.IntN(200))*time.Millisecond, args)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("it does not end: %w", err)
		}
		if errors.Is(err, errKilled) {
			o.say("  killed %s", s.kind)
		} else {
			o.say("  %s ended: %v", s.kind, firstLine(err))
		}
		if s.kind == stepDrop { // it may be done, but for what follows from the manifest: that the next command does
			var log struct{ Versions []struct{ Version int } }
			err := o.millrace(ctx, &log, "log", "--json", "--config", config, corpus)
			if n := len(log.Versions); err == nil && n > 0 && log.Versions[n-1].Version == s.version {
				args = []string{stepGC, corpus, "--config", config, "--log-level", "error"}
			}
		}
		pause(ctx, 300*time.Millisecond)
	}
}

var errKilled = errors.New("killed")

// killed runs a command, which is killed after a while if it is to be.
func (o options) killed(ctx context.Context, kill bool, after time.Duration, args []string) error {
	if !kill {
		return o.millrace(ctx, nil, args...)
	}
	limited, cancel := context.WithTimeout(ctx, after)
	defer cancel()
	err := o.millrace(limited, nil, args...)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return errKilled
	}
	return err
}

func pause(ctx context.Context, long time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(long):
	}
}
