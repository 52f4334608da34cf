package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// maxDeaths is how many processes of its own a task may kill. More than one: the kernel, short of memory, may have taken one
// for what others use.
const maxDeaths = 3

// runTask is a hand's run.
type runTask func(ctx context.Context, task pipeline.Task, files *pipeline.Job) ([]pipeline.Entry, error)

// Isolate does one task in a process of its own that outlives neither ctx nor this process, and calls beat as that task
// advances. The error is a *DiedError if the process ended without a word, an *IsolatedError if the task failed there;
// any other one says that there could be no such process.
type Isolate func(ctx context.Context, task IsolatedTask, beat func()) ([]pipeline.Entry, error)

// IsolatedTask is what a process that is to do one task has to know beside its config.
type IsolatedTask struct {
	Task    pipeline.Task     `json:"task"`
	Stages  []string          `json:"stages"`  // of the worker, which say how far the task is carried on
	Sources map[string]string `json:"sources"` // where the roots of the plan's sources are today, by the keys of Mounter
}

// DiedError says that a task's own process ended without a word, while the one that started it lives: it is the task that
// killed it.
type DiedError struct{ How string }

func (e *DiedError) Error() string { return e.How }

// IsolatedError is a failure of a task in its own process.
type IsolatedError struct {
	Text      string `json:"error"`
	Permanent bool   `json:"permanent,omitempty"`
	Store     bool   `json:"store,omitempty"` // the store failed, not the task
	// Opened are the files that the task had opened.
	Opened []string `json:"opened,omitempty"`
}

func (e *IsolatedError) Error() string { return e.Text }

// isolated does a task in a process of its own, which is the proof: whoever kills this process from outside ends both, and
// the task is tried again; what ends the other one alone is the task.
func (w *worker) isolated(ctx context.Context, task pipeline.Task, _ *pipeline.Job) ([]pipeline.Entry, error) {
	p := pulseOf(ctx)
	w.pool.current().trim()
	debug.FreeOSMemory() // it is the other process that needs it
	it := IsolatedTask{Task: task, Stages: w.stages, Sources: w.roots}
	for deaths := 1; ; deaths++ {
		w.log.Warn().Stringer("task", task).Msg("the task was in hand when the process died, more than once: it runs alone, in a process of its own")
		entries, err := w.isolate(ctx, it, func() { p.beat(nil) })
		if err == nil || ctx.Err() != nil {
			return entries, err
		}
		died, ok := errors.AsType[*DiedError](err)
		if failed, isFailure := errors.AsType[*IsolatedError](err); isFailure {
			p.open(failed.Opened...)
			if failed.Permanent {
				err = pipeline.Permanent(err)
			}
			if !failed.Store {
				return entries, err
			}
		}
		if !ok {
			p.beat(err)
			return entries, err
		}
		if deaths == maxDeaths {
			return entries, pipeline.Permanent(pipeline.WithHint(fmt.Errorf("it killed %d processes that did nothing else: %w", deaths, died),
				"it may need more memory than there is: the same command tries it again, --restart plans anew with other settings"))
		}
		w.log.Warn().Stringer("task", task).Str("how", died.How).Msg("the task's own process died, trying again")
		if err := pipeline.Sleep(ctx, firstDelay<<deaths); err != nil {
			return entries, err
		}
	}
}

// Isolated does one task of a run for another process, which has started this one for it, hears by beat that it advances, and
// makes the ledger entry. The error is an *IsolatedError.
func (s *Site) Isolated(ctx context.Context, it IsolatedTask, beat func()) (entries []pipeline.Entry, err error) {
	p := &pulse{}
	defer func() {
		if err != nil {
			err = &IsolatedError{
				Text: err.Error(), Permanent: pipeline.IsPermanent(err), Opened: p.names(),
				Store: p.storeError() != nil || errors.Is(err, pipeline.ErrUnreachable),
			}
		}
	}()
	data, err := pipeline.ReadAll(ctx, s.jobWork(it.Task.Plan), pipeline.PlanName)
	if err != nil {
		return entries, err
	}
	plan, err := pipeline.DecodePlan(data, it.Task.Plan)
	if err != nil {
		return entries, err
	}
	kind, err := kindOf(s.options.Kinds, plan.Kind)
	if err != nil {
		return entries, err
	}
	if m, ok := kind.(Mounter); ok {
		if plan, err = m.Mount(plan, it.Sources); err != nil {
			return entries, err
		}
	}
	s.options.Slots = 1
	_, job, closing, err := s.open(plan)
	if err != nil {
		return entries, err
	}
	defer closing()
	w := newWorker(&s.options, nil, job, it.Task.Plan, it.Stages)
	done := make(chan struct{})
	defer func() { <-done }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(done)
		p.tell(ctx, beat)
	}()
	hand, ok := w.hands[it.Task.Stage]
	if !ok {
		return entries, fmt.Errorf("task %v: the worker has no such stage", it.Task)
	}
	return safely(withPulse(ctx, p), hand.run, it.Task, job)
}

// RunIsolated is Site.Isolated for a task of a Local with these options, whose process has the corpus.
func RunIsolated(ctx context.Context, o Options, it IsolatedTask, beat func()) (entries []pipeline.Entry, err error) {
	if err := o.Settle(); err != nil {
		return entries, err
	}
	out, err := store.Open(ctx, o.Out, store.Options{Write: true, Sync: true, Access: o.Access})
	if err != nil {
		return entries, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	identity, err := readIdentity(ctx, out)
	if err != nil {
		return entries, err
	}
	work, err := store.NewLocal(identity.workFolder(&o), store.LocalOptions{Sync: store.BootID() == ""})
	if err != nil {
		return entries, err
	}
	defer func() { err = errors.Join(err, work.Close()) }()
	return NewSite(o, out, work).Isolated(ctx, it, beat)
}

// safely turns a panic of a task into an error.
func safely(ctx context.Context, run runTask, task pipeline.Task, files *pipeline.Job) (entries []pipeline.Entry, err error) {
	defer recovered(&err)
	return run(ctx, task, files)
}

// tellEvery is how often a process that does one task says that it advances.
const tellEvery = 200 * time.Millisecond

// tell calls beat every now and then while the pulse beats, until ctx ends.
func (p *pulse) tell(ctx context.Context, beat func()) {
	for seen := int64(0); pipeline.Sleep(ctx, tellEvery) == nil; {
		if now := p.beats.Load(); now != seen {
			seen = now
			beat()
		}
	}
}
