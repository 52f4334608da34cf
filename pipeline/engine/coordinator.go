package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
)

// stallAfter is how long nothing may happen before the queue is asked whether it lost tasks.
const stallAfter = 5 * time.Second

// lookups are how many tasks are looked up in the ledger at once: that hides the way there and back.
const lookups = 64

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
	chain    pipeline.Chain
	job      *pipeline.Job
	digest   string
	observer Observer
	log      zerolog.Logger
	hook     func(point string)
	mender   *mender
	resuming string // how the job is called that is gone on with, until it was told how much of it is done; "" for a new one
	before   int    // tasks of the phases that are over
	whole    bool   // files are checked whole where a run is taken up again: they lie on this machine

	written map[string][]byte // the phase files of the stages that are over; run and what it calls alone look at it

	mu      sync.Mutex
	entries map[string]map[int]pipeline.Entry // guarded by mu; the ledger, by stage and index
	over    map[string]map[int]pipeline.Entry // guarded by mu; what ended each task of a phase, likewise
	told    map[string]map[int]pipeline.Entry // guarded by mu; what the observer knows of, also if it was taken back since
	changed chan struct{}                     // buffer 1: the ledger grew
}

// state is the coordinator's record in the queue.
type state struct {
	Plan  string `json:"plan"`
	Phase string `json:"phase"`
}

func newCoordinator(q pipeline.Queue, chain pipeline.Chain, f *pipeline.Job, o Observer, log zerolog.Logger, hook func(string)) *coordinator {
	return &coordinator{
		queue: q, chain: chain, job: f, digest: f.Plan.Digest(), observer: o, log: log, hook: hook,
		entries: map[string]map[int]pipeline.Entry{}, over: map[string]map[int]pipeline.Entry{}, told: map[string]map[int]pipeline.Entry{},
		written: map[string][]byte{}, changed: make(chan struct{}, 1), mender: newMender(q, chain, f, log),
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
		return pipeline.Cause(ctx, err) // the watch may have ended the run already
	}
	resumed := seq > 0
	if !resumed {
		c.resuming = ""
	}
	for i := 0; i < len(c.chain); i++ {
		p := &c.chain[i]
		c.log.Debug().Str("phase", p.Name).Msg(PhaseBegins)
		data, err := json.Marshal(state{c.digest, p.Name})
		if err != nil {
			return err
		}
		if seq, err = c.queue.SetState(ctx, data, seq); err != nil {
			return pipeline.Cause(ctx, err)
		}
		if p.Careful {
			damaged, err := c.check(ctx, &c.chain[i-1], c.unchecked)
			if err != nil {
				return pipeline.Cause(ctx, err)
			}
			if damaged {
				i -= 2
				continue
			}
		}
		if err = c.phase(ctx, p, resumed); err != nil {
			err = fmt.Errorf("phase %s: %w", p.Name, err)
		} else if p.Gate != nil {
			err = p.Gate(ctx, c.job)
		}
		if err == nil && i == len(c.chain)-1 {
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
				return pipeline.Cause(ctx, err)
			}
		}
		c.hook("phase:" + p.Name)
	}
	return nil
}

// note takes one ledger entry.
func (c *coordinator) note(e pipeline.Entry) error {
	if e.Verdict == pipeline.VerdictVoid {
		c.forget(e)
		return nil
	}
	place, ok := c.chain.Find(e.Stage)
	if !ok {
		return fmt.Errorf("the ledger has an entry of stage %s, which is in no phase of the chain", e.Stage)
	}
	track := c.chain.Track(place)
	c.mu.Lock()
	put(c.entries, e)
	known := put(c.told, e)
	// A task ends with the entry of the last stage of its track, or with the dead letter of any stage.
	ending := e
	if last := len(track.Stages) - 1; !track.Apart && place.Stage < last && e.Verdict == pipeline.VerdictDead {
		ending.Stage = track.Stages[last].Name
	}
	if track.Apart || ending.Stage == track.Stages[len(track.Stages)-1].Name {
		put(c.over, ending)
	}
	c.mu.Unlock()
	if !known {
		c.tell(e, &track.Stages[place.Stage])
	}
	select {
	case c.changed <- struct{}{}:
	default:
	}
	return nil
}

// tell tells the observer of an entry. What was told of the batches of a step while it was done is taken back by who did it.
func (c *coordinator) tell(e pipeline.Entry, spec *pipeline.StageSpec) {
	if o, ok := c.observer.(LedgerObserver); ok {
		o.Entry(e)
	}
	c.observer.TaskDone(e.Stage)
	if spec.Sums {
		kept := int64(0)
		first, last := c.chain.Summed()
		if e.Stage == first {
			addRead(c.observer, e.Sum.In)
		}
		if e.Stage == last { // from here on it is known which documents are kept
			kept = e.Sum.Out
		}
		c.observer.AddOutcome(kept, e.Sum.Of(pipeline.LeftDuplicate), e.Sum.Of(pipeline.LeftFiltered), e.Sum.Of(pipeline.LeftRejected))
	}
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
func (c *coordinator) phase(ctx context.Context, p *pipeline.Phase, resumed bool) error {
	counts := map[string]int{} // of the stages that have entries, by name
	var tasks, stepped []pipeline.Task
	for i := range p.Tracks {
		track := &p.Tracks[i]
		n, err := track.Tasks(ctx, c.job)
		if err != nil {
			return err
		}
		for _, s := range track.Stages {
			c.observer.Phase(s.Name, n)
		}
		for _, s := range track.Recorded() {
			counts[s.Name] = n
		}
		list := &tasks
		if track.Stages[0].Step != nil {
			list = &stepped
		}
		for k := range n {
			*list = append(*list, pipeline.Task{Stage: track.Stages[0].Name, Index: k, Plan: c.digest})
		}
	}
	// What one core does by itself comes first: steps share all cores to their end, and behind them the others would be idle.
	tasks = append(tasks, stepped...)
	if err := c.queue.Enqueue(ctx, tasks...); err != nil {
		return err
	}
	c.hook("phase:" + p.Name + ":enqueued")
	c.tellResumed(ctx, p, counts, len(tasks))
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
	for i := range p.Tracks {
		for _, s := range p.Tracks[i].Recorded() {
			if err := c.writePhase(ctx, s.Name, counts[s.Name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellResumed says how much of a job that is gone on with is done, once: in the phase that has something left to do, or in the last one.
func (c *coordinator) tellResumed(ctx context.Context, p *pipeline.Phase, counts map[string]int, tasks int) {
	if c.resuming == "" {
		return
	}
	unrecorded, err := c.unrecorded(ctx, c.missing(p, counts))
	if err != nil {
		return // it is only for people; who needs the queue says what is wrong
	}
	left := len(unrecorded)
	total := c.before + tasks
	c.before = total
	if left == 0 && p.Name != c.chain[len(c.chain)-1].Name {
		return
	}
	done := total - left
	c.log.Info().Str("phase", p.Name).Int("done", done).Int("tasks", total).
		Msg("resuming " + c.resuming + ": " + pipeline.TasksDone(done, total))
	if o, ok := c.observer.(ProgressObserver); ok {
		o.Resumed(c.resuming, p.Name, done, total)
	}
	c.resuming = ""
}

// writePhase writes the entries of a stage that is over where later stages read them.
func (c *coordinator) writePhase(ctx context.Context, stage string, tasks int) error {
	list := make([]pipeline.Entry, tasks)
	c.mu.Lock()
	for i := range list {
		list[i] = c.over[stage][i]
	}
	c.mu.Unlock()
	data, err := pipeline.EncodePhase(list)
	if err != nil {
		return err
	}
	if err := pipeline.WriteAll(ctx, c.job.Work, pipeline.PhaseName(stage), data); err != nil {
		return err
	}
	c.written[stage] = data
	return nil
}

// missing are the tasks that bring to its end what the ledger does not have: each of the stage that is next by the ledger.
func (c *coordinator) missing(p *pipeline.Phase, counts map[string]int) (tasks []pipeline.Task) {
	for i := range p.Tracks {
		track := &p.Tracks[i]
		for k := range counts[track.Stages[len(track.Stages)-1].Name] {
			if stage, missing := c.reached(track, k); missing {
				tasks = append(tasks, pipeline.Task{Stage: stage, Index: k, Plan: c.digest})
			}
		}
	}
	return tasks
}

// reached is the stage that a task has to go through next, by the ledger, if it is not over.
func (c *coordinator) reached(track *pipeline.Track, task int) (stage string, missing bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(track.Stages) - 1
	if track.Apart {
		for _, s := range track.Stages {
			if _, ok := c.over[s.Name][task]; !ok {
				return s.Name, true
			}
		}
		return "", false
	}
	if _, ok := c.over[track.Stages[last].Name][task]; ok {
		return "", false
	}
	for i := last - 1; i >= 0; i-- {
		if _, ok := c.entries[track.Stages[i].Name][task]; ok {
			return track.Stages[i+1].Name, true
		}
	}
	return track.Stages[0].Name, true
}

func (c *coordinator) wait(ctx context.Context, p *pipeline.Phase, counts map[string]int) error {
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
			if _, err := c.keepPhases(ctx); err != nil {
				return err
			}
			lost, err := c.lost(ctx, p, counts)
			if err != nil {
				return err
			}
			if len(lost) == 0 {
				continue
			}
			c.log.Warn().Int("tasks", len(lost)).Str("phase", p.Name).Msg("the queue lost tasks, publishing them again")
			if err := c.queue.Requeue(ctx, round, lost...); err != nil {
				return err
			}
			round++
		}
	}
}

func (c *coordinator) have(p *pipeline.Phase) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range p.Tracks {
		for _, s := range p.Tracks[i].Recorded() {
			n += len(c.over[s.Name])
		}
	}
	return n
}

// revive looks for stages whose queue has stopped handing out tasks.
func (c *coordinator) revive(ctx context.Context) error {
	dog, ok := c.queue.(pipeline.Watchdog)
	if !ok {
		return nil
	}
	for _, stage := range c.chain.Names() { // of later phases too: who deletes one consumer deletes all
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

// lost lists the tasks that are neither done, nor waiting, nor in anybody's hands. What is missing here the ledger may have all the same:
// this process hears of it late.
func (c *coordinator) lost(ctx context.Context, p *pipeline.Phase, counts map[string]int) (lost []pipeline.Task, err error) {
	for _, stage := range p.Names() {
		waiting, working, err := c.queue.Backlog(ctx, stage)
		if err != nil || waiting+working > 0 {
			return nil, err
		}
	}
	return c.unrecorded(ctx, c.missing(p, counts))
}

// unrecorded are those of the tasks that the ledger does not have, whatever this process has heard of.
func (c *coordinator) unrecorded(ctx context.Context, missing []pipeline.Task) (list []pipeline.Task, err error) {
	stands := make([]bool, len(missing))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for i, t := range missing {
		g.Go(func() (err error) {
			stands[i], err = c.stands(ctx, t)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i, t := range missing {
		if !stands[i] {
			list = append(list, t)
		}
	}
	return list, nil
}

// stands says whether the ledger has an entry of a task, or of a stage that it was carried on to.
func (c *coordinator) stands(ctx context.Context, t pipeline.Task) (found bool, err error) {
	p, _ := c.chain.Find(t.Stage)
	track := c.chain.Track(p)
	stages := track.Stages[p.Stage:]
	if track.Apart {
		stages = stages[:1]
	}
	for _, s := range stages {
		t.Stage = s.Name
		if _, found, err = c.queue.Lookup(ctx, t); err != nil || found {
			return found, err
		}
	}
	return false, nil
}
