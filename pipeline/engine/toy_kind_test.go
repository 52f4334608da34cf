package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

// toyKind is the kind of the jobs of a toy. It makes one file for a job, with what the job leaves in it.
type toyKind struct {
	y *toy

	draft     *Draft // what is planned; nil: the plan of the toy
	accept    error
	commit    func(ctx context.Context, job *pipeline.Job) error // what it meets with; nil: nothing
	stands    bool
	opened    int // jobs that are open
	recovered []*pipeline.Plan
	mounted   map[string]string
}

var (
	_ Kind     = (*toyKind)(nil)
	_ Mounter  = (*toyKind)(nil)
	_ Examiner = (*toyKind)(nil)
	_ Resumer  = (*toyKind)(nil)
	_ Locator  = (*toyKind)(nil)
)

const staging = "staging"

func madeName(plan string) string { return "made/" + plan }

func (k *toyKind) Name() string { return "toy" }

func (k *toyKind) Chain() pipeline.Chain { return k.y.chain }

func (k *toyKind) Plan(context.Context, *Site, Request) (Draft, error) {
	if k.draft == nil {
		return Draft{Plan: k.y.plan, Skipped: 5, Asked: []string{"lists"}}, nil
	}
	return *k.draft, k.accept
}

func (k *toyKind) Accept(*pipeline.Plan) error { return k.accept }

func (k *toyKind) Job(s *Site, p *pipeline.Plan) (*pipeline.Job, func(), error) {
	k.y.mu.Lock()
	defer k.y.mu.Unlock()
	k.opened++
	closing := func() {
		k.y.mu.Lock()
		defer k.y.mu.Unlock()
		k.opened--
	}
	return &pipeline.Job{Plan: p, Out: s.Out().Sub(staging)}, closing, nil
}

// Commit reads the sums of all lists, as a commit reads accounts.
func (k *toyKind) Commit(ctx context.Context, s *Site, job *pipeline.Job, c Commit) (Outcome, error) {
	if k.commit != nil {
		if err := k.commit(ctx, job); err != nil {
			return Outcome{}, err
		}
	}
	var text strings.Builder
	fmt.Fprint(&text, c.Info.ID, c.Skipped, c.Force)
	for i := range k.y.lists {
		var one sums
		if err := pipeline.ReadJSON(ctx, job.Work, sumsName(i), &one); err != nil {
			return Outcome{}, err
		}
		fmt.Fprint(&text, one.Numbers)
	}
	err := s.Out().PutNew(ctx, madeName(job.Plan.Digest()), []byte(text.String()))
	if err != nil && !errors.Is(err, pipeline.ErrExists) {
		return Outcome{}, err
	}
	o, err := k.Made(ctx, s, "", job.Plan.Digest())
	if err != nil {
		return Outcome{}, err
	}
	return *o, nil
}

func (k *toyKind) Made(ctx context.Context, s *Site, _, plan string) (*Outcome, error) {
	data, err := pipeline.ReadAll(ctx, s.Out(), madeName(plan))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is none
	}
	return &Outcome{Result: string(data), Plan: plan}, err
}

func (k *toyKind) Recover(_ context.Context, _ *Site, p *pipeline.Plan) error {
	k.recovered = append(k.recovered, p)
	return nil
}

func (k *toyKind) Roots(*pipeline.Plan) (map[string]string, error) {
	return map[string]string{"lists": "/mnt/lists"}, nil
}

func (k *toyKind) Mount(p *pipeline.Plan, roots map[string]string) (*pipeline.Plan, error) {
	k.mounted = roots
	return p, nil
}

func (k *toyKind) Examine(_ context.Context, _ *pipeline.Job, err error) error {
	return fmt.Errorf("examined: %w", err)
}

func (k *toyKind) Parts(p *pipeline.Plan, task int) []Part {
	return []Part{{Source: "lists", Path: p.Digest(), Offset: int64(task)}}
}

func (k *toyKind) Stands(context.Context, *Site, *pipeline.Plan) bool { return k.stands }

// checkOut compares the files of the result in a store with what has to be in them.
func (y *toy) checkOut(ctx context.Context, s pipeline.Store) {
	y.t.Helper()
	want, _, _, _, _ := y.want()
	got := map[string]string{}
	infos, err := s.List(ctx, "")
	if err != nil {
		y.t.Fatal(err)
	}
	for _, info := range infos {
		data, err := pipeline.ReadAll(ctx, s, info.Name)
		if err != nil {
			y.t.Fatal(err)
		}
		got["out/"+info.Name] = string(data)
	}
	if !maps.Equal(want, got) {
		y.t.Errorf("the result is %v, want %v", got, want)
	}
}

// replan gives the toy a plan of that code and kind.
func (y *toy) replan(code, kind string) {
	y.plan = &pipeline.Plan{Code: code, Kind: kind, Settings: y.plan.Settings, Body: y.plan.Body}
}

// newSite makes a site of the stores of a toy, with its kind.
func newSite(t *testing.T, lists int) (*toy, *toyKind, *Site) {
	y := newToy(t, lists)
	y.replan(pipeline.CodeVersion, "toy")
	k := &toyKind{y: y}
	o := Options{
		Out: t.TempDir(), Kinds: []Kind{k}, Slots: 2, Log: y.log(), Observer: y.seen, AckWait: toyWait, Tool: "toy 1",
		Hook: func(point string) { y.hook(point) },
	}
	return y, k, NewSite(o, y.corpus, y.work)
}

// does runs a coordinator and a worker of a site until the ledger is full.
func (y *toy) does(s *Site, plan *pipeline.Plan) error {
	ctx, cancel := context.WithCancel(y.t.Context())
	defer cancel()
	ended := make(chan error)
	go func() {
		err := s.Work(ctx, ctx, y.queue.Join(), plan, y.chain.Names())
		cancel()
		ended <- err
	}()
	err := s.Coordinate(ctx, y.queue.Join(), plan)
	cancel()
	if worked := <-ended; worked != nil {
		return worked
	}
	return err
}

// has says whether a store of the toy has files in a folder.
func (y *toy) has(s pipeline.Store, folder string) bool {
	y.t.Helper()
	infos, err := s.List(y.t.Context(), folder)
	if err != nil {
		y.t.Fatal(err)
	}
	return len(infos) > 0
}

// says checks an error.
func says(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want an error that says %q", what, err, want)
	}
}
