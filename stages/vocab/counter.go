package vocab

import (
	"context"
	"errors"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// Counter is the Runner of vocab.<shard>: it counts the characters of the kept documents of a shard.
type Counter struct{}

// NewCount returns the Runner of vocab.<shard>. Its entry has as many rows as the shard has different characters, and the
// bytes of the text it counted.
func NewCount(Config) pipeline.Runner { return Counter{} }

// Run implements pipeline.Runner.
func (Counter) Run(ctx context.Context, task pipeline.Task, files *pipeline.Files) (e pipeline.Entry, err error) {
	shards, err := files.Shards(ctx)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(shards) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d shards", task, len(shards)))
	}
	shard := shards[task.Index]
	t := new(tally)
	err = files.ScanKept(ctx, shard, func(b *columnar.Batch) error {
		t.add(&b.Text)
		return nil
	})
	if err != nil {
		return e, err
	}
	counts, err := t.counts()
	if err != nil {
		return e, err
	}
	// Invariant 7: what is counted is what was kept.
	if int64(t.documents) != shard.Kept || t.bytes != shard.Bytes {
		return e, fmt.Errorf("%s: counted %d documents of %d bytes, the shard has %d of %d",
			task, t.documents, t.bytes, shard.Kept, shard.Bytes)
	}
	out, err := writeCounts(ctx, files, task.Index, counts)
	if err != nil {
		return e, err
	}
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone,
		Rows: int64(len(counts)), Bytes: t.bytes, Outputs: []pipeline.Output{out},
	}, nil
}

func writeCounts(ctx context.Context, files *pipeline.Files, shard int, counts []count) (o pipeline.Output, err error) {
	w, err := pipeline.CreateWork(ctx, files, pipeline.CountsName(shard))
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if _, err := w.Write(encodeCounts(counts)); err != nil {
		return o, err
	}
	return w.Commit(int64(len(counts)))
}
