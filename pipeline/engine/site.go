package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/intake"
	"millrace/pipeline/store"
)

// Site is where the processes of a cluster do a run together: a corpus and a place for work files, in stores that all of
// them reach. It holds no state but in these stores, so any process may take any step; what keeps two coordinators apart is
// the caller's lease, and behind that the compare-and-set of the queue and the exclusive create of the manifest.
//
// What happens if a coordinator dies, or is thought dead and goes on:
//
//	before the plan is stored       the next one plans again
//	behind it                       the next one finds it in its record, or plans the same again: the same name
//	in a phase                      see coordinator
//	in the commit                   see package corpus: both end in the same bytes, and one of them makes the manifest
//	before the work is removed      the next one removes it
//
// A dead worker's temporary files lie in the work of the run and go with it.
type Site struct {
	options Options
	out     pipeline.Store
	work    pipeline.Store
	corpus  *corpus.Corpus
}

// NewSite prepares to take part in runs into the corpus in out. Of the options, Out names the corpus for people and, where
// it is a folder, as one that is never input, and Work is where work lies on this machine, if it does; Paths, Restart and
// Workers are not used.
func NewSite(o Options, out, work pipeline.Store) *Site {
	if o.Observer == nil {
		o.Observer = Nobody{}
	}
	return &Site{options: o, out: out, work: work, corpus: corpus.Open(out)}
}

// Take keeps runs of one process, drop, compact and gc out of the corpus until what it returns is closed. Other coordinators
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

// Planned is the plan of a run. Without one there was nothing new.
type Planned struct {
	Plan    *pipeline.Plan
	Skipped int64 // files that the corpus holds already
	Force   bool  // commit beyond the alarms
}

// Wanted is what a run of a cluster is asked for.
type Wanted struct {
	ID, Date      string // see corpus.RunInfo
	Published     []intake.Published
	Force         bool // commit beyond the alarms
	RetryRejected bool // see Options
}

// Plan plans a run over the roots and the published files, and stores the plan where every worker finds it. Only the
// coordinator calls it, and only if no run is under way: it removes what other runs that were given up left behind. lead is
// asked right before that whether this process is still the coordinator.
func (s *Site) Plan(ctx context.Context, w Wanted, lead func(context.Context) error) (p Planned, err error) {
	o := s.options
	o.Published, o.RetryRejected = w.Published, w.RetryRejected
	p.Force = w.Force
	if o.RetryRejected {
		if o.Published, err = s.rejected(ctx, o.Published); err != nil {
			return p, err
		}
	}
	r := &run{Options: o, corpus: s.corpus}
	parent, fixed, err := r.parent(ctx)
	if err != nil {
		return p, err
	}
	if err := r.checkFixed(fixed); err != nil {
		return p, err
	}
	d, err := intake.Plan(ctx, o.intake(), parent)
	if err != nil {
		return p, err
	}
	p.Skipped = d.Skipped
	if len(d.Plan.Files) > 0 {
		p.Plan = d.Plan
	}
	// What an earlier try of the very same plan has written stays: it goes on from there.
	if err := lead(ctx); err != nil {
		return p, err
	}
	if err := s.corpus.Recover(ctx, p.Plan); err != nil {
		return p, err
	}
	if p.Plan == nil {
		if err := s.corpus.CheckAlarms(ctx, o.alarms(w.Force), &corpus.Totals{}); err != nil {
			return p, err
		}
		return p, s.forget(ctx, "")
	}
	if err := s.forget(ctx, p.Plan.Digest()); err != nil {
		return p, err
	}
	if err := s.checkRoom(ctx, p.Plan.Digest(), d.Spill); err != nil {
		return p, err
	}
	data, err := json.Marshal(p.Plan)
	if err != nil {
		return p, fmt.Errorf("encode plan: %w", err)
	}
	s.options.point("plan:made")
	if err := s.note(ctx, p.Plan.Digest(), func(t *ticket) error {
		identity, err := identify(ctx, s.out, o.Out, o.Access)
		*t = ticket{Corpus: identity.ID, ID: w.ID, Date: w.Date, Asked: o.asked(), Skipped: p.Skipped}
		return err
	}); err != nil {
		return p, err
	}
	if err := pipeline.WriteAll(ctx, s.runWork(p.Plan.Digest()), pipeline.PlanName, data); err != nil {
		return p, err
	}
	s.options.point("plan:stored")
	return p, nil
}

// note changes what is said of a run beside its plan. Nothing depends on it but what people see of an unfinished run.
func (s *Site) note(ctx context.Context, digest string, change func(*ticket) error) error {
	var t ticket
	err := pipeline.ReadJSON(ctx, s.runWork(digest), ticketName, &t)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t = ticket{}
	}
	if err := change(&t); err != nil {
		return err
	}
	data, err := json.Marshal(&t)
	if err != nil {
		return fmt.Errorf("encode what the run is for: %w", err)
	}
	return pipeline.WriteAll(ctx, s.runWork(digest), ticketName, data)
}

// rejected adds the files that versions have rejected, wholly or in part, to those that were published, as far as their sources are
// known here: a source that is not scanned has no other list of them.
func (s *Site) rejected(ctx context.Context, published []intake.Published) ([]intake.Published, error) {
	list, err := s.corpus.Rejected(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		if slices.ContainsFunc(s.options.Roots, func(r intake.Root) bool { return r.Name == f.Source }) {
			published = append(published, intake.Published{Source: f.Source, Path: f.Path})
		}
	}
	return published, nil
}

// Stands says whether a run that was stopped can be taken up as it is: its plan is there, by the same code and with the same
// settings, and all its files are as they were. If not, nothing of it was committed, and the next plan takes its files.
func (s *Site) Stands(ctx context.Context, digest string) bool {
	plan, err := s.Load(ctx, digest)
	if err != nil {
		return false
	}
	newest, err := s.corpus.Newest(ctx)
	if err != nil || newest != nil && newest.Version != plan.Parent || newest == nil && plan.Parent != 0 {
		return false
	}
	for i := range plan.Sources {
		for _, r := range s.options.Roots {
			if r.Name == plan.Sources[i].Name {
				plan.Sources[i].Root = r.Root
			}
		}
	}
	differs, err := intake.ChangedFile(ctx, plan, s.options.Access)
	return err == nil && differs == ""
}

// Stopped notes that limits or an alarm stopped a run, for those who look at it.
func (s *Site) Stopped(ctx context.Context, digest string, stopped *StoppedError) error {
	return s.note(ctx, digest, func(t *ticket) error {
		t.Stopped = stopped.Err.Error()
		return nil
	})
}

// checkRoom is checkRoom for a plan that nobody has begun; what an earlier try has written needs no room any more.
func (s *Site) checkRoom(ctx context.Context, digest string, need int64) error {
	if s.options.Work == "" {
		return nil
	}
	begun, err := s.runWork(digest).Open(ctx, pipeline.PlanName)
	if err == nil {
		return begun.Close()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return checkRoom(s.options.Work, need)
}

// Load reads the plan of a run and checks that this process would do it as it was meant: by the same code, with the same
// settings. If not, the error is a pipeline.ErrUsage that says what differs. IsGone tells a plan that is gone, or
// damaged.
func (s *Site) Load(ctx context.Context, digest string) (*pipeline.Plan, error) {
	data, err := pipeline.ReadAll(ctx, s.runWork(digest), pipeline.PlanName)
	if err != nil {
		return nil, err
	}
	var p pipeline.Plan
	if json.Unmarshal(data, &p) != nil || p.Digest() != digest {
		return nil, fmt.Errorf("run %s: %w", digest[:8], errPlanDamaged)
	}
	if p.Code != pipeline.CodeVersion {
		return nil, pipeline.WithHint(fmt.Errorf("%w: run %s was planned by code version %s, this is %s", pipeline.ErrUsage, digest[:8],
			p.Code, pipeline.CodeVersion), "give all processes the same version of millrace")
	}
	changed, err := s.options.Changed(p.Settings)
	if err != nil {
		return nil, err
	}
	if len(changed) > 0 {
		return nil, pipeline.WithHint(fmt.Errorf("%w: run %s was planned with other settings:\n  %s", pipeline.ErrUsage, digest[:8],
			strings.Join(changed, "\n  ")), "give all processes the same config")
	}
	return &p, nil
}

// Coordinate moves the run from phase to phase until the ledger is full. Others do the tasks.
func (s *Site) Coordinate(ctx context.Context, q pipeline.Queue, plan *pipeline.Plan) error {
	job, closing, err := s.files(plan)
	if err != nil {
		return err
	}
	defer closing()
	s.observeInput(plan)
	c := newCoordinator(q, s.options.Chain, job, s.options.Observer, s.options.Log, s.options.point)
	return stoppedAt(ctx, s.options.Formats, job, c.run(ctx))
}

// Work does tasks of the stages until ctx ends, or until taking ends and what was taken is done. A *RunError means that no
// worker can do the run.
func (s *Site) Work(ctx, taking context.Context, q pipeline.Queue, plan *pipeline.Plan, stages []string) error {
	job, closing, err := s.files(plan)
	if err != nil {
		return err
	}
	defer closing()
	r := &run{Options: s.options}
	return r.worker(q, job, plan.Digest(), stages).run(ctx, taking)
}

// Commit makes the version of a run whose ledger is full. Called again it returns what is said of the version that stands. A run
// that no document came through makes none: see Result.Barren. Lead is asked right before the version comes to be whether this process
// is still the coordinator. ErrMended says that the run has to be coordinated again.
func (s *Site) Commit(ctx context.Context, q pipeline.Queue, p Planned, run corpus.RunInfo, lead func(context.Context) error) (result Result, err error) {
	job, closing, err := s.files(p.Plan)
	if err != nil {
		return result, err
	}
	defer closing()
	// What workers that were killed left in the staging folder must not be moved into the corpus with it.
	if sweeper, ok := s.corpus.Out(p.Plan).(interface{ RemoveTemporaries(context.Context) error }); ok {
		if err := sweeper.RemoveTemporaries(ctx); err != nil {
			return result, err
		}
	}
	run.Tool = s.options.Tool
	read := &pulse{}
	result, err = s.commit(withPulse(ctx, read), job, p, run, lead)
	if err != nil && mayBeDamage(ctx, err) {
		found, mendErr := newMender(q, s.options.Chain, job, s.options.Log).mend(ctx, read.names())
		if found && mendErr == nil {
			return result, ErrMended
		}
		err = errors.Join(err, mendErr)
	}
	return result, stoppedAt(ctx, s.options.Formats, job, err)
}

func (s *Site) commit(ctx context.Context, job *pipeline.Job, p Planned, run corpus.RunInfo, lead func(context.Context) error) (result Result, err error) {
	nothing, err := barrenResult(ctx, s.options.Formats, job, p.Skipped)
	if err != nil {
		return result, err
	}
	if nothing != nil {
		nothing.ID, nothing.Date = run.ID, run.Date
		return *nothing, s.corpus.CheckAlarms(ctx, s.options.alarms(p.Force), nothing.totals())
	}
	m, err := s.corpus.Commit(ctx, corpus.CommitInput{
		Job: job, Skipped: p.Skipped, Alarms: s.options.alarms(p.Force), Crash: s.options.point, Lead: lead, Run: run,
	})
	if err != nil {
		return result, err
	}
	return ResultOf(m), nil
}

// Corpus is the corpus of the site.
func (s *Site) Corpus() *corpus.Corpus { return s.corpus }

// forget removes the work of every run but the one of this digest, which may be "".
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

// Drop removes the work of one run.
func (s *Site) Drop(ctx context.Context, digest string) error {
	return s.work.Remove(ctx, runFolder(digest))
}

func (s *Site) runWork(digest string) pipeline.Store { return s.work.Sub(runFolder(digest)) }

// files is the run as this process sees it: a source that this process has under another path is opened there.
func (s *Site) files(plan *pipeline.Plan) (job *pipeline.Job, closing func(), err error) {
	mounted := append([]pipeline.Source(nil), plan.Sources...)
	for i := range mounted {
		for _, r := range s.options.Roots {
			if r.Name == mounted[i].Name {
				mounted[i].Root = r.Root
			}
		}
	}
	sources, err := store.OpenSources(mounted, s.options.Access)
	if err != nil {
		return nil, nil, err
	}
	job = &pipeline.Job{
		Plan:    plan,
		Chain:   s.options.Chain,
		Work:    watchedStore{s.runWork(plan.Digest()), s.options.Hook},
		Out:     watchedStore{s.corpus.Out(plan), s.options.Hook},
		Corpus:  s.out,
		Sources: watchedSources{sources},
	}
	return job, func() { _ = sources.Close() }, nil // read only
}

func (s *Site) observeInput(plan *pipeline.Plan) {
	if o, ok := s.options.Observer.(LedgerObserver); ok {
		o.Begin(plan, s.options.Chain)
	}
	s.options.Observer.InputBytes(plan.InputBytes())
}

var errPlanDamaged = errors.New("the plan is damaged")

// IsGone says that a run's work is not there, or of no use: it has ended, or is about to be planned anew.
func IsGone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errPlanDamaged) }

// ErrMended says that a commit met damaged work files. They are being made anew: the tasks have to be waited for once more.
var ErrMended = errors.New("work files are damaged, and made anew")
