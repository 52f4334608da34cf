package cluster

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline/queue"
)

// Goroutines that the server of NATS forgets when a stream is deleted and made anew are none of ours.
func TestMain(m *testing.M) {
	const server = "github.com/nats-io/nats-server/v2/server"
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction(server+".(*fileStore).flushStreamStateLoop"),
		goleak.IgnoreTopFunction(server+"/ats.Register.func1"))
}

const night = "night"

// plane is a control plane that a test writes to as coordinators do.
type plane struct {
	t *testing.T
	*queue.Control
	nats *queue.Embedded
}

func newPlane(t *testing.T) plane {
	t.Helper()
	nats, err := queue.StartEmbedded(t.Context(), t.TempDir(), queue.EmbeddedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nats.Close)
	control, err := queue.OpenControl(t.Context(), nats.Conn(), "corpus", queue.ControlOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return plane{t, control, nats}
}

func (p plane) write(key string, value any) {
	p.t.Helper()
	data, err := json.Marshal(value)
	if err == nil {
		err = p.Put(p.t.Context(), key, data, 0)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

type answer struct {
	Record
	err error
}

// later calls f beside the test, which must not be answered before it has seen more than is there: a wrong answer comes at
// once.
func (p plane) later(f func(context.Context) (Record, error)) <-chan answer {
	p.t.Helper()
	answers := make(chan answer, 1)
	go func() {
		r, err := f(p.t.Context())
		answers <- answer{r, err}
	}()
	select {
	case a := <-answers:
		p.t.Fatalf("answered too early: %+v", a)
	case <-time.After(200 * time.Millisecond):
	}
	return answers
}

func (p plane) want(answers <-chan answer, state State) {
	p.t.Helper()
	if a := <-answers; a.err != nil || a.ID != night || a.State != state {
		p.t.Errorf("the answer is %+v, want %s", a, state)
	}
}

// holds says what a key of the control plane holds, "" if there is no such key.
func (p plane) holds(key string) string {
	p.t.Helper()
	data, _, err := p.Get(p.t.Context(), key)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

// await waits until it is so.
func (p plane) await(what string, so func() bool) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("still waiting: %s", what)
		}
	}
}

// deleteStream does what an operator does who deletes a stream in NATS.
func (p plane) deleteStream(name string) {
	p.t.Helper()
	js, err := jetstream.New(p.nats.Conn())
	if err == nil {
		err = js.DeleteStream(p.t.Context(), name)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// run makes the queue of a run.
func (p plane) run(plan string, stages ...string) *queue.Run {
	p.t.Helper()
	q, err := p.Create(p.t.Context(), plan, queue.Options{Stages: stages})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(q.Close)
	return q
}
