package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// Site is where jobs on a corpus are done, by one process (see Local) or by many: the corpus and a place for work files, in stores that
// all of them reach. Planning, coordinating, working and committing are its four steps, for every kind of job. It holds no state but in
// these stores, so any process may take any step; what keeps two coordinators apart is the caller's lease, and behind that the
// compare-and-set of the queue and the exclusive create at the end.
//
// What happens if a coordinator dies, or is thought dead and goes on:
//
//	before the plan is stored       the next one plans again
//	behind it                       the next one finds it in its record, or plans the same again: the same name
//	in a phase                      see coordinator
//	in the commit                   see the kind: both end in the same bytes, and one of them makes the result
//	before the work is removed      the next one removes it
//
// A dead worker's temporary files lie in the work of the job and go with it.
type Site struct {
	options  Options
	out      pipeline.Store
	work     pipeline.Store
	resuming string // how a job is called that was unfinished, "" for none
	local    bool   // work lies on this machine, and is this process's alone
}

// NewSite prepares to take part in jobs on the corpus in out. Of the options, Out names the corpus for people, and Work is where work
// lies on this machine, if it does; Wait and Workers are not used.
func NewSite(o Options, out, work pipeline.Store) *Site {
	if o.Observer == nil {
		o.Observer = Nobody{}
	}
	return &Site{options: o, out: out, work: work}
}

// Out is the store of the corpus.
func (s *Site) Out() pipeline.Store { return s.out }

// Options are those that it was made with.
func (s *Site) Options() *Options { return &s.options }

// Take keeps jobs of one process, drop and gc out of the corpus until what it returns is closed. Other coordinators
// of the cluster are let in: which of them leads is not decided here, and one that stands still must not stop the next one.
// store.ErrLocked says that one of those has the corpus. If one takes it over nevertheless, lost is called.
func (s *Site) Take(ctx context.Context, lost func(error)) (io.Closer, error) {
	folder := ""
	if !store.IsRemote(s.options.Out) {
		folder = filepath.Join(s.options.Out, pipeline.WorkFolder)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
	}
	return store.Share(ctx, s.out, filepath.Join(folder, lockName), lost)
}

// Plan plans a job, and stores the plan where every worker finds it. Only the coordinator calls it, and only if no job is under way: it
// removes what other jobs that were given up left behind. lead is asked right before that whether this process is still the coordinator.
func (s *Site) Plan(ctx context.Context, r Request, lead func(context.Context) error) (d Draft, err error) {
	kind, err := kindOf(s.options.Kinds, r.Kind)
	if err != nil {
		return d, err
	}
	if d, err = kind.Plan(ctx, s, r); err != nil {
		return d, err
	}
	if err := lead(ctx); err != nil {
		return d, err
	}
	// What an earlier try of the very same plan has written stays: it goes on from there. Without its plan what lies where the files go is of
	// another one.
	keep := d.Plan
	if keep != nil {
		if _, err := s.Load(ctx, keep.Digest()); IsGone(err) {
			keep = nil
		} else if err != nil {
			return d, err
		}
	}
	if err := kind.Recover(ctx, s, keep); err != nil {
		return d, err
	}
	if d.Plan == nil {
		return d, s.forget(ctx, "")
	}
	if err := s.forget(ctx, d.Plan.Digest()); err != nil {
		return d, err
	}
	if err := s.checkRoom(ctx, d.Plan.Digest(), d.Room); err != nil {
		return d, err
	}
	s.options.Point("plan:made")
	identity, err := identify(ctx, s.out, s.options.Out, s.options.Access)
	if err != nil {
		return d, err
	}
	if err := s.keep(ctx, &Left{Plan: d.Plan, Ticket: Ticket{Corpus: identity.ID, ID: r.ID, Date: r.Date, Asked: d.Asked, Skipped: d.Skipped}}); err != nil {
		return d, err
	}
	s.options.Point("plan:stored")
	return d, nil
}

// Stands says whether a job that was stopped can be taken up as it is: its plan is there, and its kind says that what it read is as it
// was. If not, nothing of it was committed, and the next plan takes its place.
func (s *Site) Stands(ctx context.Context, digest string) bool {
	plan, err := s.Load(ctx, digest)
	if err != nil {
		return false
	}
	kind, err := kindOf(s.options.Kinds, plan.Kind)
	if err != nil {
		return false
	}
	r, ok := kind.(Resumer)
	return ok && r.Stands(ctx, s, plan)
}

// Made is what a job of that id has made, by the kind that was asked for, or of that plan; nil if there is none.
func (s *Site) Made(ctx context.Context, kind, id, plan string) (*Outcome, error) {
	k, err := kindOf(s.options.Kinds, kind)
	if err != nil {
		return nil, err
	}
	return k.Made(ctx, s, id, plan)
}

// Reads says whether jobs of a kind read sources, and so take what was published.
func (s *Site) Reads(kind string) bool {
	k, err := kindOf(s.options.Kinds, kind)
	if err != nil {
		return false
	}
	_, reads := k.(Mounter)
	return reads
}

// checkRoom says if a disk has too little room for a plan that nobody has begun; what an earlier try has written needs none any more.
func (s *Site) checkRoom(ctx context.Context, digest string, need int64) error {
	if s.options.Work == "" {
		return nil
	}
	begun, err := s.jobWork(digest).Open(ctx, pipeline.PlanName)
	if err == nil {
		return begun.Close()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return checkRoom(s.options.Work, need)
}

// checkRoom says if a disk has too little room for the work of a job.
func checkRoom(folder string, need int64) error {
	free, err := store.FreeBytes(folder)
	if err == nil && free < need {
		err = pipeline.WithHint(fmt.Errorf("the run may need %s in %s, %s are free", pipeline.ByteSize(need), folder, pipeline.ByteSize(free)),
			"free some space, or name a folder on a larger disk by --work")
	}
	return err
}

// Load reads the plan of a job and checks that this process would do it as it was meant: by the same code, and as its kind says. If not,
// the error is a pipeline.ErrUsage that says what differs. IsGone tells a plan that is gone, or damaged.
func (s *Site) Load(ctx context.Context, digest string) (*pipeline.Plan, error) {
	data, err := pipeline.ReadAll(ctx, s.jobWork(digest), pipeline.PlanName)
	if err != nil {
		return nil, err
	}
	p, err := pipeline.DecodePlan(data, digest)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", digest[:8], errPlanDamaged)
	}
	if p.Code != pipeline.CodeVersion {
		return nil, pipeline.WithHint(fmt.Errorf("%w: run %s was planned by code version %s, this is %s", pipeline.ErrUsage, digest[:8],
			p.Code, pipeline.CodeVersion), "give all processes the same version of millrace")
	}
	kind, err := kindOf(s.options.Kinds, p.Kind)
	if err != nil {
		return nil, err
	}
	return p, kind.Accept(p)
}

// Coordinate moves a job from phase to phase until the ledger is full. Others do the tasks.
func (s *Site) Coordinate(ctx context.Context, q pipeline.Queue, plan *pipeline.Plan) error {
	kind, job, closing, err := s.open(plan)
	if err != nil {
		return err
	}
	defer closing()
	if o, ok := s.options.Observer.(LedgerObserver); ok {
		var parts func(task int) []Part
		if l, ok := kind.(Locator); ok {
			parts = func(task int) []Part { return l.Parts(plan, task) }
		}
		o.Begin(job.Chain, parts)
	}
	s.options.Observer.InputBytes(job.InputBytes)
	c := newCoordinator(q, job.Chain, job, s.options.Observer, s.options.Log, s.options.Point)
	c.whole, c.resuming = s.local, cmp.Or(s.resuming, "a run")
	return examined(ctx, kind, job, c.run(ctx))
}

// Work does tasks of the stages until ctx ends, or until taking ends and what was taken is done. A *RunError means that no
// worker can do the job.
func (s *Site) Work(ctx, taking context.Context, q pipeline.Queue, plan *pipeline.Plan, stages []string) error {
	kind, job, closing, err := s.open(plan)
	if err != nil {
		return err
	}
	defer closing()
	w := newWorker(&s.options, q, job, plan.Digest(), stages)
	if m, ok := kind.(Mounter); ok {
		if w.roots, err = m.Roots(plan); err != nil {
			return err
		}
	}
	return w.run(ctx, taking)
}

// Commit makes what a job was for, once its ledger is full. Called again it returns what stands. ErrMended says that the job has to be
// coordinated again.
func (s *Site) Commit(ctx context.Context, q pipeline.Queue, plan *pipeline.Plan, c Commit) (o Outcome, err error) {
	s.options.begin("commit")
	kind, job, closing, err := s.open(plan)
	if err != nil {
		return o, err
	}
	defer closing()
	// What workers that were killed left must not become part of the result.
	if sweeper, ok := job.Out.(pipeline.Sweeper); ok {
		if err := sweeper.RemoveTemporaries(ctx); err != nil {
			return o, err
		}
	}
	c.Info.Tool = s.options.Tool
	read := &pulse{}
	o, err = kind.Commit(withPulse(ctx, read), s, job, c)
	if err != nil && mayBeDamage(ctx, err) {
		found, mendErr := newMender(q, job.Chain, job, s.options.Log).mend(ctx, read.names())
		if found && mendErr == nil {
			return o, ErrMended
		}
		err = errors.Join(err, mendErr)
	}
	return o, examined(ctx, kind, job, err)
}

// examined adds to an error of a job what its kind has to say of it.
func examined(ctx context.Context, kind Kind, job *pipeline.Job, err error) error {
	if e, ok := kind.(Examiner); ok && err != nil {
		return e.Examine(ctx, job, err)
	}
	return err
}

// open is a job as this process sees it.
func (s *Site) open(plan *pipeline.Plan) (kind Kind, job *pipeline.Job, closing func(), err error) {
	if kind, err = kindOf(s.options.Kinds, plan.Kind); err != nil {
		return nil, nil, nil, err
	}
	if job, closing, err = kind.Job(s, plan); err != nil {
		return nil, nil, nil, err
	}
	if job.Chain = kind.Chain(); job.Corpus == nil {
		job.Corpus = s.out
	}
	job.Work = watched(s.jobWork(plan.Digest()), s.options.Hook)
	job.Out = watched(job.Out, s.options.Hook)
	if job.Sources != nil {
		job.Sources = watchedSources{job.Sources}
	}
	return kind, job, closing, nil
}

// Chain is that of the kind of a plan.
func (s *Site) Chain(plan *pipeline.Plan) (pipeline.Chain, error) {
	kind, err := kindOf(s.options.Kinds, plan.Kind)
	if err != nil {
		return nil, err
	}
	return kind.Chain(), nil
}

// forget removes the work of every job but the one of this digest, which may be "".
func (s *Site) forget(ctx context.Context, except string) error {
	infos, err := s.work.List(ctx, runsFolder)
	if err != nil {
		return err
	}
	var errs []error
	last := ""
	for _, info := range infos {
		digest, _, _ := strings.Cut(strings.TrimPrefix(info.Name, runsFolder+"/"), "/")
		if digest == last || digest == except {
			continue
		}
		last = digest
		errs = append(errs, s.work.Remove(ctx, path.Join(runsFolder, digest)))
	}
	return errors.Join(errs...)
}

// Clear removes all that jobs have left in the work folder but the work of the one of this digest.
func (s *Site) Clear(ctx context.Context, except string) error {
	return errors.Join(s.forget(ctx, except), s.work.Remove(ctx, BarrenName))
}

// Drop removes the work of one job.
func (s *Site) Drop(ctx context.Context, digest string) error {
	return s.work.Remove(ctx, runFolder(digest))
}

func (s *Site) jobWork(digest string) pipeline.Store { return s.work.Sub(runFolder(digest)) }

// Recover removes from the result what jobs left that nobody takes up again.
func (s *Site) Recover(ctx context.Context, plan *pipeline.Plan) error {
	name := ""
	if plan != nil {
		name = plan.Kind
	}
	kind, err := kindOf(s.options.Kinds, name)
	if err != nil {
		return err
	}
	return kind.Recover(ctx, s, plan)
}

var errPlanDamaged = errors.New("the plan is damaged")

// IsGone says that a job's work is not there, or of no use: it has ended, or is about to be planned anew.
func IsGone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errPlanDamaged) }

// ErrMended says that a commit met damaged work files. They are being made anew: the tasks have to be waited for once more.
var ErrMended = errors.New("work files are damaged, and made anew")
