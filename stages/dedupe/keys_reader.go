package dedupe

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// openKeys returns the keys of one partition over all splits, with the numbers of their documents in the run, in order of
// the documents.
func openKeys(files *sorted.Handles, plan *ingest.Plan, bases []int64, partition int) (list []sorted.Source[uint64], err error) {
	all := sorted.NewRuns(files, keysKind)
	for split := range len(bases) - 1 {
		rows := bases[split+1] - bases[split]
		if rows == 0 {
			continue // a rejected split has no file
		}
		name := ingest.KeysName(split)
		f, runs, err := all.Open(name, partition)
		if err != nil {
			return nil, err
		}
		if f.Partitions != plan.Partitions || f.Rows != rows {
			return nil, sorted.Damaged(name, "%d partitions, %d documents: the run has %d and %d", f.Partitions, f.Rows, plan.Partitions, rows)
		}
		for _, r := range runs {
			list = append(list, r.Keys(uint64(bases[split]), uint32(rows)))
		}
	}
	return list, nil
}

// partitionOf returns the plan of a task of one partition, and the numbers of the splits' first documents.
func partitionOf(ctx context.Context, task pipeline.Task, job *pipeline.Job) (plan *ingest.Plan, bases []int64, err error) {
	if plan, err = ingest.PlanOf(job); err != nil {
		return nil, nil, err
	}
	if task.Index < 0 || task.Index >= plan.Partitions {
		return nil, nil, pipeline.Permanent(fmt.Errorf("task %s: the plan has %d partitions", task, plan.Partitions))
	}
	bases, err = ingest.Bases(ctx, job)
	return plan, bases, err
}
