package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/jobs/versioned"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Name is the word for this kind of job.
const Name = "release"

// Options say what there is in a corpus, and what releases are written in.
type Options struct {
	versioned.Corpus

	Presets []rule.Preset
	// Documents are the formats of documents, and Tokens those of tokens.
	Documents pipeline.TableFormats
	Tokens    []*tokens.Format

	Access         store.Access // reaches what lies beyond this machine
	SplitBytes     int64        // of shards, a task; 0 is the usual
	PartitionBytes int64        // that are sorted in memory; likewise
}

// Kind is engine.Kind for releases.
type Kind struct {
	versioned.Corpus

	options Options
	earlier struct {
		mu     sync.Mutex
		digest string  // guarded by mu
		of     *frozen // guarded by mu
	}
	opened struct {
		mu sync.Mutex
		of *tokenizer.Opened // guarded by mu; the last one that was asked for
	}
	sets struct {
		mu sync.Mutex
		of indexed // guarded by mu
	}
}

// New makes the kind.
func New(o Options) *Kind {
	if o.SplitBytes == 0 {
		o.SplitBytes = splitBytes
	}
	if o.PartitionBytes == 0 {
		o.PartitionBytes = partitionBytes
	}
	return &Kind{Corpus: o.Corpus, options: o}
}

// Name implements engine.Kind.
func (*Kind) Name() string { return Name }

// Stages of the kind.
const (
	stageSurvey        = "survey"
	stageSelect        = "select"
	stageBoilerplate   = "boilerplate"
	stageDecontaminate = "decontaminate"
	stageTokenize      = "tokenize"
	stageBalance       = "balance"
	stageEncode        = "encode"
	stageWrite         = "write"
)

// Chain implements engine.Kind.
func (k *Kind) Chain() pipeline.Chain {
	work := func(folder string) []pipeline.WorkFiles { return []pipeline.WorkFiles{{Folder: folder}} }
	track := func(tasks func(context.Context, *pipeline.Job, *body) (int, error), spec pipeline.StageSpec) pipeline.Track {
		return pipeline.Track{Stages: []pipeline.StageSpec{spec}, Tasks: func(ctx context.Context, job *pipeline.Job) (int, error) {
			b, err := bodyOf(job.Plan)
			if err != nil {
				return 0, err
			}
			return tasks(ctx, job, b)
		}}
	}
	// Weights are tenths of the seconds that 80 MB of Chinese text take on two cores, as tokens.
	phase := func(name string, weight int, tasks func(context.Context, *pipeline.Job, *body) (int, error), spec pipeline.StageSpec) pipeline.Phase {
		one := track(tasks, spec)
		one.Weight = weight
		return pipeline.Phase{Name: name, Tracks: []pipeline.Track{one}}
	}
	only := func(asked func(*body) bool) func(context.Context, *pipeline.Job, *body) (int, error) {
		return func(_ context.Context, _ *pipeline.Job, b *body) (int, error) {
			if !asked(b) {
				return 0, nil
			}
			return len(b.Splits), nil
		}
	}
	evaluated := func(b *body) bool { return b.Recipe.Decontaminate != nil }
	out := []string{releasedFolder, idsFolder}
	for _, f := range k.options.Documents {
		out = append(out, f.Name)
	}
	for _, f := range k.options.Tokens {
		out = append(out, f.Name)
	}
	return pipeline.Chain{
		{Name: "select", Tracks: []pipeline.Track{
			track(only(func(*body) bool { return true }), pipeline.StageSpec{Name: stageSelect, Work: work(stageSelect), Runner: selector{k}}),
			track(func(_ context.Context, _ *pipeline.Job, b *body) (int, error) {
				if !b.cutsLines() {
					return 0, nil
				}
				return b.Lines.Partitions, nil
			}, lines.FrequentStage(stageBoilerplate, linesOf)),
			track(only(evaluated), pipeline.StageSpec{Name: stageSurvey, Work: work(stageSurvey), Runner: surveyor{k}}),
		}},
		phase("decontaminate", 1, only(evaluated), pipeline.StageSpec{Name: stageDecontaminate, Work: work(stageDecontaminate), Runner: decontaminator{k}}),
		phase("tokenize", 10, only((*body).measured), pipeline.StageSpec{Name: stageTokenize, Work: work(stageTokenize), Runner: counter{k}}),
		phase("balance", 1, func(context.Context, *pipeline.Job, *body) (int, error) { return 1, nil },
			pipeline.StageSpec{Name: stageBalance, Work: work(stageBalance), Runner: balancer{}}),
		phase("encode", 11, only(func(b *body) bool { return !b.Dry }),
			pipeline.StageSpec{Name: stageEncode, Work: work(stageEncode), Out: []string{leftOutFolder}, Sums: true, Runner: scatterer{k}}),
		phase("write", 23, func(ctx context.Context, job *pipeline.Job, b *body) (int, error) {
			if b.Dry {
				return 0, nil
			}
			d, err := readDecision(ctx, job)
			if err != nil {
				return 0, err
			}
			return d.shards(), nil
		}, pipeline.StageSpec{Name: stageWrite, Out: out, Runner: writer{k}}),
	}
}

// Plan implements engine.Kind. The parameters of the request are Params.
func (k *Kind) Plan(ctx context.Context, s *engine.Site, r engine.Request) (d engine.Draft, err error) {
	var p Params
	if err := json.Unmarshal(r.Params, &p); err != nil {
		return d, fmt.Errorf("%w: the parameters of a release: %w", pipeline.ErrUsage, err)
	}
	d, err = k.plan(ctx, s, p)
	d.Asked = []string{s.Options().Out}
	return d, err
}

// Accept implements engine.Kind: all that a release goes by is in its plan, but for the formats, the presets and the tokenizers that are known here.
func (k *Kind) Accept(p *pipeline.Plan) error {
	b, err := bodyOf(p)
	if err != nil {
		return err
	}
	_, err = conditionsOf(b.Recipe.Select, rulesOf(b.Signals), k.options.Presets)
	return errors.Join(err, k.formats(b))
}

// formats says which formats are not known, or cannot be written.
func (k *Kind) formats(b *body) error {
	var problems []error
	for i, w := range b.Recipe.Write {
		at := func(format string, args ...any) {
			problems = append(problems, fmt.Errorf("%w: write[%d]: %w", pipeline.ErrUsage, i, fmt.Errorf(format, args...)))
		}
		f := k.tokens(w.Format)
		switch {
		case f == nil && k.documents(w.Format) == nil:
			at("format %q is not known", w.Format)
		case f == nil:
			for _, name := range w.Columns {
				if !slices.Contains(recipe.Columns, name) {
					at("there is no column %q", name)
				}
			}
		case b.Tokens == nil && b.Recipe.Encode != nil: // the tokenizer is a problem of its own
		case b.Tokens == nil:
			at("%s is a format of tokens, and the recipe has no encode section", w.Format)
		default:
			if err := f.Accepts(b.spec()); err != nil {
				at("%s: %w", w.Format, err)
			}
		}
	}
	return errors.Join(problems...)
}

// tokens is the format of tokens of a name, nil if there is none.
func (k *Kind) tokens(name string) *tokens.Format {
	for _, f := range k.options.Tokens {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// documents is the format of documents of a name, nil if there is none.
func (k *Kind) documents(name string) *pipeline.TableFormat {
	for i := range k.options.Documents {
		if k.options.Documents[i].Name == name {
			return &k.options.Documents[i]
		}
	}
	return nil
}

// placeOf is where a release is made.
func (k *Kind) placeOf(s *engine.Site, out string) (*folder.Place, error) {
	return folder.At(s, out, Name)
}

// Job implements engine.Kind.
func (k *Kind) Job(s *engine.Site, p *pipeline.Plan) (*pipeline.Job, func(), error) {
	b, err := bodyOf(p)
	if err != nil {
		return nil, nil, err
	}
	job := &pipeline.Job{Plan: p, Corpus: k.Open(s).Files(), InputBytes: b.Corpus.Bytes}
	if b.Dry {
		job.Out = nothing{}
		return job, func() {}, nil
	}
	l, err := localOf(p)
	if err != nil {
		return nil, nil, err
	}
	place, err := k.placeOf(s, l.Out)
	if err != nil {
		return nil, nil, err
	}
	ctx := context.Background()
	made, err := k.look(ctx, s, p, false)
	if err != nil {
		return nil, nil, err
	}
	var closing func() error
	if made != nil { // what tasks wrote is there, and not written again
		job.Out, closing, err = place.Made(ctx)
	} else {
		job.Out, closing, err = place.Staging(ctx, p)
	}
	if err != nil {
		return nil, nil, err
	}
	return job, func() { _ = closing() }, nil // everything was committed, or is not to be
}

// nothing is the place of a release that is only tried.
type nothing struct{ pipeline.Store }

// Made implements engine.Kind.
func (k *Kind) Made(ctx context.Context, s *engine.Site, _, plan string) (*engine.Outcome, error) {
	return folder.MadeBy(ctx, s, plan, func(p *pipeline.Plan) (*engine.Outcome, error) { return k.look(ctx, s, p, false) })
}

// Recover implements engine.Kind.
func (k *Kind) Recover(ctx context.Context, s *engine.Site, p *pipeline.Plan) error {
	return k.Open(s).Recover(ctx, p)
}

// Run makes a release in this process: by the first of the kinds of o that does so. The same release that was interrupted is gone on with.
func Run(ctx context.Context, o engine.Options, p Params) (Result, error) {
	return engine.OnceOf[Result](ctx, o, Name, &p)
}
