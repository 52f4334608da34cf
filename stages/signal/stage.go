package signal

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// stageName is the name of the stage of a run.
const stageName = "signal"

// Stage is the stage that measures the kept documents of each shard by families, which may be none: then it reads nothing and leaves nothing.
// Those that follow from a whole corpus are left to who measures it.
// families is called by the first task that needs them, and opens what they are made of.
func Stage(families func() ([]signal.Family, error)) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageName, Settings: []string{"signals"}, Out: []string{pipeline.SignalTable.Folder},
		Step: &pipeline.Step{Open: ingest.OpenShard, Write: newWriter(families)},
	}
}

// newWriter begins signals/<version>/train-00000-of-00012.parquet of a shard.
func newWriter(families func() ([]signal.Family, error)) pipeline.NewWriter {
	return func(ctx context.Context, job *pipeline.Job, shard int) (pipeline.BatchWriter, error) {
		list, err := families()
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(slices.Clone(list), func(f signal.Family) bool { return f.OfCorpus })
		if len(list) == 0 {
			return nil, nil
		}
		plan, err := ingest.PlanOf(job)
		if err != nil {
			return nil, err
		}
		shards, err := ingest.Shards(ctx, job)
		if err != nil {
			return nil, err
		}
		columns := table.ColumnsOf(list)
		format := pipeline.SignalTable
		w := &writer{ctx: ctx, plan: plan, rows: table.NewRows(list)}
		name := format.Folder + "/" + pipeline.VersionName(job.Plan.Version) + "/" + format.ShardName(shard, len(shards))
		w.file, err = pipeline.CreateTable(ctx, job, name, format, table.Schema(columns), table.Options(job.Plan, columns))
		return w, err
	}
}

// writer writes the signals of a shard.
type writer struct {
	ctx     context.Context //nolint:containedctx // of the task that it is a part of: a BatchWriter's calls have none
	plan    *ingest.Plan
	rows    *table.Rows
	file    *pipeline.TableFile
	written int64
}

// Write implements pipeline.BatchWriter.
func (w *writer) Write(b *columnar.Batch) error {
	columns, err := w.rows.Measure(b.Len(), func(i int, d *signal.Document) (id [16]byte, err error) {
		f := b.File[i]
		d.Text, d.Meta, d.Chars = b.Text.At(i), b.Meta.At(i), int(b.Chars[i])
		d.Source, d.Path = w.plan.SourceName(f), w.plan.Files[f].Path
		id, _ = ingest.DocumentID(nil, d.Source, d.Path, b.Offset[i])
		return id, w.ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	w.written += int64(b.Len())
	return w.file.Write(columns...)
}

// Commit implements pipeline.BatchWriter.
func (w *writer) Commit() ([]pipeline.Output, error) {
	out, err := w.file.Commit(w.ctx, w.written)
	if err != nil {
		return nil, err
	}
	return []pipeline.Output{out}, nil
}

// Close implements pipeline.BatchWriter.
func (w *writer) Close() error {
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}
