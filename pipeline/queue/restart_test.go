package queue_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

func task(index int) pipeline.Task {
	return pipeline.Task{Stage: "cut", Index: index, Plan: "0123456789abcdef"}
}

func entry(index int) pipeline.Entry {
	return pipeline.Entry{Stage: "cut", Index: index, Verdict: pipeline.VerdictDone, Rows: int64(index)}
}

func enqueue(t testing.TB, r *queue.Run, from, to int) {
	t.Helper()
	var list []pipeline.Task
	for i := from; i < to; i++ {
		list = append(list, task(i))
	}
	if err := r.Enqueue(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
}

func receive(t testing.TB, r *queue.Run) pipeline.Delivery {
	t.Helper()
	d, err := r.Receive(t.Context(), []string{"cut"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// expect receives exactly these tasks, in any order, and acks them.
func expect(t testing.TB, r *queue.Run, indexes ...int) {
	t.Helper()
	want := map[int]bool{}
	for _, i := range indexes {
		want[i] = true
	}
	for len(want) > 0 {
		d := receive(t, r)
		if !want[d.Task().Index] {
			t.Fatalf("received %s, still to come were %v", d.Task(), want)
		}
		delete(want, d.Task().Index)
		if err := d.Ack(t.Context()); err != nil {
			t.Error(err)
		}
	}
	awaitBacklog(t, r, 0, 0)
}

// awaitBacklog waits for the counts to be these: they follow the tasks with a little delay.
func awaitBacklog(t testing.TB, r *queue.Run, wantWaiting, wantWorking int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		waiting, working, err := r.Backlog(ctx, "cut")
		if waiting == wantWaiting && working == wantWorking && err == nil {
			return
		}
		if err != nil {
			t.Fatalf("%d tasks wait, %d in work, %v, want %d and %d", waiting, working, err, wantWaiting, wantWorking)
		}
	}
}

// TestRestart stops the server and starts it on the same folder: everything is there, and with Exclusive what was in
// somebody's hands is delivered at once. The AckWait is longer than any test.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	o := queue.Options{Exclusive: true, AckWait: 24 * time.Hour}
	e := start(t, dir, queue.EmbeddedOptions{})
	r := create(t, e.Conn(), "r", o)
	enqueue(t, r, 0, 6)
	for i := range 4 {
		d := receive(t, r)
		if d.Task().Index%2 == 0 { // 1 and 3 stay in the hands of the dead
			if err := d.Ack(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if _, err := r.Attempt(t.Context(), task(i), 1); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.Record(t.Context(), task(0), entry(0)); err != nil {
		t.Fatal(err)
	}
	seq, err := r.SetState(t.Context(), []byte("map"), 0)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	e.Close()

	e = start(t, dir, queue.EmbeddedOptions{})
	r = create(t, e.Conn(), "r", o)
	if got, found, err := r.Lookup(t.Context(), task(0)); !found || err != nil || got.Digest() != entry(0).Digest() {
		t.Errorf("entry after the restart: %v, %v, %v", got, found, err)
	}
	if _, err := r.Record(t.Context(), task(0), entry(1)); !errors.Is(err, pipeline.ErrConflict) {
		t.Errorf("compare-and-set after the restart: %v, want ErrConflict", err)
	}
	if state, n, err := r.State(t.Context()); string(state) != "map" || n != seq || err != nil {
		t.Errorf("state after the restart: %q, %d, %v, want sequence %d", state, n, err, seq)
	}
	if n, err := r.Attempt(t.Context(), task(3), 1); n != 2 || err != nil {
		t.Errorf("attempts after the restart: %d, %v, want 2", n, err)
	}
	enqueue(t, r, 0, 6)            // changes nothing
	expect(t, r, 0, 1, 2, 3, 4, 5) // 0 and 2, which were acked, come again for the ledger to refuse
}

// TestCreateAgain is a second coordinator in a living cluster: nothing may be taken from those who work.
func TestCreateAgain(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	first := create(t, e.Conn(), "r", queue.Options{})
	enqueue(t, first, 0, 3)
	d := receive(t, first)
	second := create(t, e.Conn(), "r", queue.Options{AckWait: time.Minute / 2, MaxAckPending: 7, Replicas: 3})
	expect2 := receive(t, second)
	if expect2.Task().Index == d.Task().Index {
		t.Errorf("%s is worked on twice", d.Task())
	}
	for _, d := range []pipeline.Delivery{d, expect2} {
		if err := d.Ack(t.Context()); err != nil {
			t.Error(err)
		}
	}
	bound, err := queue.Bind(t.Context(), e.Conn(), "r", queue.BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer bound.Close()
	expect(t, bound, 2)
}

func TestAckWait(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	r := create(t, e.Conn(), "r", queue.Options{AckWait: 50 * time.Millisecond})
	enqueue(t, r, 0, 1)
	zombie := receive(t, r) // says nothing more
	d := receive(t, r)
	if diff := cmp.Diff(zombie.Task(), d.Task()); diff != "" {
		t.Errorf("redelivery (-first +second):\n%s", diff)
	}
	if err := d.Ack(t.Context()); err != nil {
		t.Error(err)
	}
	if err := zombie.Ack(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestKilled kills a process with SIGKILL while it works: what it was told to be stored has to be there.
func TestKilled(t *testing.T) {
	const variable = "MILLRACE_TEST_KILLED"
	if dir := os.Getenv(variable); dir != "" {
		workUntilKilled(t, dir)
		return
	}
	dir := t.TempDir()
	stored := 0
	for round := range 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), variable+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 25 && lines.Scan(); n++ {
			if _, err := fmt.Sscanf(lines.Text(), "stored %d", &stored); err != nil {
				t.Fatalf("child says %q", lines.Text())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it said before it died
			_, _ = fmt.Sscanf(lines.Text(), "stored %d", &stored)
		}
		_ = cmd.Wait() // it was killed
		if stored < 25*(round+1) {
			t.Fatalf("round %d: only %d entries", round, stored)
		}

		e := start(t, dir, queue.EmbeddedOptions{})
		r := create(t, e.Conn(), "r", queue.Options{Exclusive: true, AckWait: 24 * time.Hour})
		for i := range stored {
			got, found, err := r.Lookup(t.Context(), task(i))
			if err != nil || !found || got.Digest() != entry(i).Digest() {
				t.Errorf("round %d: entry %d of %d: %v, %v, %v", round, i, stored, got, found, err)
			}
			if n, err := r.Attempt(t.Context(), task(i), 0); n != 1 || err != nil {
				t.Errorf("round %d: %d attempts of %d, %v", round, n, i, err)
			}
		}
		r.Close()
		e.Close()
	}
}

// workUntilKilled works like a worker, one task after the other, and says after each how many are in the ledger. Nothing
// is ever acked before it is recorded, and a task that was in work when the last process died comes again.
func workUntilKilled(t *testing.T, dir string) {
	e, err := queue.StartEmbedded(t.Context(), dir, queue.EmbeddedOptions{Logger: zerolog.New(os.Stderr).Level(zerolog.WarnLevel)})
	if err != nil {
		t.Fatal(err)
	}
	r := create(t, e.Conn(), "r", queue.Options{Exclusive: true, AckWait: 24 * time.Hour})
	enqueue(t, r, 0, 5000)
	for {
		d := receive(t, r)
		if _, found, err := r.Lookup(t.Context(), d.Task()); err != nil {
			t.Fatal(err)
		} else if !found {
			if n, err := r.Attempt(t.Context(), d.Task(), 1); err != nil {
				t.Fatal(err)
			} else if n > 1 { // the last process died here: give back, so that the counts stay easy to check
				if _, err := r.Attempt(t.Context(), d.Task(), -1); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := r.Record(t.Context(), d.Task(), entry(d.Task().Index)); err != nil {
				t.Fatal(err)
			}
			fmt.Printf("stored %d\n", d.Task().Index+1)
		}
		if err := d.Ack(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStoreAfterTrouble(t *testing.T) {
	tests := []struct {
		name    string
		trouble func(t *testing.T, dir string)
		damaged bool
		shared  bool // made as on a cluster, with consumers in files
	}{
		{"Nothing", func(*testing.T, string) {}, false, false},
		{"StreamMetaFlipped", func(t *testing.T, dir string) { flip(t, find(t, dir, "RUN_r/meta.inf")) }, true, false},
		{"StreamMetaEmpty", func(t *testing.T, dir string) { truncate(t, find(t, dir, "RUN_r/meta.inf")) }, true, false},
		{"StreamSumGone", func(t *testing.T, dir string) { remove(t, find(t, dir, "RUN_r/meta.sum")) }, true, false},
		{"NotAFolder", func(t *testing.T, dir string) {
			remove(t, dir+"/jetstream")
			if err := os.WriteFile(dir+"/jetstream", nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}, true, false},
		{"ConsumerMetaEmpty", func(t *testing.T, dir string) { truncate(t, find(t, dir, "obs/cut/meta.inf")) }, false, true},
		{"IndexGone", func(t *testing.T, dir string) { remove(t, find(t, dir, "msgs/index.db")) }, false, false},
		{"MessagesFlipped", func(t *testing.T, dir string) {
			remove(t, find(t, dir, "msgs/index.db"))
			flip(t, find(t, dir, "msgs/1.blk"))
		}, false, false},
		{"MessagesFlippedUnderIndex", func(t *testing.T, dir string) { flip(t, find(t, dir, "msgs/1.blk")) }, false, false},
		{"MessagesEmpty", func(t *testing.T, dir string) { truncate(t, find(t, dir, "msgs/1.blk")) }, false, false},
		{"Everything", func(t *testing.T, dir string) { remove(t, dir) }, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir() + "/queue[1]*"
			e := start(t, dir, queue.EmbeddedOptions{})
			r := create(t, e.Conn(), "r", queue.Options{Exclusive: !tt.shared})
			enqueue(t, r, 0, 10)
			r.Close()
			e.Close()
			tt.trouble(t, dir)

			e, err := queue.StartEmbedded(t.Context(), dir, queue.EmbeddedOptions{})
			if errors.Is(err, queue.ErrDamaged) != tt.damaged {
				t.Fatalf("start: %v, want damaged: %v", err, tt.damaged)
			}
			if tt.damaged {
				if !strings.Contains(err.Error(), dir) {
					t.Errorf("error %q does not name the folder", err)
				}
				remove(t, dir)
				e, err = queue.StartEmbedded(t.Context(), dir, queue.EmbeddedOptions{})
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(e.Close)
			// Whatever is lost: publishing again brings every task, at the latest in a new round.
			r = create(t, e.Conn(), "r", queue.Options{Exclusive: true})
			enqueue(t, r, 0, 10)
			if err := r.Requeue(t.Context(), 1, task(0), task(1)); err != nil {
				t.Fatal(err)
			}
			seen := map[int]bool{}
			for len(seen) < 10 {
				d := receive(t, r)
				seen[d.Task().Index] = true
				if err := d.Ack(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// find returns the file below dir whose path ends so.
func find(t *testing.T, dir, suffix string) string {
	t.Helper()
	fsys := os.DirFS(dir + "/jetstream/$G/streams/RUN_r")
	suffix = strings.TrimPrefix(suffix, "RUN_r/")
	f, err := fsys.Open(suffix)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return dir + "/jetstream/$G/streams/RUN_r/" + suffix
}

func flip(t *testing.T, name string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	_, err = f.ReadAt(b, 100)
	if err == nil {
		b[0] ^= 0x55
		_, err = f.WriteAt(b, 100)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, name string) {
	t.Helper()
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}
