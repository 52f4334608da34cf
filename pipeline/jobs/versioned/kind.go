// Package versioned has what is the same of all kinds of job that make a version of a corpus out of the corpus: a kind embeds Kind, and has what it
// plans, does and commits for itself. It is no kind.
package versioned

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
)

// Corpus says what there is in a corpus.
type Corpus struct {
	Tables  pipeline.TableFormats // that documents may be in
	Folders []string              // that stages write to beside those of the tables
}

// Open is the corpus of a site.
func (c *Corpus) Open(s *engine.Site) *corpus.Corpus {
	return corpus.Open(s.Out(), c.Tables, c.Folders...)
}

// Kind has the methods of engine.Kind that do not depend on what is done. R is the result of a job.
type Kind[R any] struct {
	Corpus

	word   string
	result func(*manifest.Manifest) R
}

// New makes what a kind embeds: name is the word for it, and result what the manifest of a version says of the job that made it.
func New[R any](name string, c Corpus, result func(*manifest.Manifest) R) Kind[R] {
	return Kind[R]{c, name, result}
}

// Name implements engine.Kind.
func (k *Kind[R]) Name() string { return k.word }

// Job implements engine.Kind.
func (k *Kind[R]) Job(s *engine.Site, p *pipeline.Plan) (*pipeline.Job, func(), error) {
	c := k.Open(s)
	return &pipeline.Job{Plan: p, Out: c.Out(p), Corpus: c.Files()}, func() {}, nil
}

// Made implements engine.Kind. What is left of a commit whose manifest stands is done.
func (k *Kind[R]) Made(ctx context.Context, s *engine.Site, id, plan string) (*engine.Outcome, error) {
	m, err := k.Open(s).Made(ctx, id, plan)
	if err != nil || m == nil {
		return nil, err
	}
	return &engine.Outcome{Result: k.result(m), Plan: m.Plan, Date: m.Run.Date}, nil
}

// Recover implements engine.Kind.
func (k *Kind[R]) Recover(ctx context.Context, s *engine.Site, p *pipeline.Plan) error {
	return k.Open(s).Recover(ctx, p)
}
