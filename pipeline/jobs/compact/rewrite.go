package compact

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/rewrite"
)

// rewriter is the Runner of rewrite.<shard>: it copies rows of small shards into a new one.
type rewriter struct{ table columnar.TableOptions }

// Run implements pipeline.Runner.
func (r rewriter) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(b.Ends) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d shards", task, len(b.Ends)))
	}
	c := rewrite.Copy{
		Tables: pipeline.TableFormats{format}, Rows: b.rows(task.Index), Format: format, Table: r.table,
		Name: format.Folder + "/" + job.Plan.VersionFolder() + "/" + format.ShardName(task.Index, len(b.Ends)),
	}
	c.Table.Codec, c.Table.Level, c.Table.GroupBytes = b.Codec, b.Level, b.Group
	if len(b.Ledgers) > 0 {
		counted, err := corpus.CountCopies(ctx, job.Corpus, b.Ledgers, func(columns columnar.Selection, yield corpus.EachFrame) error {
			return c.Frames(ctx, job.Corpus, columns, yield)
		})
		if err != nil {
			return e, err
		}
		c.Fill = counted.Fill
	}
	out, err := c.Write(ctx, job)
	if err != nil {
		return e, err
	}
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: out.Rows, Bytes: out.Bytes,
		Sum: pipeline.Sum{In: c.Len(), Out: out.Rows}, Outputs: []pipeline.Output{out},
	}, nil
}

// rows are those of the shards that are read which a new shard has.
func (b *body) rows(shard int) (rows []rewrite.Rows) {
	from, end := int64(0), b.Ends[shard]
	if shard > 0 {
		from = b.Ends[shard-1]
	}
	first := int64(0) // number of the first row of a shard that is read
	for _, f := range b.Shards {
		if a, z := max(from-first, 0), min(end-first, f.Rows); a < z {
			rows = append(rows, rewrite.Rows{Path: f.Path, From: a, End: z})
		}
		first += f.Rows
	}
	return rows
}

// aligner is the Runner of align.<shard>: it copies the signals of the documents of a new shard, row by row.
type aligner struct{ tables pipeline.TableFormats }

// Run implements pipeline.Runner.
func (a aligner) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(b.Signals) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are signals of %d shards", task, len(b.Signals)))
	}
	beside := pipeline.SignalTable
	c := rewrite.Copy{
		Tables: a.tables, Rows: b.Signals[task.Index], Format: beside,
		Name: beside.Folder + "/" + pipeline.VersionName(job.Plan.Version) + "/" + beside.ShardName(task.Index, len(b.Signals)),
	}
	out, err := c.Write(ctx, job)
	if err != nil {
		return e, err
	}
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: out.Rows, Bytes: out.Bytes, Outputs: []pipeline.Output{out},
	}, nil
}
