package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// The commit of a version, step by step, and what a crash behind each step leaves. The names are those of CommitInput.Crash.
//
//	step                 what is there afterwards                      what the next call of Commit does
//	commit:checked       nothing new; what tasks over dead splits may  starts over
//	                     have left in the version's folders is gone
//	commit:tables        ledger tables in the staging folder           writes them again, same bytes
//	commit:moved:<name>  some folders in place, without a manifest:    accepts those that hold exactly the files expected, by
//	                     no reader sees them                           size and digest; moves the rest
//	commit:placed        all folders in place                          accepts them all
//	commit:manifest      the version exists (invariant 6)              finds its own manifest; card and tidying are left
//	(see settle)         files and card are on their way               goes on with it
//	commit:card          the card is that of the new version           tidies up
//	commit:done          the staging folder is gone                    nothing; returns the manifest
//
// If the run is not taken up again, or the work folder is lost, Recover removes what has no manifest. On a store that
// cannot move folders the files are written where they stay; the steps are the same without the moves.

// CommitInput is what Commit needs of a run whose stages are over.
type CommitInput struct {
	// Job is the finished run: the phase files of all stages, the shard plan, verdicts, spills and accounts in Work, the
	// files of the version in Out, which must be the store that Out returns.
	Job *pipeline.Job
	// Skipped is the number of files that were listed, but are in the corpus already.
	Skipped int64
	// Languages are named in the card: codes such as zh. They are not part of the run digest.
	Languages []string
	// About is what people say of the corpus for its card; it may be nil, and is no part of the run digest either.
	About *manifest.About
	// Run says when and where; not part of the run digest.
	Run manifest.RunInfo
	// Alarms, which may be nil, stop the commit behind commit:tables, where nothing is in place; called again without them it
	// goes on.
	Alarms *Alarms
	// Lead, which may be nil, is asked right before the manifest is made whether the caller still has the corpus.
	Lead func(context.Context) error
	// Crash is called with the name of every step that was just taken, for tests that stop there. It may be nil.
	Crash func(point string)
}

// orNothing is crash, or what does nothing where there is none.
func orNothing(crash func(point string)) func(point string) {
	if crash == nil {
		return func(string) {}
	}
	return crash
}

// Finish does what may be left of a commit whose manifest stands: the places of files, the card, and the end of the staging folder. It is for
// those who take over from a process that died in Commit, and have nothing else of the run any more.
func (c *Corpus) Finish(ctx context.Context, m *manifest.Manifest) error {
	return c.finish(ctx, c.staging(m.Plan), orNothing(nil))
}

// Made returns the version that the plan of a digest made, if it is the newest, and does what may be left of its commit; without a plan,
// the version that the run of an id made. It is nil if there is none.
func (c *Corpus) Made(ctx context.Context, id, plan string) (*manifest.Manifest, error) {
	if plan == "" {
		return c.ByRun(ctx, id)
	}
	m, err := c.Newest(ctx)
	if err != nil || m == nil || m.Plan != plan {
		return nil, err
	}
	return m, c.Finish(ctx, m)
}

// Out is the store for Job.Out: the staging folder where the store can move folders, the corpus itself where it cannot.
func (c *Corpus) Out(plan *pipeline.Plan) pipeline.Store {
	s := c.staging(plan.Digest())
	return s.Out()
}

// Committing reads the files of a version that is being committed: from where its tasks wrote them, or from their places.
func (c *Corpus) Committing(out pipeline.Store) pipeline.Store {
	return dataset.Either(out, c.files)
}

// Commit makes a version of a finished run and returns its manifest. It checks first that everything adds up
// (invariant 7). Called again after a crash, also after it had succeeded, it ends in the same bytes. If another run has
// committed since the plan was made, the error is a pipeline.ErrExists and nothing changes.
func (c *Corpus) Commit(ctx context.Context, in CommitInput) (*manifest.Manifest, error) {
	crash := orNothing(in.Crash)
	plan := in.Job.Plan
	done, err := c.Base(ctx, plan)
	if err != nil {
		return nil, err
	}
	if done != nil {
		return done, c.finish(ctx, c.staging(done.Plan), crash)
	}
	outcome, err := readOutcome(ctx, in.Job, c.homeOf(plan))
	if err != nil {
		return nil, err
	}
	if err := forgetDead(ctx, in.Job, outcome.splits); err != nil {
		return nil, err
	}
	crash("commit:checked")
	m, err := c.manifest(ctx, in, outcome)
	if err != nil {
		return nil, err
	}
	crash("commit:tables")
	if err := c.CheckAlarms(ctx, in.Alarms, m); err != nil {
		return nil, err
	}
	return c.Add(ctx, plan, m, in.Lead, crash)
}

// Add makes a version of files that lie in what Out returns: it brings their folders to their places and creates the manifest
// (invariant 6), by the steps of Commit from commit:placed on. Lead and crash are as in CommitInput.
func (c *Corpus) Add(ctx context.Context, plan *pipeline.Plan, m *manifest.Manifest, lead func(context.Context) error, crash func(string)) (*manifest.Manifest, error) {
	staging := c.staging(plan.Digest())
	if err := c.nameSignals(ctx, plan, m); err != nil {
		return nil, err
	}
	if err := staging.Place(ctx, m.Files, crash); errors.Is(err, pipeline.ErrExists) {
		return nil, pipeline.WithHint(err, "start again: what belongs to no version is removed at the start")
	} else if err != nil {
		return nil, err
	}
	crash("commit:placed")
	if err := c.create(ctx, m, lead); errors.Is(err, pipeline.ErrExists) {
		if m, err = c.Base(ctx, plan); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	crash("commit:manifest")
	return m, c.finish(ctx, staging, crash)
}

// PlanBehind is the plan of a job whose version comes behind the newest one, with a body of its kind.
func PlanBehind(newest *manifest.Manifest, kind string, settings json.RawMessage, body any) (*pipeline.Plan, error) {
	what, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return &pipeline.Plan{
		Kind: kind, Code: pipeline.CodeVersion, Version: newest.Version + 1, Parent: newest.Version, Live: newest.Live, Settings: settings, Body: what,
	}, nil
}

// Base checks that the newest version is the one that a plan was made on. If the plan's own version is there already it is returned.
func (c *Corpus) Base(ctx context.Context, plan *pipeline.Plan) (done *manifest.Manifest, err error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	newest, live := 0, []int(nil)
	for _, m := range list {
		if m.Version == plan.Version && m.Plan == plan.Digest() {
			return m, nil
		}
		newest, live = m.Version, m.Live
	}
	if newest != plan.Parent || plan.Version <= newest {
		return nil, fmt.Errorf("version %d was planned on version %d, but the newest is %d: %w",
			plan.Version, plan.Parent, newest, pipeline.ErrExists)
	}
	if !slices.Equal(live, plan.Live) {
		return nil, fmt.Errorf("version %d was planned on the live versions %v, but they are %v", plan.Version, plan.Live, live)
	}
	return nil, nil
}

// manifest writes the ledger tables and adds everything up.
func (c *Corpus) manifest(ctx context.Context, in CommitInput, o *outcome) (*manifest.Manifest, error) {
	plan, err := ingest.PlanOf(in.Job)
	if err != nil {
		return nil, err
	}
	m := &manifest.Manifest{
		Format: manifest.Format, Version: plan.Version, Parent: plan.Parent, Live: append(slices.Clone(plan.Live), plan.Version),
		Index: indexBehind(plan), Code: in.Job.Plan.Code, KeyText: ingest.KeyText, Plan: in.Job.Plan.Digest(), Reasons: manifest.NewReasons(), Counters: o.counters,
		Languages: append([]string{}, in.Languages...), Settings: in.Job.Plan.Settings, Files: slices.Clone(o.files), Run: in.Run, Tables: c.formats,
		About: in.About,
	}
	m.Run.Roots = plan.Places()
	m.AddedBeside = slices.ContainsFunc(plan.Files, func(f ingest.File) bool { return f.Changed && !f.Replaces && f.Reject == "" })
	for _, s := range plan.Sources {
		m.Sources = append(m.Sources, s.Name)
	}
	if len(m.Settings) == 0 {
		m.Settings = []byte("{}")
	}
	t := &m.Totals
	t.Files.Skipped = in.Skipped
	t.Files.Listed = in.Skipped + int64(len(plan.Files))
	for _, e := range o.splits {
		t.Documents.Read += e.Sum.In
	}
	accounts := &accountant{job: in.Job, plan: plan, outcome: o, totals: t, reasons: &m.Reasons}
	duplicates := &duplicateWriter{job: in.Job, plan: plan, outcome: o, totals: t}
	vanished := func(ctx context.Context) (dataset.File, error) { return c.writeVanished(ctx, in.Job, plan) }
	tables, err := writeSideBySide(ctx, [][]tableWriter{
		{accounts.writeRejects, accounts.writeFiles}, // the second needs what the first counts
		{accounts.writeTimes}, {accounts.writeDigests}, {accounts.writePages}, {duplicates.write}, {vanished},
	})
	if err != nil {
		return nil, err
	}
	m.Files = append(m.Files, tables...)
	if err := c.withdraw(ctx, in.Job, plan, m); err != nil {
		return nil, err
	}
	slices.SortFunc(m.Files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	if err := c.weigh(ctx, in.Job.Out, m, o); err != nil {
		return nil, err
	}
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("version %d does not add up: %w", m.Version, err)
	}
	if m.Retried, err = c.retried(ctx, plan); err != nil {
		return nil, err
	}
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	m.Lines = v.Lines()
	if plan.MergeRuns > 0 {
		m.Removes = append(m.Removes, v.Merged(m.Index)...)
	}
	Recounted(&v, m, plan.Counting)
	slices.Sort(m.Removes)
	m.Digest = dataset.Digest(m.Files)
	return m, nil
}

// tableWriter writes a table, or none: then the file has no path.
type tableWriter func(context.Context) (dataset.File, error)

// writeSideBySide writes the tables of each chain one after the other, and the chains side by side: what the writers of one count, those of
// others do not touch.
func writeSideBySide(ctx context.Context, chains [][]tableWriter) ([]dataset.File, error) {
	files := make([][]dataset.File, len(chains))
	g, ctx := errgroup.WithContext(ctx)
	for i, chain := range chains {
		g.Go(func() error {
			for _, write := range chain {
				f, err := write(ctx)
				if err != nil {
					return err
				}
				if f.Path != "" {
					files[i] = append(files[i], f)
				}
			}
			return nil
		})
	}
	err := g.Wait()
	return slices.Concat(files...), err
}

// weigh reads what the sinks and vocab wrote and checks that both saw the same text.
func (c *Corpus) weigh(ctx context.Context, out pipeline.Store, m *manifest.Manifest, o *outcome) error {
	from := c.Committing(out)
	t := &m.Totals
	t.KeptBytes = o.bytes
	shards := m.Shards()
	kept := NewContents()
	for _, f := range shards {
		if err := kept.Add(ctx, from, c.formats.Of(f.Path), f); err != nil {
			return err
		}
	}
	if len(shards) > 0 {
		if kept.Rows != t.Documents.Kept || kept.Bytes != o.bytes {
			return fmt.Errorf("the shards hold %d documents with %d bytes, resolve kept %d with %d", kept.Rows, kept.Bytes, t.Documents.Kept, o.bytes)
		}
		m.KeptIDs = kept.Digest()
		gone := map[string]manifest.SourceText{}
		for _, s := range m.BySource { // of a run that withdraws
			gone[s.Name] = s.Withdrawn
		}
		m.BySource = bySource(kept.BySource, gone)
	}
	t.Chars = kept.Chars
	f, ok := m.Find(pipeline.VocabFolder, CharsTable)
	if !ok {
		return nil
	}
	v, err := ReadVocabulary(ctx, from, f)
	if err != nil {
		return err
	}
	if len(shards) > 0 && v.newCount != kept.Chars {
		return fmt.Errorf("%s counts %d new characters, the shards hold %d", f.Path, v.newCount, kept.Chars)
	}
	v.Put(t)
	return nil
}

// indexBehind is the index behind a run: the last of its parent's runs of keys are one, if the plan merges them, and the
// version's own is new. It is never among those that are merged, so that a drop finds the index of the version before.
func indexBehind(plan *ingest.Plan) (index []manifest.IndexRun) {
	index = MergedIndex(plan.Runs, plan.MergeRuns, plan.Version)
	return append(index, manifest.IndexRun{Versions: []int{plan.Version}, Made: plan.Version})
}

// MergedIndex are runs of keys of which a version makes the last ones one, 0 for none.
func MergedIndex(runs []ingest.IndexRun, merge, version int) (index []manifest.IndexRun) {
	merged := manifest.IndexRun{Made: version}
	for i, r := range runs {
		if i < len(runs)-merge {
			index = append(index, manifest.IndexRun{Versions: r.Versions, Made: r.Made})
			continue
		}
		merged.Versions = append(merged.Versions, r.Versions...)
	}
	if merge > 0 {
		index = append(index, merged)
	}
	return index
}

// finish does what is left once the manifest stands: the places of files, the card, and the end of the staging folder.
func (c *Corpus) finish(ctx context.Context, s dataset.Staging, crash func(string)) error {
	if err := c.settle(ctx, crash); err != nil {
		return err
	}
	crash("commit:card")
	if err := s.Clear(ctx); err != nil {
		return err
	}
	crash("commit:done")
	return nil
}
