package engine

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
)

// TestSite: a job of a kind that is a toy is planned, coordinated, worked on and committed, by processes that know nothing of each other.
func TestSite(t *testing.T) {
	bubble(t, "from plan to end", func(t *testing.T) {
		y, k, s := newSite(t, 3)
		var points []string
		y.hook = func(p string) {
			if strings.HasPrefix(p, "plan:") {
				points = append(points, p)
			}
		}
		p, err := s.Plan(t.Context(), Request{Kind: "toy", ID: "night", Date: "2026-11-29", Force: true}, func(context.Context) error { return nil })
		if err != nil || p.Plan != y.plan || p.Skipped != 5 {
			t.Fatalf("%+v, %v", p, err)
		}
		if want := []string{"plan:made", "plan:stored"}; !slices.Equal(points, want) {
			t.Errorf("points %v", points)
		}
		y.hook = func(string) {}
		plan, err := s.Load(t.Context(), y.plan.Digest())
		if err != nil || plan.Digest() != y.plan.Digest() {
			t.Fatalf("%v, %v", plan, err)
		}
		if phase, err := PhaseOf(t.Context(), y.chain, s.jobWork(plan.Digest())); phase != "map" || err != nil {
			t.Errorf("phase %s, %v", phase, err)
		}
		if err := y.does(s, plan); err != nil {
			t.Fatal(err)
		}
		y.checkOut(t.Context(), y.corpus.Sub(staging))
		if diff := cmp.Diff(y.chain.Names(), y.seen.stages); diff != "" {
			t.Errorf("stages that were announced: %s", diff)
		}
		if diff := cmp.Diff([]Part{{Source: "lists", Path: plan.Digest(), Offset: 2}}, y.seen.parts(2)); diff != "" {
			t.Errorf("what a task reads: %s", diff)
		}
		if phase, err := PhaseOf(t.Context(), y.chain, s.jobWork(plan.Digest())); phase != "commit" || err != nil {
			t.Errorf("phase %s, %v", phase, err)
		}
		var results []any
		for range 2 {
			o, err := s.Commit(t.Context(), y.queue, plan, Commit{Skipped: p.Skipped, Force: true, Info: Info{ID: "night"}})
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, o.Result)
		}
		made, err := s.Made(t.Context(), "toy", "", plan.Digest())
		if err != nil || made == nil || results[0] != results[1] || made.Result != results[0] {
			t.Errorf("%v, made %v, %v", results, made, err)
		}
		if want := "night5 true[0 4 8 12 16 12]"; !strings.HasPrefix(results[0].(string), want) {
			t.Errorf("result %q, want %q", results[0], want)
		}
		if err := s.Drop(t.Context(), plan.Digest()); err != nil || y.has(y.work, "") {
			t.Errorf("work is left, %v", err)
		}
		if _, err := s.Load(t.Context(), plan.Digest()); !IsGone(err) {
			t.Errorf("the plan of a job that has ended: %v", err)
		}
		if k.opened != 0 || s.Options().Tool != "toy 1" || !s.Reads("toy") || s.Reads("none") {
			t.Errorf("%d jobs are open", k.opened)
		}
	})
}

// TestSitePlan: what others left is removed once this process is sure to lead, and not before.
func TestSitePlan(t *testing.T) {
	leads := func(context.Context) error { return nil }
	y, k, s := newSite(t, 1)
	y.replace(t.Context(), "work/runs/other/plan.json", []byte("{}"))
	y.replace(t.Context(), "work/runs/other/sums/000000.json", []byte("{}"))
	y.replace(t.Context(), "work/"+runFolder(y.plan.Digest())+"/sums/000000.json", []byte("{}"))

	_, err := s.Plan(t.Context(), Request{Kind: "none"}, leads)
	says(t, "a kind that is not there", err, `unknown kind of job "none": known are toy`)
	if !errors.Is(err, pipeline.ErrUsage) {
		t.Errorf("it is no usage error: %v", err)
	}

	fenced := func(context.Context) error { return pipeline.ErrFenced }
	if _, err := s.Plan(t.Context(), Request{}, fenced); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("led by somebody else: %v", err)
	}
	if !y.has(y.work, "runs/other") || len(k.recovered) > 0 || y.has(y.work, runFolder(y.plan.Digest())+"/"+pipeline.PlanName) {
		t.Error("a process that does not lead has removed or stored something")
	}

	k.draft = &Draft{Plan: y.plan, Room: 1 << 62}
	s.options.Work = t.TempDir()
	_, err = s.Plan(t.Context(), Request{}, leads)
	says(t, "too little room", err, "are free")
	if hint, ok := errors.AsType[*pipeline.HintError](err); !ok || !strings.Contains(hint.Hint, "--work") {
		t.Errorf("no way out: %v", err)
	}
	if y.has(y.work, "runs/other") {
		t.Error("what another job left is still there")
	}

	k.draft.Room = 0
	if _, err := s.Plan(t.Context(), Request{ID: "night"}, leads); err != nil {
		t.Fatal(err)
	}
	if !y.has(y.work, runFolder(y.plan.Digest())+"/sums") {
		t.Error("what an earlier try of the plan has written is gone")
	}
	k.draft.Room = 1 << 62 // what was begun needs no more
	if _, err := s.Plan(t.Context(), Request{ID: "night"}, leads); err != nil {
		t.Errorf("planned again: %v", err)
	}
	left, damaged, err := findLeft(t.Context(), y.work)
	if err != nil || damaged != "" || left == nil || left.ID != "night" || left.Plan.Digest() != y.plan.Digest() || left.Corpus == "" {
		t.Errorf("left %+v, %q, %v", left, damaged, err)
	}

	k.draft = &Draft{Skipped: 9}
	p, err := s.Plan(t.Context(), Request{}, leads)
	if p.Plan != nil || p.Skipped != 9 || err != nil || y.has(y.work, runsFolder) {
		t.Errorf("nothing to do: %+v, %v", p, err)
	}
	if n := len(k.recovered); n == 0 || k.recovered[n-1] != nil {
		t.Errorf("recovered %v", k.recovered)
	}
	if err := s.Recover(t.Context(), y.plan); err != nil || k.recovered[len(k.recovered)-1] != y.plan {
		t.Errorf("recovered %v, %v", k.recovered, err)
	}

	k.accept = fs.ErrPermission
	if _, err := s.Plan(t.Context(), Request{}, leads); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a kind that cannot plan: %v", err)
	}
}

// TestSiteLoad: no process does a plan that it would do otherwise than it was meant, and each says why.
func TestSiteLoad(t *testing.T) {
	y, k, s := newSite(t, 1)
	keep := func() string {
		t.Helper()
		if err := s.keep(t.Context(), &Left{Plan: y.plan}); err != nil {
			t.Fatal(err)
		}
		return y.plan.Digest()
	}
	if _, err := s.Load(t.Context(), y.plan.Digest()); !IsGone(err) {
		t.Errorf("a plan that is not there: %v", err)
	}
	digest := keep()
	if _, err := s.Load(t.Context(), digest); err != nil {
		t.Error(err)
	}
	if s.Stands(t.Context(), digest) {
		t.Error("its kind says that it does not stand")
	}
	k.stands = true
	if !s.Stands(t.Context(), digest) || s.Stands(t.Context(), "00000000") {
		t.Error("what stands does not, or the other way round")
	}
	k.accept = pipeline.ErrUsage
	if _, err := s.Load(t.Context(), digest); !errors.Is(err, pipeline.ErrUsage) || s.Stands(t.Context(), digest) {
		t.Errorf("a plan that its kind does not accept: %v", err)
	}
	y.damage(t.Context(), "work/"+runFolder(digest)+"/"+pipeline.PlanName)
	if _, err := s.Load(t.Context(), digest); !IsGone(err) {
		t.Errorf("a damaged plan: %v", err)
	}
	if u, damaged, err := findLeft(t.Context(), y.work); u != nil || damaged == "" || err != nil {
		t.Errorf("a damaged plan is left: %v, %q, %v", u, damaged, err)
	}
	y.replan("7", "toy")
	_, err := s.Load(t.Context(), keep())
	says(t, "another code version", err, "was planned by code version 7, this is "+pipeline.CodeVersion)
	if !errors.Is(err, pipeline.ErrUsage) || IsGone(err) {
		t.Errorf("it is no usage error: %v", err)
	}
	y.replan(pipeline.CodeVersion, "none")
	_, err = s.Load(t.Context(), keep())
	says(t, "another kind", err, "unknown kind of job")
	for what, err := range map[string]error{
		"work":       s.Work(t.Context(), t.Context(), y.queue, y.plan, nil),
		"coordinate": s.Coordinate(t.Context(), y.queue, y.plan),
		"recover":    s.Recover(t.Context(), y.plan),
	} {
		says(t, what, err, "unknown kind of job")
	}
	if _, err := s.Commit(t.Context(), y.queue, y.plan, Commit{}); !errors.Is(err, pipeline.ErrUsage) {
		t.Errorf("commit: %v", err)
	}
	if _, err := s.Made(t.Context(), "none", "", ""); !errors.Is(err, pipeline.ErrUsage) {
		t.Errorf("made: %v", err)
	}
	if _, err := s.Chain(y.plan); !errors.Is(err, pipeline.ErrUsage) {
		t.Errorf("chain: %v", err)
	}
}

// TestSiteCommit: a commit that meets damage has it made anew, and is done when the job was coordinated once more; any other failure of
// it is told, with what its kind has to say.
func TestSiteCommit(t *testing.T) {
	bubble(t, "damaged sums", func(t *testing.T) {
		y, k, s := newSite(t, 2)
		if err := y.does(s, y.plan); err != nil {
			t.Fatal(err)
		}
		y.replace(t.Context(), "work/"+runFolder(y.plan.Digest())+"/"+sumsName(1), []byte("{"))
		if _, err := s.Commit(t.Context(), y.queue, y.plan, Commit{}); !errors.Is(err, ErrMended) {
			t.Fatalf("error %v", err)
		}
		if err := y.does(s, y.plan); err != nil {
			t.Fatal(err)
		}
		k.commit = func(context.Context, *pipeline.Job) error { return halted{} }
		_, err := s.Commit(t.Context(), y.queue, y.plan, Commit{})
		stopped, ok := errors.AsType[Stopped](err)
		if !ok || err.Error() != "examined: alarm" || y.has(y.corpus, "made") {
			t.Fatalf("error %v", err)
		}
		if err := s.Stopped(t.Context(), y.plan.Digest(), stopped); err != nil {
			t.Fatal(err)
		}
		var ticket Ticket
		if err := pipeline.ReadJSON(t.Context(), s.jobWork(y.plan.Digest()), ticketName, &ticket); err != nil || ticket.Stopped != "too much was rejected" {
			t.Errorf("ticket %+v, %v", ticket, err)
		}
		k.commit = nil
		if _, err := s.Commit(t.Context(), y.queue, y.plan, Commit{}); err != nil {
			t.Error(err)
		}
	})
}

// TestSiteCoordinateFails: what ends a job is examined by its kind too.
func TestSiteCoordinateFails(t *testing.T) {
	bubble(t, "gate", func(t *testing.T) {
		y, _, s := newSite(t, 1)
		y.chain[0].Gate = func(context.Context, *pipeline.Job) error { return halted{} }
		if err := y.does(s, y.plan); err == nil || err.Error() != "examined: alarm" {
			t.Errorf("error %v", err)
		}
	})
}

// TestSiteIsolated: a process that does one task for another one opens the plan by itself, and says what the task made, or why it failed.
func TestSiteIsolated(t *testing.T) {
	bubble(t, "one task", func(t *testing.T) {
		y, k, s := newSite(t, 2)
		it := IsolatedTask{
			Task: pipeline.Task{Stage: "read", Index: 1, Plan: y.plan.Digest()}, Stages: y.chain.Names(), Sources: map[string]string{"lists": "/mnt"},
		}
		isolated := func(it IsolatedTask) ([]pipeline.Entry, *IsolatedError) {
			entries, err := s.Isolated(t.Context(), it, func() {})
			failed, ok := errors.AsType[*IsolatedError](err)
			if err != nil && !ok {
				t.Errorf("error %v", err)
			}
			return entries, failed
		}
		if _, failed := isolated(it); failed == nil || failed.Permanent {
			t.Errorf("without a plan: %+v", failed)
		}
		if err := s.keep(t.Context(), &Left{Plan: y.plan}); err != nil {
			t.Fatal(err)
		}
		entries, failed := isolated(it)
		if failed != nil || len(entries) != 1 || entries[0].Stage != "add" || entries[0].Index != 1 || k.mounted["lists"] != "/mnt" {
			t.Errorf("%+v, %+v, mounted %v", entries, failed, k.mounted)
		}
		it.Task.Stage = "saw"
		if _, failed := isolated(it); failed == nil || !strings.Contains(failed.Text, "no such stage") || failed.Store {
			t.Errorf("a stage that is not there: %+v", failed)
		}
		it.Task.Stage = "read"
		y.befall("read", 1, poisonsForGood)
		if _, failed := isolated(it); failed == nil || !failed.Permanent || failed.Store {
			t.Errorf("poison: %+v", failed)
		}
		y.befall("read", 1, panics)
		if _, failed := isolated(it); failed == nil || !strings.HasPrefix(failed.Text, "panic: poison") {
			t.Errorf("a panic: %+v", failed)
		}
		y.befall("read", 1, nil)
		y.store.Fail(func(op, _ string, _ int) bool { return op == "commit" })
		if _, failed := isolated(it); failed == nil || !failed.Store {
			t.Errorf("a broken disk: %+v", failed)
		}
		y.store.Fail(nil)
		it.Task = pipeline.Task{Stage: "print", Plan: y.plan.Digest()}
		want := &IsolatedError{Text: "open work/" + runFolder(y.plan.Digest()) + "/" + documentsName(0) + ": file does not exist", Opened: []string{documentsName(0)}, Store: true}
		_, failed = isolated(it)
		if diff := cmp.Diff(want, failed); diff != "" {
			t.Errorf("documents are not there (-want +got):\n%s", diff)
		}
		y.replan(pipeline.CodeVersion, "none")
		if err := s.keep(t.Context(), &Left{Plan: y.plan}); err != nil {
			t.Fatal(err)
		}
		it.Task.Plan = y.plan.Digest()
		if _, failed := isolated(it); failed == nil || !strings.Contains(failed.Text, "unknown kind of job") {
			t.Errorf("another kind: %+v", failed)
		}
		if k.opened != 0 {
			t.Errorf("%d jobs are open", k.opened)
		}
	})
}

func TestTicketName(t *testing.T) {
	for want, ticket := range map[string]Ticket{
		"the run of 2026-11-29":       {Date: "2026-11-29", ID: "night"},
		"run night":                   {ID: "night", Asked: []string{"a"}},
		"the run of a":                {Asked: []string{"a"}},
		"the run of a and 1,000 more": {Asked: append([]string{"a"}, make([]string, 1000)...)},
		"a run":                       {},
	} {
		if got := ticket.Name(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNewInfo(t *testing.T) {
	info := NewInfo(time.Unix(7, 0), "toy 1")
	if info.Tool != "toy 1" || info.Host == "" || info.Started.Unix() != 7 {
		t.Errorf("%+v", info)
	}
}
