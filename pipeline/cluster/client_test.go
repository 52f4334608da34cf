package cluster

import (
	"encoding/json"
	"testing"
	"time"

	"millrace/pipeline/queue"
)

// TestWaitForTheRecord: whoever waited for a run and then asks for the state of things is not told that it is under way.
func TestWaitForTheRecord(t *testing.T) {
	ctx := t.Context()
	nats, err := queue.StartEmbedded(ctx, t.TempDir(), queue.EmbeddedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer nats.Close()
	control, err := queue.OpenControl(ctx, nats.Conn(), "corpus", queue.ControlOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const id = "night"
	encode := func(s State) []byte {
		data, err := json.Marshal(Record{ID: id, State: s})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	revision, err := control.Set(ctx, keyRun, encode(Committing), 0)
	if err == nil {
		err = control.Put(ctx, keyEnded+id, encode(Committed), endedTTL) // as leader.end does first
	}
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		record Record
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		r, err := (&Client{Control: control}).Wait(ctx, id)
		answers <- answer{r, err}
	}()
	select {
	case a := <-answers:
		t.Fatalf("the record says %s, and the wait ended with %+v", Committing, a)
	case <-time.After(200 * time.Millisecond): // the answer that was wrong came at once
	}
	if _, err := control.Set(ctx, keyRun, encode(Committed), revision); err != nil {
		t.Fatal(err)
	}
	if a := <-answers; a.err != nil || a.record.ID != id || a.record.State != Committed {
		t.Errorf("the wait ended with %+v", a)
	}
}
