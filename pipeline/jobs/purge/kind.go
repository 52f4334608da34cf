package purge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/versioned"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Name is the word for this kind of job.
const Name = "purge"

// Options say how purges are planned and done.
type Options struct {
	versioned.Corpus

	// Compared returns those of some files of compared texts that hold the text of a withdrawn document.
	Compared func(ctx context.Context, s pipeline.Store, names []string, mask *withdrawn.Mask) ([]string, error)
	// Forget does what Forgetting says of a plan.
	Forget pipeline.StageSpec
}

// Kind is engine.Kind for purges.
type Kind struct {
	versioned.Kind[Result]

	options Options
}

// New makes the kind.
func New(o Options) *Kind { return &Kind{versioned.New(Name, o.Corpus, ResultOf), o} }

// Chain implements engine.Kind.
func (k *Kind) Chain() pipeline.Chain {
	tables := func(_ context.Context, job *pipeline.Job) (int, error) {
		b, err := bodyOf(job.Plan)
		if err != nil {
			return 0, err
		}
		return len(b.Rejects), nil
	}
	index := func(_ context.Context, job *pipeline.Job) (int, error) {
		f, err := Forgetting(job.Plan)
		if err != nil {
			return 0, err
		}
		return f.Tasks(), nil
	}
	blank := pipeline.StageSpec{Name: stageBlank, Out: []string{pipeline.LedgerFolder}, Runner: blanker{}}
	return pipeline.Chain{{Name: "purge", Tracks: []pipeline.Track{
		{Tasks: tables, Stages: []pipeline.StageSpec{blank}},
		{Tasks: index, Stages: []pipeline.StageSpec{k.options.Forget}},
	}}}
}

const stageBlank = "blank"

// blanker is the Runner of blank.<table>: it writes a table of rejects without excerpts.
type blanker struct{}

// Run implements pipeline.Runner.
func (blanker) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(b.Rejects) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d tables", task, len(b.Rejects)))
	}
	out, err := corpus.WithoutExcerpts(ctx, job, &b.Rejects[task.Index])
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: out.Rows, Bytes: out.Bytes, Outputs: []pipeline.Output{out},
	}, err
}

// Plan implements engine.Kind. The parameters of the request are Params, if it has any. There is always something to do: see Commit.
func (k *Kind) Plan(ctx context.Context, s *engine.Site, r engine.Request) (d engine.Draft, err error) {
	var p Params
	if len(r.Params) > 0 {
		if err := json.Unmarshal(r.Params, &p); err != nil {
			return d, fmt.Errorf("%w: parameters of a purge: %w", pipeline.ErrUsage, err)
		}
	}
	d.Plan, err = k.plan(ctx, k.Open(s), p)
	d.Asked = []string{s.Options().Out}
	return d, err
}

// Accept implements engine.Kind: all that a purge goes by is in its plan.
func (*Kind) Accept(*pipeline.Plan) error { return nil }

// Result is what a purge ends with: the object that `purge --json` prints.
type Result struct {
	Version   int    `json:"version"`            // 0: nothing had to be written anew or left out
	Withdrawn int64  `json:"withdrawn"`          // documents that live versions have withdrawn
	Blocking  int64  `json:"blocking"`           // of these: what equals or resembles them is rejected, by keys of theirs that stay
	Excerpts  int    `json:"excerpts,omitempty"` // tables that were written without excerpts
	Index     int    `json:"index,omitempty"`    // files of the index that were written anew
	LeftOut   int    `json:"left_out,omitempty"` // files that were left out
	Freed     int    `json:"freed,omitempty"`    // files and folders that were removed
	Bytes     int64  `json:"bytes,omitempty"`    // of them
	Archived  int    `json:"archived,omitempty"` // old versions of objects that the bucket had kept, and that were removed
	Digest    string `json:"digest,omitempty"`   // of the version
}

// Commit implements engine.Kind. Whether or not there is a version, what the newest one does not need is removed.
func (k *Kind) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, in engine.Commit) (o engine.Outcome, err error) {
	c := k.Open(s)
	b, err := bodyOf(job.Plan)
	if err != nil {
		return o, err
	}
	m, err := c.Base(ctx, job.Plan)
	switch {
	case err != nil:
		return o, err
	case m != nil:
		err = c.Finish(ctx, m)
	case !b.nothing():
		if m, err = k.manifestOf(ctx, c, job, b, in.Info); err != nil {
			return o, err
		}
		s.Options().Point("purge:checked")
		m, err = c.Add(ctx, job.Plan, m, in.Lead, s.Options().Point)
	case in.Lead != nil:
		err = in.Lead(ctx)
	}
	if err != nil {
		return o, err
	}
	s.Options().Point("purge:committed")
	r := Result{}
	if m != nil {
		r = ResultOf(m)
	}
	if err := collect(ctx, s, c, job.Plan.Digest(), &r); err != nil {
		return o, err
	}
	mask, err := withdrawn.ReadMask(ctx, c.Files(), b.Withdrawn...)
	if err != nil {
		return o, err
	}
	for _, version := range mask.Versions() {
		for _, rank := range mask.Ranks(version) {
			r.Withdrawn++
			if mask.Blocks(version, rank) {
				r.Blocking++
			}
		}
	}
	return engine.Outcome{Result: r, Nothing: m == nil}, nil
}

// collect removes what the newest version does not need, and the work of jobs but the one of the digest.
func collect(ctx context.Context, s *engine.Site, c *corpus.Corpus, digest string, r *Result) error {
	report, err := c.GC(ctx, corpus.GCInput{Keep: 1, Crash: s.Options().Point})
	if err != nil {
		return err
	}
	r.Freed, r.Bytes = len(report.Freed), report.Bytes
	s.Options().Point("purge:collected")
	if r.Archived, _, err = c.Archived(ctx, true); err != nil {
		return err
	}
	return s.Clear(ctx, digest)
}

// ResultOf is what the manifest of a version says of the purge that made it.
func ResultOf(m *manifest.Manifest) Result {
	r := Result{Version: m.Version, Digest: m.Digest}
	r.Excerpts = len(m.Below(pipeline.LedgerFolder))
	r.Index = len(m.Below(pipeline.IndexFolder))
	r.LeftOut = len(m.Removes)
	return r
}

// manifestOf is that of the version.
func (k *Kind) manifestOf(ctx context.Context, c *corpus.Corpus, job *pipeline.Job, b *body, info engine.Info) (*manifest.Manifest, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	m := v.Newest.Successor(manifest.KindPurge, manifest.Ran(info).Info())
	m.Live, m.Plan = append(m.Live, m.Version), job.Plan.Digest()
	f, err := Forgetting(job.Plan)
	if err != nil {
		return nil, err
	}
	for stage, tasks := range map[string]int{stageBlank: len(b.Rejects), k.options.Forget.Name: f.Tasks()} {
		entries, err := job.Entries(ctx, stage)
		if err != nil {
			return nil, err
		}
		if len(entries) != tasks { // invariant 4
			return nil, fmt.Errorf("%s has %d ledger entries, the plan has %d tasks", stage, len(entries), tasks)
		}
		for i := range entries {
			for _, out := range entries[i].Outputs {
				m.Files = append(m.Files, dataset.FileOf(out))
			}
		}
	}
	slices.SortFunc(m.Files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	m.Index = corpus.MergedIndex(b.Runs, b.MergeRuns, m.Version)
	if b.MergeRuns == 0 {
		m.Index = v.Index()
	}
	m.Removes = append(v.Merged(m.Index), b.Drops...)
	m.Lines = slices.DeleteFunc(slices.Clone(v.Lines()), func(r manifest.IndexRun) bool {
		files, _ := v.LineKeys(r) // which the plan has asked for
		return slices.ContainsFunc(files, func(f dataset.File) bool { return slices.Contains(b.Drops, f.Path) })
	})
	m.Counted = slices.DeleteFunc(slices.Clone(v.Counted()), func(r manifest.CountedRuns) bool { return corpus.TellsWithdrawn(&v, r) })
	for _, e := range b.Rejects {
		m.Removes = append(m.Removes, e.Path)
	}
	for _, f := range b.Signatures {
		m.Removes = append(m.Removes, f.Path)
	}
	slices.Sort(m.Removes)
	m.Digest = dataset.Digest(m.Files)
	return m, nil
}

// Made implements engine.Kind. What is left of a commit whose manifest stands is done, of a plan also what comes behind.
func (k *Kind) Made(ctx context.Context, s *engine.Site, id, plan string) (*engine.Outcome, error) {
	c := k.Open(s)
	m, err := c.Made(ctx, id, plan)
	if err != nil || m == nil {
		return nil, err
	}
	r := ResultOf(m)
	if plan != "" {
		err = collect(ctx, s, c, plan, &r)
	}
	return &engine.Outcome{Result: r, Plan: m.Plan, Date: m.Run.Date}, err
}

// Run does a purge in this process: by the first of the kinds of o that is one. An unfinished job of another kind is given up.
func Run(ctx context.Context, o engine.Options, p Params) (Result, error) {
	return engine.OnceOf[Result](ctx, o, Name, &p)
}
