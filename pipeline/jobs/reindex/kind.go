package reindex

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/versioned"
)

// Name is the word for this kind of job.
const Name = "reindex"

// Options say how an index is made anew.
type Options struct {
	versioned.Corpus

	// Settings are those of the index. What Changed names of those that the corpus has fixed, and is among Fixed, is changed, if it may be.
	Settings json.RawMessage
	Changed  corpus.Changed
	Fixed    []string
	// SameKeys says whether documents have the same keys by stored settings.
	SameKeys       func(stored json.RawMessage) (bool, error)
	KeysOfDocument int // at most
	// TableGrowth is by which share the text has changed when tables of words and n-grams are written: see ingest.Counting.Untable.
	TableGrowth float64
	// SplitBytes of shards go into one task of sign, about, and PartitionBytes of text into one of index; 0 for what is usual.
	SplitBytes, PartitionBytes int64

	Stages    Stages
	Shortened *ingest.ShortenedCache // what the stages behind Find work on
}

// Stages are the stages of the chain, by what their tasks are. All but the first and the last have none where no document is to go.
type Stages struct {
	Sign    pipeline.StageSpec // over the splits of Of: their records and keys
	Match   pipeline.StageSpec // over the partitions of the key space: pairs of documents that are, or may be, duplicates
	Read    pipeline.StageSpec // over the splits: the texts that decisions need
	Judge   pipeline.StageSpec // once: which documents go
	Find    pipeline.StageSpec // over the splits: their tables of withdrawn documents
	Cut     pipeline.StageSpec // over the shards, of all formats, that hold documents which go: writes them anew
	Uncount pipeline.StageSpec // over those of them that are read: counts what goes
	Recount pipeline.StageSpec // once: the vocabulary without that
	Index   pipeline.StageSpec // over the partitions: the index
}

// NewShortenedCache is that of reindexes.
func NewShortenedCache() *ingest.ShortenedCache {
	return &ingest.ShortenedCache{Of: func(p *pipeline.Plan) ([]ingest.LiveShard, []string, error) {
		b, err := bodyOf(p)
		if err != nil {
			return nil, nil, err
		}
		return b.Shards, b.Withdrawn, nil
	}}
}

// BaseVocab is the table of characters that the vocabulary of a job begins with.
func BaseVocab(_ context.Context, job *pipeline.Job) (string, error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return "", err
	}
	return b.BaseVocab, nil
}

// Counting is how a job counts tokens beside characters: those that are counted already.
func Counting(job *pipeline.Job) (*ingest.Counting, error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return nil, err
	}
	return b.Counting, nil
}

// Kind is engine.Kind for reindexes.
type Kind struct {
	versioned.Kind[Result]

	options Options
}

// New makes the kind.
func New(o Options) *Kind { return &Kind{versioned.New(Name, o.Corpus, ResultOf), o} }

// Chain implements engine.Kind.
func (k *Kind) Chain() pipeline.Chain {
	planned := func(n func(*body) int) func(context.Context, *pipeline.Job) (int, error) {
		return func(_ context.Context, job *pipeline.Job) (int, error) {
			b, err := bodyOf(job.Plan)
			if err != nil {
				return 0, err
			}
			return n(b), nil
		}
	}
	tasks := func(spec pipeline.StageSpec, tasks func(context.Context, *pipeline.Job) (int, error)) pipeline.Track {
		return pipeline.Track{Stages: []pipeline.StageSpec{spec}, Tasks: tasks}
	}
	// Those of a phase that is there to find documents which go.
	deciding := func(spec pipeline.StageSpec, n func(*body) int) []pipeline.Track {
		return []pipeline.Track{tasks(spec, planned(func(b *body) int {
			if !b.Dedupe {
				return 0
			}
			return n(b)
		}))}
	}
	splits := func(b *body) int { return len(b.Splits) }
	partitions := func(b *body) int { return b.Partitions }
	s, shortened := &k.options.Stages, k.options.Shortened
	recounted := func(ctx context.Context, job *pipeline.Job) (int, error) {
		base, err := BaseVocab(ctx, job)
		if err != nil || base == "" {
			return 0, err
		}
		n, err := shortened.All(ctx, job)
		return min(n, 1), err
	}
	indexed := func(ctx context.Context, job *pipeline.Job) (int, error) {
		b, err := bodyOf(job.Plan)
		if err != nil {
			return 0, err
		}
		if !b.Same {
			return b.Partitions, nil
		}
		n, err := shortened.All(ctx, job)
		return min(n, 1) * b.Partitions, err // where no document goes nothing changes
	}
	return pipeline.Chain{
		{Name: "sign", Tracks: []pipeline.Track{tasks(s.Sign, planned(splits))}},
		{Name: "match", Tracks: deciding(s.Match, partitions)},
		{Name: "read", Tracks: deciding(s.Read, splits)},
		{Name: "judge", Tracks: deciding(s.Judge, func(*body) int { return 1 })},
		{Name: "find", Careful: true, Tracks: deciding(s.Find, splits)},
		{Name: "rewrite", Careful: true, Tracks: []pipeline.Track{
			tasks(s.Index, indexed), tasks(s.Cut, shortened.All), tasks(s.Uncount, shortened.Read),
		}},
		{Name: "recount", Tracks: []pipeline.Track{tasks(s.Recount, recounted)}},
	}
}

// Plan implements engine.Kind. The parameters of the request are Params.
func (k *Kind) Plan(ctx context.Context, s *engine.Site, r engine.Request) (d engine.Draft, err error) {
	var p Params
	if len(r.Params) > 0 {
		if err := json.Unmarshal(r.Params, &p); err != nil {
			return d, fmt.Errorf("%w: the parameters of a reindex: %w", pipeline.ErrUsage, err)
		}
	}
	d, err = k.plan(ctx, k.Open(s), p)
	d.Asked = []string{s.Options().Out}
	return d, err
}

// Accept implements engine.Kind: the settings have to be those of the plan.
func (k *Kind) Accept(p *pipeline.Plan) error { return k.options.Changed.CheckPlanned(p, "reindex") }

// Run makes an index anew in this process: by the first of the kinds of o that does so. One of the same that was interrupted is gone on with.
func Run(ctx context.Context, o engine.Options, p Params) (Result, error) {
	return engine.OnceOf[Result](ctx, o, Name, &p)
}
