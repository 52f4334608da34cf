package queue_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

func lead(t testing.TB, c *queue.Control, holder string, ttl time.Duration) *queue.Lease {
	t.Helper()
	l, err := c.Lead(t.Context(), holder, ttl)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Resign)
	return l
}

func TestLease(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	c := openControl(t, e.Conn(), queue.ControlOptions{})
	const forever = time.Hour // nobody may wait for it
	first := lead(t, c, "a", forever)
	if err := first.Check(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Lead(ctx, "b", forever); !errors.Is(err, context.Canceled) {
		t.Errorf("lead beside a leader: %v", err)
	}
	if err := first.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("check without time: %v", err)
	}
	if err := first.Check(t.Context()); err != nil {
		t.Errorf("check after one without time: %v", err)
	}
	first.Resign()
	first.Resign()
	if err := context.Cause(first.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("cause after resigning: %v", err)
	}
	second := lead(t, c, "b", forever)
	if err := second.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := first.Check(t.Context()); err == nil {
		t.Error("one who resigned leads")
	}
}

// TestLeaseTakeover lets a leader lose its connection: another one takes over, and the first one knows.
func TestLeaseTakeover(t *testing.T) {
	n := startNode(t, nil)
	lost := connect(t, queue.ConnectOptions{}, n)
	first := lead(t, openControl(t, lost, queue.ControlOptions{}), "a", 300*time.Millisecond)
	c := openControl(t, connect(t, queue.ConnectOptions{}, n), queue.ControlOptions{})
	lost.Close()
	second := lead(t, c, "b", 300*time.Millisecond)
	// The first one counts from before its last renewal: it has given up already, or is about to wake up and do so.
	<-first.Context().Done()
	if err := context.Cause(first.Context()); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("cause of the first: %v, want ErrFenced", err)
	}
	if err := first.Check(t.Context()); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("check of the first: %v, want ErrFenced", err)
	}
	if err := second.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLeaseZombie lets somebody take over from a leader who is alive and sees nothing.
func TestLeaseZombie(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	c := openControl(t, e.Conn(), queue.ControlOptions{})
	zombie := lead(t, c, "a", time.Hour) // would not renew for 20 minutes
	lead(t, c, "b", 50*time.Millisecond)
	if err := zombie.Context().Err(); err != nil {
		t.Errorf("the zombie knows: %v", err)
	}
	if err := zombie.Check(t.Context()); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("check of the zombie: %v, want ErrFenced", err)
	}
	if err := context.Cause(zombie.Context()); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("cause of the zombie: %v, want ErrFenced", err)
	}
}

// TestCluster stops the server that leads everything in the middle of traffic, and starts it again.
func TestCluster(t *testing.T) {
	nodes := startCluster(t)
	o := queue.ControlOptions{Replicas: 3, Patience: 2 * time.Minute}
	control := func() *queue.Control { return openControl(t, connect(t, queue.ConnectOptions{}, nodes...), o) }
	c := control()
	leader := lead(t, c, "a", 20*time.Second)
	r := create(t, connect(t, queue.ConnectOptions{}, nodes...), "r", queue.Options{
		Replicas: 3, Patience: 2 * time.Minute, AckWait: 2 * time.Second, // a task on its way to a worker dies with the server
	})

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var background, work sync.WaitGroup
	const goal, tasks = 200, 100
	reached := make(chan bool)
	background.Go(func() {
		err := c.Watch(ctx, "counters", func(e queue.ControlEntry) error {
			if string(e.Data) == strconv.Itoa(goal) {
				close(reached)
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	entries := make(chan int, 2*tasks)
	background.Go(func() {
		err := r.Watch(ctx, func(e pipeline.Entry) error {
			entries <- e.Index
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	half := make(chan bool, 8)
	for range 4 {
		c := control()
		work.Go(func() {
			for range 2 {
				if err := count(ctx, c, "counters.a", goal/8); err != nil {
					t.Error(err)
				}
				half <- true
			}
		})
	}
	enqueue(t, r, 0, tasks)
	var recorded atomic.Int64
	for range 2 {
		bound, err := queue.Bind(ctx, connect(t, queue.ConnectOptions{}, nodes...), "r", queue.BindOptions{Patience: 2 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() {
			defer bound.Close()
			for {
				d, err := bound.Receive(ctx, []string{"cut"})
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				_, err = bound.Attempt(ctx, d.Task(), 1)
				if err == nil {
					_, err = bound.Record(ctx, d.Task(), entry(d.Task().Index))
				}
				if ctx.Err() != nil { // a task whose ack was lost came again, and all are recorded
					return
				}
				if err != nil {
					t.Error(err)
				}
				recorded.Add(1)
				_ = d.Ack(ctx) // may be lost with the server
			}
		})
	}
	<-half
	for _, n := range nodes {
		if n.JetStreamIsStreamLeader("$G", "KV_millrace_news") {
			n.stop()
			n.start(t)
			break
		}
	}
	<-reached
	seen := map[int]bool{}
	for len(seen) < tasks {
		i := <-entries
		if seen[i] {
			t.Errorf("entry %d came twice", i)
		}
		seen[i] = true
	}
	if err := leader.Check(ctx); err != nil {
		t.Errorf("the leader has lost its lease: %v", err)
	}
	leader.Resign()
	lead(t, c, "b", 20*time.Second)
	cancel()
	work.Wait()
	background.Wait()
	if data, _, err := c.Get(t.Context(), "counters.a"); string(data) != strconv.Itoa(goal) || err != nil {
		t.Errorf("counted to %s, %v, want %d", data, err, goal)
	}
}

// TestServerRestart stops the only server under everything that waits, and starts it again.
func TestServerRestart(t *testing.T) {
	n := startNode(t, nil)
	nc := connect(t, queue.ConnectOptions{}, n)
	c := openControl(t, nc, queue.ControlOptions{})
	r := create(t, nc, "r", queue.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	keys, entries, deliveries := make(chan string, 9), make(chan int, 9), make(chan int, 9)
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = c.Watch(ctx, "", func(e queue.ControlEntry) error {
			keys <- e.Key
			return nil
		})
	})
	wg.Go(func() {
		_ = r.Watch(ctx, func(e pipeline.Entry) error {
			entries <- e.Index
			return nil
		})
	})
	wg.Go(func() {
		for {
			d, err := r.Receive(ctx, []string{"cut"})
			if err != nil {
				return
			}
			deliveries <- d.Task().Index
			_ = d.Ack(ctx)
		}
	})
	round := func(i int) {
		set(t, c, strconv.Itoa(i), "x", 0) //nolint:contextcheck // the helpers use the context of the test
		if _, err := r.Record(ctx, task(i), entry(i)); err != nil {
			t.Error(err)
		}
		enqueue(t, r, i, i+1) //nolint:contextcheck // as above
		if got := <-keys; got != strconv.Itoa(i) {
			t.Errorf("watched key %s, want %d", got, i)
		}
		if got := <-entries; got != i {
			t.Errorf("watched entry %d, want %d", got, i)
		}
		if got := <-deliveries; got != i {
			t.Errorf("received %d, want %d", got, i)
		}
	}
	round(0)
	down := nc.StatusChanged(nats.RECONNECTING)
	n.stop()
	<-down
	nc.RemoveStatusListener(down)
	wait := make(chan bool)
	go func() { // what is asked while nobody is there is answered later
		defer close(wait)
		if _, err := c.Set(ctx, "early", nil, 0); err != nil {
			t.Error(err)
		}
	}()
	n.start(t)
	<-wait
	if got := <-keys; got != "early" {
		t.Errorf("watched key %s, want early", got)
	}
	round(1)
	cancel()
	wg.Wait()
}
