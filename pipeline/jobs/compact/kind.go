package compact

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/versioned"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Name is the word for this kind of job.
const Name = "compact"

// format is that of the shards, old and new. What a corpus holds in others stays as it is.
var format = pipeline.ParquetTable

// Options say how compactions are planned.
type Options struct {
	versioned.Corpus

	ShardBytes int64                 // text of a full-sized shard
	Table      columnar.TableOptions // how a shard is written; its codec, its level and the size of its row groups have a part in the result
}

// Kind is engine.Kind for compactions.
type Kind struct {
	versioned.Kind[Result]

	options Options
}

// New makes the kind.
func New(o Options) *Kind { return &Kind{versioned.New(Name, o.Corpus, ResultOf), o} }

// Chain implements engine.Kind.
func (k *Kind) Chain() pipeline.Chain {
	shards := func(_ context.Context, job *pipeline.Job) (int, error) {
		b, err := bodyOf(job.Plan)
		if err != nil {
			return 0, err
		}
		return len(b.Ends), nil
	}
	signals := func(_ context.Context, job *pipeline.Job) (int, error) {
		b, err := bodyOf(job.Plan)
		if err != nil {
			return 0, err
		}
		return len(b.Signals), nil
	}
	spec := pipeline.StageSpec{Name: "rewrite", Out: []string{format.Folder}, Sums: true, Runner: rewriter{k.options.Table}}
	beside := pipeline.StageSpec{Name: "align", Out: []string{pipeline.SignalTable.Folder}, Runner: aligner{k.options.Tables}}
	return pipeline.Chain{{Name: "rewrite", Tracks: []pipeline.Track{
		{Tasks: shards, Stages: []pipeline.StageSpec{spec}}, {Tasks: signals, Stages: []pipeline.StageSpec{beside}},
	}}}
}

// Plan implements engine.Kind.
func (k *Kind) Plan(ctx context.Context, s *engine.Site, _ engine.Request) (d engine.Draft, err error) {
	d.Plan, err = plan(ctx, k.Open(s), k.options)
	d.Asked = []string{s.Options().Out}
	return d, err
}

// Accept implements engine.Kind: all that a compaction goes by is in its plan.
func (*Kind) Accept(*pipeline.Plan) error { return nil }

// Result is what a compaction ends with: the object that `compact --json` prints.
type Result struct {
	Version  int    `json:"version"` // 0: there was nothing to gain
	Compacts []int  `json:"compacts,omitempty"`
	Shards   int    `json:"shards,omitempty"`
	KeptIDs  string `json:"kept_ids,omitempty"`
	Digest   string `json:"digest,omitempty"`
	// LostOnceFreed are versions that can be dropped until a GC frees the shards that were compacted, and not any more behind it.
	LostOnceFreed []int `json:"lost_once_freed,omitempty"`
}

// ResultOf is what the manifest of a version says of the compaction that made it.
func ResultOf(m *manifest.Manifest) Result {
	return Result{Version: m.Version, Compacts: m.Compacts, Shards: len(m.In(&format)), KeptIDs: m.KeptIDs, Digest: m.Digest}
}

// Commit implements engine.Kind. Before it commits it reads what was written and compares it with what the manifests of the runs say.
func (k *Kind) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, in engine.Commit) (o engine.Outcome, err error) {
	c := k.Open(s)
	m, err := c.Base(ctx, job.Plan)
	if err != nil {
		return o, err
	}
	if m == nil {
		if m, err = manifestOf(ctx, c, job, in.Info); err != nil {
			return o, err
		}
		s.Options().Point("compact:checked")
		m, err = c.Add(ctx, job.Plan, m, in.Lead, s.Options().Point)
	} else {
		err = c.Finish(ctx, m)
	}
	if err != nil {
		return o, err
	}
	r := ResultOf(m)
	r.LostOnceFreed, err = c.LostOnceFreed(ctx, m)
	return engine.Outcome{Result: r}, err
}

// manifestOf is that of the version.
func manifestOf(ctx context.Context, c *corpus.Corpus, job *pipeline.Job, info engine.Info) (*manifest.Manifest, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	b, err := bodyOf(job.Plan)
	if err != nil {
		return nil, err
	}
	m := v.Newest.Successor(manifest.KindCompact, manifest.Ran(info).Info())
	m.Live, m.Plan, m.Compacts = append(m.Live, m.Version), job.Plan.Digest(), slices.Clone(b.Compacts)
	for stage, want := range map[string]int{"rewrite": len(b.Ends), "align": len(b.Signals)} {
		if want == 0 {
			continue
		}
		entries, err := job.Entries(ctx, stage)
		if err != nil {
			return nil, err
		}
		if len(entries) != want { // invariant 4
			return nil, fmt.Errorf("stage %s has %d ledger entries, the plan has %d tasks", stage, len(entries), want)
		}
		for _, e := range entries {
			for _, out := range e.Outputs {
				m.Files = append(m.Files, dataset.FileOf(out))
			}
		}
	}
	slices.SortFunc(m.Files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range b.Shards {
		m.Removes = append(m.Removes, f.Path)
	}
	m.Removes = append(m.Removes, b.Replaces...)
	slices.Sort(m.Removes)
	m.Index, m.Digest = v.Index(), dataset.Digest(m.Files)
	if m.Holds, err = holds(ctx, c, &v, b, m.Files); err != nil {
		return nil, err
	}
	m.KeptIDs, err = check(ctx, c, c.Committing(job.Out), append(list, m))
	return m, err
}

// holds says whose documents the new shards hold: those of the old ones, in their order.
func holds(ctx context.Context, c *corpus.Corpus, v *manifest.View, b *body, files []dataset.File) ([]manifest.Holding, error) {
	of := map[string][]manifest.Holding{}
	for i := range c.Formats() {
		for _, s := range manifest.Positions(v.In(&c.Formats()[i])) {
			of[s.Path] = s.Holds
		}
	}
	var rows []manifest.Holding
	for _, f := range b.Shards {
		rows = append(rows, of[f.Path]...)
	}
	list := manifest.Hold(inFormat(files, &format), rows)
	if len(b.Signals) > 0 { // they are of the same documents, shard by shard
		for _, path := range b.Beside {
			rows = append(rows, of[path]...)
		}
		list = append(list, manifest.Hold(inFormat(files, &pipeline.SignalTable), rows)...)
	}
	tables, err := c.WithdrawnTables(ctx)
	if err != nil {
		return nil, err
	}
	gone, err := withdrawn.ReadMask(ctx, c.Store(), tables...)
	for i, h := range list {
		list[i].First = gone.Rank(h.Version, h.First)
	}
	return list, err
}

// inFormat are those of some files that are in a format.
func inFormat(files []dataset.File, format *pipeline.TableFormat) []dataset.File {
	return slices.DeleteFunc(slices.Clone(files), func(f dataset.File) bool { return !format.Holds(f.Path) })
}

// check reads the shards that were written, and returns the digest of their ids. Of each run whose documents they hold there must be the
// documents, in number, order, characters and bytes, that its manifest says (invariant 7): those that are live behind the compaction,
// which is the last of the list, and those that were withdrawn.
func check(ctx context.Context, c *corpus.Corpus, out pipeline.Store, list []*manifest.Manifest) (digest string, err error) {
	m := list[len(list)-1]
	all := corpus.NewContents()
	for _, f := range m.In(&format) {
		if err := all.Add(ctx, out, &format, f); err != nil {
			return "", err
		}
	}
	v := manifest.ViewOf(list)
	gone, err := c.ReadGone(ctx, &v, m.Compacts)
	if err != nil {
		return "", err
	}
	kept, err := c.Rebuild(ctx, out, &v, m.Compacts, gone, func(_ dataset.File, read func() error) error { return read() })
	if err != nil {
		return "", err
	}
	for _, version := range m.Compacts {
		run, got := v.Made[version], kept[version]
		t := &run.Totals
		if got.Rows != t.Documents.Kept || got.Chars != t.Chars || got.Bytes != t.KeptBytes || got.Digest() != run.KeptIDs {
			return "", fmt.Errorf("version %d has %d documents with %d characters, %d bytes and ids %s; compacted they are %d, %d, %d and %s",
				version, t.Documents.Kept, t.Chars, t.KeptBytes, run.KeptIDs, got.Rows, got.Chars, got.Bytes, got.Digest())
		}
	}
	return all.Digest(), nil
}

// Run compacts a corpus in this process: by the first of the kinds of o that is a compaction. A compaction that was interrupted is gone
// on with.
func Run(ctx context.Context, o engine.Options) (Result, error) {
	return engine.OnceOf[Result](ctx, o, Name, nil)
}
