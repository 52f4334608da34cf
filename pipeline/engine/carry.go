package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// carrier does the tasks of tracks that are made of steps. It runs a task of one of them and carries on for as long as the next stage
// is this worker's too: the batches go through all of them in memory. Where a track is not Apart and the next stage is somebody
// else's, it leaves a spill for it. Safe for concurrent use.
type carrier struct {
	chain    pipeline.Chain
	stages   []string // this worker's
	slots    *pool
	observer Observer

	mu   sync.Mutex
	free map[string][][]stepStages // guarded by mu; by plan, first step and last
}

// stepStages are the stages of one step.
type stepStages []pipeline.Stage

func newCarrier(chain pipeline.Chain, stages []string, p *pool, o Observer) *carrier {
	return &carrier{chain: chain, stages: stages, slots: p, observer: o, free: map[string][][]stepStages{}}
}

// carrying is one task on its way through steps.
type carrying struct {
	track *pipeline.Track
	from  int // the first step, in the track
	steps []pipeline.StageSpec
	task  pipeline.Task
	job   *pipeline.Job
}

// handsOver says whether the task goes on elsewhere from what the last of its steps leaves.
func (c *carrying) handsOver() bool {
	return !c.track.Apart && c.from+len(c.steps) < len(c.track.Stages)
}

// ends are the tasks whose ledger entries say that a task is done, as far as this worker carries it.
func (c *carrier) ends(t pipeline.Task) (tasks []pipeline.Task) {
	p, _ := c.chain.Find(t.Stage)
	track := c.chain.Track(p)
	end := track.Carried(p.Stage, c.stages)
	from := end - 1
	if track.Apart {
		from = p.Stage
	}
	for i := from; i < end; i++ {
		t.Stage = track.Stages[i].Name
		tasks = append(tasks, t)
	}
	return tasks
}

// run does a task and returns the entries of the tasks that ends names.
func (c *carrier) run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (entries []pipeline.Entry, err error) {
	p, _ := c.chain.Find(task.Stage)
	one := &carrying{track: c.chain.Track(p), from: p.Stage, task: task, job: job}
	one.steps = one.track.Stages[p.Stage:one.track.Carried(p.Stage, c.stages)]
	w, err := one.writers(ctx)
	defer func() { err = errors.Join(err, w.Close()) }()
	if err != nil {
		return nil, err
	}
	e := pipeline.Entry{Index: task.Index, Verdict: pipeline.VerdictDone}
	if one.track.Apart && w.none() {
		return w.commitApart(e)
	}
	reader, err := one.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	var in atomic.Int64
	process := func(ctx context.Context, b *columnar.Batch) (*columnar.Batch, error) {
		stages, err := c.take(ctx, one)
		if err != nil {
			return nil, err
		}
		out, err := one.process(ctx, stages, b, &in)
		if err == nil { // others were left in the middle of a batch
			c.give(one, stages)
		}
		return out, err
	}
	beats := pulseOf(ctx)
	seen := &outcome{}
	defer func() { c.takeBack(seen) }() // the coordinator tells of the entry; a task that failed comes again
	write := func(b *columnar.Batch) error {
		beats.beat(nil)
		c.observe(one, w, b, seen)
		e.Rows += int64(b.Len())
		e.Bytes += int64(len(b.Text.Data))
		e.Counters.Merge(b.Counters)
		addRejects(&e.Sum, b.Rejects)
		return w.Write(b)
	}
	if err := c.slots.current().fanOut(ctx, reader, process, write); err != nil {
		return nil, err
	}
	e.Sum.In, e.Sum.Out = in.Load(), e.Rows
	if err := e.Sum.Check(); err != nil { // invariant 7
		return nil, pipeline.Permanent(fmt.Errorf("%v: %w", task, err))
	}
	if one.track.Apart {
		return w.commitApart(e)
	}
	outputs, err := w.Commit()
	if err != nil {
		return nil, err
	}
	e.Stage, e.Outputs = one.steps[len(one.steps)-1].Name, append(one.left(reader, &e), outputs...)
	return []pipeline.Entry{e}, nil
}

// addRejects counts the documents that a batch has lost.
func addRejects(s *pipeline.Sum, rejects []columnar.Reject) {
	for i := range rejects {
		switch rejects[i].Kind() {
		case columnar.KindFiltered:
			s.Leave(pipeline.LeftFiltered, rejects[i].Reason, 1)
		case columnar.KindRejected:
			s.Leave(pipeline.LeftRejected, rejects[i].Reason, 1)
		case columnar.KindFile: // no document
		}
	}
}

// outcome is what was told of a task that is not in the ledger yet.
type outcome struct{ read, filtered, rejected int64 }

// takeBack takes back what was told of the batches of a task.
func (c *carrier) takeBack(o *outcome) {
	addRead(c.observer, -o.read)
	if o.filtered+o.rejected > 0 {
		c.observer.AddOutcome(0, 0, -o.filtered, -o.rejected)
	}
}

// observe tells of a batch that is through, and adds to what was told.
func (c *carrier) observe(one *carrying, w *stepWriters, b *columnar.Batch, told *outcome) {
	for i := range one.steps {
		if one.track.Apart && len(w.lists[i]) == 0 {
			continue
		}
		if b.Raw > 0 || b.Len() > 0 {
			c.observer.AddInput(one.steps[i].Name, b.Raw, int64(b.Len()))
		}
		if one.steps[i].Sums {
			var s pipeline.Sum
			addRejects(&s, b.Rejects)
			now := outcome{filtered: s.Of(pipeline.LeftFiltered), rejected: s.Of(pipeline.LeftRejected)}
			if first, _ := c.chain.Summed(); one.steps[i].Name == first {
				now.read = documents(b)
			}
			addRead(c.observer, now.read)
			c.observer.AddOutcome(0, 0, now.filtered, now.rejected)
			told.read, told.filtered, told.rejected = told.read+now.read, told.filtered+now.filtered, told.rejected+now.rejected
		}
	}
}

// process takes a batch through the stages of all steps. in counts the documents that went in: where a track begins its first step
// makes documents of what was read, so they are counted behind it.
func (c *carrying) process(ctx context.Context, stages []stepStages, b *columnar.Batch, in *atomic.Int64) (_ *columnar.Batch, err error) {
	defer recovered(&err)
	makes := c.from == 0 && len(stages[0]) > 0
	if !makes {
		in.Add(documents(b))
	}
	left := -1 // documents that a step has left
	if len(c.leavers()) > 0 {
		left = b.Len()
	}
	for i, list := range stages {
		for _, stage := range list {
			if b, err = stage.Process(ctx, b); err != nil {
				return nil, err
			}
		}
		if i == 0 && makes {
			in.Add(documents(b))
		}
		if left >= 0 && b.Len() != left {
			return nil, pipeline.Permanent(fmt.Errorf("stage %s changes which documents there are, behind one that leaves them", c.steps[i].Name))
		}
		if c.steps[i].Step.Leaves != nil {
			left = b.Len()
		}
	}
	return b, nil
}

// documents are the documents of a batch, those that it has lost among them.
func documents(b *columnar.Batch) int64 {
	n := int64(b.Len())
	for i := range b.Rejects {
		if b.Rejects[i].Kind() != columnar.KindFile {
			n++
		}
	}
	return n
}

// open opens what the first step reads.
func (c *carrying) open(ctx context.Context) (pipeline.Reader, error) {
	if open := c.steps[0].Step.Open; open != nil {
		return open(ctx, c.job, c.task.Index)
	}
	before := &c.track.Stages[c.from-1]
	return openSpill(ctx, c.job, leftBy(before, c.task.Index))
}

// leftBy names the spill that carries a task from one worker's stage to the next worker's.
func leftBy(s *pipeline.StageSpec, task int) string {
	if s.Step.Leaves != nil {
		return s.Step.Leaves(task)
	}
	return handoverName(s.Name, task)
}

// handedTo are the files by which a task comes from another worker's stage; none where it opens its input by itself, or reads what a step
// has left for others too.
func handedTo(chain pipeline.Chain, t pipeline.Task) []string {
	p, _ := chain.Find(t.Stage)
	track := chain.Track(p)
	if track.Apart || p.Stage == 0 || track.Stages[p.Stage].Step.Open != nil || track.Stages[p.Stage-1].Step.Leaves != nil {
		return nil
	}
	name := handoverName(track.Stages[p.Stage-1].Name, t.Index)
	return []string{name, sideName(name)}
}

// leavers are the steps before the first one that have left documents: those that it reads.
func (c *carrying) leavers() (list []*pipeline.Step) {
	if c.track.Apart {
		return nil
	}
	for i := range c.track.Stages[:c.from] {
		if step := c.track.Stages[i].Step; step.Leaves != nil {
			list = append(list, step)
		}
	}
	return list
}

// left is what the entry has to name beside what the steps wrote: documents that steps before them have left. A task that is carried
// from there would name them too, whoever wrote them.
func (c *carrying) left(r pipeline.Reader, e *pipeline.Entry) (outputs []pipeline.Output) {
	spill, ok := r.(*spillReader)
	if !ok {
		return nil
	}
	for _, step := range c.leavers() {
		outputs = append(outputs, pipeline.Output{
			Name: step.Leaves(c.task.Index), Bytes: e.Bytes, Rows: e.Rows, Digest: spill.spill.Digest(),
		})
	}
	return outputs
}

func (c *carrying) key() string { return fmt.Sprint(c.task.Plan, c.steps[0].Name, len(c.steps)) }

// take returns the stages of all steps, for one goroutine.
func (c *carrier) take(ctx context.Context, one *carrying) ([]stepStages, error) {
	key := one.key()
	c.mu.Lock()
	if free := c.free[key]; len(free) > 0 {
		stages := free[len(free)-1]
		c.free[key] = free[:len(free)-1]
		c.mu.Unlock()
		return stages, nil
	}
	c.mu.Unlock()
	all := make([]stepStages, len(one.steps))
	for i := range one.steps {
		if one.steps[i].Step.Stages == nil {
			continue
		}
		list, err := one.steps[i].Step.Stages(ctx, one.job)
		if err != nil {
			return nil, err
		}
		all[i] = list
	}
	return all, nil
}

func (c *carrier) give(one *carrying, stages []stepStages) {
	c.mu.Lock()
	c.free[one.key()] = append(c.free[one.key()], stages)
	c.mu.Unlock()
}
