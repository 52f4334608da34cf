package cluster

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/queue"
)

const (
	beatEvery = 2 * time.Second
	beatTTL   = 10 * time.Second
	// LateBeat is how old the last heartbeat of a worker may be before one is missing.
	LateBeat = beatEvery + beatEvery/2
	// A run that was just worked on is looked at again after takeAgain, and if there is still nothing to do with a growing pause.
	takeAgain     = 200 * time.Millisecond
	lastTakeAgain = 5 * time.Second
	// aliveEvery is how often a worker looks whether the queue still has the run.
	aliveEvery = 3 * time.Second
	// missingFor is how long a plan may be missing while the record says that its run goes on: a run that ends is not noticed
	// everywhere at once.
	missingFor = 2 * time.Second
	// ShutdownTimeout is how long a worker that is told to stop finishes what it has in hand, unless set otherwise.
	ShutdownTimeout = 30 * time.Second
)

// Worker takes tasks of whatever run is under way, until it is told to stop.
type Worker struct {
	Control *queue.Control
	Site    *engine.Site
	Stages  []string // its stages; a task is carried on through those that follow each other
	Slots   int      // what it says of itself; the Site was made with it
	Log     zerolog.Logger
	// Bytes are the input that went through each stage since the worker started; nil shows none.
	Bytes func() map[string]int64
	// ShutdownTimeout bounds how long tasks in hand are worked on after ctx has ended; then they are handed back.
	ShutdownTimeout time.Duration

	missing string    // the plan that was not there the last time
	since   time.Time // when that was first so
	said    seldom    // that it works on a run

	mu     sync.Mutex
	status WorkerStatus // guarded by mu
}

// NewID names a process: its host, process id and four random letters.
func NewID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	host, _, _ = strings.Cut(host, ".")
	return fmt.Sprintf("%s-%d-%s", SafeName(host), os.Getpid(), strings.ToLower(rand.Text()[:4]))
}

// SafeName makes a name that may stand in a key of the control plane: what may not becomes a dash.
func SafeName(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, text)
}

// Run works until ctx ends, then finishes or hands back what it has in hand. The error says why it could not go on: the
// store or NATS is gone (pipeline.ErrUnreachable), say. A run that it cannot do it leaves to others, and says so.
func (w *Worker) Run(ctx context.Context) (err error) {
	w.ShutdownTimeout = cmp.Or(w.ShutdownTimeout, ShutdownTimeout)
	host, err := os.Hostname()
	if err != nil {
		host = "" // it is only for people to read
	}
	w.status = WorkerStatus{ID: NewID(), Host: host, PID: os.Getpid(), Stages: w.Stages, Slots: w.Slots, Started: time.Now().UTC()}

	// What is in hand outlives ctx for a while.
	working, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	defer context.AfterFunc(ctx, func() {
		w.note(func(s *WorkerStatus) { s.Draining = true })
		time.AfterFunc(w.ShutdownTimeout, kill)
	})()
	var beating sync.WaitGroup
	beating.Go(func() { w.beat(working) })
	defer beating.Wait()
	defer kill()
	w.Log.Info().Str("worker", w.status.ID).Strs("stages", w.Stages).Msg("waiting for a run")

	for {
		err := w.follow(ctx, working)
		if !errors.Is(err, queue.ErrNoControl) {
			return err
		}
		w.Log.Warn().Err(err).Msg("the control plane is gone: waiting for another")
		for errors.Is(err, queue.ErrNoControl) {
			if pipeline.Sleep(ctx, beatEvery) != nil {
				break
			}
			err = w.Control.Restore(ctx)
		}
		if ctx.Err() != nil {
			return nil // being told to stop is how a worker ends
		}
		if err != nil {
			return err
		}
	}
}

// follow takes part in one run after the other.
func (w *Worker) follow(ctx, working context.Context) error {
	records := newFollower(working, w.Control)
	defer records.stop()
	hopeless := "" // the run that this worker cannot do
	last, pause := "", takeAgain
	for {
		r, err := records.wait(ctx, func(r Record) bool { return r.ID != hopeless && r.working() })
		if err != nil {
			if ctx.Err() != nil {
				return nil // being told to stop is how a worker ends
			}
			return err
		}
		if r.Plan != last {
			last, pause = r.Plan, takeAgain
		}
		can, err := w.take(working, ctx, records, r)
		if err != nil {
			return err
		}
		if !can {
			hopeless = r.ID
		}
		w.note(func(s *WorkerStatus) { s.Plan = "" })
		if pipeline.Sleep(ctx, pause) != nil { // the record may not say yet that the run is over
			return nil
		}
		pause = min(2*pause, lastTakeAgain)
	}
}

// working says that there may be tasks to do.
func (r Record) working() bool { return r.Plan != "" && (r.State == Running || r.State == Paused) }

// take works on one run until it has ended. It reports false if this worker cannot do the run.
func (w *Worker) take(working, taking context.Context, records *follower, r Record) (can bool, err error) {
	log := w.Log.With().Str("run", r.ID).Str("plan", r.Plan[:8]).Logger()
	plan, err := w.Site.Load(working, r.Plan)
	if engine.IsGone(err) {
		w.miss(log, r.Plan, err)
		return true, nil // it has ended meanwhile, or comes into sight
	}
	w.missing = ""
	if errors.Is(err, pipeline.ErrUsage) {
		w.refuse(log, err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	w.note(func(s *WorkerStatus) { s.Plan, s.Refused = r.Plan, "" })
	q, err := w.Control.Bind(working, r.Plan)
	if errors.Is(err, queue.ErrGone) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer q.Close()
	// The run is over when the record says so.
	working, cancel := context.WithCancel(working)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	watching.Go(func() {
		defer cancel()
		_, _ = records.wait(working, func(now Record) bool { return now.Plan != r.Plan || !now.working() })
	})
	watching.Go(func() {
		if w.gone(working, q) {
			log.Warn().Msg("the run is gone from the queue: waiting for it to be made anew")
			cancel()
		}
	})
	level := zerolog.DebugLevel
	if w.said.now(r.ID + r.Plan) {
		level = zerolog.InfoLevel
	}
	log.WithLevel(level).Msg("working")
	err = w.Site.Work(working, taking, q, plan, w.Stages)
	if failure, ok := errors.AsType[*engine.RunError](err); ok {
		log.Error().Err(err).Msg("the run cannot be done")
		return false, w.report(context.WithoutCancel(working), r.Plan, failure)
	}
	if err == nil || errors.Is(err, queue.ErrGone) || working.Err() != nil {
		if taking.Err() != nil {
			log.Info().Msg("this worker stops")
		} else {
			log.WithLevel(level).Msg("the run is over")
		}
		return true, nil
	}
	return false, err
}

// gone waits until the queue has the run no more, or ctx ends.
func (w *Worker) gone(ctx context.Context, q *queue.Run) bool {
	for pipeline.Sleep(ctx, aliveEvery) == nil {
		if errors.Is(q.Lives(ctx), queue.ErrGone) {
			return true
		}
	}
	return false
}

// refuse says why this worker takes no part in the run.
func (w *Worker) refuse(log zerolog.Logger, err error) {
	text := pipeline.Plain(err)
	if hint := pipeline.Hint(err); hint != "" {
		text += "\n" + hint
	}
	log.Error().Str("error", text).Msg("this worker takes no part in the run")
	w.note(func(s *WorkerStatus) { s.Refused = text })
}

// miss takes note of a plan that is not there. One that stays away says that this worker looks elsewhere than the others.
func (w *Worker) miss(log zerolog.Logger, plan string, err error) {
	if w.missing != plan {
		w.missing, w.since = plan, time.Now()
	}
	if w.since.IsZero() || time.Since(w.since) < missingFor {
		return
	}
	w.since = time.Time{} // it is said once
	w.refuse(log, pipeline.WithHint(fmt.Errorf("the plan of the run is not where this worker looks: %w", err),
		"give all processes the same out and work; a folder has to be mounted on every machine"))
}

// report tells the coordinator of a task that nobody can do.
func (w *Worker) report(ctx context.Context, plan string, failure *engine.RunError) error {
	_, err := set(ctx, w.Control, keyFailed+plan, failure.Error(), 0)
	if isFenced(err) { // somebody else has said it already
		return nil
	}
	return err
}

func (w *Worker) note(change func(*WorkerStatus)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.status)
}

// beat tells the control plane every now and then that this worker is there.
func (w *Worker) beat(ctx context.Context) {
	var m meter
	var trouble seldom
	for {
		w.mu.Lock()
		s := w.status
		w.mu.Unlock()
		if w.Bytes != nil {
			s.Bytes, s.Rates = m.measure(time.Now(), s.Plan, w.Bytes())
		}
		err := put(ctx, w.Control, keyWorker+s.ID, s, beatTTL)
		if err == nil {
			trouble.over()
		} else if ctx.Err() == nil && trouble.now(err.Error()) {
			w.Log.Warn().Err(err).Msg("tell the others of this worker")
		}
		if pipeline.Sleep(ctx, beatEvery) != nil {
			return
		}
	}
}
