package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// What a worker does when a task fails.
const (
	// maxAttempts is how often a task is tried beside others. Then it runs alone in its worker, so that a task which was killed
	// by a bad neighbour is not given up for it.
	maxAttempts = 3
	// maxAlone is how often it may have run alone and not ended, where it can have no process of its own.
	maxAlone = 2
	// maxStoreFailures is how often a task may be failed by its store, which is no fault of the task, before the run
	// stops: a full disk is not mended by waiting long.
	maxStoreFailures = 4
	firstDelay       = 200 * time.Millisecond
	// Of the ack wait: how often a task that advances says so, after how many of them without any advance a task hangs, and how
	// long it then has to heed its cancelled context.
	beats      = 3
	hangAfter  = 5
	graceParts = 2
)

// errHung ends an attempt that does not advance.
var errHung = errors.New("it hangs: nothing was read or written for a long time")

// RunError is a failure of a task that ends the run, whoever does it: other workers would meet the same.
type RunError struct {
	Task pipeline.Task
	Err  error
}

func (e *RunError) Error() string { return fmt.Sprintf("task %v: %v", e.Task, e.Err) }

// Unwrap is the failure itself.
func (e *RunError) Unwrap() error { return e.Err }

// worker takes tasks of its stages and does them. The loop is the same for every stage. What happens if the process dies stands with the
// ledger, in package pipeline.
type worker struct {
	queue    pipeline.Queue
	job      *pipeline.Job
	digest   string // of the plan
	chain    pipeline.Chain
	stages   []string
	hands    map[string]hand // by stage
	pool     *pool
	slots    int
	observer Observer
	log      zerolog.Logger
	hook     func(point string)
	ackWait  time.Duration // of the queue
	isolate  Isolate       // nil: none
	mender   *mender
	roots    map[string]string // where the sources of the plan are, by the keys of Mounter; for isolate

	alone sync.RWMutex // held for writing by a task's last attempt

	mu       sync.Mutex
	failures map[string]int // guarded by mu; failures by the store, by task
}

// newWorker makes a worker of those of the stages that the chain of a job has.
func newWorker(o *Options, q pipeline.Queue, job *pipeline.Job, digest string, stages []string) *worker {
	p := newPool(o.Slots)
	hands := handsOf(job.Chain, stages, p, o.Observer)
	return &worker{
		queue: q, chain: job.Chain, job: job, digest: digest, stages: slices.Sorted(maps.Keys(hands)), hands: hands, pool: p, slots: o.Slots,
		observer: o.Observer, log: o.Log, hook: o.Point, ackWait: cmp.Or(o.AckWait, queue.AckWait), failures: map[string]int{},
		isolate: o.Isolate, mender: newMender(q, job.Chain, job, o.Log),
	}
}

// run does tasks until ctx ends, or one of them fails the run. At the end of taking it takes no more and returns when it
// has done those that it has.
func (w *worker) run(ctx, taking context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	taking, stop := context.WithCancel(taking)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	for range w.slots {
		g.Go(func() error {
			for {
				d, err := w.queue.Receive(taking, w.stages)
				if err != nil {
					if taking.Err() != nil {
						return nil //nolint:nilerr // being told to stop is how a worker ends
					}
					return err
				}
				if err := w.handle(ctx, d); err != nil {
					if ctx.Err() != nil && errors.Is(err, context.Canceled) {
						return nil // told to stop between ledger entry and ack: the entry is what counts
					}
					return err
				}
			}
		})
	}
	return g.Wait()
}

// handle brings one delivery to its end. An error stops the worker and the run.
func (w *worker) handle(ctx context.Context, d pipeline.Delivery) error {
	task := d.Task()
	if task.Plan != w.digest {
		return errors.Join(d.Nak(0), fmt.Errorf("task %v belongs to plan %s, this worker has %s", task, task.Plan, w.digest))
	}
	if done, err := w.finished(ctx, task); err != nil || done {
		if err == nil {
			w.end(ctx, d)
		}
		return err
	}
	p := &pulse{}
	entries, attempt, release, err := w.attempt(withPulse(ctx, p), d, p)
	defer release()
	if err != nil {
		return w.failed(ctx, d, attempt, err, p)
	}
	if err := owned(w.chain, entries); err != nil {
		return &RunError{task, err}
	}
	w.hook("worker:computed")
	return w.record(ctx, d, entries)
}

// record makes the entries that a task ends with, hands it over and ends its delivery. Invariant 3: output first, ledger entry second,
// ack last.
func (w *worker) record(ctx context.Context, d pipeline.Delivery, entries []pipeline.Entry) (err error) {
	task := d.Task()
	ends := w.hands[task.Stage].ends(task)
	var stands pipeline.Entry
	for i, end := range ends {
		if stands, err = w.queue.Record(ctx, end, entries[i]); errors.Is(err, pipeline.ErrConflict) {
			return &RunError{task, err}
		} else if err != nil {
			return fmt.Errorf("task %v: %w", task, err)
		}
	}
	w.hook("worker:recorded")
	if err := w.handOver(ctx, ends[len(ends)-1], stands); err != nil {
		return err
	}
	w.hook("worker:handed over")
	w.end(ctx, d)
	return nil
}

// end ends a delivery whose task is in the ledger. If its worker dies before, or the queue is away, the task comes again, is found in the
// ledger and ended then. What was handed over to it is removed, for nobody needs it while the entry stands: it would be as much disk, and
// page cache, as all documents once more for each stage. Should the entry be taken back, the mender has it made anew.
func (w *worker) end(ctx context.Context, d pipeline.Delivery) {
	if err := d.Ack(ctx); err != nil && ctx.Err() == nil {
		w.log.Warn().Err(err).Stringer("task", d.Task()).Msg("ack")
	}
	for _, name := range handedTo(w.chain, d.Task()) {
		if err := w.job.Work.Remove(ctx, name); err != nil && ctx.Err() == nil {
			w.log.Warn().Err(err).Stringer("task", d.Task()).Msg("remove what was handed over")
		}
	}
}

// finished says whether the ledger has the task already; if it has to go on elsewhere, that is made sure.
func (w *worker) finished(ctx context.Context, task pipeline.Task) (bool, error) {
	place, _ := w.chain.Find(task.Stage)
	track := w.chain.Track(place)
	ends := w.hands[task.Stage].ends(task)
	last := ends[len(ends)-1]
	if track.Apart {
		var stands pipeline.Entry
		for _, end := range ends {
			e, found, err := w.queue.Lookup(ctx, end)
			if err != nil || !found {
				return false, err
			}
			stands = e
		}
		return true, w.handOver(ctx, last, stands)
	}
	for t, more := last, true; more; t, more = w.next(t) {
		e, found, err := w.queue.Lookup(ctx, t)
		if err != nil {
			return false, err
		}
		if found {
			if void, err := w.void(ctx, task, last); err != nil || void {
				return false, err
			}
			if t != last { // it has gone on
				return true, nil
			}
			return true, w.handOver(ctx, last, e)
		}
	}
	return false, nil
}

// next is the task that goes on from a done one, on another worker; false if its track ends there.
func (w *worker) next(t pipeline.Task) (pipeline.Task, bool) {
	p, _ := w.chain.Find(t.Stage)
	track := w.chain.Track(p)
	if p.Stage+1 == len(track.Stages) {
		return t, false
	}
	t.Stage = track.Stages[p.Stage+1].Name
	return t, true
}

// void says whether an entry was taken back that this worker makes by a task which is carried on, though one behind it stands.
func (w *worker) void(ctx context.Context, task, last pipeline.Task) (bool, error) {
	for t := task; t != last; t, _ = w.next(t) {
		if e, _, err := w.queue.Lookup(ctx, t); err != nil || e.Verdict == pipeline.VerdictVoid {
			return true, err
		}
	}
	e, _, err := w.queue.Lookup(ctx, last)
	return e.Verdict == pipeline.VerdictVoid, err
}

// handOver publishes the task that goes on from last, by the entry that stands of it, if another worker's stage comes next. From a dead
// letter none goes on, unless stages are apart: then the next one reads by itself.
func (w *worker) handOver(ctx context.Context, last pipeline.Task, stands pipeline.Entry) error {
	t, more := w.next(last)
	p, _ := w.chain.Find(last.Stage)
	if !more || stands.Verdict == pipeline.VerdictDead && !w.chain.Track(p).Apart {
		return nil
	}
	return w.queue.Enqueue(ctx, t)
}

// errTried says that a task has used up its attempts where it can have no process of its own.
var errTried = errors.New("it was tried before, the last time alone, and ended none of the tries")

// attempt counts an attempt, durably, and runs the task, alone if it was tried often, until release is called. The lock is
// taken before the attempt is counted: whoever waits for a task that runs alone, and dies with it, has not been tried. It is
// held until the ledger has what came out: a task that has run alone must not die with the next one in vain.
//
// That the process died with the task in hand is no proof against the task: it may have been killed from outside, as often as
// one likes. So one that was tried often runs in a process of its own, and only what that one does counts; see isolated.
func (w *worker) attempt(ctx context.Context, d pipeline.Delivery, p *pulse) (entries []pipeline.Entry, attempt int, release func(), err error) {
	w.alone.RLock()
	release = w.alone.RUnlock
	if attempt, err = w.queue.Attempt(ctx, d.Task(), 1); err != nil {
		return entries, attempt, release, err
	}
	run := w.hands[d.Task().Stage].run
	if attempt > maxAttempts {
		if _, err = w.queue.Attempt(ctx, d.Task(), -1); err != nil {
			return entries, attempt, release, err
		}
		release()
		w.alone.Lock()
		release = w.alone.Unlock
		if attempt, err = w.queue.Attempt(ctx, d.Task(), 1); err != nil {
			return entries, attempt, release, err
		}
		switch {
		case w.isolate != nil:
			run = w.isolated
		case attempt > maxAttempts+maxAlone:
			return entries, attempt, release, pipeline.Permanent(errTried)
		}
	}
	w.hook("worker:attempted")
	entries, err = w.do(ctx, d, p, run)
	return entries, attempt, release, err
}

// do runs the task, telling the queue that it advances for as long as its pulse beats. A task whose pulse stands still is
// delivered to somebody else after the ack wait. Here it is cancelled after hangAfter of them; if it does not even heed that,
// it is left behind: its goroutine may write the same files again, or end some time, and nobody waits for it. The tasks that
// come after it get batches and cores of their own, lest they wait for those that it holds; one that does already hangs not.
func (w *worker) do(ctx context.Context, d pipeline.Delivery, p *pulse, run runTask) ([]pipeline.Entry, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	task := d.Task()
	type result struct {
		entries []pipeline.Entry
		err     error
	}
	done := make(chan result, 1) // nobody may be there to take it
	go func() {
		var r result
		defer func() { done <- r }()
		defer recovered(&r.err)
		r.entries, r.err = run(ctx, task, w.job)
	}()
	tick := time.NewTicker(w.ackWait / beats)
	defer tick.Stop()
	cancelled, grace := ctx.Done(), (<-chan time.Time)(nil)
	for seen, still := int64(-1), 0; ; {
		select {
		case r := <-done:
			if r.err != nil && errors.Is(context.Cause(ctx), errHung) {
				r.err = errHung
			}
			return r.entries, r.err
		case <-cancelled:
			cancelled, grace = nil, time.After(w.ackWait/graceParts)
			continue
		case <-grace:
			w.log.Error().Stringer("task", task).Msg("a task that hangs is left behind: it costs a core or memory until this process ends")
			w.pool.renew(p.slots.Load())
			return nil, errHung
		case <-tick.C:
		}
		if now := p.beats.Load(); now != seen {
			seen, still = now, 0
			if err := d.Working(); err != nil {
				w.log.Warn().Err(err).Stringer("task", task).Msg("heartbeat")
			}
		} else if p.starves() {
			continue // whose slots it waits for may hang: others may be faster
		} else if still++; still == hangAfter*beats {
			w.log.Error().Stringer("task", task).Dur("for", hangAfter*w.ackWait).Msg("a task hangs: it is cancelled")
			cancel(errHung)
		}
	}
}

// recovered turns a panic into an error with its stack.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
	}
}

// failed decides what becomes of a task that ended in an error.
func (w *worker) failed(ctx context.Context, d pipeline.Delivery, attempt int, err error, p *pulse) error {
	task, storeErr := d.Task(), p.storeError()
	if ctx.Err() != nil { // told to stop: hand the task back as if it had not been tried
		back := context.WithoutCancel(ctx)
		return errors.Join(w.refund(back, task, attempt), d.Nak(0))
	}
	if errors.Is(err, errGone) { // nor is it to blame for what another does
		if err := w.refund(ctx, task, attempt); err != nil {
			return err
		}
		return d.Nak(0)
	}
	if storeErr == nil && errors.Is(err, pipeline.ErrUnreachable) {
		storeErr = err // a source or the queue is gone, which is no fault of the task either
	}
	if !errors.Is(storeErr, pipeline.ErrUnreachable) && !errors.Is(err, errHung) {
		found, mendErr := w.mender.mend(ctx, p.names())
		if _, hopeless := errors.AsType[*RunError](mendErr); hopeless {
			return mendErr
		}
		if mendErr != nil {
			storeErr = mendErr
		} else if found { // nor is it to blame for what it was given
			if err := w.refund(ctx, task, attempt); err != nil {
				return err
			}
			w.log.Warn().Err(err).Stringer("task", task).Msg("the task waits for files that are made anew")
			place, _ := w.chain.Find(task.Stage)
			return d.Nak(mendDelay + time.Duration(place.Stage)*mendAfter)
		}
	}
	if storeErr != nil {
		if err := w.refund(ctx, task, attempt); err != nil {
			return err
		}
		n := w.storeFailed(task)
		if n > maxStoreFailures {
			return fmt.Errorf("task %v: %w", task, storeErr)
		}
		w.log.Warn().Err(storeErr).Stringer("task", task).Int("failures", n).Msg("the store failed, trying again")
		return d.Nak(firstDelay << n)
	}
	if pipeline.IsPermanent(err) || errors.Is(err, pipeline.ErrConflict) || attempt > maxAttempts {
		return w.giveUp(ctx, d, err)
	}
	w.log.Warn().Err(err).Stringer("task", task).Int("attempt", attempt).Msg("task failed, trying again")
	return d.Nak(firstDelay << attempt)
}

// refund takes an attempt off the count again, if it was counted: attempt is what the count was then.
func (w *worker) refund(ctx context.Context, task pipeline.Task, attempt int) error {
	if attempt == 0 {
		return nil
	}
	_, err := w.queue.Attempt(ctx, task, -1)
	return err
}

func (w *worker) storeFailed(task pipeline.Task) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures[task.String()]++
	return w.failures[task.String()]
}

// giveUp makes a task whose track it may die in a dead letter, which is its ledger entry; any other task fails the run, and so does one
// that has been done and is to make its files anew, for there may be more that was made of them.
func (w *worker) giveUp(ctx context.Context, d pipeline.Delivery, cause error) error {
	task := d.Task()
	if place, _ := w.chain.Find(task.Stage); !w.chain.Track(place).MayDie {
		return &RunError{task, cause}
	}
	w.log.Error().Err(cause).Stringer("task", task).Msg("gave up: what the task reads is rejected")
	var dead []pipeline.Entry
	for _, end := range w.hands[task.Stage].ends(task) {
		dead = append(dead, pipeline.Entry{Stage: end.Stage, Index: end.Index, Verdict: pipeline.VerdictDead, Reason: firstLine(cause)})
	}
	err := w.record(ctx, d, dead)
	if errors.Is(err, pipeline.ErrConflict) {
		return &RunError{task, fmt.Errorf("it has to make a damaged file anew: %w", cause)}
	}
	return err
}

func firstLine(err error) string {
	text := err.Error()
	for i, r := range text {
		if r == '\n' || i > 200 {
			return text[:i]
		}
	}
	return text
}
