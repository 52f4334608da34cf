package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// partitions are all ways to cut stages into sets of ones that follow each other: who has which stages of a track.
func partitions(stages []string) (all [][][]string) {
	if len(stages) == 0 {
		return [][][]string{nil}
	}
	for n := 1; n <= len(stages); n++ {
		for _, rest := range partitions(stages[n:]) {
			all = append(all, append([][]string{stages[:n]}, rest...))
		}
	}
	return all
}

// TestSameForAllSets: whoever has which stages, and however many they are, the ledger entries that end tasks and all files are the same.
func TestSameForAllSets(t *testing.T) {
	var want map[string]string
	bubble(t, "one worker with all stages", func(t *testing.T) {
		y := newToy(t, 4)
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.check()
		want = y.results()
		if y.entry("read", 0) != nil || y.entry("sieve", 0) != nil {
			t.Error("what one worker carries on has entries on the way")
		}
		var left sums
		if err := pipeline.ReadJSON(t.Context(), y.job().Work, sumsName(1), &left); err != nil {
			t.Fatal(err)
		}
		wantLeft := sums{
			Numbers: []int64{16, 20, 24, 28, 32, 12}, Raw: 22, Mixed: 1, Counters: columnar.Counters{"parsed": 11, "doubled": 6},
			Rejects: []columnar.Reject{
				{File: 1, Bytes: 2, Reason: "bad_row", Detail: "x1"},
				{File: 1, Filtered: true, Offset: 1, Bytes: 1, Reason: "odd", Detail: "7"},
				{File: 1, Filtered: true, Offset: 3, Bytes: 1, Reason: "odd", Detail: "9"},
				{File: 1, Filtered: true, Offset: 5, Bytes: 2, Reason: "odd", Detail: "11"},
				{File: 1, Filtered: true, Offset: 7, Bytes: 2, Reason: "odd", Detail: "13"},
				{File: 1, Filtered: true, Offset: 9, Bytes: 2, Reason: "odd", Detail: "15"},
				{File: 1, Scope: columnar.ScopeFile, Offset: 12, Bytes: 1, Reason: "truncated"},
			},
		}
		if diff := cmp.Diff(wantLeft, left); diff != "" {
			t.Errorf("what the batches of a list carried (-want +got):\n%s", diff)
		}
	})
	others := []string{"total", "index", "end"}
	sets := [][][]string{
		{{"read", "add"}, {"sieve"}, {"print", "total"}, {"weigh", "index", "end"}}, // with a hole
		{nil, {"read"}, {"sieve", "add"}, nil},                                      // of several kinds
		{{"read", "sieve"}, {"read"}, {"sieve"}, {"add"}, {"print", "weigh"}, {"weigh"}, others, {"end"}},
	}
	for _, mapped := range partitions([]string{"read", "sieve", "add"}) {
		for _, emitted := range partitions([]string{"print", "weigh"}) {
			sets = append(sets, append(append(slices.Clone(mapped), emitted...), others))
		}
	}
	for _, set := range sets {
		bubble(t, fmt.Sprint(set), func(t *testing.T) {
			y := newToy(t, 4)
			if err := y.run(t.Context(), set...); err != nil {
				t.Fatal(err)
			}
			y.check()
			sameBytes(t, want, y.results())
			carries := slices.ContainsFunc(set, func(s []string) bool { return s == nil || slices.Contains(s, "read") && slices.Contains(s, "sieve") })
			if !carries && y.entry("read", 0) == nil {
				t.Error("nothing was handed over by read")
			}
		})
	}
}

// TestNothingLeft: a step that leaves nothing of a task has the same entry, alone or with others, and alone it reads nothing.
func TestNothingLeft(t *testing.T) {
	for _, sets := range [][][]string{{nil}, {{"read", "sieve", "add", "total", "index", "end", "print"}, {"weigh"}}} {
		bubble(t, fmt.Sprint(sets), func(t *testing.T) {
			y := newToy(t, 3)
			nothing := func(context.Context, *pipeline.Job, int) (pipeline.BatchWriter, error) { return nil, nil } //nolint:nilnil // there is none
			y.chain.Spec("weigh").Step.Write = pipeline.Writers(nothing, nothing)
			y.chain.Spec("end").Runner = toyRunner(func(_ context.Context, task pipeline.Task, _ *pipeline.Job) (pipeline.Entry, error) {
				return pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}, nil // without weights
			})
			if err := y.run(t.Context(), sets...); err != nil {
				t.Fatal(err)
			}
			if p, w := y.openings("print"), y.openings("weigh"); p != 3 || w != 0 {
				t.Errorf("print and weigh read %d and %d times, want 3 and 0", p, w)
			}
			for i := range 3 {
				if p := y.entry("print", i); p == nil || len(p.Outputs) != 1 || p.Rows == 0 {
					t.Errorf("print %d: %+v", i, p)
				}
				if w := y.entry("weigh", i); w == nil || w.Verdict != pipeline.VerdictDone || len(w.Outputs) != 0 || w.Rows != 0 || w.Bytes != 0 || w.Sum.In != 0 {
					t.Errorf("weigh %d: %+v", i, w)
				}
			}
		})
	}
}

// TestApart: a worker that has all stages of such a track reads once for all, and each has an entry of its own.
func TestApart(t *testing.T) {
	tests := []struct {
		name         string
		sets         [][]string
		print, weigh int // how often each of them reads
	}{
		{"all", [][]string{nil}, 3, 0},
		{"two workers", [][]string{{"read", "sieve", "add", "total", "index", "end", "print"}, {"weigh"}}, 3, 3},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 3)
			if err := y.run(t.Context(), tt.sets...); err != nil {
				t.Fatal(err)
			}
			y.check()
			if p, w := y.openings("print"), y.openings("weigh"); p != tt.print || w != tt.weigh {
				t.Errorf("print and weigh read %d and %d times, want %d and %d", p, w, tt.print, tt.weigh)
			}
			for i := range 3 {
				p, w := y.entry("print", i), y.entry("weigh", i)
				if p == nil || len(p.Outputs) != 1 || p.Outputs[0].Name != dataName(i) || !p.Outputs[0].Out {
					t.Errorf("print %d: %+v", i, p)
				}
				if w == nil || len(w.Outputs) != 1 || w.Outputs[0].Name != weightsName(i) || w.Rows != p.Rows || w.Sum.Check() != nil {
					t.Errorf("weigh %d: %+v", i, w)
				}
			}
		})
	}
}

// TestApartGoesOn: a task of which one entry stands and the other does not is done again, and what stands stays.
func TestApartGoesOn(t *testing.T) {
	bubble(t, "weigh is missing", func(t *testing.T) {
		y := newToy(t, 2)
		ctx, cancel := context.WithCancel(t.Context())
		y.hook = func(point string) {
			if point == "phase:total" {
				cancel()
			}
		}
		if err := y.run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		w := y.worker(y.queue)
		task := pipeline.Task{Stage: "print", Index: 1, Plan: y.plan.Digest()}
		entries, err := w.hands["print"].run(t.Context(), task, w.job)
		if err != nil || len(entries) != 2 {
			t.Fatal(entries, err)
		}
		if _, err := y.queue.Record(t.Context(), task, entries[0]); err != nil {
			t.Fatal(err)
		}
		if done, err := w.finished(t.Context(), task); done || err != nil {
			t.Errorf("half of a task is done: %t, %v", done, err)
		}
		y.hook = func(string) {}
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.check()
		if done, err := w.finished(t.Context(), task); !done || err != nil {
			t.Errorf("all of a task is done: %t, %v", done, err)
		}
	})
}

// dropAll drops every document, with or without a word.
func dropAll(silently bool) func(*columnar.Batch) {
	return func(b *columnar.Batch) {
		before := slices.Clone(b.Rejects)
		drop(b, true, "all", func(string) bool { return false })
		if silently {
			b.Rejects = before
		}
	}
}

// TestDocumentsAreCounted: a stage that loses documents fails its task, and no attempt mends that. So does one that makes documents
// go behind a step that has left them for others. That does not depend on who has which stages.
func TestDocumentsAreCounted(t *testing.T) {
	tests := []struct {
		name   string
		stage  string
		change func(*columnar.Batch)
		want   string
	}{
		{"sieve loses", "sieve", dropAll(true), "3 documents went in, but 0 came out and 1 were left out"},
		{"sieve makes", "sieve", func(b *columnar.Batch) { addRow(b, 0, 99, "1") }, "documents went in, but"},
		{"add leaves out", "add", dropAll(false), "stage add changes which documents there are, behind one that leaves them"},
		{"add loses", "add", dropAll(true), "stage add changes which documents there are, behind one that leaves them"},
	}
	for _, tt := range tests {
		for _, sets := range [][][]string{{{"read", "sieve", "add"}}, {{"read"}, {"sieve"}, {"add"}}} {
			bubble(t, fmt.Sprint(tt.name, sets), func(t *testing.T) {
				y := newToy(t, 1)
				y.lists[0] = []string{"x", "2", "4"}
				step := y.step(tt.stage).Step
				step.Stages = y.stages(tt.stage, tt.change)
				var err error
				for _, set := range sets {
					w := y.worker(y.queue, set...)
					if _, err = w.hands[set[0]].run(t.Context(), pipeline.Task{Stage: set[0], Plan: w.digest}, w.job); err != nil {
						break
					}
				}
				if err == nil || !strings.Contains(err.Error(), tt.want) || !pipeline.IsPermanent(err) {
					t.Errorf("error %v, want a permanent one that says %q", err, tt.want)
				}
				for name := range y.results() {
					if tt.stage == "add" && strings.Contains(name, "sums") {
						t.Errorf("%s was written nevertheless", name)
					}
				}
			})
		}
	}
}

// TestLeavesFarBehind: the entry that ends a task names the documents that a step left, also if others stand between the two.
func TestLeavesFarBehind(t *testing.T) {
	var want pipeline.Entry
	for _, set := range partitions([]string{"read", "sieve", "pass", "add"}) {
		bubble(t, fmt.Sprint(set), func(t *testing.T) {
			y := newToy(t, 1)
			pass := pipeline.StageSpec{Name: "pass", Step: &pipeline.Step{Stages: y.stages("pass", func(*columnar.Batch) {})}}
			track := &y.chain[0].Tracks[0]
			track.Stages = slices.Insert(track.Stages, 2, pass)
			var last pipeline.Entry
			for _, stages := range set {
				w := y.worker(y.queue, stages...)
				entries, err := w.hands[stages[0]].run(t.Context(), pipeline.Task{Stage: stages[0], Plan: w.digest}, w.job)
				if err != nil || len(entries) != 1 {
					t.Fatal(entries, err)
				}
				last = entries[0]
			}
			if want.Stage == "" {
				want = last
			}
			if diff := cmp.Diff(want, last); diff != "" {
				t.Errorf("the entry of add (-want +got):\n%s", diff)
			}
		})
	}
	if len(want.Outputs) != 2 || want.Outputs[0].Name != documentsName(0) || want.Outputs[1].Name != sumsName(0) {
		t.Errorf("add names %+v", want.Outputs)
	}
}

// TestCarryFails: whatever fails, the error tells, nothing of the task appears, and all that was begun is closed.
func TestCarryFails(t *testing.T) {
	boom := errors.New("boom")
	panics := func(context.Context, int) error { panic("boom") }
	fails := func(context.Context, int) error { return boom }
	tests := []struct {
		name   string
		change func(y *toy)
	}{
		{"open", func(y *toy) {
			y.step("read").Step.Open = func(context.Context, *pipeline.Job, int) (pipeline.Reader, error) { return nil, boom }
		}},
		{"stages", func(y *toy) {
			y.step("sieve").Step.Stages = func(context.Context, *pipeline.Job) ([]pipeline.Stage, error) { return nil, boom }
		}},
		{"writer", func(y *toy) {
			y.step("add").Step.Write = func(context.Context, *pipeline.Job, int) (pipeline.BatchWriter, error) { return nil, boom }
		}},
		{"read", func(y *toy) { y.befall("read", 0, fails) }},
		{"read panics", func(y *toy) { y.befall("read", 0, panics) }},
		{"sieve panics", func(y *toy) { y.befall("sieve", 0, panics) }},
		{"add", func(y *toy) { y.befall("add", 0, fails) }},
		{"add panics", func(y *toy) { y.befall("add", 0, panics) }},
		{"disk", func(y *toy) {
			y.store.Fail(func(op, name string, _ int) bool { return op == "commit" && strings.Contains(name, "sums") })
		}},
		{"disk of documents", func(y *toy) {
			y.store.Fail(func(op, name string, _ int) bool { return op == "write" && strings.Contains(name, "documents") })
		}},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 1)
			tt.change(y)
			var open []*closing
			if begin := y.step("add").Step.Write; tt.name != "writer" {
				y.step("add").Step.Write = func(ctx context.Context, job *pipeline.Job, task int) (pipeline.BatchWriter, error) {
					w, err := begin(ctx, job, task)
					open = append(open, &closing{BatchWriter: w})
					return open[len(open)-1], err
				}
			}
			w := y.worker(y.queue)
			entries, err := safely(t.Context(), w.hands["read"].run, pipeline.Task{Stage: "read", Plan: w.digest}, w.job)
			if err == nil || !strings.Contains(err.Error(), "boom") && !strings.Contains(err.Error(), "broken") {
				t.Errorf("entries %v, error %v", entries, err)
			}
			for _, w := range open {
				if w.closed != 1 {
					t.Errorf("a writer was closed %d times", w.closed)
				}
			}
			if got := y.results(); len(got) > 1 || tt.name != "disk" && len(got) > 0 {
				t.Errorf("files are left: %v", got)
			}
			if s := w.pool.current(); len(s.room) > 0 || len(s.cores) > 0 {
				t.Errorf("%d rooms and %d cores are taken", len(s.room), len(s.cores))
			}
		})
	}
}

// closing counts the calls of Close.
type closing struct {
	pipeline.BatchWriter
	closed int
}

func (c *closing) Close() error {
	c.closed++
	return c.BatchWriter.Close()
}

// TestFreshStages: stages that were left in the middle of a batch process no other one.
func TestFreshStages(t *testing.T) {
	bubble(t, "after a panic", func(t *testing.T) {
		y := newToy(t, 1)
		y.slots = 1
		y.befall("sieve", 0, func(_ context.Context, n int) error {
			if n == 0 {
				panic("boom")
			}
			return nil
		})
		w := y.worker(y.queue)
		run := func() error {
			_, err := w.hands["read"].run(t.Context(), pipeline.Task{Stage: "read", Plan: w.digest}, w.job)
			return err
		}
		if err := run(); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Fatalf("error %v", err)
		}
		if err := run(); err != nil {
			t.Errorf("the second try: %v", err)
		}
	})
}

// TestObserved: people hear of every task once, of every document that was read, and of what became of it, whoever does what.
func TestObserved(t *testing.T) {
	for _, sets := range [][][]string{{nil}, {{"read"}, {"sieve", "add"}, {"total", "index", "end"}, {"print"}, {"weigh"}}} {
		bubble(t, fmt.Sprint(sets), func(t *testing.T) {
			y := newToy(t, 3)
			if err := y.run(t.Context(), sets...); err != nil {
				t.Fatal(err)
			}
			want := map[string]int{"add": 3, "total": 1, "print": 3, "weigh": 3, "index": 2, "end": 1}
			if len(sets) > 1 {
				want["read"] = 3 // handed over
			}
			if diff := cmp.Diff(want, y.seen.done); diff != "" {
				t.Errorf("tasks done (-want +got):\n%s", diff)
			}
			phases := map[string]int{"read": 3, "sieve": 3, "add": 3, "total": 1, "print": 3, "weigh": 3, "index": 2, "end": 1}
			if diff := cmp.Diff(phases, y.seen.phases); diff != "" {
				t.Errorf("phases (-want +got):\n%s", diff)
			}
			_, read, filtered, rejected, doubles := y.want()
			if want := [4]int64{read - filtered - rejected - doubles, doubles, filtered, rejected}; y.seen.outcome != want {
				t.Errorf("outcome %v, want %v", y.seen.outcome, want)
			}
			if n := read - filtered - rejected; y.seen.input["add"] != n {
				t.Errorf("%d documents went through add, want %d", y.seen.input["add"], n)
			}
			if len(y.seen.entries) < 13 {
				t.Errorf("%d entries were told", len(y.seen.entries))
			}
		})
	}
}

// TestEntryIsAFunction: an entry has nothing of the worker in it; it survives the queue.
func TestEntryIsAFunction(t *testing.T) {
	bubble(t, "twice", func(t *testing.T) {
		y := newToy(t, 1)
		var digests []string
		for _, slots := range []int{1, 4} {
			y.slots = slots
			w := y.worker(y.queue)
			entries, err := w.hands["read"].run(t.Context(), pipeline.Task{Stage: "read", Plan: w.digest}, w.job)
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(entries[0])
			if err != nil {
				t.Fatal(err)
			}
			var back pipeline.Entry
			if err := json.Unmarshal(data, &back); err != nil {
				t.Fatal(err)
			}
			digests = append(digests, entries[0].Digest(), back.Digest())
		}
		if len(slices.Compact(digests)) != 1 {
			t.Errorf("digests %v", digests)
		}
	})
}
