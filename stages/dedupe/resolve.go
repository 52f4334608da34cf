package dedupe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// NewResolve returns the runner of resolve.all: it walks the edges of all partitions in order of the later document and
// decides who is kept. The entry's rows are the kept documents, its bytes their text; the counters are kept, kept_bytes,
// exact, same_key and near (the duplicates by kind; what is rejected for a withdrawn document is in the sum alone), earlier_version (those
// of them that lost to one) and winner_missing (the documents without the field that Config.Winner names). It counts the losers of each
// winner, for the shards. Memory is one bit a document, some blocks a partition, and 8 MiB of winners; where Config.Winner is not
// order.First also 8 bytes a document and 32 a duplicate.
// It compares texts where the signatures leave it open whether documents are near: see judge. cfg must be valid.
func NewResolve(cfg Config) pipeline.Runner { return &resolve{cfg: cfg, ground: ingested{texts: true}} }

type resolve struct {
	cfg    Config
	ground ingested
}

// Run implements pipeline.Runner.
func (r *resolve) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (_ pipeline.Entry, err error) {
	if task.Index != 0 {
		return pipeline.Entry{}, pipeline.Permanent(fmt.Errorf("task %s: there is only one resolve task", task))
	}
	d, err := r.ground.of(ctx, job)
	if err != nil {
		return pipeline.Entry{}, err
	}
	plan, bases := d.plan, d.bases
	work, corpus := sorted.NewHandles(ctx, job.Work), sorted.NewHandles(ctx, job.Corpus)
	defer func() { err = errors.Join(err, work.Close(), corpus.Close()) }()

	documents := bases[len(bases)-1]
	e := done(task, 0)
	kept := newKeptBits(documents)
	aside, err := createWork(ctx, job, ingest.ComparedName)
	if err != nil {
		return pipeline.Entry{}, err
	}
	defer func() { err = errors.Join(err, aside.Close()) }()
	texts, err := newComparedWriter(aside)
	if err != nil {
		return pipeline.Entry{}, err
	}
	won, err := newWinners(ctx, job)
	if err != nil {
		return pipeline.Entry{}, err
	}
	defer func() { err = errors.Join(err, won.Close()) }()
	verdicts, err := writeVerdicts(ctx, job, r.cfg, d, work, corpus, decisions{kept, won, texts, &e})
	if err != nil {
		return pipeline.Entry{}, err
	}
	runs, err := won.commit()
	if err != nil {
		return pipeline.Entry{}, err
	}
	shards, err := cutShards(plan.ShardBytes, documents, func(yield func(document, bytes int64)) error {
		return scanKept(ctx, work, bases, kept, yield)
	})
	if err != nil {
		return pipeline.Entry{}, err
	}
	winners, err := writeWinners(ctx, job, work, kept, documents, shards)
	if err != nil {
		return pipeline.Entry{}, err
	}
	for _, s := range shards {
		e.Rows += s.Kept
		e.Bytes += s.Bytes
	}
	e.Sum.In, e.Sum.Out = documents, e.Rows
	for _, kind := range []uint8{ingest.KindExact, ingest.KindSameKey, ingest.KindNear} {
		e.Sum.Leave(pipeline.LeftDuplicate, ingest.KindName(kind), e.Counters[ingest.KindName(kind)])
	}
	if err := e.Sum.Check(); err != nil { // invariant 7
		return pipeline.Entry{}, err
	}
	e.Counters.Add("kept", e.Rows)
	e.Counters.Add("kept_bytes", e.Bytes)

	list, err := json.Marshal(shards)
	if err != nil {
		return pipeline.Entry{}, fmt.Errorf("encode shards: %w", err)
	}
	keptOut, err := writeWork(ctx, job, ingest.KeptName, kept.bits, documents)
	if err != nil {
		return pipeline.Entry{}, err
	}
	shardsOut, err := writeWork(ctx, job, ingest.ShardsName, list, int64(len(shards)))
	if err != nil {
		return pipeline.Entry{}, err
	}
	kept.index()
	if err := texts.number(uint32(plan.Version), kept.numbered); err != nil {
		return pipeline.Entry{}, err
	}
	compared, err := texts.finish()
	if err != nil {
		return pipeline.Entry{}, err
	}
	comparedOut, err := aside.commit(compared)
	if err != nil {
		return pipeline.Entry{}, err
	}
	e.Outputs = []pipeline.Output{keptOut, verdicts, runs, winners, shardsOut, comparedOut}
	return e, nil
}

// decisions are what resolve decides, document by document.
type decisions struct {
	kept  *keptBits // by document
	won   *winners  // nil: nobody asks
	aside *comparedWriter
	entry *pipeline.Entry // counts the duplicates
}

// scanKept calls yield with every kept document and the length of its text, in order.
func scanKept(ctx context.Context, work *sorted.Handles, bases []int64, kept *keptBits, yield func(document, bytes int64)) error {
	for split := range len(bases) - 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := bases[split]
		err := forSketches(work, split, bases[split+1]-d, func(s *sketchesFile) error {
			return s.scanLengths(func(lengths []uint32) error {
				for _, n := range lengths {
					if kept.get(d) {
						yield(d, int64(n))
					}
					d++
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeWork writes a work file at once.
func writeWork(ctx context.Context, job *pipeline.Job, name string, data []byte, rows int64) (_ pipeline.Output, err error) {
	o, err := pipeline.CreateWork(ctx, job, name)
	if err != nil {
		return pipeline.Output{}, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if _, err := o.Write(data); err != nil {
		return pipeline.Output{}, err
	}
	return o.Commit(rows)
}
