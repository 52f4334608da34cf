package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/sorted"
)

// merger is the Runner of pretokenmerge.<partition>. The entry's rows are the pre-tokens that occur often enough.
type merger struct{}

func mergedName(partition int) string { return fmt.Sprintf(stageMerge+"/%06d.counts", partition) }

// Run implements pipeline.Runner.
func (merger) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= b.Partitions {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d partitions", task, b.Partitions))
	}
	entries, err := job.Entries(ctx, stageCollect)
	if err != nil {
		return e, err
	}
	files := sorted.NewHandles(ctx, job.Work)
	defer func() { err = errors.Join(err, files.Close()) }()
	var sources []counts.Source
	for i := range entries {
		for _, o := range entries[i].Outputs {
			f, err := counts.Open(files, o.Name, task.Index, b.Partitions)
			if err != nil {
				return e, err
			}
			sources = append(sources, f)
		}
	}
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	w, err := counts.CreateWork(ctx, job, mergedName(task.Index))
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	err = counts.Each(ctx, counts.NewMerge(sources), func(i *counts.Item) error {
		if i.Count < b.Settings.MinPretoken {
			e.Counters.Add(countRare, 1)
			e.Counters.Add(countRareUses, i.Count)
			return nil
		}
		return w.Add(i)
	})
	if err != nil {
		return e, err
	}
	out, err := w.Commit()
	e.Rows, e.Bytes, e.Outputs = out.Rows, out.Bytes, []pipeline.Output{out}
	return e, err
}
