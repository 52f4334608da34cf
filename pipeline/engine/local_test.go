package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// newLocal makes the options of a process that does jobs of a toy on a corpus in a folder.
func newLocal(t *testing.T, lists int) (*toy, *toyKind, Options) {
	y, k, s := newSite(t, lists)
	o := s.options
	o.AckWait = 0
	return y, k, o
}

// hold calls f with the corpus of o.
func hold(t *testing.T, o Options, f func(ctx context.Context, l *Local) error) {
	t.Helper()
	if err := Hold(t.Context(), o, f); err != nil {
		t.Fatal(err)
	}
}

// TestLocal: one process does a job of any kind over its own queue; what stops it is noted, and the next call goes on.
func TestLocal(t *testing.T) {
	y, k, o := newLocal(t, 2)
	u := &Left{Plan: y.plan, Ticket: Ticket{ID: "night", Skipped: 5}}
	k.commit = func(context.Context, *pipeline.Job) error { return halted{} }
	hold(t, o, func(ctx context.Context, l *Local) error {
		if left, err := l.Left(ctx); left != nil || err != nil {
			t.Errorf("left is %v, %v", left, err)
		}
		if err := l.Keep(ctx, u, 1<<62); err == nil || !strings.Contains(err.Error(), "are free") {
			t.Errorf("kept without room: %v", err)
		}
		if err := l.Keep(ctx, u, 0); err != nil {
			return err
		}
		_, err := l.Do(ctx, u, false)
		if _, ok := errors.AsType[Stopped](err); !ok {
			t.Errorf("the job ends with %v", err)
		}
		if n, err := l.WorkBytes(ctx); n == 0 || err != nil {
			t.Errorf("%d bytes of work, %v", n, err)
		}
		return nil
	})

	seen := 0
	err := LookAtLeft(t.Context(), o, nil, func(left *Left, work pipeline.Store) error {
		seen++
		if phase, err := PhaseOf(t.Context(), y.chain, work); left.Stopped != "too much was rejected" || left.ID != "night" || phase != "commit" || err != nil {
			t.Errorf("%+v in phase %s, %v", left.Ticket, phase, err)
		}
		return nil
	})
	if err != nil || seen != 1 {
		t.Errorf("looked at %d jobs, %v", seen, err)
	}

	damaged := false
	k.commit = func(ctx context.Context, job *pipeline.Job) error {
		if damaged {
			return nil
		}
		damaged = true
		return pipeline.WriteAll(ctx, job.Work, sumsName(1), []byte("{"))
	}
	o.Workers = [][]string{{"read", "sieve"}, {"add", "total", "index", "end", "print", "weigh"}}
	hold(t, o, func(ctx context.Context, l *Local) error {
		left, err := l.Left(ctx)
		if err != nil || left == nil || left.Plan.Digest() != y.plan.Digest() || left.Corpus != l.Identity() {
			t.Fatalf("left is %+v, %v", left, err)
		}
		out, err := l.Do(ctx, left, true)
		if err != nil {
			return err
		}
		if want := "night5 true[0 4 8 12 16 12]"; !strings.HasPrefix(out.Result.(string), want) {
			t.Errorf("result %q", out.Result)
		}
		y.checkOut(ctx, l.Out().Sub(staging))
		if left, err := l.Left(ctx); left != nil || err != nil {
			t.Errorf("left is %v, %v", left, err)
		}
		if n, err := l.WorkBytes(ctx); n != 0 || err != nil {
			t.Errorf("%d bytes of work, %v", n, err)
		}
		return pipeline.WriteAll(ctx, l.Work(), "note", nil)
	})
	if n := y.times("read", 0); n != 1 {
		t.Errorf("a list was read %d times", n)
	}
	if n := y.times("add", 1); n != 2 {
		t.Errorf("what the commit met damaged was made %d times", n)
	}
	if k.opened != 0 {
		t.Errorf("%d jobs are open", k.opened)
	}
	err = LookAtLeft(t.Context(), o, []string{t.TempDir()}, func(left *Left, _ pipeline.Store) error {
		t.Errorf("there is nothing to look at: %+v", left)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestLocalEnds: a run ends with its workers: what they have computed they hand over, though the coordinator may know that it is recorded before they do.
func TestLocalEnds(t *testing.T) {
	for range 10 {
		y, k, o := newLocal(t, 3)
		k.commit = func(context.Context, *pipeline.Job) error { return nil }
		var mu sync.Mutex
		visits := map[string]int{}
		o.Hook = func(point string) {
			mu.Lock()
			defer mu.Unlock()
			visits[point]++
		}
		hold(t, o, func(ctx context.Context, l *Local) error {
			_, err := l.Do(ctx, &Left{Plan: y.plan, Ticket: Ticket{ID: "night"}}, false)
			return err
		})
		if n := visits["worker:computed"]; n == 0 || visits["worker:recorded"] != n || visits["worker:handed over"] != n {
			t.Fatalf("not all is handed over: %v", visits)
		}
	}
}

// TestLocalFails: a job that ends in an error stays, with all that it has done.
func TestLocalFails(t *testing.T) {
	y, _, o := newLocal(t, 2)
	y.befall("total", 0, poisonsForGood)
	u := &Left{Plan: y.plan}
	hold(t, o, func(ctx context.Context, l *Local) error {
		if err := l.Keep(ctx, u, 0); err != nil {
			return err
		}
		_, err := l.Do(ctx, u, false)
		if _, ok := errors.AsType[*RunError](err); !ok {
			t.Errorf("the job ends with %v", err)
		}
		y.befall("total", 0, nil)
		_, err = l.Do(ctx, u, false)
		y.checkOut(ctx, l.Out().Sub(staging))
		if n := y.times("read", 0); n != 1 {
			t.Errorf("a list was read %d times", n)
		}
		return err
	})
}

// TestLocalWithoutWorkers: a job whose workers leave stages to nobody ends at once and names them, instead of waiting for ever; what was
// planned stands, and workers of all stages do it.
func TestLocalWithoutWorkers(t *testing.T) {
	y, _, o := newLocal(t, 2)
	u := &Left{Plan: y.plan}
	o.Workers = [][]string{{"read", "sieve"}, {"add", "of another kind", "index", "end", "print"}}
	hold(t, o, func(ctx context.Context, l *Local) error {
		if err := l.Keep(ctx, u, 0); err != nil {
			return err
		}
		_, err := l.Do(ctx, u, false)
		if !errors.Is(err, pipeline.ErrUsage) || !strings.HasSuffix(err.Error(), "no worker does total, weigh") {
			t.Errorf("the job ends with %v", err)
		}
		if want := strings.Join(y.chain.Names(), ", "); !strings.HasSuffix(pipeline.Hint(err), want) {
			t.Errorf("hint %q, want the stages %s", pipeline.Hint(err), want)
		}
		if n := y.times("read", 0); n != 0 {
			t.Errorf("a list was read %d times", n)
		}
		return nil
	})
	o.Workers = append(o.Workers, []string{"weigh", "total"})
	hold(t, o, func(ctx context.Context, l *Local) error {
		left, err := l.Left(ctx)
		if err != nil || left == nil {
			t.Fatalf("left is %+v, %v", left, err)
		}
		if _, err := l.Do(ctx, left, false); err != nil {
			return err
		}
		y.checkOut(ctx, l.Out().Sub(staging))
		return nil
	})
}

// TestHold: one process has a corpus at a time.
func TestHold(t *testing.T) {
	_, _, o := newLocal(t, 1)
	hold(t, o, func(ctx context.Context, _ *Local) error {
		err := Hold(ctx, o, func(context.Context, *Local) error {
			t.Error("two processes have the corpus")
			return nil
		})
		if hint, ok := errors.AsType[*pipeline.HintError](err); !errors.Is(err, store.ErrLocked) || !ok || !strings.Contains(hint.Hint, "wait for the other run") {
			t.Errorf("error %v", err)
		}
		waiting := o
		waiting.Wait = true
		ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		if err := Hold(ctx, waiting, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one that waits and is told to stop: %v", err)
		}
		return nil
	})
	bad := errors.New("bad")
	if err := Hold(t.Context(), o, func(context.Context, *Local) error { return bad }); !errors.Is(err, bad) {
		t.Errorf("error %v", err)
	}
	remote := o
	remote.Work = "s3://bucket/work"
	if err := Hold(t.Context(), remote, nil); !errors.Is(err, pipeline.ErrUsage) {
		t.Errorf("work that lies elsewhere: %v", err)
	}
}

// TestReboot: what a machine may have lost when it was restarted is thrown away.
func TestReboot(t *testing.T) {
	y, _, o := newLocal(t, 1)
	o.Work = t.TempDir()
	u := &Left{Plan: y.plan}
	hold(t, o, func(ctx context.Context, l *Local) error { return l.Keep(ctx, u, 0) })
	hold(t, o, func(ctx context.Context, l *Local) error {
		if left, err := l.Left(ctx); left == nil || err != nil {
			t.Errorf("left is %v, %v", left, err)
		}
		return pipeline.WriteAll(ctx, l.Work(), bootName, []byte("another boot"))
	})
	hold(t, o, func(ctx context.Context, l *Local) error {
		if left, err := l.Left(ctx); left != nil || err != nil {
			t.Errorf("left after a reboot is %v, %v", left, err)
		}
		return nil
	})
}

// TestSharedWork: corpora that share a folder for work have a part of it each, and a copy takes up nothing.
func TestSharedWork(t *testing.T) {
	y, _, o := newLocal(t, 1)
	o.Work = t.TempDir()
	u := &Left{Plan: y.plan}
	first := ""
	hold(t, o, func(ctx context.Context, l *Local) error {
		first = l.Identity()
		return l.Keep(ctx, u, 0)
	})
	other := o
	other.Out = t.TempDir()
	hold(t, other, func(ctx context.Context, l *Local) error {
		if left, err := l.Left(ctx); left != nil || err != nil || l.Identity() == first {
			t.Errorf("another corpus has left %v, %v", left, err)
		}
		return nil
	})
	copied := o
	copied.Out = filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied.Out, os.DirFS(o.Out)); err != nil {
		t.Fatal(err)
	}
	hold(t, copied, func(ctx context.Context, l *Local) error {
		if left, err := l.Left(ctx); left != nil || err != nil || l.Identity() == first {
			t.Errorf("a copy has left %v, %v", left, err)
		}
		return nil
	})
	moved := o
	moved.Out = filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(o.Out, moved.Out); err != nil {
		t.Fatal(err)
	}
	hold(t, moved, func(ctx context.Context, l *Local) error {
		if left, err := l.Left(ctx); left == nil || err != nil || l.Identity() != first {
			t.Errorf("a corpus that was moved has left %v, %v", left, err)
		}
		return nil
	})
}

// TestRunIsolated: the process that does one task for a Local finds its plan in the folder of that.
func TestRunIsolated(t *testing.T) {
	y, k, o := newLocal(t, 1)
	hold(t, o, func(ctx context.Context, l *Local) error {
		if err := l.Keep(ctx, &Left{Plan: y.plan}, 0); err != nil {
			return err
		}
		it := IsolatedTask{Task: pipeline.Task{Stage: "read", Plan: y.plan.Digest()}, Stages: []string{"read"}}
		entries, err := RunIsolated(ctx, o, it, func() {})
		if err != nil || len(entries) != 1 || entries[0].Stage != "read" || len(entries[0].Outputs) != 2 {
			t.Errorf("%+v, %v", entries, err)
		}
		o, err := l.Work().Open(ctx, runFolder(y.plan.Digest())+"/"+handoverName("read", 0))
		if err != nil {
			return err
		}
		return o.Close()
	})
	if k.opened != 0 {
		t.Errorf("%d jobs are open", k.opened)
	}
}
