package queue_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a server in the folder, to be stopped by the test or at its end.
func start(t testing.TB, dir string, o queue.EmbeddedOptions) *queue.Embedded {
	t.Helper()
	o.Logger = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel)
	e, err := queue.StartEmbedded(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func create(t testing.TB, nc *nats.Conn, id string, o queue.Options) *queue.Run {
	t.Helper()
	if o.Stages == nil {
		o.Stages = pipelinetest.QueueStages
	}
	r, err := queue.Create(t.Context(), nc, id, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestRun(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	var n atomic.Int64
	pipelinetest.TestQueue(t, func(ackWait time.Duration) pipeline.Queue {
		return create(t, e.Conn(), fmt.Sprintf("run-%d", n.Add(1)), queue.Options{AckWait: ackWait})
	})
}

func TestNames(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	for _, id := range []string{"", "a.b", "a b", "a>", "*", "inbox", "sched", "trigger", "dead", "新闻"} {
		if _, err := queue.Create(t.Context(), e.Conn(), id, queue.Options{}); err == nil {
			t.Errorf("created run %q", id)
		}
		if _, err := queue.Bind(t.Context(), e.Conn(), id, queue.BindOptions{}); err == nil {
			t.Errorf("bound to run %q", id)
		}
	}
	if _, err := queue.Create(t.Context(), e.Conn(), "r", queue.Options{Stages: []string{"a.b"}}); err == nil {
		t.Error("created a stage that is no part of a subject")
	}
	r := create(t, e.Conn(), "r", queue.Options{})
	bad := pipeline.Task{Stage: "cut.>"}
	if err := r.Enqueue(t.Context(), bad); err == nil {
		t.Error("enqueued a bad stage")
	}
	if _, err := r.Record(t.Context(), bad, pipeline.Entry{}); err == nil {
		t.Error("recorded a bad stage")
	}
	if _, err := r.Attempt(t.Context(), bad, 1); err == nil {
		t.Error("counted an attempt of a bad stage")
	}
}

func TestGone(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	if _, err := queue.Bind(t.Context(), e.Conn(), "r", queue.BindOptions{}); !errors.Is(err, queue.ErrGone) {
		t.Errorf("bind to nothing: %v, want ErrGone", err)
	}
	r := create(t, e.Conn(), "r", queue.Options{})
	enqueue(t, r, 0, 3)
	for range 2 {
		if err := r.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Record(t.Context(), task(0), entry(0)); !errors.Is(err, queue.ErrGone) {
		t.Errorf("record in a deleted run: %v, want ErrGone", err)
	}
	if err := r.Enqueue(t.Context(), task(0)); !errors.Is(err, queue.ErrGone) {
		t.Errorf("enqueue in a deleted run: %v, want ErrGone", err)
	}
	again := create(t, e.Conn(), "r", queue.Options{})
	if _, found, err := again.Lookup(t.Context(), task(0)); found || err != nil {
		t.Errorf("a new run of the name has an old ledger: %v, %v", found, err)
	}
	enqueue(t, again, 0, 1)
	expect(t, again, 0)
}

// TestCloseGivesBack closes a run while the server hands out tasks to it: none may be stuck until AckWait.
func TestCloseGivesBack(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	o := queue.Options{AckWait: 24 * time.Hour}
	left := create(t, e.Conn(), "r", o)
	stays := create(t, e.Conn(), "r", o)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				d, err := left.Receive(t.Context(), pipelinetest.QueueStages)
				if err != nil {
					if !errors.Is(err, pipeline.ErrUnreachable) {
						t.Error(err)
					}
					return
				}
				if err := d.Nak(0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	enqueue(t, left, 0, 50)
	left.Close()
	left.Close()
	wg.Wait()
	want := make([]int, 50)
	for i := range want {
		want[i] = i
	}
	expect(t, stays, want...)
	if _, err := left.Receive(t.Context(), pipelinetest.QueueStages); err == nil {
		t.Error("received from a closed run")
	}
	create(t, e.Conn(), "unused", queue.Options{}).Close()
}

// TestForeignMessage puts something on a task's subject that no coordinator wrote.
func TestForeignMessage(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	r := create(t, e.Conn(), "r", queue.Options{})
	if err := e.Conn().Publish("millrace.r.task.cut.000000", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if d, err := r.Receive(t.Context(), pipelinetest.QueueStages); err == nil {
		t.Errorf("received %v", d.Task())
	}
	enqueue(t, r, 1, 2)
	expect(t, r, 1)
}

func TestUnreachable(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	r := create(t, e.Conn(), "r", queue.Options{})
	waits := make(chan error)
	go func() {
		_, err := r.Receive(t.Context(), pipelinetest.QueueStages)
		waits <- err
	}()
	watches := make(chan error)
	seen := make(chan bool, 1)
	go func() {
		watches <- r.Watch(t.Context(), func(pipeline.Entry) error {
			seen <- true
			return nil
		})
	}()
	if _, err := r.Record(t.Context(), task(0), entry(0)); err != nil {
		t.Fatal(err)
	}
	<-seen
	e.Close()
	e.Close()
	for name, err := range map[string]error{
		"a waiting receive": <-waits,
		"a watch":           <-watches,
		"receive":           second(r.Receive(t.Context(), pipelinetest.QueueStages)),
		"enqueue":           r.Enqueue(t.Context(), task(1)),
		"record":            second(r.Record(t.Context(), task(1), entry(1))),
		"attempt":           second(r.Attempt(t.Context(), task(1), 1)),
		"set state":         second(r.SetState(t.Context(), nil, 0)),
		"delete":            r.Delete(t.Context()),
		"create":            second(queue.Create(t.Context(), e.Conn(), "s", queue.Options{})),
	} {
		if !errors.Is(err, pipeline.ErrUnreachable) {
			t.Errorf("%s without a server: %v, want ErrUnreachable", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestLog checks that the server's words come out at the levels that they have for us, and that start and stop say nothing
// that a user would see.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	e, err := queue.StartEmbedded(t.Context(), t.TempDir(), queue.EmbeddedOptions{
		Logger:  zerolog.New(&out),
		OnFatal: func(err error) { t.Error(err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	if !strings.Contains(out.String(), `"level":"debug"`) {
		t.Error("the server's notices are not in the log")
	}
	for _, level := range []string{"info", "warn", "error", "fatal", "panic"} {
		if strings.Contains(out.String(), `"level":"`+level+`"`) {
			t.Errorf("a healthy server speaks at level %s:\n%s", level, out.String())
		}
	}
}

func TestEnqueueMany(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	r := create(t, e.Conn(), "r", queue.Options{})
	for range 2 {
		enqueue(t, r, 0, 10_000)
		awaitBacklog(t, r, 10_000, 0)
	}
}
