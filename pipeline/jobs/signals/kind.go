package signals

import (
	"bytes"
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
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/signal"
)

// Name is the word for this kind of job.
const Name = "signals"

// stageMeasure is its stage.
const stageMeasure = "measure"

// Options say what is measured.
type Options struct {
	versioned.Corpus

	// Signals is the list of the settings, with the digests of models and lists, and Families what it stands for, opened at the first call. All
	// processes must have the same.
	Signals  json.RawMessage
	Families func() ([]signal.Family, error)
	// How counting lines is cut: 0 is the usual.
	SplitBytes     int64 // of shards, a task
	PartitionBytes int64 // of text, a partition of keys
}

// Kind is engine.Kind for backfills of signals.
type Kind struct {
	versioned.Kind[Result]

	options Options
	collect pipeline.StageSpec
	count   pipeline.StageSpec
}

// New makes the kind.
func New(o Options) *Kind {
	return &Kind{versioned.New(Name, o.Corpus, ResultOf), o, lines.CollectStage(linesOf, o.Tables), lines.CountStage(linesOf)}
}

// Chain implements engine.Kind.
func (k *Kind) Chain() pipeline.Chain {
	shards := func(_ context.Context, job *pipeline.Job) (int, error) {
		b, err := bodyOf(job.Plan)
		if err != nil {
			return 0, err
		}
		return len(b.Shards), nil
	}
	counted := func(tasks func(*lines.Plan) int) func(context.Context, *pipeline.Job) (int, error) {
		return func(_ context.Context, job *pipeline.Job) (int, error) {
			p, err := linesOf(job.Plan)
			if err != nil || p == nil {
				return 0, err
			}
			return tasks(p), nil
		}
	}
	spec := pipeline.StageSpec{Name: stageMeasure, Settings: []string{"signals"}, Out: []string{pipeline.SignalTable.Folder}, Sums: true, Runner: measurer{k}}
	// Weights are tenths of the seconds that 80 MB of Chinese text take on two cores.
	return pipeline.Chain{
		{Name: "lines", Tracks: []pipeline.Track{{Weight: 16, Tasks: counted(func(p *lines.Plan) int { return len(p.Splits) }), Stages: []pipeline.StageSpec{k.collect}}}},
		{Name: "count", Tracks: []pipeline.Track{{Tasks: counted(func(p *lines.Plan) int { return p.Partitions }), Stages: []pipeline.StageSpec{k.count}}}},
		{Name: "measure", Tracks: []pipeline.Track{{Weight: 46, Tasks: shards, Stages: []pipeline.StageSpec{spec}}}},
	}
}

// Plan implements engine.Kind.
func (k *Kind) Plan(ctx context.Context, s *engine.Site, _ engine.Request) (d engine.Draft, err error) {
	d, err = k.plan(ctx, k.Open(s))
	d.Asked = []string{s.Options().Out}
	return d, err
}

// Accept implements engine.Kind: the signals have to be those of the plan.
func (k *Kind) Accept(p *pipeline.Plan) error {
	b, err := bodyOf(p)
	if err != nil {
		return err
	}
	if !bytes.Equal(b.Signals, k.options.Signals) {
		return pipeline.WithHint(fmt.Errorf("%w: the signals that are being measured are %s, here they are %s", pipeline.ErrUsage, b.Signals, k.options.Signals),
			"give all processes the same signals in their config")
	}
	return nil
}

// Result is what such a job ends with: the object that `signals --add --json` prints.
type Result struct {
	Version   int      `json:"version"` // 0: all documents have all signals
	Documents int64    `json:"documents,omitempty"`
	Signals   []string `json:"signals,omitempty"` // that were measured
	Shards    int      `json:"shards,omitempty"`
	Bytes     int64    `json:"bytes,omitempty"` // of the files
	Digest    string   `json:"digest,omitempty"`
}

// ResultOf is what the manifest of a version says of the job that made it.
func ResultOf(m *manifest.Manifest) Result {
	r := Result{Version: m.Version, Signals: m.Signals, Digest: m.Digest}
	for _, f := range m.In(&pipeline.SignalTable) {
		r.Shards++
		r.Documents += f.Rows
		r.Bytes += f.Bytes
	}
	return r
}

// Commit implements engine.Kind.
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
		s.Options().Point("signals:checked")
		m, err = c.Add(ctx, job.Plan, m, in.Lead, s.Options().Point)
	} else {
		err = c.Finish(ctx, m)
	}
	if err != nil {
		return o, err
	}
	return engine.Outcome{Result: ResultOf(m)}, nil
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
	entries, err := job.Entries(ctx, stageMeasure)
	if err != nil {
		return nil, err
	}
	if len(entries) != len(b.Shards) { // invariant 4
		return nil, fmt.Errorf("there are %d ledger entries, the plan has %d shards", len(entries), len(b.Shards))
	}
	m := v.Newest.Successor(manifest.KindSignals, manifest.Ran(info).Info())
	m.Live, m.Plan, m.Signals, m.Index = append(m.Live, m.Version), job.Plan.Digest(), b.Columns, v.Index()
	var names []string
	for i, s := range b.Shards {
		if out := entries[i].Outputs; len(out) != 1 || out[0].Rows != s.Rows { // invariant 7
			return nil, fmt.Errorf("%s has %d documents, measured are %+v", s.Path, s.Rows, out)
		}
		m.Files = append(m.Files, dataset.FileOf(entries[i].Outputs[0]))
		names = append(names, entries[i].Outputs[0].Name)
		if s.Signals != "" {
			m.Removes = append(m.Removes, s.Signals)
		}
	}
	if m.Holds, err = holds(ctx, c, &v, b, names); err != nil {
		return nil, err
	}
	keys, err := lineFiles(ctx, &v, job, b.Lines, m)
	if err != nil {
		return nil, err
	}
	for _, out := range keys {
		m.Files = append(m.Files, dataset.FileOf(out))
	}
	slices.SortFunc(m.Files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(m.Holds, func(a, b manifest.Holding) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(m.Removes)
	m.Digest = dataset.Digest(m.Files)
	return m, nil
}

// Run measures the documents of a corpus in this process: by the first of the kinds of o that does so. A job that was interrupted is gone on
// with.
func Run(ctx context.Context, o engine.Options) (Result, error) {
	return engine.OnceOf[Result](ctx, o, Name, nil)
}
