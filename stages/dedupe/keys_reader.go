package dedupe

import (
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/ingest"
	"millrace/pipeline/sorted"
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

// checkPartition checks the number of a task against the plan.
func checkPartition(task pipeline.Task, plan *ingest.Plan) error {
	if task.Index < 0 || task.Index >= plan.Partitions {
		return pipeline.Permanent(fmt.Errorf("task %s: the plan has %d partitions", task, plan.Partitions))
	}
	return nil
}
