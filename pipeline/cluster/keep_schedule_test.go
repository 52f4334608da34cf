package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline/engine"
)

// scheduled is a coordinator of a corpus in a folder, with a schedule ("": none).
func scheduled(t *testing.T, p plane, cron string) (*Coordinator, site) {
	t.Helper()
	s := newSite(t)
	log := zerolog.New(zerolog.NewTestWriter(t))
	c := &Coordinator{Control: p.Control, Log: log, Site: s.open(log, engine.Nobody{})}
	if cron != "" {
		var err error
		if c.Schedule, err = NewSchedule(cron, "Asia/Shanghai"); err != nil {
			t.Fatal(err)
		}
	}
	return c, s
}

func (p plane) requests() (ids []string) {
	p.t.Helper()
	list, err := p.List(p.t.Context(), keyStart)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range list {
		ids = append(ids, e.Key[len(keyStart):])
	}
	return ids
}

// TestKeepSchedule: the server fires, and each instant becomes a request for the run of its date. Without a schedule nothing does.
func TestKeepSchedule(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	c, _ := scheduled(t, p, "* * * * * *")
	ctx, cancel := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- c.keepSchedule(ctx) }()
	p.await("two instants", func() bool { return len(p.requests()) >= 2 })
	cancel()
	if err := <-kept; !errors.Is(err, context.Canceled) {
		t.Errorf("its end: %v", err)
	}
	for _, id := range p.requests() {
		r, _, err := readRequest(t.Context(), p.Control, id)
		if err != nil || r.ID != id {
			t.Fatalf("request %s: %+v, %v", id, r, err)
		}
		date, err := time.Parse(time.RFC3339, r.Date)
		if err != nil || DateID(date) != id || time.Until(date).Abs() > time.Minute {
			t.Errorf("run %s is of %s, %v", id, r.Date, err)
		}
		if _, offset := date.Zone(); offset != 8*60*60 {
			t.Errorf("the date %s is not in the zone of the schedule", r.Date)
		}
	}

	spec := c.Schedule.spec
	c.Schedule = nil
	removed := time.Now()
	ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := c.keepSchedule(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without a schedule: %v", err)
	}
	if since, err := p.SetSchedule(t.Context(), &spec, 1); err != nil || since.Before(removed) {
		t.Errorf("the server has kept the schedule: it stands since %v, %v", since, err)
	}
}

// TestCatchUp: the last instant is asked for, unless it was before the schedule, or its run is known to have ended, by the control
// plane or by what it made.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	c, s := scheduled(t, p, "0 2 * * *")
	date := c.Schedule.last(time.Now())
	id := DateID(date)
	catchUp := func(since time.Time, wanted bool) {
		t.Helper()
		if err := c.catchUp(t.Context(), since); err != nil {
			t.Fatal(err)
		}
		ids := p.requests()
		if wanted != (len(ids) == 1 && ids[0] == id) || !wanted && len(ids) > 0 {
			t.Errorf("asked for %v, want %s: %v", ids, id, wanted)
		}
		if err := p.Delete(t.Context(), keyStart+id, 0); err != nil {
			t.Fatal(err)
		}
	}
	long := date.Add(-time.Hour)
	catchUp(time.Time{}, false) // nobody knows since when
	catchUp(date, false)
	catchUp(date.Add(time.Minute), false)
	catchUp(long, true)
	p.write(keyEnded+id, Record{ID: id, State: Failed}) // somebody may ask for it again; the schedule does not
	catchUp(long, false)
	if err := p.Delete(t.Context(), keyEnded+id, 0); err != nil {
		t.Fatal(err)
	}

	s.made(t, toyResult{ID: id, Plan: thisPlan})
	catchUp(long, false)
}

// TestRequestOnce: one instant makes one request, whoever asks for it.
func TestRequestOnce(t *testing.T) {
	p := newPlane(t)
	c, _ := scheduled(t, p, "0 2 * * *")
	date := c.Schedule.last(time.Now())
	p.write(keyStart+DateID(date), Request{ID: DateID(date), Force: true}) // somebody asks before it fires
	if err := c.request(t.Context(), date, "scheduled"); err != nil {
		t.Fatal(err)
	}
	if r, _, err := readRequest(t.Context(), p.Control, DateID(date)); !r.Force || err != nil {
		t.Errorf("the request is %+v, %v", r, err)
	}
}
