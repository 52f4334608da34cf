package engine

import (
	"context"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue/memory"
)

// apart has a worker for each stage that hands over.
var apart = [][]string{{"read"}, {"sieve"}, {"add"}, {"total", "print", "weigh", "index", "end"}}

// handedOver are the files in the folder of what is handed over.
func (y *toy) handedOver() (names []string) {
	y.t.Helper()
	infos, err := y.work.List(y.t.Context(), handoverFolder)
	if err != nil {
		y.t.Fatal(err)
	}
	for _, info := range infos {
		names = append(names, info.Name)
	}
	return names
}

// TestHandedOverGone: what was handed over is removed once it was taken, and what was made of it is made anew all the same, from the first
// stage on.
func TestHandedOverGone(t *testing.T) {
	for _, file := range []string{documentsName(0), sideName(documentsName(0)), sumsName(0)} {
		for _, after := range [][][]string{apart, {nil}, {{"read", "sieve"}, {"add", "total", "print", "weigh", "index", "end"}}} {
			bubble(t, file, func(t *testing.T) {
				y := newToy(t, 2)
				if err := y.run(t.Context(), apart...); err != nil {
					t.Fatal(err)
				}
				if names := y.handedOver(); names != nil {
					t.Errorf("%v is there", names)
				}
				want := y.results()
				y.remove(t.Context(), "work/"+file)
				if err := y.run(t.Context(), after...); err != nil {
					t.Fatal(err)
				}
				y.check()
				sameBytes(t, want, y.results())
				// Nobody waits for what is needed no more: the side file of documents that were taken.
				if names := y.handedOver(); names != nil && file != sideName(documentsName(0)) {
					t.Errorf("%v is there again", names)
				}
				for _, stage := range []string{"read", "sieve", "add"} {
					if n := y.times(stage, 1); n != 1 {
						t.Errorf("what was whole was made %d times by %s", n, stage)
					}
				}
			})
		}
	}
}

// TestTakenByAnother: a task that came to two workers finds what was handed over gone, as the other one has done it: nothing is made anew.
func TestTakenByAnother(t *testing.T) {
	bubble(t, "sieve", func(t *testing.T) {
		y := newToy(t, 2)
		task := pipeline.Task{Stage: "sieve", Plan: y.plan.Digest()}
		q := &overtaken{Queue: y.queue, task: task, by: func() {
			other := y.worker(y.queue, "sieve")
			entries, err := other.hands["sieve"].run(t.Context(), task, other.job)
			if err == nil {
				_, err = y.queue.Record(t.Context(), task, entries[0])
			}
			if err != nil {
				t.Error(err)
			}
			for _, name := range handedTo(y.chain, task) {
				y.remove(t.Context(), "work/"+name)
			}
		}}
		if err := y.runOver(t.Context(), func() pipeline.Queue { return q }, apart...); err != nil {
			t.Fatal(err)
		}
		y.check()
		if r, s, n := y.times("read", 0), y.times("sieve", 0), y.attempts("sieve", 0); r != 1 || s != 1 || n != 0 {
			t.Errorf("read was done %d times, sieve %d times, and %d attempts were counted", r, s, n)
		}
		if !q.done {
			t.Error("nobody was overtaken")
		}
	})
}

// overtaken is a queue over which somebody else does a task behind the back of the one that is about to begin with it.
type overtaken struct {
	*memory.Queue
	task pipeline.Task
	by   func()
	done bool // by was called; only one worker attempts the task
}

func (q *overtaken) Attempt(ctx context.Context, t pipeline.Task, delta int) (int, error) {
	if t.Stage == q.task.Stage && t.Index == q.task.Index && delta > 0 && !q.done {
		q.done = true
		q.by()
	}
	return q.Queue.Attempt(ctx, t, delta)
}
