package tokens

import (
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Counters count the tokens of the documents of one task, by kind. nil ones count nothing. They are used by one goroutine.
type Counters struct {
	words  *counts.Collector
	cutter *cutter
	pairs  *counts.PairCounter
	grams  []*counts.Grams
	byKind []kindCounter // all of these, as in the plan
}

type kindCounter interface {
	Commit() ([]pipeline.Output, error)
	Close() error
}

// New makes what counts kinds of tokens, and leaves them in work files of the task in a folder. Without a plan it is nil.
func New(ctx context.Context, job *pipeline.Job, p *ingest.Counting, folder string, task int, late bool) (*Counters, error) {
	if p == nil {
		return nil, nil
	}
	if err := p.Check(); err != nil {
		return nil, pipeline.Permanent(err)
	}
	c := &Counters{}
	for i := range p.Kinds {
		k := &p.Kinds[i]
		if late && !k.Late {
			continue
		}
		to := folder + "/" + k.Kind + "-"
		if ingest.GramsOf(k.Kind) == counts.LeastGram {
			c.pairs = counts.NewPairCounter(ctx, job, to, task)
			c.byKind = append(c.byKind, c.pairs)
			continue
		}
		if n := ingest.GramsOf(k.Kind); n > 0 {
			g := counts.NewGrams(ctx, job, to, task, n)
			if len(c.grams) > 0 {
				g.Share(c.grams[0])
			}
			c.grams, c.byKind = append(c.grams, g), append(c.byKind, g)
			continue
		}
		c.words, c.cutter = counts.NewCollector(ctx, job, to, task), newCutter()
		c.byKind = append(c.byKind, c.words)
	}
	return c, nil
}

// Document counts a document, which is valid UTF-8, by the words that it came in if its metadata has them.
func (c *Counters) Document(text, meta []byte) error {
	if c == nil {
		return nil
	}
	if c.words != nil {
		if err := c.words.Document(); err != nil {
			return err
		}
		c.cutter.each(text, meta, c.words.Add)
	}
	if c.pairs != nil {
		if err := c.pairs.Document(text); err != nil {
			return err
		}
	}
	for _, g := range c.grams {
		if err := g.Document(text); err != nil {
			return err
		}
	}
	return nil
}

// Batch counts the documents of a batch.
func (c *Counters) Batch(b *columnar.Batch) error {
	if c == nil {
		return nil
	}
	for i := range b.Text.Len() {
		if err := c.Document(b.Text.At(i), b.Meta.At(i)); err != nil {
			return err
		}
	}
	return nil
}

// Commit returns the work files.
func (c *Counters) Commit() (outputs []pipeline.Output, err error) {
	if c == nil {
		return nil, nil
	}
	for _, k := range c.byKind {
		o, err := k.Commit()
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, o...)
	}
	return outputs, nil
}

// Close forgets what was not written.
func (c *Counters) Close() error {
	if c == nil {
		return nil
	}
	var errs []error
	for _, k := range c.byKind {
		errs = append(errs, k.Close())
	}
	return errors.Join(errs...)
}
