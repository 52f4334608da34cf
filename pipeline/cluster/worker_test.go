package cluster

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
)

func TestNames(t *testing.T) {
	for text, want := range map[string]string{"news": "news", "a.b c": "a-b-c", "新闻_1": "--_1", "": ""} {
		if got := SafeName(text); got != want {
			t.Errorf("%q is called %q, want %q", text, got, want)
		}
	}
	a, b := NewID(), NewID()
	if a == b || !regexp.MustCompile(`^[A-Za-z0-9_-]+-[0-9]+-[a-z0-9]{4}$`).MatchString(a) || SafeName(a) != a {
		t.Errorf("processes are called %q and %q", a, b)
	}
}

// working runs a worker beside the test.
func working(t *testing.T, p plane, s site) (stop func()) {
	t.Helper()
	log := zerolog.New(zerolog.NewTestWriter(t))
	w := &Worker{
		Control: p.Control, Site: s.open(log, engine.Nobody{}), Stages: []string{toyStage}, Slots: 3, Log: log,
		Bytes: func() map[string]int64 { return map[string]int64{toyStage: 70} },
	}
	return beside(t, w.Run)
}

// one is the only worker that is there, "" as long as there is none.
func (p plane) one() WorkerStatus {
	p.t.Helper()
	workers := p.look().Workers
	if len(workers) == 0 {
		return WorkerStatus{}
	}
	if len(workers) > 1 {
		p.t.Fatalf("%d workers", len(workers))
	}
	return workers[0]
}

// TestWorkerIsSeen: a worker says who it is before there is a run, and tells again in another control plane.
func TestWorkerIsSeen(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	stop := working(t, p, newSite(t))
	p.await("its word", func() bool { return p.one().ID != "" })
	s := p.one()
	if s.PID != os.Getpid() || !slices.Equal(s.Stages, []string{toyStage}) || s.Slots != 3 || s.Started.IsZero() || s.Plan != "" || s.Draining {
		t.Errorf("it says %+v", s)
	}
	p.deleteStream("KV_millrace_corpus")
	if err := p.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.await("its word once more", func() bool { return p.one().ID == s.ID })
	stop()
}

// TestWorkerMisses: a worker that does not see the plan of a run which goes on says so, and for that run takes no part.
func TestWorkerMisses(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	working(t, p, newSite(t))
	p.write(keyRun, Record{ID: night, State: Running, Plan: thisPlan})
	p.await("its refusal", func() bool { return p.one().Refused != "" })
	if text := p.one().Refused; !strings.Contains(text, "the plan of the run is not where this worker looks") || !strings.Contains(text, "the same out and work") {
		t.Errorf("it says %q", text)
	}
}

// TestWorkerRefuses: a worker takes no part in a run that was planned by another program, and in the next one that is as its own
// it does.
func TestWorkerRefuses(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	s := newSite(t)
	store := func(code string) (digest string) {
		t.Helper()
		plan := &pipeline.Plan{Code: code, Version: 1, Settings: json.RawMessage(`{}`), Body: json.RawMessage(`[]`)}
		data, err := json.Marshal(plan)
		if err == nil {
			err = pipeline.WriteAll(t.Context(), s.store, "work/runs/"+plan.Digest()+"/"+pipeline.PlanName, data)
		}
		if err != nil {
			t.Fatal(err)
		}
		return plan.Digest()
	}
	working(t, p, s)
	other, same := store("0"), store(pipeline.CodeVersion)
	p.write(keyRun, Record{ID: night, State: Running, Plan: other})
	p.await("its refusal", func() bool { return p.one().Refused != "" })
	if text := p.one().Refused; !strings.Contains(text, "code version 0") || !strings.Contains(text, "the same version of millrace") {
		t.Errorf("it says %q", text)
	}
	q := p.run(same, toyStage)
	p.write(keyRun, Record{ID: "next", State: Running, Plan: same})
	p.await("it to work", func() bool { return p.one().Plan == same })
	if w := p.one(); w.Refused != "" || w.Bytes[toyStage] != 0 { // what it has read so far is not of this run
		t.Errorf("it works and says %q, bytes %v", w.Refused, w.Bytes)
	}
	if err := q.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.write(keyRun, Record{ID: "next", State: Committed, Plan: same})
	p.await("it to stop", func() bool { return p.one().Plan == "" })
}
