package cluster

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/pipeline"
)

// look takes a picture, without what is another one at every moment.
func (p plane) look() Status {
	p.t.Helper()
	s, err := (&Client{p.Control}).Look(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	if age := time.Since(s.Time); age < 0 || age > time.Minute {
		p.t.Errorf("the picture is of %v", s.Time)
	}
	for i := range s.Workers {
		w := &s.Workers[i]
		if w.Heard.IsZero() || w.Age < 0 || w.Age > 60 {
			p.t.Errorf("worker %s was heard at %v, %v seconds ago", w.ID, w.Heard, w.Age)
		}
		w.Heard, w.Age = time.Time{}, 0
	}
	s.Time, s.CoordinatorAge = time.Time{}, 0
	return s
}

func (p plane) wantStatus(want Status) {
	p.t.Helper()
	if diff := cmp.Diff(want, p.look()); diff != "" {
		p.t.Errorf("status (-want +got):\n%s", diff)
	}
}

// TestLookAtNobody: lists are empty, not absent, for those who read JSON.
func TestLookAtNobody(t *testing.T) {
	p := newPlane(t)
	p.wantStatus(Status{Stages: []StageStatus{}, Workers: []WorkerStatus{}, Waiting: []string{}, DeadLetters: []DeadLetter{}})
	s, err := (&Client{p.Control}).Look(t.Context())
	data, jsonErr := json.Marshal(s)
	if err != nil || jsonErr != nil || strings.Contains(string(data), "null") {
		t.Errorf("%s, %v, %v", data, err, jsonErr)
	}
	if err := p.Put(t.Context(), keyWorker+"a", []byte("hello"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Client{p.Control}).Look(t.Context()); err == nil || !strings.Contains(err.Error(), keyWorker+"a") {
		t.Errorf("a worker that is none: %v", err)
	}
}

// TestLook: who leads, who works, who waits, and how far the stages are.
func TestLook(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	lease, err := p.Lead(t.Context(), "leader", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Resign()
	const plan, before = "0123abcd", "4567ef01"
	workers := []WorkerStatus{
		{ID: "a", Host: "h", Stages: []string{"parse"}, Plan: plan, Bytes: map[string]int64{"parse": 70}, Rates: map[string]float64{"parse": 7}},
		{ID: "b", Host: "h", Plan: plan, Bytes: map[string]int64{"parse": 30}, Rates: map[string]float64{"parse": 3}},
		{ID: "c", Host: "h", Plan: before, Bytes: map[string]int64{"parse": 500}, Rates: map[string]float64{"parse": 50}},
	}
	for _, i := range []int{1, 2, 0} {
		p.write(keyWorker+workers[i].ID, workers[i])
	}
	for _, id := range []string{"z", night, "a"} {
		p.write(keyStart+id, Request{ID: id})
	}
	record := Record{ID: night, State: Running, Plan: plan}
	p.write(keyRun, record)
	want := Status{
		Run: record, Coordinator: "leader", Leading: true, Workers: workers, Waiting: []string{"a", "z"},
		Stages: []StageStatus{}, DeadLetters: []DeadLetter{},
	}
	progress := Progress{
		Plan: before, InputBytes: 1000, Documents: DocumentCounts{Read: 9}, Dead: 1, DeadLetters: []DeadLetter{{Split: 3, Path: "x"}},
		Stages: []StageProgress{{Stage: "parse", Done: 1, Total: 4, ETASeconds: 60}, {Stage: "normalize", Total: 4, ETASeconds: 90}},
	}
	p.write(keyProgress, progress) // of the run before
	p.wantStatus(want)

	progress.Plan = plan
	p.write(keyProgress, progress)
	want.InputBytes, want.Documents, want.Dead, want.DeadLetters = 1000, progress.Documents, 1, progress.DeadLetters
	p.wantStatus(want) // its queue is not there yet

	q := p.run(plan, "parse", "normalize")
	for i := range 3 {
		if err := q.Enqueue(t.Context(), pipeline.Task{Stage: "parse", Index: i}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := q.Receive(t.Context(), []string{"parse"}); err != nil {
		t.Fatal(err)
	}
	want.Done = 0.125
	want.ETASeconds, want.Unmanned = 90, []string{"normalize"} // a is the only one who says what it does in this run
	want.Stages = []StageStatus{
		{StageProgress: progress.Stages[0], Waiting: 2, Working: 1, Bytes: 100, Rate: 10},
		{StageProgress: progress.Stages[1]},
	}
	p.await("the counts of the queue", func() bool { return cmp.Equal(want.Stages, p.look().Stages) })
	p.wantStatus(want)

	record.State = Committed
	p.write(keyRun, record)
	got := p.look()
	if diff := cmp.Diff(Status{Run: record, Leading: true, Coordinator: "leader", Workers: workers, Waiting: want.Waiting}, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("a run that has ended (-want +got):\n%s", diff)
	}
}

// TestLookAtSilence: a coordinator that has been silent for too long does not lead, and one whose clock is ahead does.
func TestLookAtSilence(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	s := Status{Time: now}
	for ago, want := range map[time.Duration]time.Duration{time.Minute: time.Minute, -time.Second: 0} {
		if got := s.since(now.Add(-ago)); got != want {
			t.Errorf("%v ago is %v", ago, got)
		}
	}
	if got := s.since(time.Time{}); got != 0 {
		t.Errorf("never is %v ago", got)
	}
}

// TestFollower: who follows sees every state in turn, and that the control plane was emptied.
func TestFollower(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	f := newFollower(t.Context(), p.Control)
	defer f.stop()
	for _, s := range []State{Planning, Running} {
		p.write(keyRun, Record{ID: night, State: s})
		if r, err := f.wait(t.Context(), func(r Record) bool { return r.State == s }); r.ID != night || err != nil {
			t.Errorf("%s: %+v, %v", s, r, err)
		}
	}
	if err := p.Put(t.Context(), keyRuns+"other", []byte("no record"), 0); err != nil { // no business of its
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if r, err := f.wait(ctx, func(r Record) bool { return r.State == Committed }); r.State != Running || err == nil {
		t.Errorf("without time: %+v, %v", r, err)
	}
	p.deleteStream("KV_millrace_corpus")
	if err := p.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.wait(t.Context(), func(r Record) bool { return r.ID == "" }); err != nil {
		t.Errorf("the record is gone: %v", err)
	}
}
