package ingest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/store"
)

// Name is the word for this kind of job.
const Name = ingest.Kind

// Kind is engine.Kind for ingests.
type Kind struct{ options Options }

var (
	_ engine.Mounter  = (*Kind)(nil)
	_ engine.Examiner = (*Kind)(nil)
	_ engine.Resumer  = (*Kind)(nil)
	_ engine.Locator  = (*Kind)(nil)
)

// New makes the kind with options that hold for all of its jobs. ID, Date, Published, Force, RetryRejected and Restart are those of a
// request instead.
func New(o Options) *Kind { return &Kind{o} }

// Name implements engine.Kind.
func (*Kind) Name() string { return Name }

// Chain implements engine.Kind.
func (k *Kind) Chain() pipeline.Chain { return k.options.Chain }

// Plan implements engine.Kind: over the roots of the options and the published files.
func (k *Kind) Plan(ctx context.Context, s *engine.Site, r engine.Request) (d engine.Draft, err error) {
	p := planner{k.options, k.options.open(s.Out())}
	p.RetryRejected, p.Moved = r.Retry, r.Moved
	for _, f := range r.Files {
		p.Published = append(p.Published, intake.Published{Source: f.Source, Path: f.Path, Digest: f.Digest})
	}
	if r.Retry {
		if err := p.addRejected(ctx); err != nil {
			return d, err
		}
	}
	draft, err := p.draft(ctx)
	if err != nil {
		return d, err
	}
	if err := remember(ctx, p.corpus, draft.Plan.Parent, draft.Learned); err != nil {
		return d, err
	}
	d = engine.Draft{Plan: draft.Sealed, Skipped: draft.Skipped, Room: draft.Spill, Asked: p.asked()}
	if !draft.Plan.Nothing() {
		return d, nil
	}
	d.Plan = nil
	return d, p.corpus.CheckAlarms(ctx, p.alarms(r.Force), &manifest.Manifest{})
}

// addRejected adds the files that versions have rejected, wholly or in part, to those that were published, as far as their sources are
// known here: a source that is not scanned has no other list of them.
func (r *planner) addRejected(ctx context.Context) error {
	list, err := r.corpus.Rejected(ctx)
	if err != nil {
		return err
	}
	for _, f := range list {
		if slices.ContainsFunc(r.Roots, func(root intake.Root) bool { return root.Name == f.Source }) {
			r.Published = append(r.Published, intake.Published{Source: f.Source, Path: f.Path})
		}
	}
	return nil
}

// Accept implements engine.Kind: the settings have to be those of the plan.
func (k *Kind) Accept(p *pipeline.Plan) error {
	return corpus.Changed(k.options.Changed).CheckPlanned(p, "run")
}

// Job implements engine.Kind. A source that this process has under another path is opened there.
func (k *Kind) Job(s *engine.Site, p *pipeline.Plan) (*pipeline.Job, func(), error) {
	plan, err := ingest.Open(p)
	if err != nil {
		return nil, nil, err
	}
	sources, err := store.OpenSources(k.mounted(plan), k.options.Access)
	if err != nil {
		return nil, nil, err
	}
	c := k.options.open(s.Out())
	job := &pipeline.Job{Plan: p, Out: c.Out(p), Corpus: c.Files(), Sources: sources, InputBytes: plan.InputBytes()}
	return job, func() { _ = sources.Close() }, nil // read only
}

// mounted are the sources of a plan where this process has them.
func (k *Kind) mounted(plan *ingest.Plan) []pipeline.Source {
	mounted := slices.Clone(plan.Sources)
	for i := range mounted {
		for _, r := range k.options.Roots {
			if r.Name == mounted[i].Name {
				mounted[i].Root = r.Root
			}
		}
	}
	return mounted
}

// Roots implements engine.Mounter: by their numbers in the plan.
func (k *Kind) Roots(p *pipeline.Plan) (map[string]string, error) {
	plan, err := ingest.Open(p)
	if err != nil {
		return nil, err
	}
	roots := map[string]string{}
	for i, s := range plan.Sources {
		roots[strconv.Itoa(i)] = s.Root
	}
	return roots, nil
}

// Mount implements engine.Mounter.
func (k *Kind) Mount(p *pipeline.Plan, roots map[string]string) (*pipeline.Plan, error) {
	at := map[int]string{}
	for key, root := range roots {
		i, err := strconv.Atoi(key)
		if err != nil {
			return nil, fmt.Errorf("source %q of plan %s: it is called by its number", key, p.Digest())
		}
		at[i] = root
	}
	return ingest.Mounted(p, at)
}

// Parts implements engine.Locator: the pieces of a split.
func (*Kind) Parts(p *pipeline.Plan, task int) (parts []engine.Part) {
	plan, err := ingest.Open(p)
	if err != nil || task < 0 || task >= len(plan.Splits) {
		return nil // a plan that cannot be read fails the job, and says so
	}
	for _, piece := range plan.Splits[task].Pieces {
		f := &plan.Files[piece.File]
		parts = append(parts, engine.Part{
			Source: plan.SourceName(int32(piece.File)), Path: f.Path, FileBytes: f.Bytes, ModTime: f.ModTime,
			Offset: piece.Start, Bytes: piece.End - piece.Start,
		})
	}
	return parts
}

// Commit implements engine.Kind: it makes the version of a run whose tasks are done, or says why there is none to make.
func (k *Kind) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, in engine.Commit) (o engine.Outcome, err error) {
	c := k.options.open(s.Out())
	nothing, err := barrenResult(ctx, k.options.Formats, job, in.Skipped)
	if err != nil {
		return o, err
	}
	if nothing != nil {
		nothing.ID, nothing.Date = in.Info.ID, in.Info.Date
		return engine.Outcome{Result: *nothing, Nothing: true}, c.CheckAlarms(ctx, k.options.alarms(in.Force), nothing.asVersion())
	}
	m, err := c.Commit(ctx, corpus.CommitInput{
		Job: job, Skipped: in.Skipped, Alarms: k.options.alarms(in.Force), Crash: s.Options().Point, Lead: in.Lead, Run: manifest.Ran(in.Info).Info(),
		About: k.options.About,
	})
	if err != nil {
		return o, err
	}
	r := ResultOf(m)
	r.LostOnceFreed, err = c.LostOnceFreed(ctx, m)
	return engine.Outcome{Result: r}, err
}

// Made implements engine.Kind. What is left of a commit whose manifest stands is done.
func (k *Kind) Made(ctx context.Context, s *engine.Site, id, plan string) (*engine.Outcome, error) {
	m, err := k.options.open(s.Out()).Made(ctx, id, plan)
	if err != nil || m == nil {
		return nil, err
	}
	return &engine.Outcome{Result: ResultOf(m), Plan: m.Plan, Date: m.Run.Date}, nil
}

// Recover implements engine.Kind.
func (k *Kind) Recover(ctx context.Context, s *engine.Site, p *pipeline.Plan) error {
	return k.options.open(s.Out()).Recover(ctx, p)
}

// Examine implements engine.Examiner.
func (k *Kind) Examine(ctx context.Context, job *pipeline.Job, err error) error {
	return stoppedAt(ctx, k.options.Formats, job, err)
}

// Stands implements engine.Resumer: all files of the plan have to be as they were.
func (k *Kind) Stands(ctx context.Context, s *engine.Site, p *pipeline.Plan) bool {
	newest, err := k.options.open(s.Out()).Newest(ctx)
	if err != nil || newest != nil && newest.Version != p.Parent || newest == nil && p.Parent != 0 {
		return false
	}
	plan, err := ingest.Open(p)
	if err != nil {
		return false
	}
	here := *plan
	here.Sources = k.mounted(plan)
	differs, err := intake.ChangedFile(ctx, &here, k.options.Access)
	return err == nil && differs == ""
}
