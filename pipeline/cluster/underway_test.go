package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

const thisPlan = "0123abcd0123abcd"

// leading is a leader whose run of thisPlan is under way, with its queue.
func leading(t *testing.T, p plane, state State) (*leader, *queue.Run) {
	t.Helper()
	c, _ := scheduled(t, p, "")
	lease, err := p.Lead(t.Context(), "leader", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lease.Resign)
	l := &leader{Coordinator: c, lease: lease, wake: make(chan struct{}, 1)}
	if err := l.set(t.Context(), func(r *Record) { *r = Record{ID: night, State: state, Plan: thisPlan} }); err != nil {
		t.Fatal(err)
	}
	return l, p.run(thisPlan, "parse")
}

// TestObey: what is asked of the run under way is done once; what is meant for another run is forgotten; runs wait their turn.
func TestObey(t *testing.T) {
	p := newPlane(t)
	l, q := leading(t, p, Running)
	obey := func(want State, paused, cancelled bool) {
		t.Helper()
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		if err := l.obey(ctx, q, cancel); err != nil {
			t.Fatal(err)
		}
		if r, _, err := readRecord(t.Context(), p.Control); r.State != want || err != nil {
			t.Errorf("the run %s, %v, want %s", r.State.Says(), err, want)
		}
		if got, err := q.Paused(t.Context()); got != paused || err != nil {
			t.Errorf("paused: %v, %v, want %v", got, err, paused)
		}
		if got := errors.Is(context.Cause(ctx), errCancelled); got != cancelled {
			t.Errorf("cancelled: %v, want %v", got, cancelled)
		}
		if p.holds(keyPause) != "" || p.holds(keyResume) != "" {
			t.Errorf("not forgotten: %q, %q", p.holds(keyPause), p.holds(keyResume))
		}
	}
	wish := func(key, id string) {
		t.Helper()
		if err := p.Put(t.Context(), key, []byte(id), 0); err != nil {
			t.Fatal(err)
		}
	}
	p.write(keyStart+"next", Request{ID: "next"})
	obey(Running, false, false)
	wish(keyPause, "before")
	obey(Running, false, false)
	wish(keyPause, night)
	obey(Paused, true, false)
	wish(keyResume, "before")
	obey(Paused, true, false)
	wish(keyResume, night)
	obey(Running, false, false)
	wish(keyCancel, "before")
	obey(Running, false, false)
	wish(keyCancel, night)
	obey(Running, false, true)
	if p.holds(keyStart+"next") == "" {
		t.Error("the next run is forgotten")
	}
}

// TestStopped: what becomes of a run that did not come to its end.
func TestStopped(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cause error // why its context ended, nil if it did not
		err   error
		state State
		text  string // of the record
		over  bool
		kept  bool // the queue, for whoever takes the run up again
	}{
		{"Cancelled", errCancelled, context.Canceled, Cancelled, "", true, false},
		{"Hopeless", &failedError{"task parse.000003: no"}, context.Canceled, Failed, "task parse.000003: no", true, false},
		{"Failed", nil, errors.New("out of paper"), Failed, "out of paper", true, true},
		{"Unreachable", nil, pipeline.ErrUnreachable, Running, "", true, true}, // no fault of the run
		{"Fenced", pipeline.ErrFenced, context.Canceled, Running, "", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlane(t)
			l, q := leading(t, p, Running)
			p.write(keyStart+night, Request{ID: night})
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			if tt.cause != nil {
				cancel(tt.cause)
			}
			over, err := l.stopped(ctx, tt.err)
			if over != tt.over || (err != nil) != tt.state.UnderWay() {
				t.Errorf("over: %v, %v", over, err)
			}
			r, _, err := readRecord(t.Context(), p.Control)
			if r.State != tt.state || r.Error != tt.text || err != nil {
				t.Errorf("the record is %+v, %v", r, err)
			}
			end, err := readEnd(t.Context(), p.Control, night)
			if ended := !tt.state.UnderWay(); ended != (end.State == tt.state) || ended == (p.holds(keyStart+night) != "") || err != nil {
				t.Errorf("the end is %+v, %v; the request stands: %q", end, err, p.holds(keyStart+night))
			}
			if err := q.Lives(t.Context()); errors.Is(err, queue.ErrGone) == tt.kept {
				t.Errorf("the queue: %v, want it kept: %v", err, tt.kept)
			}
		})
	}
}

// TestTell: progress is told at once, and again and again, with the plan that it is of.
func TestTell(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	l, _ := leading(t, p, Running)
	l.tell(t.Context(), thisPlan) // nobody knows any
	if got := p.holds(keyProgress); got != "" {
		t.Errorf("told %s", got)
	}
	var mu sync.Mutex
	read := int64(0)
	l.Progress = func() Progress {
		mu.Lock()
		defer mu.Unlock()
		read++
		return Progress{Documents: DocumentCounts{Read: read}, Stages: []StageProgress{}}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var telling sync.WaitGroup
	telling.Go(func() { l.tell(ctx, thisPlan) })
	var told Progress
	p.await("the second word", func() bool {
		if text := p.holds(keyProgress); text != "" {
			if err := json.Unmarshal([]byte(text), &told); err != nil {
				t.Fatal(err)
			}
		}
		return told.Documents.Read >= 2
	})
	cancel()
	telling.Wait()
	if diff := cmp.Diff(Progress{Plan: thisPlan, Documents: told.Documents, Stages: []StageProgress{}}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
