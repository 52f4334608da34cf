package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"millrace/pipeline"
)

// phase is a set of stages whose tasks may run at the same time. The next phase needs all of it.
type phase struct {
	name   string
	stages []string
}

// phases of a run, in order. The map phase is named for its last stage: that is where its ledger entries stand.
var phases = []phase{
	{"map", []string{pipeline.StageDedupe}},
	{"settle", []string{pipeline.StageSettle}},
	{"resolve", []string{pipeline.StageResolve}},
	{"emit", []string{pipeline.StageSink, pipeline.StageVocab, pipeline.StageIndex}},
	{"merge", []string{pipeline.StageMerge}},
}

// stallAfter is how long nothing may happen before the queue is asked whether it lost tasks.
const stallAfter = 5 * time.Second

// coordinator moves one run from phase to phase. Its only state is the name of the phase, in the queue, moved on by
// compare-and-set: a coordinator that was replaced is fenced off. Everything else it reads from plan and ledger, so a
// new one continues where the old one died:
//
//	before a phase's tasks are published    they are published again; those that are there stay
//	while tasks run                         the ledger is replayed, the missing ones are waited for
//	before the phase's entries are written  they are written again, the same bytes
//	before the state moves on               the new coordinator finds all entries there and moves it
type coordinator struct {
	queue    pipeline.Queue
	files    *pipeline.Files
	digest   string
	observer Observer
	log      zerolog.Logger
	hook     func(point string)
	limits   *Limits // nil: none
	mender   *mender
	whole    bool // files are checked whole where a run is taken up again: they lie on this machine

	mu      sync.Mutex
	entries map[string]map[int]pipeline.Entry // guarded by mu; the ledger, by stage and index
	over    map[string]map[int]pipeline.Entry // guarded by mu; what ended each task of a phase, likewise
	told    map[string]map[int]pipeline.Entry // guarded by mu; what the observer knows of, also if it was taken back since
	written map[string][]byte                 // guarded by mu; the phase files of the stages that are over
	changed chan struct{}                     // buffer 1: the ledger grew
}

// state is the coordinator's record in the queue.
type state struct {
	Plan  string `json:"plan"`
	Phase string `json:"phase"`
}

func newCoordinator(q pipeline.Queue, f *pipeline.Files, o Observer, log zerolog.Logger, hook func(string)) *coordinator {
	return &coordinator{
		queue: q, files: f, digest: f.Plan.Digest(), observer: o, log: log, hook: hook,
		entries: map[string]map[int]pipeline.Entry{}, over: map[string]map[int]pipeline.Entry{}, told: map[string]map[int]pipeline.Entry{},
		written: map[string][]byte{}, changed: make(chan struct{}, 1), mender: newMender(q, f, log),
	}
}

// run ends when the ledger holds every task of every phase. Watching goes on in a goroutine that ends with it.
func (c *coordinator) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		if err := c.queue.Watch(ctx, c.note); err != nil && ctx.Err() == nil {
			cancel(fmt.Errorf("watch the ledger: %w", err))
		}
	})
	defer watching.Wait()
	defer cancel(nil)

	_, seq, err := c.queue.State(ctx)
	if err != nil {
		return err
	}
	resumed := seq > 0
	for i := 0; i < len(phases); i++ {
		p := phases[i]
		data, err := json.Marshal(state{c.digest, p.name})
		if err != nil {
			return err
		}
		if seq, err = c.queue.SetState(ctx, data, seq); err != nil {
			return pipeline.Cause(ctx, err)
		}
		if p.name == "emit" { // nobody who reads the verdicts would notice
			damaged, err := c.check(ctx, phases[i-1], unchecked)
			if err != nil {
				return pipeline.Cause(ctx, err)
			}
			if damaged {
				i -= 2
				continue
			}
		}
		err = c.phase(ctx, p, resumed)
		if err == nil && p.name == phases[len(phases)-1].name {
			err = errUnsure // what the commit reads is looked at once more
		}
		if err != nil {
			// It may be what an earlier phase left that is damaged.
			back, checkErr := c.firstDamaged(ctx, i, err)
			if checkErr != nil {
				return pipeline.Cause(ctx, checkErr)
			}
			if back <= i {
				i = back - 1
				continue
			}
			if !errors.Is(err, errUnsure) {
				return pipeline.Cause(ctx, fmt.Errorf("phase %s: %w", p.name, err))
			}
		}
		if p.name == "map" {
			if err := c.limits.check(ctx, c.files); err != nil {
				return err
			}
		}
		c.hook("phase:" + p.name)
	}
	return nil
}

// note takes one ledger entry.
func (c *coordinator) note(e pipeline.Entry) error {
	if e.Verdict == pipeline.VerdictVoid {
		c.forget(e)
		return nil
	}
	c.mu.Lock()
	put(c.entries, e)
	known := put(c.told, e)
	// A split ends with its dedupe entry, or with the dead letter of any stage of the map phase.
	if slices.Contains(mapStages, e.Stage) {
		if e.Stage == pipeline.StageDedupe || e.Verdict == pipeline.VerdictDead {
			ending := e
			ending.Stage = pipeline.StageDedupe
			put(c.over, ending)
		}
	} else {
		put(c.over, e)
	}
	c.mu.Unlock()
	if !known {
		if o, ok := c.observer.(LedgerObserver); ok {
			o.Entry(e)
		}
		c.observer.TaskDone(e.Stage)
		if e.Stage == pipeline.StageResolve { // from here on it is known which documents are duplicates
			var duplicates int64
			for _, kind := range []uint8{pipeline.KindExact, pipeline.KindSameKey, pipeline.KindNear} {
				duplicates += e.Counters[pipeline.KindName(kind)]
			}
			c.observer.AddOutcome(e.Rows, duplicates, 0, 0)
		}
	}
	select {
	case c.changed <- struct{}{}:
	default:
	}
	return nil
}

// forget takes back an entry.
func (c *coordinator) forget(e pipeline.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ledger := range []map[string]map[int]pipeline.Entry{c.entries, c.over} {
		delete(ledger[e.Stage], e.Index)
	}
}

// put adds e to a ledger by stage and index and says whether there was one before, which stays.
func put(ledger map[string]map[int]pipeline.Entry, e pipeline.Entry) (known bool) {
	if ledger[e.Stage] == nil {
		ledger[e.Stage] = map[int]pipeline.Entry{}
	}
	if _, known = ledger[e.Stage][e.Index]; !known {
		ledger[e.Stage][e.Index] = e
	}
	return known
}

// phase publishes the tasks of one phase and waits until the ledger holds them all.
// In a run that was taken up again, it looks first whether what they left is still there.
func (c *coordinator) phase(ctx context.Context, p phase, resumed bool) error {
	counts := map[string]int{}
	var tasks []pipeline.Task
	for _, stage := range p.stages {
		n, err := c.tasks(ctx, stage)
		if err != nil {
			return err
		}
		counts[stage] = n
		first := stage
		if stage == pipeline.StageDedupe {
			first = pipeline.StageParse
			for _, s := range mapStages {
				c.observer.Phase(s, n)
			}
		} else {
			c.observer.Phase(stage, n)
		}
		for i := range n {
			tasks = append(tasks, pipeline.Task{Stage: first, Index: i, Plan: c.digest})
		}
	}
	if err := c.queue.Enqueue(ctx, tasks...); err != nil {
		return err
	}
	c.hook("phase:" + p.name + ":enqueued")
	for {
		if err := c.wait(ctx, p, counts); err != nil {
			return err
		}
		if !resumed {
			break
		}
		damaged, err := c.check(ctx, p, func(pipeline.Output) (bool, bool) { return true, c.whole })
		if err != nil {
			return err
		}
		if !damaged {
			break
		}
	}
	// Invariant 4: counted, never inferred from an empty queue.
	for _, stage := range p.stages {
		if err := c.writePhase(ctx, stage, counts[stage]); err != nil {
			return err
		}
	}
	return nil
}

// writePhase writes the entries of a stage that is over where later stages read them.
func (c *coordinator) writePhase(ctx context.Context, stage string, tasks int) error {
	list := make([]pipeline.Entry, tasks)
	for i := range list {
		list[i], _ = c.entry(stage, i)
	}
	data, err := pipeline.EncodePhase(list)
	if err != nil {
		return err
	}
	if err := pipeline.WriteAll(ctx, c.files.Work, pipeline.PhaseName(stage), data); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written[stage] = data
	return nil
}

// tasks is the number of a stage's tasks: it follows from the plan, or from what resolve kept.
func (c *coordinator) tasks(ctx context.Context, stage string) (int, error) {
	switch stage {
	case pipeline.StageDedupe:
		return len(c.files.Plan.Splits), nil
	case pipeline.StageSettle, pipeline.StageIndex:
		return c.files.Plan.Partitions, nil
	case pipeline.StageVocab, pipeline.StageSink:
		shards, err := c.files.Shards(ctx)
		return len(shards), err
	default:
		return 1, nil
	}
}

// entry finds the ledger entry that ended a task.
func (c *coordinator) entry(stage string, index int) (pipeline.Entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.over[stage][index]
	return e, ok
}

func (c *coordinator) missing(p phase, counts map[string]int) (tasks []pipeline.Task) {
	for _, stage := range p.stages {
		for i := range counts[stage] {
			if _, ok := c.entry(stage, i); ok {
				continue
			}
			t := pipeline.Task{Stage: stage, Index: i, Plan: c.digest}
			if stage == pipeline.StageDedupe {
				t.Stage = c.reached(i)
			}
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// reached is the map stage that a split has to go through next, by the ledger.
func (c *coordinator) reached(split int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range slices.Backward(mapStages[:len(mapStages)-1]) {
		if _, ok := c.entries[s][split]; ok {
			t, _ := next(pipeline.Task{Stage: s})
			return t.Stage
		}
	}
	return mapStages[0]
}

func (c *coordinator) wait(ctx context.Context, p phase, counts map[string]int) error {
	want := 0
	for _, n := range counts {
		want += n
	}
	stall := time.NewTicker(stallAfter)
	defer stall.Stop()
	quiet := false // nothing happened since the last tick
	for round := 1; ; {
		if c.have(p) == want {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.changed:
			quiet = false
		case <-stall.C:
			if !quiet {
				quiet = true
				continue
			}
			if err := c.revive(ctx); err != nil {
				return err
			}
			if err := c.keepPhases(ctx); err != nil {
				return err
			}
			lost, err := c.lost(ctx, p, counts)
			if err != nil {
				return err
			}
			if len(lost) == 0 {
				continue
			}
			c.log.Warn().Int("tasks", len(lost)).Str("phase", p.name).Msg("the queue lost tasks, publishing them again")
			if err := c.queue.Requeue(ctx, round, lost...); err != nil {
				return err
			}
			round++
		}
	}
}

func (c *coordinator) have(p phase) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, stage := range p.stages {
		n += len(c.over[stage])
	}
	return n
}

// working lists the stages whose tasks a phase consists of, also those that it is not counted by.
func (p phase) working() []string {
	if slices.Contains(p.stages, pipeline.StageDedupe) {
		return mapStages
	}
	return p.stages
}

// revive looks for stages whose queue has stopped handing out tasks.
func (c *coordinator) revive(ctx context.Context) error {
	dog, ok := c.queue.(pipeline.Watchdog)
	if !ok {
		return nil
	}
	for _, stage := range pipeline.Stages { // of later phases too: who deletes one consumer deletes all
		stuck, err := dog.Stuck(ctx, stage)
		if err != nil {
			return err
		}
		if !stuck {
			continue
		}
		c.log.Warn().Str("stage", stage).Msg("the queue hands out nothing although tasks and workers wait: its consumer is made anew")
		if err := dog.Revive(ctx, stage); err != nil {
			return err
		}
	}
	return nil
}

// lost lists the tasks that are neither done, nor waiting, nor in anybody's hands.
func (c *coordinator) lost(ctx context.Context, p phase, counts map[string]int) ([]pipeline.Task, error) {
	for _, stage := range p.working() {
		waiting, working, err := c.queue.Backlog(ctx, stage)
		if err != nil || waiting+working > 0 {
			return nil, err
		}
	}
	return c.missing(p, counts), nil
}
