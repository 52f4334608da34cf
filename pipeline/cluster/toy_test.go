package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/store"
)

const toyStage = "toy"

// toy is a kind of job that does a task for each file of a folder, and makes a file that names them. What stands already is not made
// again. Its functions may be nil.
type toy struct {
	news   string // the folder
	plan   func(ctx context.Context) error
	task   func(ctx context.Context) error
	commit func(c engine.Commit) (nothing bool, err error)
}

// toyResult is what a toy makes: it lies in made/<plan>.
type toyResult struct {
	ID    string   `json:"id"`
	Date  string   `json:"date"`
	Plan  string   `json:"plan"`
	Files []string `json:"files"`
}

func (*toy) Name() string { return "toy" }

func (k *toy) Chain() pipeline.Chain {
	return pipeline.Chain{{Name: "play", Tracks: []pipeline.Track{{
		Stages: []pipeline.StageSpec{{Name: toyStage, Runner: k}},
		Tasks: func(_ context.Context, job *pipeline.Job) (int, error) {
			names, err := toyFiles(job.Plan)
			return len(names), err
		},
	}}}}
}

func (k *toy) Run(ctx context.Context, t pipeline.Task, _ *pipeline.Job) (pipeline.Entry, error) {
	e := pipeline.Entry{Stage: t.Stage, Index: t.Index, Verdict: pipeline.VerdictDone}
	if k.task == nil {
		return e, nil
	}
	return e, k.task(ctx)
}

// Plan plans the files of the folder, and those that were published.
func (k *toy) Plan(ctx context.Context, s *engine.Site, r engine.Request) (d engine.Draft, err error) {
	if k.plan != nil {
		if err := k.plan(ctx); err != nil {
			return d, err
		}
	}
	list, err := os.ReadDir(k.news)
	if err != nil {
		return d, pipeline.WithHint(fmt.Errorf("%w: source news: %w", pipeline.ErrUsage, err), "make or mount it")
	}
	var names []string
	for _, f := range list {
		names = append(names, f.Name())
	}
	for _, f := range r.Files {
		names = append(names, f.Source+"/"+f.Path)
	}
	p := &pipeline.Plan{Kind: k.Name(), Code: pipeline.CodeVersion, Settings: json.RawMessage(`{}`)}
	if p.Body, err = json.Marshal(names); err != nil {
		return d, err
	}
	made, err := k.Made(ctx, s, "", p.Digest())
	if err != nil || made != nil || len(names) == 0 {
		return engine.Draft{Skipped: int64(len(names))}, err
	}
	return engine.Draft{Plan: p}, nil
}

// toyFiles are the names of the files of a plan.
func toyFiles(p *pipeline.Plan) (names []string, err error) {
	return names, json.Unmarshal(p.Body, &names)
}

func (*toy) Accept(p *pipeline.Plan) error {
	if string(p.Settings) != "{}" {
		return fmt.Errorf("%w: planned with settings %s", pipeline.ErrUsage, p.Settings)
	}
	return nil
}

func (*toy) Job(s *engine.Site, p *pipeline.Plan) (*pipeline.Job, func(), error) {
	names, err := toyFiles(p)
	return &pipeline.Job{Plan: p, Out: s.Out().Sub("staging"), InputBytes: int64(len(names))}, func() {}, err
}

func (k *toy) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, c engine.Commit) (o engine.Outcome, err error) {
	if k.commit != nil {
		if nothing, err := k.commit(c); err != nil || nothing {
			return engine.Outcome{Nothing: nothing, Result: toyResult{}}, err
		}
	}
	r := toyResult{ID: c.Info.ID, Date: c.Info.Date, Plan: job.Plan.Digest()}
	if r.Files, err = toyFiles(job.Plan); err != nil {
		return o, err
	}
	data, err := json.Marshal(r)
	if err == nil {
		err = c.Lead(ctx)
	}
	if err == nil {
		err = s.Out().PutNew(ctx, "made/"+r.Plan, data)
	}
	return engine.Outcome{Result: r}, err
}

func (*toy) Made(ctx context.Context, s *engine.Site, id, plan string) (*engine.Outcome, error) {
	list, err := s.Out().List(ctx, "made")
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		var r toyResult
		if err := pipeline.ReadJSON(ctx, s.Out(), f.Name, &r); err != nil {
			return nil, err
		}
		if id != "" && r.ID == id || path.Base(f.Name) == plan {
			return &engine.Outcome{Result: r, Plan: r.Plan, Date: r.Date}, nil
		}
	}
	return nil, nil
}

func (*toy) Recover(ctx context.Context, s *engine.Site, p *pipeline.Plan) error {
	if p != nil {
		return nil
	}
	return s.Out().Remove(ctx, "staging")
}

// Roots and Mount say that it reads sources.
func (k *toy) Roots(*pipeline.Plan) (map[string]string, error) {
	return map[string]string{"news": k.news}, nil
}

func (*toy) Mount(p *pipeline.Plan, _ map[string]string) (*pipeline.Plan, error) { return p, nil }

// Stands says that a toy which was stopped comes first.
func (*toy) Stands(context.Context, *engine.Site, *pipeline.Plan) bool { return true }

// site is where the processes of a test meet: a corpus, and what they do.
type site struct {
	store *store.Local
	out   string // what the corpus is called, and where its lock is
	toy   *toy
}

func newSite(t *testing.T) site {
	return site{store: corpustest.NewStore(t), out: t.TempDir(), toy: &toy{news: t.TempDir()}}
}

// add puts files into the folder.
func (s site) add(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.WriteFile(path.Join(s.toy.news, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// made writes a result as if a run had made it.
func (s site) made(t *testing.T, r toyResult) {
	t.Helper()
	data, err := json.Marshal(r)
	if err == nil {
		err = s.store.PutNew(t.Context(), "made/"+r.Plan, data)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s site) open(log zerolog.Logger, o engine.Observer) *engine.Site {
	return engine.NewSite(engine.Options{Out: s.out, Slots: 2, Kinds: []engine.Kind{s.toy}, Observer: o, Log: log}, s.store, s.store.Sub("work"))
}

// result decodes what a run has made.
func result(t *testing.T, r Record) (made toyResult) {
	t.Helper()
	if err := json.Unmarshal(r.Result, &made); err != nil {
		t.Fatalf("run %s, %s: %v", r.ID, r.Result, err)
	}
	return made
}

// tidy insists that nothing is left of a run but what it made.
func (s site) tidy(t *testing.T, p plane, plan string) {
	t.Helper()
	if q, err := p.Bind(t.Context(), plan); err == nil {
		q.Close()
		t.Error("the queue of the run is there")
	}
	if got := p.holds(keyFailed + plan); got != "" {
		t.Errorf("it is said to have failed: %s", got)
	}
	list, err := s.store.List(t.Context(), "work/runs")
	if err != nil || len(list) > 0 {
		t.Errorf("work files are there: %v, %v", list, err)
	}
	if _, err := s.store.Open(t.Context(), "staging/left"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what it had written is there: %v", err)
	}
}

// beside runs a process beside the test until stop is called, or the test ends. Being told to stop is no error.
func beside(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}
