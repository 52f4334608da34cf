package dedupe

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/tiers"
)

// NewIndex returns the runner of index.<partition>: it writes the part of this version's index that settle reads in later
// runs. That is the partition's keys of kept documents, and the signatures of the kept documents of one share of the
// splits. The entry's rows are keys; its outputs are these two files, and behind them the partition's share of the earlier
// indexes that the plan merges, without the keys of documents that are withdrawn and block nothing. The first partition takes the
// texts of earlier versions along that resolve has put aside, if there are any.
func NewIndex() pipeline.Runner { return &index{} }

type index struct{ masks masks }

// Run implements pipeline.Runner.
func (x *index) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (_ pipeline.Entry, err error) {
	plan, bases, err := partitionOf(ctx, task, job)
	if err != nil {
		return pipeline.Entry{}, err
	}
	bits, err := pipeline.ReadAll(ctx, job.Work, ingest.KeptName)
	if err != nil {
		return pipeline.Entry{}, err
	}
	if n := bases[len(bases)-1]; int64(len(bits)) != (n+7)/8 {
		return pipeline.Entry{}, sorted.Damaged(ingest.KeptName, "%d bytes for %d documents", len(bits), n)
	}
	kept := &keptBits{bits: bits}
	kept.index()
	work := sorted.NewHandles(ctx, job.Work)
	defer func() { err = errors.Join(err, work.Close()) }()

	p, n := task.Index, plan.Partitions
	folder := pipeline.IndexFolder + "/" + pipeline.VersionName(plan.Version)
	sources, err := openKeys(work, plan, bases, p)
	if err != nil {
		return pipeline.Entry{}, err
	}
	keys, err := tiers.Write(ctx, job, fmt.Sprintf("%s/keys-%05d-of-%05d.idx", folder, p, n), sorted.NewMerge(sources), kept.numbered, p, n)
	if err != nil {
		return pipeline.Entry{}, err
	}
	splits := len(bases) - 1
	signatures, err := writeSignatures(ctx, job, work, fmt.Sprintf("%s/signatures-%05d-of-%05d.sig", folder, p, n),
		kept, bases, p*splits/n, (p+1)*splits/n)
	if err != nil {
		return pipeline.Entry{}, err
	}
	mask, err := x.masks.get(ctx, job, plan)
	if err != nil {
		return pipeline.Entry{}, err
	}
	merged, err := mergeEarlier(ctx, job, plan, p, mask)
	if err != nil {
		return pipeline.Entry{}, err
	}
	outputs := append([]pipeline.Output{keys, signatures}, merged...)
	if p == 0 {
		compared, err := copyCompared(ctx, job, work, folder+"/"+comparedName)
		if err != nil {
			return pipeline.Entry{}, err
		}
		outputs = append(outputs, compared...)
	}
	return done(task, keys.Rows, outputs...), nil
}
