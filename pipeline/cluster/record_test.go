package cluster

import (
	"strings"
	"testing"
)

func TestState(t *testing.T) {
	for s, want := range map[State]struct {
		underWay, well bool
		says           string
	}{
		Planning:   {true, false, "is planning"},
		Running:    {true, false, "is running"},
		Paused:     {true, false, "is paused"},
		Committing: {true, false, "is committing"},
		Committed:  {false, true, "is committed"},
		Nothing:    {false, true, "found nothing new"},
		Failed:     {false, false, "has failed"},
		Cancelled:  {false, false, "was cancelled"},
		"":         {false, false, "is "}, // there never was a run
	} {
		if s.UnderWay() != want.underWay || s.well() != want.well || s.Says() != want.says {
			t.Errorf("%q: under way %v, well %v, %q, want %+v", s, s.UnderWay(), s.well(), s.Says(), want)
		}
	}
}

// TestRead: what is not there has no revision; what cannot be read names its key.
func TestRead(t *testing.T) {
	p := newPlane(t)
	ctx := t.Context()
	if r, revision, err := readRecord(ctx, p.Control); r.ID != "" || revision != 0 || err != nil {
		t.Errorf("before the first run: %+v, %d, %v", r, revision, err)
	}
	if r, err := readEnd(ctx, p.Control, night); r.ID != "" || err != nil {
		t.Errorf("a run that nobody knows: %+v, %v", r, err)
	}
	if err := writeEnd(ctx, p.Control, Record{ID: night, State: Failed, Error: "out of paper"}); err != nil {
		t.Fatal(err)
	}
	if r, err := readEnd(ctx, p.Control, night); r.ID != night || r.State != Failed || r.Error != "out of paper" || err != nil {
		t.Errorf("how it has ended: %+v, %v", r, err)
	}
	p.write(keyStart+night, Request{ID: night, Force: true})
	if r, revision, err := readRequest(ctx, p.Control, night); !r.Force || revision == 0 || err != nil {
		t.Errorf("the request: %+v, %d, %v", r, revision, err)
	}
	if err := p.Put(ctx, keyRun, []byte("hello"), 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readRecord(ctx, p.Control); err == nil || !strings.Contains(err.Error(), keyRun) {
		t.Errorf("a record that is none: %v", err)
	}
}
