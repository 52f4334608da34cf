package dedupe

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// A flipped bit, a cut or a swap anywhere in any file is an error of the task that reads it, or was not read: never other
// output, never a panic.
func TestDamageIsAnErrorOrUnread(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 21))
	c := newCorpus(Default())
	list := night(r, 60)
	c.run(t, 2, cut(r, list, 2)...)
	history, runs := c.history, c.runs
	c.merge = 1
	out := c.run(t, 3, cut(r, append(night(r, 40), list[:30]...), 3)...)
	job := out.job
	ledger := out.entries
	resolve := out.resolve

	runAll := func(work, corpus *memoryStore) (errs int) {
		f := &pipeline.Job{Plan: job.Plan, Chain: pipelinetest.Chain(), Work: work, Out: newMemoryStore(), Corpus: corpus}
		check := func(runner pipeline.Runner, stage string, number int, want pipeline.Entry) {
			e, err := runner.Run(t.Context(), pipeline.Task{Stage: stage, Index: number}, f)
			if err != nil {
				errs++
			} else if e.Digest() != want.Digest() {
				t.Errorf("%s %d: other output", stage, number)
			}
		}
		// The last tasks first: each reads what the undamaged run wrote.
		for p := range 3 {
			check(NewIndex(), stageIndex, p, ledger[4+p])
		}
		check(NewResolve(c.cfg), stageResolve, 0, resolve)
		for p := range 3 {
			check(NewSettle(c.cfg), stageSettle, p, ledger[p])
		}
		return errs
	}
	if n := runAll(clone(job.Work.(*memoryStore)), c.store); n != 0 {
		t.Fatalf("%d errors without damage", n)
	}
	var inputs []string // of the work store, then of the corpus
	for name := range job.Work.(*memoryStore).files {
		if !strings.HasPrefix(name, "resolve/") && !strings.HasPrefix(name, "phase/") {
			inputs = append(inputs, name)
		}
	}
	works := len(inputs)
	for i, v := range history {
		inputs = append(append(inputs, runs[i].Keys...), v.Signatures...)
		inputs = append(inputs, v.Texts[0].Path)
	}
	slices.Sort(inputs[:works])
	caught := 0
	for round := range 150 {
		work, corpus := clone(job.Work.(*memoryStore)), clone(c.store)
		i := round % len(inputs)
		store := work
		if i >= works {
			store = corpus
		}
		data := bytes.Clone(store.files[inputs[i]])
		switch at := r.IntN(len(data)); r.IntN(4) {
		case 0:
			data = data[:at]
		case 1:
			data = slices.Insert(data, at, byte(r.Uint32()))
		default:
			data[at] ^= 1 << r.IntN(8)
		}
		store.files[inputs[i]] = data
		caught += min(runAll(work, corpus), 1)
	}
	// Single records of documents without a duplicate are not read by settle, but by index unless they lost.
	if caught < 100 {
		t.Errorf("only %d of 150 damages were noticed", caught)
	}
}

func clone(s *memoryStore) *memoryStore { return &memoryStore{files: maps.Clone(s.files)} }

func TestMissingFilesAreErrors(t *testing.T) {
	c := newCorpus(Default())
	r := rand.New(rand.NewPCG(22, 23))
	job := c.run(t, 2, night(r, 20)).job
	for _, tt := range []struct {
		name   string
		runner pipeline.Runner
	}{
		{ingest.KeysName(0), NewSettle(c.cfg)},
		{ingest.EdgesName(1), NewResolve(c.cfg)},
		{ingest.SketchesName(0), NewResolve(c.cfg)},
		{ingest.KeptName, NewIndex()},
	} {
		f := &pipeline.Job{Plan: job.Plan, Chain: pipelinetest.Chain(), Work: clone(job.Work.(*memoryStore)), Out: newMemoryStore(), Corpus: c.store}
		if err := f.Work.Remove(t.Context(), tt.name); err != nil {
			t.Fatal(err)
		}
		if _, err := tt.runner.Run(t.Context(), pipeline.Task{}, f); err == nil {
			t.Errorf("%T without %s: no error", tt.runner, tt.name)
		}
		if _, err := tt.runner.Run(t.Context(), pipeline.Task{Index: 99}, f); !pipeline.IsPermanent(err) {
			t.Errorf("%T, task 99: %v", tt.runner, err)
		}
	}
}
