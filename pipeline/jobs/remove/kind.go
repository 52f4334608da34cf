package remove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/versioned"
)

// Name is the word for this kind of job.
const Name = "remove"

// Options say how removals are planned and done.
type Options struct {
	versioned.Corpus

	// Settings are stored with the plan. What Changed names of those that the corpus was made with, and is among Fixed, must not differ.
	Settings json.RawMessage
	Changed  corpus.Changed
	Fixed    []string
	// TableGrowth is by which share the text has changed when tables of words and n-grams are written: see ingest.Counting.Untable.
	TableGrowth float64
	// Like makes what finds documents that resemble a text.
	Like func(text string) (Like, error)
	// Stages are those behind find, which work on what Shortened says.
	Stages    Stages
	Shortened *ingest.ShortenedCache
}

// Stages are the stages of the chain behind find, by what their tasks are.
type Stages struct {
	Cut     pipeline.StageSpec // over the shards, of all formats, that hold documents which are to go: writes them anew
	Uncount pipeline.StageSpec // over those of them that are read: counts what goes
	Recount pipeline.StageSpec // once: the vocabulary without that
}

// Kind is engine.Kind for removals.
type Kind struct {
	versioned.Kind[Result]

	options Options
}

// New makes the kind.
func New(o Options) *Kind { return &Kind{versioned.New(Name, o.Corpus, ResultOf), o} }

// Plan implements engine.Kind. The parameters of the request are Params.
func (k *Kind) Plan(ctx context.Context, s *engine.Site, r engine.Request) (d engine.Draft, err error) {
	var p Params
	if err := json.Unmarshal(r.Params, &p); err != nil {
		return d, fmt.Errorf("%w: the parameters of a removal: %w", pipeline.ErrUsage, err)
	}
	d.Plan, err = k.plan(ctx, k.Open(s), p)
	d.Asked = []string{s.Options().Out}
	return d, err
}

// plan plans a removal.
func (k *Kind) plan(ctx context.Context, c *corpus.Corpus, p Params) (*pipeline.Plan, error) {
	if err := p.settle(); err != nil {
		return nil, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	newest, err := c.Newest(ctx)
	if err != nil {
		return nil, err
	}
	if newest == nil {
		return nil, fmt.Errorf("%w: the corpus has no version", pipeline.ErrUsage)
	}
	fixed, err := c.FixedSettings(ctx)
	if err != nil {
		return nil, err
	}
	// They have a part in what a document resembles, and in the vocabulary.
	if err := k.options.Changed.CheckFixed(fixed, k.options.Fixed, "give the config that the corpus is made with, by --config", ""); err != nil {
		return nil, err
	}
	if err := c.Present(ctx); err != nil {
		return nil, err
	}
	b := body{Params: p}
	if b.Shards, err = c.LiveShards(ctx); err != nil {
		return nil, err
	}
	if err := c.CheckReadable(ctx, "none can be taken out of them", corpus.WriteAnew); err != nil {
		return nil, err
	}
	if b.Withdrawn, err = c.WithdrawnTables(ctx); err != nil {
		return nil, err
	}
	if b.BaseVocab, err = c.BaseVocab(ctx); err != nil {
		return nil, err
	}
	if b.Counting, err = c.SameCounting(ctx, k.options.TableGrowth); err != nil {
		return nil, err
	}
	if p.Like != "" {
		history, _, err := c.History(ctx)
		if err != nil {
			return nil, err
		}
		for _, h := range history {
			b.Signatures = append(b.Signatures, signatures{h.Version, h.Signatures})
		}
	}
	return corpus.PlanBehind(newest, Name, k.options.Settings, &b)
}

// Accept implements engine.Kind: the settings have to be those of the plan.
func (k *Kind) Accept(p *pipeline.Plan) error { return k.options.Changed.CheckPlanned(p, "removal") }

// Run does a removal in this process: by the first of the kinds of o that is one. A removal of the same that was interrupted is gone on
// with.
func Run(ctx context.Context, o engine.Options, p Params) (Result, error) {
	return engine.OnceOf[Result](ctx, o, Name, &p)
}

// kindIn finds the kind among those of options.
func kindIn(o *engine.Options) (*Kind, error) {
	for _, k := range o.Kinds {
		if k, ok := k.(*Kind); ok {
			return k, nil
		}
	}
	return nil, errors.New("removals are no kind of job here")
}
