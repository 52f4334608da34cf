package cluster

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/queue"
)

// cluster runs a coordinator, until stop is called, and a worker.
func cluster(t *testing.T, p plane, s site) (stop func()) {
	t.Helper()
	log := zerolog.New(zerolog.NewTestWriter(t))
	tally := &Tally{}
	c := &Coordinator{Control: p.Control, Site: s.open(log, tally), Log: log, Progress: tally.Progress}
	w := &Worker{
		Control: p.Control, Site: s.open(log, engine.Nobody{}), Stages: []string{toyStage}, Slots: 2, Log: log, ShutdownTimeout: time.Second,
	}
	stop = beside(t, c.Run)
	beside(t, w.Run)
	return stop
}

// TestRunCommitted: files of the folder and those that were published are taken, once; their requests and all work are gone.
func TestRunCommitted(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a", "b")
	cluster(t, p, s)
	client := &Client{p.Control}
	if err := client.Publish(t.Context(), queue.FileRef{Source: "news", Path: "c"}); err != nil {
		t.Fatal(err)
	}
	r := p.start(Request{ID: night, Date: "2026-11-23T02:00:00+08:00"})
	if r.State != Committed || r.InboxUpTo == 0 {
		t.Fatalf("the run: %+v", r)
	}
	made := result(t, r)
	if !slices.Equal(made.Files, []string{"a", "b", "news/c"}) || made.ID != night || made.Date != r.Date || made.Plan != r.Plan {
		t.Errorf("it made %+v", made)
	}
	s.tidy(t, p, r.Plan)
	if refs, _, err := p.Inbox(t.Context()); len(refs) > 0 || err != nil {
		t.Errorf("still published: %v, %v", refs, err)
	}
	if r := p.start(Request{ID: "next"}); r.State != Committed || !slices.Equal(result(t, r).Files, []string{"a", "b"}) {
		t.Errorf("the next run: %+v", r)
	}
	if r := p.start(Request{ID: "last"}); r.State != Nothing || r.Skipped != 2 {
		t.Errorf("a run with nothing to do: %+v", r)
	}
}

// TestRunNothing: a job that comes to its end and makes nothing leaves nothing.
func TestRunNothing(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a")
	s.toy.commit = func(engine.Commit) (bool, error) { return true, nil }
	if err := pipeline.WriteAll(t.Context(), s.store, "staging/left", nil); err != nil {
		t.Fatal(err)
	}
	cluster(t, p, s)
	r := p.start(Request{ID: night})
	if r.State != Nothing || r.Plan == "" || len(r.Result) == 0 {
		t.Errorf("the run: %+v", r)
	}
	s.tidy(t, p, r.Plan)
}

// TestRunHopeless: what one worker finds out about a task ends the run for all.
func TestRunHopeless(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a", "b")
	s.toy.task = func(context.Context) error { return pipeline.Permanent(errors.New("no such thing")) }
	cluster(t, p, s)
	r := p.start(Request{ID: night})
	if r.State != Failed || !strings.Contains(r.Error, "task toy.") || !strings.Contains(r.Error, "no such thing") {
		t.Errorf("the run: %+v", r)
	}
	p.await("its work to be gone", func() bool {
		list, err := s.store.List(t.Context(), "work/runs")
		return err == nil && len(list) == 0
	})
	s.tidy(t, p, r.Plan)
}

// TestRunObeys pauses a run that is being done, lets it go on, and cancels it: then its tasks are called off.
func TestRunObeys(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a", "b")
	var begun, ended atomic.Int32
	s.toy.task = func(ctx context.Context) error {
		begun.Add(1)
		defer ended.Add(1)
		<-ctx.Done()
		return ctx.Err()
	}
	cluster(t, p, s)
	client := &Client{p.Control}
	answers := p.later(p.asks(Request{ID: night}))
	p.await("both tasks to be in hand", func() bool {
		stages := p.look().Stages
		return len(stages) == 1 && stages[0].Stage == toyStage && stages[0].Total == 2 && stages[0].Working == 2 && begun.Load() == 2
	})
	var r Record
	for _, step := range []struct {
		do   func(context.Context) (Record, error)
		want State
	}{
		{client.Pause, Paused},
		{client.Resume, Running},
		{func(ctx context.Context) (Record, error) { return client.Cancel(ctx, night) }, Cancelled},
	} {
		var err error
		if r, err = step.do(t.Context()); r.ID != night || r.State != step.want || err != nil {
			t.Fatalf("%+v, %v, want %s", r, err, step.want)
		}
	}
	p.await("its tasks to be called off", func() bool { return ended.Load() == begun.Load() })
	p.want(answers, Cancelled)
	p.await("its work to be gone", func() bool {
		list, err := s.store.List(t.Context(), "work/runs")
		return err == nil && len(list) == 0
	})
	s.tidy(t, p, r.Plan)
}

// TestRunTakenUp: a coordinator that stops leaves the run to the next one, and the workers do not notice.
func TestRunTakenUp(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a", "b")
	release := make(chan struct{})
	var begun atomic.Int32
	s.toy.task = func(ctx context.Context) error {
		begun.Add(1)
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	stop := cluster(t, p, s)
	answers := p.later(p.asks(Request{ID: night}))
	p.await("both tasks to be in hand", func() bool { return begun.Load() == 2 })
	first := p.look()
	if first.Run.State != Running || !first.Leading {
		t.Errorf("the cluster: %+v", first)
	}
	log := zerolog.New(zerolog.NewTestWriter(t))
	second := &Coordinator{Control: p.Control, Site: s.open(log, engine.Nobody{}), Log: log}
	beside(t, second.Run)
	stop()
	p.await("the other one to lead", second.Leading)
	close(release)
	if r := <-answers; r.State != Committed || r.Plan != first.Run.Plan || r.err != nil {
		t.Errorf("the run: %+v, its plan was %s", r, first.Run.Plan)
	}
	if n := begun.Load(); n != 2 {
		t.Errorf("two tasks were begun %d times", n)
	}
}

// TestRunMended: a commit that met damage coordinates once more, but not for ever.
func TestRunMended(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a")
	var commits atomic.Int32
	s.toy.commit = func(engine.Commit) (bool, error) {
		if n := commits.Add(1); n == 1 || n > 2 {
			return false, engine.ErrMended
		}
		return false, nil
	}
	cluster(t, p, s)
	if r := p.start(Request{ID: night}); r.State != Committed || commits.Load() != 2 {
		t.Errorf("after %d commits: %+v", commits.Load(), r)
	}
	s.add(t, "b")
	if r := p.start(Request{ID: "next"}); r.State != Failed || commits.Load() != 2+maxMended+1 {
		t.Errorf("after %d commits: %+v", commits.Load(), r)
	}
}

// alarm stops a run.
type alarm struct{}

func (alarm) Error() string { return "too few documents" }
func (alarm) Why() string   { return "too few documents" }

// TestRunStopped: a night that an alarm stopped comes before the next one, which waits in vain if it is stopped again.
func TestRunStopped(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a")
	s.toy.commit = func(c engine.Commit) (bool, error) {
		if c.Force {
			return false, nil
		}
		return false, alarm{}
	}
	cluster(t, p, s)
	const date = "2026-11-23T02:00:00+08:00"
	r := p.start(Request{ID: night, Date: date})
	if r.State != Failed || !r.Stopped || r.Error != "too few documents" {
		t.Fatalf("the night: %+v", r)
	}
	s.add(t, "b")
	next := p.start(Request{ID: "next", Date: "2026-11-24T02:00:00+08:00"})
	if next.State != Failed || !strings.Contains(next.Error, "the run of "+date+" comes first") || next.Hint == "" {
		t.Errorf("the next night: %+v", next)
	}
	if last := p.start(Request{ID: "last", Force: true}); last.State != Committed || !slices.Equal(result(t, last).Files, []string{"a", "b"}) {
		t.Errorf("the run that accepts it: %+v", last)
	}
	if forced := p.start(Request{ID: night, Date: date}); forced.State != Committed || forced.Plan != r.Plan || result(t, forced).Date != date {
		t.Errorf("the night that came first: %+v", forced)
	}
}

// TestRunRestarted: a run that is asked for anew gives up what a failed one has done.
func TestRunRestarted(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a")
	var broken atomic.Bool
	broken.Store(true)
	s.toy.commit = func(engine.Commit) (bool, error) {
		if broken.Load() {
			return false, errors.New("out of paper")
		}
		return false, nil
	}
	var tasks atomic.Int32
	s.toy.task = func(context.Context) error {
		tasks.Add(1)
		return nil
	}
	cluster(t, p, s)
	if r := p.start(Request{ID: night}); r.State != Failed || r.Error != "out of paper" {
		t.Fatalf("the run: %+v", r)
	}
	if r := p.start(Request{ID: night}); r.State != Failed || tasks.Load() != 1 {
		t.Errorf("tried again, its task is done: %+v, %d tasks", r, tasks.Load())
	}
	broken.Store(false)
	if r := p.start(Request{ID: night, Restart: true}); r.State != Committed || tasks.Load() != 2 {
		t.Errorf("from the beginning: %+v, %d tasks", r, tasks.Load())
	}
}

// TestRunReplanned: a plan whose file is gone is made anew.
func TestRunReplanned(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a")
	p.write(keyRun, Record{ID: night, State: Running, Plan: thisPlan})
	cluster(t, p, s)
	if r := p.start(Request{ID: night}); r.State != Committed || r.Plan == thisPlan {
		t.Errorf("the run: %+v", r)
	}
}

// TestRunStands: the result stands already, for the coordinator before this one died behind its commit.
func TestRunStands(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a")
	stop := cluster(t, p, s)
	r := p.start(Request{ID: night})
	stop()
	p.write(keyRun, Record{ID: night, State: Committing, Plan: r.Plan})
	if err := p.Delete(t.Context(), keyEnded+night, 0); err != nil {
		t.Fatal(err)
	}
	s.toy.commit = func(engine.Commit) (bool, error) { return false, errors.New("it was committed twice") }
	cluster(t, p, s)
	if again := p.start(Request{ID: night}); again.State != Committed || string(again.Result) != string(r.Result) {
		t.Errorf("the run: %+v", again)
	}
}

// TestPlanningIsTold: while a plan is made, whoever looks sees how far that is; and behind it nothing is said of it.
func TestPlanningIsTold(t *testing.T) {
	t.Parallel()
	p, s := newPlane(t), newSite(t)
	s.add(t, "a")
	log := zerolog.New(zerolog.NewTestWriter(t))
	tally, planning, seen := &Tally{}, &pipeline.Planning{}, make(chan struct{})
	s.toy.plan = func(ctx context.Context) error {
		defer planning.End()
		planning.Restart("finding files")
		planning.Begin(pipeline.PlanningStep{Name: "looking at files", Of: "news", Total: 3})
		planning.Found(70)
		planning.Done()
		select {
		case <-seen:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	c := &Coordinator{Control: p.Control, Site: s.open(log, tally), Log: log, Progress: tally.Progress, Planning: planning}
	w := &Worker{Control: p.Control, Site: s.open(log, engine.Nobody{}), Stages: []string{toyStage}, Slots: 2, Log: log, ShutdownTimeout: time.Second}
	beside(t, c.Run)
	beside(t, w.Run)
	ended := p.later(p.asks(Request{ID: night}))
	want := pipeline.PlanningState{Step: "looking at files", Of: "news", Files: 1, Bytes: 70, Done: 1, Total: 3}
	p.await("planning is shown", func() bool {
		look := p.look()
		return look.Run.State == Planning && look.Planning != nil && *look.Planning == want
	})
	close(seen)
	p.want(ended, Committed)
	if look := p.look(); look.Planning != nil || look.Run.State != Committed {
		t.Errorf("behind it: %+v of a run that %s", look.Planning, look.Run.State.Says())
	}
}
