package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/queue/memory"
)

func hangs(ctx context.Context, _ int) error {
	<-ctx.Done()
	return ctx.Err()
}

// stopping is a Reader that does something before the last batch of a list.
type stopping struct {
	*texts
	before func(context.Context) error
}

func (r *stopping) Read(ctx context.Context, b *columnar.Batch) error {
	if left := len(r.list) - r.next; left > 0 && left <= 3 {
		if err := r.before(ctx); err != nil {
			return err
		}
	}
	return r.texts.Read(ctx, b)
}

// hangsOnce is what hangs at its first try: until it is cancelled, if it heeds that, or until it is released, and then fails.
func hangsOnce(heeds bool, release <-chan struct{}) func(ctx context.Context, n int) error {
	return func(ctx context.Context, n int) error {
		if n > 0 {
			return nil
		}
		stop := ctx.Done()
		if !heeds {
			stop = nil
		}
		select {
		case <-stop:
			return ctx.Err()
		case <-release:
			return errPoison
		}
	}
}

// carriedBy is the stage of the task that a stage is carried by, where a worker has all of them.
func carriedBy(stage string) string {
	if by, ok := map[string]string{"sieve": "read", "add": "read", "weigh": "print"}[stage]; ok {
		return by
	}
	return stage
}

// TestHangsAnywhere: wherever a task hangs, and whether it heeds that it is cancelled, it is done at its next try, and what its worker does
// beside it goes on by then, and is not blamed.
func TestHangsAnywhere(t *testing.T) {
	for _, stage := range []string{"the reader", "read", "sieve", "add", "total", "print", "weigh", "index", "end"} {
		for _, heeds := range []bool{true, false} {
			bubble(t, fmt.Sprintf("%s, heeds: %t", stage, heeds), func(t *testing.T) {
				y := newToy(t, 4)
				y.queue = memory.New(memory.Options{Stages: y.chain.Names(), AckWait: 24 * time.Hour}) // nobody else gets it meanwhile
				release := make(chan struct{})
				hang := hangsOnce(heeds, release)
				at := stage
				if stage == "the reader" {
					at = "read"
					open := y.step("read").Step.Open
					y.step("read").Step.Open = func(ctx context.Context, job *pipeline.Job, task int) (pipeline.Reader, error) {
						r, err := open(ctx, job, task)
						return &stopping{r.(*texts), func(ctx context.Context) error { return y.touch(ctx, "reader", task) }}, err
					}
					y.befall("reader", 0, hang)
				} else {
					y.befall(at, 0, hang)
				}
				began := time.Now()
				if err := y.run(t.Context()); err != nil {
					t.Fatal(err)
				}
				close(release)
				if took := time.Since(began); took < hangAfter*toyWait || took > (hangAfter+1)*toyWait {
					t.Errorf("it took %v", took)
				}
				y.check()
				for _, first := range []string{"read", "total", "print", "index", "end"} {
					for i := range 4 {
						want := 1
						if first == carriedBy(at) && i == 0 {
							want = 2
						}
						if n := y.attempts(first, i); n != want && n > 0 {
							t.Errorf("%d attempts at %s.%06d were counted, want %d", n, first, i, want)
						}
					}
				}
			})
		}
	}
}

// TestHangsForGood: a task that hangs at every try is given up like one that fails at every try: where it may die the others are done
// without it, elsewhere the job ends.
func TestHangsForGood(t *testing.T) {
	for _, alone := range []string{"in its worker", "in a process of its own"} {
		for _, stage := range []string{"sieve", "add", "total", "weigh"} {
			bubble(t, stage+" "+alone, func(t *testing.T) {
				y := newToy(t, 2)
				y.slots = 1
				task, tries := 1, maxAttempts+1
				if stage == "total" {
					task = 0
				}
				y.befall(stage, task, hangs)
				if alone == "in a process of its own" {
					tries = maxAttempts
					y.isolate = func(ctx context.Context, _ IsolatedTask, beat func()) ([]pipeline.Entry, error) {
						beat()
						<-ctx.Done()
						return nil, ctx.Err()
					}
				}
				began := time.Now()
				err := y.run(t.Context())
				if n := y.times(stage, task); n != tries {
					t.Errorf("it was tried %d times, want %d", n, tries)
				}
				if took := time.Since(began); took < (maxAttempts+1)*hangAfter*toyWait || took > (maxAttempts+1)*(hangAfter+2)*toyWait {
					t.Errorf("it took %v", took)
				}
				if stage == "total" || stage == "weigh" {
					if failed, ok := errors.AsType[*RunError](err); !ok || !errors.Is(err, errHung) || failed.Task.Stage != carriedBy(stage) {
						t.Errorf("error %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if e := y.entry("add", task); e == nil || e.Verdict != pipeline.VerdictDead || e.Reason != errHung.Error() {
					t.Errorf("entry %+v", e)
				}
				y.lists = y.lists[:1]
				y.check()
			})
		}
	}
}

// TestHangsToldToStop: a worker that is told to stop does not wait for a task that hangs and does not heed that, and gives it back as if it
// had not been tried. One that is to take no more waits until the task is given up, which costs it an attempt.
func TestHangsToldToStop(t *testing.T) {
	for _, tt := range []struct {
		name     string
		told     func(stop, take context.CancelFunc)
		took     time.Duration
		attempts int
	}{
		{"to stop", func(stop, _ context.CancelFunc) { stop() }, toyWait / graceParts, 0},
		{"to take no more", func(_, take context.CancelFunc) { take() }, hangAfter*toyWait + toyWait/graceParts, 1},
		{"to take no more, then to stop", func(stop, take context.CancelFunc) {
			take()
			time.AfterFunc(toyWait, stop)
		}, toyWait + toyWait/graceParts, 0},
	} {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 1)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			taking, take := context.WithCancel(ctx)
			release := make(chan struct{})
			y.befall("add", 0, func(context.Context, int) error {
				tt.told(stop, take)
				<-release
				return io.ErrClosedPipe
			})
			task := pipeline.Task{Stage: "read", Plan: y.plan.Digest()}
			if err := y.queue.Enqueue(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if err := y.worker(y.queue).run(ctx, taking); err != nil {
				t.Errorf("the worker ends with %v", err)
			}
			if took := time.Since(began); took < tt.took || took > tt.took+toyWait {
				t.Errorf("it took %v", took)
			}
			if n := y.attempts("read", 0); n != tt.attempts {
				t.Errorf("%d attempts were counted", n)
			}
			if d, err := y.queue.Receive(t.Context(), []string{"read"}); err != nil || d.Task() != task {
				t.Errorf("it comes again as %v, %v", d, err)
			}
			close(release)
		})
	}
}
