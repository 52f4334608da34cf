package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

// unreachable is a store that does not answer.
type unreachable struct{ pipeline.Store }

func (unreachable) Open(context.Context, string) (pipeline.Object, error) {
	return nil, fmt.Errorf("dial: %w", pipeline.ErrUnreachable)
}

// short is a store whose files do not answer.
type short struct{ pipeline.Store }

func (s short) Open(ctx context.Context, name string) (pipeline.Object, error) {
	o, err := s.Store.Open(ctx, name)
	return shortObject{o}, err
}

type shortObject struct{ pipeline.Object }

func (shortObject) ReadAt([]byte, int64) (int, error) {
	return 0, fmt.Errorf("read: %w", pipeline.ErrUnreachable)
}

// TestDamageOrSilence: a store that does not answer is no damage: nothing is taken back.
func TestDamageOrSilence(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		y := newToy(t, 1)
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		e := y.entry("add", 0)
		whole := y.job()
		for _, o := range e.Outputs {
			if why, err := damage(t.Context(), y.chain, whole, o, true); why != nil || err != nil {
				t.Errorf("%s: %v, %v", o.Name, why, err)
			}
			for _, bad := range []pipeline.Store{unreachable{y.work}, short{y.work}} {
				job := &pipeline.Job{Plan: y.plan, Work: bad, Out: y.out, Corpus: y.corpus}
				if why, err := damage(t.Context(), y.chain, job, o, true); why != nil || !errors.Is(err, pipeline.ErrUnreachable) {
					t.Errorf("%s in a store that does not answer: %v, %v", o.Name, why, err)
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if why, err := damage(ctx, y.chain, whole, o, true); why != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("%s, told to stop: %v, %v", o.Name, why, err)
			}
			other := o
			other.Digest = strings.Repeat("0", len(o.Digest))
			if why, err := damage(t.Context(), y.chain, whole, other, true); why == nil || why.Error() != "its digest is another" || err != nil {
				t.Errorf("%s with another content: %v, %v", o.Name, why, err)
			}
		}
		m := y.worker(y.queue).mender
		m.job = &pipeline.Job{Plan: y.plan, Work: unreachable{y.work}, Out: y.out, Corpus: y.corpus}
		for _, name := range []string{sumsName(0), pipeline.PhaseName("add")} {
			if found, err := m.mend(t.Context(), []string{name}); found || !errors.Is(err, pipeline.ErrUnreachable) {
				t.Errorf("%s: %t, %v", name, found, err)
			}
		}
		if y.entry("add", 0) == nil {
			t.Error("an entry was taken back")
		}
		c := y.coordinator(y.queue)
		c.written["add"] = []byte("{}")
		c.job = m.job
		if _, err := c.keepPhases(t.Context()); !errors.Is(err, pipeline.ErrUnreachable) {
			t.Errorf("phase files of a store that does not answer: %v", err)
		}
	})
}

// TestMend: of what a failed task had opened, only what is damaged is made anew, once, whoever finds it.
func TestMend(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		y := newToy(t, 2)
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		names := []string{"plan.json", "elsewhere/000000.bin", documentsName(0), documentsName(1), sumsName(0), pipeline.PhaseName("add")}
		first, second := y.worker(y.queue).mender, y.worker(y.queue).mender
		if found, err := first.mend(t.Context(), names); found || err != nil {
			t.Fatalf("nothing is damaged: %t, %v", found, err)
		}
		y.damage(t.Context(), "work/"+documentsName(1))
		for _, m := range []*mender{first, second, first} {
			if found, err := m.mend(t.Context(), names); !found || err != nil {
				t.Errorf("documents are damaged: %t, %v", found, err)
			}
		}
		if y.entry("add", 0) == nil || y.entry("add", 1) != nil {
			t.Errorf("the ledger has %v and %v", y.entry("add", 0), y.entry("add", 1))
		}
		if waiting, _, err := y.queue.Backlog(t.Context(), "read"); waiting != 1 || err != nil {
			t.Errorf("%d tasks wait to be read again, %v", waiting, err)
		}
		y.damage(t.Context(), "work/"+pipeline.PhaseName("add"))
		if found, err := first.mend(t.Context(), names[5:]); !found || err != nil {
			t.Errorf("a phase file is damaged: %t, %v", found, err)
		}
	})
}

// early is a store that has a file only from the second look on.
type early struct {
	pipeline.Store
	name   string
	looked bool
}

func (s *early) Open(ctx context.Context, name string) (pipeline.Object, error) {
	if name == s.name && !s.looked {
		s.looked = true
		return nil, fs.ErrNotExist
	}
	return s.Store.Open(ctx, name)
}

// TestMadeAnewMeanwhile: what somebody has made anew since a coordinator saw that it is damaged is not made once more, nor missed.
func TestMadeAnewMeanwhile(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		y := newToy(t, 2)
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := y.coordinator(y.queue)
		for i := range 2 {
			if err := c.note(*y.entry("add", i)); err != nil {
				t.Fatal(err)
			}
		}
		c.job.Work = &early{Store: c.job.Work, name: sumsName(1)}
		all := func(pipeline.Output) (bool, bool) { return true, true }
		for _, want := range []bool{true, false} {
			if damaged, err := c.check(t.Context(), &y.chain[0], all); damaged != want || err != nil {
				t.Errorf("damaged is %t, %v, want %t", damaged, err, want)
			}
		}
		if y.entry("add", 1) == nil || len(c.over["add"]) != 2 || len(c.mender.made) != 0 {
			t.Errorf("the ledger has %v, the coordinator %v; made anew are %v", y.entry("add", 1), c.over["add"], c.mender.made)
		}
	})
}

// TestMadeAnewOften: that a task was done before, as often as its file was damaged, is not held against it.
func TestMadeAnewOften(t *testing.T) {
	bubble(t, "sums", func(t *testing.T) {
		y := newToy(t, 1)
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range maxAttempts + maxAlone {
			y.remove(t.Context(), "work/"+sumsName(0))
			if err := y.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := y.attempts("read", 0); n != 1 {
				t.Errorf("%d attempts were counted", n)
			}
		}
		y.check()
	})
}

// TestMadeAnewInVain: a task that cannot make a file once more ends the job, whoever may die: later tasks have gone by what it made.
func TestMadeAnewInVain(t *testing.T) {
	bubble(t, "poison", func(t *testing.T) {
		y := newToy(t, 2)
		y.befall("total", 0, func(ctx context.Context, _ int) error {
			y.damage(ctx, "work/"+sumsName(1))
			return nil
		})
		y.befall("sieve", 1, func(ctx context.Context, n int) error {
			if n > 0 {
				return poisonsForGood(ctx, n)
			}
			return nil
		})
		err := y.run(t.Context())
		failed, ok := errors.AsType[*RunError](err)
		if !ok || errors.Is(err, pipeline.ErrConflict) || !errors.Is(err, errPoison) || failed.Task.String() != "read.000001" {
			t.Errorf("error %v", err)
		}
		if e := y.entry("add", 1); e != nil {
			t.Errorf("entry %+v", e)
		}
	})
}

// TestAgain: what is handed out for an entry that was taken back is the first task of its track behind those that have entries.
func TestAgain(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		y := newToy(t, 1)
		m := y.worker(y.queue).mender
		tests := []struct{ recorded, of, want string }{
			{"", "add", "read"},
			{"", "sieve", "read"},
			{"", "weigh", "weigh"}, // apart
			{"", "total", "total"},
			{"read", "add", "sieve"},
			{"read", "sieve", "sieve"},
			{"sieve", "add", "add"},
		}
		for _, tt := range tests {
			if tt.recorded != "" {
				e := pipeline.Entry{Stage: tt.recorded, Verdict: pipeline.VerdictDone}
				if _, err := y.queue.Record(t.Context(), pipeline.Task{Stage: tt.recorded}, e); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := m.again(t.Context(), pipeline.Task{Stage: tt.of}); got.Stage != tt.want || err != nil {
				t.Errorf("for %s, with %q in the ledger: %v, %v, want %s", tt.of, tt.recorded, got, err, tt.want)
			}
		}
	})
}

func TestMakers(t *testing.T) {
	y := newToy(t, 1)
	for folder, want := range map[string]string{
		handoverFolder: "read sieve", "documents": "sieve add", "sums": "add", "weights": "weigh", "elsewhere": "", "data": "",
	} {
		var got []string
		for _, m := range makers(y.chain, folder) {
			got = append(got, m.stage)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("makers of %s are %v, want %s", folder, got, want)
		}
	}
	for name, want := range map[string]bool{
		sumsName(0): false, documentsName(0): true, sideName(documentsName(0)): true, handoverName("read", 0): true, "elsewhere/a": true,
	} {
		if got := checksItself(y.chain, name); got != want {
			t.Errorf("%s checks itself: %t", name, got)
		}
	}
}

// halted is an error that stops a job behind its work.
type halted struct{}

func (halted) Error() string { return "alarm" }
func (halted) Why() string   { return "too much was rejected" }

func TestMayBeDamage(t *testing.T) {
	for name, err := range map[string]error{
		"":            fmt.Errorf("open: %w", fs.ErrNotExist),
		"unsure":      errUnsure,
		"run":         &RunError{pipeline.Task{}, fs.ErrNotExist},
		"stopped":     fmt.Errorf("commit: %w", halted{}),
		"unreachable": pipeline.ErrUnreachable,
		"exists":      pipeline.ErrExists,
		"fenced":      fmt.Errorf("state: %w", pipeline.ErrFenced),
		"usage":       pipeline.ErrUsage,
	} {
		if got, want := mayBeDamage(t.Context(), err), name == "" || name == "unsure"; got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if mayBeDamage(ctx, fs.ErrNotExist) {
		t.Error("what is told to stop may fail for that")
	}
}
