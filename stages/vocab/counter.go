package vocab

import (
	"context"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/ingest"
)

// counter counts the characters of batches. Its counts file appears when it commits.
type counter struct {
	out   *pipeline.OutputWriter
	tally *tally
}

func newCounter(ctx context.Context, job *pipeline.Job, shard int) (pipeline.BatchWriter, error) {
	out, err := pipeline.CreateWork(ctx, job, ingest.CountsName(shard))
	if err != nil {
		return nil, err
	}
	return &counter{out: out, tally: new(tally)}, nil
}

// Write implements pipeline.BatchWriter.
func (c *counter) Write(b *columnar.Batch) error {
	c.tally.add(&b.Text)
	return nil
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
	return []pipeline.Output{o}, err
}

// Close implements pipeline.BatchWriter.
func (c *counter) Close() error { return c.out.Close() }
