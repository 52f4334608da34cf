package train

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/jobs/versioned"
	"github.com/millrace/millrace/pipeline/store"
)

// Name is the word for this kind of job.
const Name = "tokenizer"

// Options say what there is in a corpus, and how training is cut: 0 is the usual.
type Options struct {
	versioned.Corpus

	// Documents are the formats that the texts of a release may be in, the one that is read first in front.
	Documents pipeline.TableFormats
	Access    store.Access // reaches what lies beyond this machine

	SplitBytes int64 // of shards, a task
	Partitions int   // of the pre-tokens
}

// Kind is engine.Kind for trainings.
type Kind struct {
	versioned.Corpus

	options Options
}

// New makes the kind.
func New(o Options) *Kind { return &Kind{o.Corpus, o} }

// Name implements engine.Kind.
func (*Kind) Name() string { return Name }

// Chain implements engine.Kind.
func (k *Kind) Chain() pipeline.Chain {
	tasks := func(of func(*body) int) func(context.Context, *pipeline.Job) (int, error) {
		return func(_ context.Context, job *pipeline.Job) (int, error) {
			b, err := bodyOf(job.Plan)
			if err != nil {
				return 0, err
			}
			return of(b), nil
		}
	}
	// Weights are what 80 MB of Chinese text take on two cores, in seconds.
	phase := func(name string, weight int, of func(*body) int, spec pipeline.StageSpec) pipeline.Phase {
		return pipeline.Phase{Name: name, Tracks: []pipeline.Track{{Tasks: tasks(of), Weight: weight, Stages: []pipeline.StageSpec{spec}}}}
	}
	return pipeline.Chain{
		phase("pretokens", 10, func(b *body) int { return b.tasks() }, pipeline.StageSpec{
			Name: stageCollect, Work: []pipeline.WorkFiles{{Folder: stageCollect}}, Runner: collector{k},
		}),
		phase("merge", 1, func(b *body) int { return b.Partitions }, pipeline.StageSpec{
			Name: stageMerge, Work: []pipeline.WorkFiles{{Folder: stageMerge}}, Runner: merger{},
		}),
		phase("train", 8, func(*body) int { return 1 }, pipeline.StageSpec{
			Name: stageTrain, Work: []pipeline.WorkFiles{{Folder: tokenizerFolder, Plain: true}}, Runner: learner{},
		}),
	}
}

// Stages of the kind. The first two leave work files in folders of their names.
const (
	stageCollect = "pretokens"
	stageMerge   = "pretokenmerge"
	stageTrain   = "train"

	tokenizerFolder = "tokenizer"
)

// Plan implements engine.Kind. The parameters of the request are Params.
func (k *Kind) Plan(ctx context.Context, s *engine.Site, r engine.Request) (d engine.Draft, err error) {
	var p Params
	if err := json.Unmarshal(r.Params, &p); err != nil {
		return d, fmt.Errorf("%w: the parameters of a training: %w", pipeline.ErrUsage, err)
	}
	d, err = k.plan(ctx, s, p)
	d.Asked = []string{cmp.Or(p.From, s.Options().Out)}
	return d, err
}

// Accept implements engine.Kind: all that a training goes by is in its plan, but for the algorithm.
func (*Kind) Accept(p *pipeline.Plan) error {
	b, err := bodyOf(p)
	if err != nil {
		return err
	}
	if _, ok := algorithms[b.Settings.Kind]; !ok {
		return fmt.Errorf("%w: kind %q of tokenizers is not known here", pipeline.ErrUsage, b.Settings.Kind)
	}
	return nil
}

// Job implements engine.Kind.
func (k *Kind) Job(s *engine.Site, p *pipeline.Plan) (*pipeline.Job, func(), error) {
	c := k.Open(s)
	job := &pipeline.Job{Plan: p, Out: c.Out(p), Corpus: c.Files()}
	b, err := bodyOf(p)
	if err != nil || b.Release == nil {
		return job, func() {}, err
	}
	l, err := localOf(p)
	if err != nil {
		return nil, nil, err
	}
	from, err := store.Open(context.Background(), l.From, store.Options{Access: k.options.Access})
	if err != nil {
		return nil, nil, err
	}
	job.Corpus = from
	return job, func() { _ = from.Close() }, nil // nothing was written
}

// Result is what a training ends with: the object that `tokenizer train --json` prints.
type Result struct {
	Out           string  `json:"out"`
	Kind          string  `json:"kind"`
	Size          int     `json:"size"`      // tokens that it has
	Documents     int64   `json:"documents"` // that it was trained on
	Pretokens     int64   `json:"pretokens"` // different ones
	LeftOut       int64   `json:"left_out"`  // occurrences of pre-tokens that were not trained on
	BytesPerToken float64 `json:"bytes_per_token"`
	Digest        string  `json:"digest"` // of the files
}

// Made implements engine.Kind.
func (k *Kind) Made(ctx context.Context, s *engine.Site, _, plan string) (*engine.Outcome, error) {
	return folder.MadeBy(ctx, s, plan, func(p *pipeline.Plan) (*engine.Outcome, error) { return k.look(ctx, s, p, false) })
}

// Recover implements engine.Kind.
func (k *Kind) Recover(ctx context.Context, s *engine.Site, p *pipeline.Plan) error {
	return k.Open(s).Recover(ctx, p)
}

// Run trains in this process: by the first of the kinds of o that does so. The same training that was interrupted is gone on with. The result is
// the zero one where the tokenizer is there.
func Run(ctx context.Context, o engine.Options, p Params) (Result, error) {
	return engine.OnceOf[Result](ctx, o, Name, &p)
}
