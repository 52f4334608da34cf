package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

func TestControl(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	c := openControl(t, e.Conn(), queue.ControlOptions{})
	ctx := t.Context()
	if data, rev, err := c.Get(ctx, "run.current"); data != nil || rev != 0 || err != nil {
		t.Errorf("before: %q, %d, %v", data, rev, err)
	}
	if err := c.Delete(ctx, "run.current", 0); err != nil {
		t.Errorf("delete nothing: %v", err)
	}
	first := set(t, c, "run.current", "a", 0)
	for _, stale := range []uint64{0, first + 1} {
		if _, err := c.Set(ctx, "run.current", []byte("x"), stale); !errors.Is(err, pipeline.ErrFenced) {
			t.Errorf("set over revision %d: %v, want ErrFenced", stale, err)
		}
		if stale == 0 {
			continue
		}
		if err := c.Delete(ctx, "run.current", stale); !errors.Is(err, pipeline.ErrFenced) {
			t.Errorf("delete revision %d: %v, want ErrFenced", stale, err)
		}
	}
	second := set(t, c, "run.current", "", first)
	if data, rev, err := c.Get(ctx, "run.current"); data == nil || len(data) != 0 || rev != second || err != nil {
		t.Errorf("an empty value: %q, %d, %v", data, rev, err)
	}
	if err := c.Delete(ctx, "run.current", second); err != nil {
		t.Fatal(err)
	}
	if data, rev, err := c.Get(ctx, "run.current"); data != nil || rev != 0 || err != nil {
		t.Errorf("deleted: %q, %d, %v", data, rev, err)
	}
	if _, err := c.Set(ctx, "run.current", nil, second); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("set over what was deleted: %v, want ErrFenced", err)
	}
	third := set(t, c, "run.current", "b", 0)
	fourth := set(t, c, "run.current.more", "c", 0)
	set(t, c, "running", "d", 0)
	want := []queue.ControlEntry{{Key: "run.current", Data: []byte("b"), Rev: third}, {Key: "run.current.more", Data: []byte("c"), Rev: fourth}}
	for _, prefix := range []string{"run", "run."} {
		got, err := c.List(ctx, prefix)
		for i := range got {
			if got[i].Time.IsZero() {
				t.Errorf("%s has no time", got[i].Key)
			}
			got[i].Time = time.Time{}
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("list of %q: %v (-want +got):\n%s", prefix, err, diff)
		}
	}
	if got, err := c.List(ctx, "none"); len(got) != 0 || err != nil {
		t.Errorf("list of nothing: %v, %v", got, err)
	}
	if got, err := c.List(ctx, ""); len(got) != 3 || err != nil {
		t.Errorf("list of all: %v, %v", got, err)
	}
	for _, key := range []string{"", ".", "a.", ".a", "a..b", "a*", ">", "a b", "新"} {
		if _, err := c.Set(ctx, key, nil, 0); err == nil {
			t.Errorf("set key %q", key)
		}
	}
	if _, err := queue.OpenControl(ctx, e.Conn(), "a.b", queue.ControlOptions{}); err == nil {
		t.Error("opened a.b")
	}
}

func set(t testing.TB, c *queue.Control, key, data string, rev uint64) uint64 {
	t.Helper()
	rev, err := c.Set(t.Context(), key, []byte(data), rev)
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

func TestControlOpen(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	if _, err := queue.OpenControl(t.Context(), e.Conn(), "news", queue.ControlOptions{BindOnly: true}); !errors.Is(err, queue.ErrNoControl) || strings.Count(err.Error(), queue.ErrNoControl.Error()) != 1 {
		t.Errorf("bind to nothing: %v, want ErrNoControl", err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := queue.OpenControl(t.Context(), e.Conn(), "news", queue.ControlOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	set(t, openControl(t, e.Conn(), queue.ControlOptions{BindOnly: true}), "a", "1", 0)
	// Another number of replicas is not ours to change.
	if data, _, err := openControl(t, e.Conn(), queue.ControlOptions{Replicas: 3}).Get(t.Context(), "a"); string(data) != "1" || err != nil {
		t.Errorf("after: %q, %v", data, err)
	}
}

// watch collects what comes until the entry is accepted, then stops.
func watch(t testing.TB, c *queue.Control, prefix string, last func(queue.ControlEntry) bool) []string {
	t.Helper()
	stop := errors.New("stop")
	var got []string
	err := c.Watch(t.Context(), prefix, func(e queue.ControlEntry) error {
		if e.Data == nil {
			got = append(got, e.Key+" gone")
		} else {
			got = append(got, e.Key+"="+string(e.Data))
		}
		if last(e) {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	return got
}

// TestControlWatch also lets a key expire.
// TestControlRestoreRace: an operator deletes one stream after the other while a coordinator makes them anew.
func TestControlRestoreRace(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	c := openControl(t, e.Conn(), queue.ControlOptions{})
	js, err := jetstream.New(e.Conn())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range js.StreamNames(t.Context()).Name() {
		names = append(names, name)
	}
	for round := range 150 {
		var deleting sync.WaitGroup
		for i, name := range names {
			deleting.Go(func() {
				time.Sleep(time.Duration((round*(i+1))%30) * 100 * time.Microsecond)
				if err := js.DeleteStream(t.Context(), name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
					t.Errorf("delete %s: %v", name, err)
				}
			})
		}
		err := c.Restore(t.Context())
		deleting.Wait()
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

func TestControlWatch(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	c := openControl(t, e.Conn(), queue.ControlOptions{})
	set(t, c, "workers.a", "1", 0)
	set(t, c, "other.a", "1", 0)
	step := 0
	got := watch(t, c, "workers", func(e queue.ControlEntry) bool {
		step++
		switch step {
		case 1:
			set(t, c, "workers.b", "2", 0)
		case 2:
			if err := c.Put(t.Context(), "workers.c", []byte("3"), time.Millisecond); err != nil {
				t.Error(err)
			}
		case 3:
			if err := c.Delete(t.Context(), "workers.a", 0); err != nil {
				t.Error(err)
			}
		}
		return e.Key == "workers.c" && e.Data == nil
	})
	want := []string{"workers.a=1", "workers.b=2", "workers.c=3", "workers.a gone", "workers.c gone"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("watched (-want +got):\n%s", diff)
	}
	if data, rev, err := c.Get(t.Context(), "workers.c"); data != nil || rev != 0 || err != nil {
		t.Errorf("expired: %q, %d, %v", data, rev, err)
	}
	set(t, c, "workers.c", "4", 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Watch(ctx, "", func(queue.ControlEntry) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("watch without time: %v", err)
	}
}

// count adds 1 to a number under a key until it has done so n times.
func count(ctx context.Context, c *queue.Control, key string, n int) error {
	for done := 0; done < n; {
		data, rev, err := c.Get(ctx, key)
		if err != nil {
			return err
		}
		var number int
		if rev != 0 {
			if _, err := fmt.Sscan(string(data), &number); err != nil {
				return err
			}
		}
		_, err = c.Set(ctx, key, fmt.Append(nil, number+1), rev)
		switch {
		case err == nil:
			done++
		case !errors.Is(err, pipeline.ErrFenced):
			return err
		}
	}
	return nil
}

func TestControlRace(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	c := openControl(t, e.Conn(), queue.ControlOptions{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := count(t.Context(), c, "number", 50); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if data, _, err := c.Get(t.Context(), "number"); string(data) != "200" || err != nil {
		t.Errorf("counted to %s, %v, want 200", data, err)
	}
}

func TestInbox(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	c := openControl(t, e.Conn(), queue.ControlOptions{})
	ctx := t.Context()
	if refs, upTo, err := c.Inbox(ctx); len(refs) != 0 || upTo != 0 || err != nil {
		t.Errorf("empty: %v, %d, %v", refs, upTo, err)
	}
	if err := c.ClearInbox(ctx, 0); err != nil {
		t.Error(err)
	}
	ref := func(source, path string, size int64) queue.FileRef {
		return queue.FileRef{Source: source, Path: path, Bytes: size, ModTime: 1, Digest: "00"}
	}
	want := []queue.FileRef{ref("a", "y", 1), ref("a", "新闻/z *>.txt", 1), ref("b", "x", 3)}
	if err := c.Publish(ctx, ref("b", "x", 2), want[1], want[0]); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(ctx, want[2]); err != nil {
		t.Fatal(err)
	}
	refs, upTo, err := c.Inbox(ctx)
	if diff := cmp.Diff(want, refs); diff != "" || err != nil {
		t.Errorf("inbox: %v (-want +got):\n%s", err, diff)
	}
	again := ref("a", "y", 7)
	if err := c.Publish(ctx, again); err != nil {
		t.Fatal(err)
	}
	if err := c.ClearInbox(ctx, upTo); err != nil {
		t.Fatal(err)
	}
	refs, _, err = c.Inbox(ctx)
	if diff := cmp.Diff([]queue.FileRef{again}, refs); diff != "" || err != nil {
		t.Errorf("inbox after clearing: %v (-want +got):\n%s", err, diff)
	}
}

func TestInboxMany(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	c := openControl(t, e.Conn(), queue.ControlOptions{})
	refs := make([]queue.FileRef, 3000)
	for i := range refs {
		refs[i] = queue.FileRef{Source: "s", Path: fmt.Sprintf("%08d", i)}
	}
	if err := c.Publish(t.Context(), refs...); err != nil {
		t.Fatal(err)
	}
	got, _, err := c.Inbox(t.Context())
	if diff := cmp.Diff(refs, got); diff != "" || err != nil {
		t.Errorf("inbox: %v (-want +got):\n%s", err, diff)
	}
}
