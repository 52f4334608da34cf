package dedupe

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/dedupe/order"
)

// NewWriter starts the sketch and key files of a split: work files that appear at Commit. The batches must be signed, with
// the same settings. It holds at most 512 Ki keys, twice, and 8 MiB of ranks where Config.Winner is not order.First. Not safe for concurrent use.
func NewWriter(ctx context.Context, cfg Config, job *pipeline.Job, split int) (_ pipeline.BatchWriter, err error) {
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return nil, err
	}
	if plan.Partitions < 1 {
		return nil, pipeline.Permanent(fmt.Errorf("plan has %d partitions", plan.Partitions))
	}
	w := &writer{plan: plan}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if w.sketchesOut, err = createWork(ctx, job, ingest.SketchesName(split)); err != nil {
		return nil, err
	}
	if w.keysOut, err = createWork(ctx, job, ingest.KeysName(split)); err != nil {
		return nil, err
	}
	if cfg.ordered() {
		if w.ranksOut, err = createWork(ctx, job, ingest.RanksName(split)); err != nil {
			return nil, err
		}
		w.ranks = order.NewWriter(w.ranksOut, cfg.Winner, plan)
	}
	w.sketches = newSketchesWriter(w.sketchesOut)
	w.keys = newKeysWriter(w.keysOut, cfg, plan.Partitions)
	return w, nil
}

type writer struct {
	plan        *ingest.Plan
	sketchesOut *output
	keysOut     *output
	ranksOut    *output // nil: the order of the plan decides
	sketches    *sketchesWriter
	keys        *keysWriter
	ranks       *order.Writer
	scratch     []byte
}

// Write implements pipeline.BatchWriter.
func (w *writer) Write(b *columnar.Batch) error {
	if n := len(b.Sketch.Shingles); n != b.Len() {
		return fmt.Errorf("batch of %d documents has %d sketches", b.Len(), n)
	}
	w.scratch = w.sketches.batch(w.plan, b, w.scratch)
	if w.sketches.err != nil {
		return w.sketches.err
	}
	if err := w.keys.batch(&b.Sketch); err != nil {
		return err
	}
	if w.ranks != nil {
		if err := w.ranks.Batch(b); err != nil {
			return err
		}
	}
	return w.keys.runs.Err()
}

// Commit implements pipeline.BatchWriter.
func (w *writer) Commit() ([]pipeline.Output, error) {
	if err := errors.Join(w.sketches.finish(), w.keys.finish()); err != nil {
		return nil, err
	}
	sketches, err := w.sketchesOut.commit(w.sketches.rows)
	if err != nil {
		return nil, err
	}
	keys, err := w.keysOut.commit(w.keys.total)
	if err != nil {
		return nil, err
	}
	if w.ranks == nil {
		return []pipeline.Output{sketches, keys}, nil
	}
	if err := w.ranks.Finish(); err != nil {
		return nil, err
	}
	ranks, err := w.ranksOut.commit(w.ranks.Rows())
	if err != nil {
		return nil, err
	}
	return []pipeline.Output{sketches, keys, ranks}, nil
}

// Close implements pipeline.BatchWriter.
func (w *writer) Close() error {
	if w.keys != nil {
		w.keys.close()
	}
	return errors.Join(w.sketchesOut.Close(), w.keysOut.Close(), w.ranksOut.Close())
}
