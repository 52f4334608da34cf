package monitor

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func stageOf(t *testing.T, s Snapshot, name string) Stage {
	t.Helper()
	for _, stage := range s.Stages {
		if stage.Name == name {
			return stage
		}
	}
	t.Fatalf("no stage %s", name)
	return Stage{}
}

func TestTrackerRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := NewTracker(pipelinetest.Chain())
		tr.InputBytes(100e6)
		time.Sleep(3 * time.Second) // what came before the stage is not its time
		tr.Phase("cut", 10)
		time.Sleep(2 * time.Second)
		tr.AddInput("cut", 40e6, 8000)
		for range 4 {
			tr.TaskDone("cut")
		}

		s := stageOf(t, tr.Snapshot(), "cut")
		if s.Elapsed != 2*time.Second || s.BytesPerSecond() != 20e6 || s.DocumentsPerSecond() != 4000 {
			t.Errorf("elapsed %v, %g bytes/s, %g documents/s", s.Elapsed, s.BytesPerSecond(), s.DocumentsPerSecond())
		}
		if got := s.Fraction(); got != 0.4 {
			t.Errorf("fraction %g", got)
		}
		if left, ok := s.ETA(); !ok || left.Round(time.Millisecond) != 3*time.Second {
			t.Errorf("eta %v, %v", left, ok)
		}

		tr.AddInput("cut", 60e6, 12000)
		if s := stageOf(t, tr.Snapshot(), "cut"); s.Over() || s.Fraction() >= 1 {
			t.Errorf("all bytes but not all tasks: over %v, fraction %g", s.Over(), s.Fraction())
		}
		for range 6 {
			tr.TaskDone("cut")
		}
		time.Sleep(time.Minute) // the clock of a stage stops with it
		s = stageOf(t, tr.Snapshot(), "cut")
		if !s.Over() || s.Fraction() != 1 || s.Elapsed != 2*time.Second {
			t.Errorf("over %v, fraction %g, elapsed %v", s.Over(), s.Fraction(), s.Elapsed)
		}
		if _, ok := s.ETA(); ok {
			t.Error("a stage that is over has an eta")
		}
		if s, ok := tr.Snapshot().Active(); ok {
			t.Errorf("%s is active between stages", s.Name)
		}
	})
}

func TestTrackerResumedWorkHasNoRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := NewTracker(pipelinetest.Chain())
		tr.InputBytes(100e6)
		for range 5 { // the ledger is replayed before the stage begins
			tr.TaskDone("sign")
		}
		tr.Phase("sign", 10)
		time.Sleep(10 * time.Second)
		tr.AddInput("sign", 25e6, 500)
		s := stageOf(t, tr.Snapshot(), "sign")
		if s.Fraction() != 0.75 || s.BytesPerSecond() != 2.5e6 || s.DocumentsPerSecond() != 50 {
			t.Errorf("fraction %g, %g bytes/s, %g documents/s", s.Fraction(), s.BytesPerSecond(), s.DocumentsPerSecond())
		}
		if left, ok := s.ETA(); !ok || left.Round(time.Millisecond) != 10*time.Second {
			t.Errorf("eta %v, %v", left, ok)
		}
	})
}

func TestTrackerCarriedStages(t *testing.T) {
	tr := NewTracker(pipelinetest.Chain())
	for _, stage := range []string{"cut", "mill", "sign", "pair"} {
		tr.Phase(stage, 2)
	}
	done := func() (n []int64) {
		for _, s := range tr.Snapshot().Stages[:4] {
			n = append(n, s.Done)
		}
		return n
	}
	tr.TaskDone("cut") // a worker that has this stage alone
	if diff := cmp.Diff([]int64{1, 0, 0, 0}, done()); diff != "" {
		t.Errorf("after one cut (-want +got):\n%s", diff)
	}
	tr.TaskDone("sign") // the same split, at the end of the chain
	tr.TaskDone("sign") // a split that was carried through
	if diff := cmp.Diff([]int64{2, 2, 2, 0}, done()); diff != "" {
		t.Errorf("after two splits (-want +got):\n%s", diff)
	}
	tr.TaskDone("pair") // no map stage: says nothing of those before
	if diff := cmp.Diff([]int64{2, 2, 2, 1}, done()); diff != "" {
		t.Errorf("after one pair (-want +got):\n%s", diff)
	}
	if !stageOf(t, tr.Snapshot(), "cut").Over() {
		t.Error("cut is not over")
	}
}

func TestTrackerWithoutTasks(t *testing.T) {
	tr := NewTracker(pipelinetest.Chain())
	tr.Phase("weigh", 0)
	if s := stageOf(t, tr.Snapshot(), "weigh"); !s.Over() || s.Fraction() != 1 {
		t.Errorf("a stage of no tasks: over %v, fraction %g", s.Over(), s.Fraction())
	}
	tr.Phase("no such stage", 3)
	tr.TaskDone("no such stage")
	tr.AddInput("no such stage", 1, 1)
	if s := stageOf(t, tr.Snapshot(), "print"); s.Begun {
		t.Error("print has begun")
	}
}

func TestTrackerIsLockFreeAndExact(t *testing.T) {
	tr := NewTracker(pipelinetest.Chain())
	const workers, each = 8, 1000
	tr.Phase("sign", workers*each)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				tr.AddInput("sign", 3, 2)
				tr.AddOutcome(1, 2, 3, 4)
				tr.TaskDone("sign")
				_ = tr.Snapshot()
			}
		})
	}
	wg.Wait()
	s := tr.Snapshot()
	d := stageOf(t, s, "sign")
	if d.Bytes != 3*workers*each || d.Documents != 2*workers*each || !d.Over() {
		t.Errorf("%d bytes, %d documents, over %v", d.Bytes, d.Documents, d.Over())
	}
	if s.Kept != workers*each || s.Duplicates != 2*s.Kept || s.Filtered != 3*s.Kept || s.Rejected != 4*s.Kept {
		t.Errorf("outcome %+v", s)
	}
	if n := testing.AllocsPerRun(100, func() {
		tr.AddInput("sign", 1, 1)
		tr.AddOutcome(1, 0, 0, 0)
		tr.TaskDone("sign")
	}); n != 0 {
		t.Errorf("counting a batch allocates %g times", n)
	}
}
