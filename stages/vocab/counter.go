package vocab

import (
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/vocab/tokens"
)

// counter counts the characters of batches. Its counts file appears when it commits.
type counter struct {
	out    *pipeline.OutputWriter
	tally  *tally
	tokens *tokens.Counters
}

func newCounter(ctx context.Context, job *pipeline.Job, shard int) (pipeline.BatchWriter, error) {
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return nil, err
	}
	also, err := tokens.New(ctx, job, plan.Counting, ingest.TokensFolder, shard, false)
	if err != nil {
		return nil, err
	}
	out, err := pipeline.CreateWork(ctx, job, ingest.CountsName(shard))
	if err != nil {
		return nil, err
	}
	return &counter{out: out, tally: new(tally), tokens: also}, nil
}

// Write implements pipeline.BatchWriter.
func (c *counter) Write(b *columnar.Batch) error {
	c.tally.add(&b.Text)
	return c.tokens.Batch(b)
}

// Commit implements pipeline.BatchWriter.
func (c *counter) Commit() ([]pipeline.Output, error) {
	counts, err := c.tally.counts()
	if err != nil {
		return nil, err
	}
	if _, err := c.out.Write(encodeCounts(counts)); err != nil {
		return nil, err
	}
	o, err := c.out.Commit(int64(len(counts)))
	if err != nil {
		return nil, err
	}
	more, err := c.tokens.Commit()
	return append([]pipeline.Output{o}, more...), err
}

// Close implements pipeline.BatchWriter.
func (c *counter) Close() error { return errors.Join(c.out.Close(), c.tokens.Close()) }
