package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
)

// toyRunner is a Runner made of a function.
type toyRunner func(ctx context.Context, task pipeline.Task, job *pipeline.Job) (pipeline.Entry, error)

func (r toyRunner) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (pipeline.Entry, error) {
	return r(ctx, task, job)
}

// runner is a Runner that may meet with a fault.
func (y *toy) runner(run toyRunner) toyRunner {
	return func(ctx context.Context, task pipeline.Task, job *pipeline.Job) (pipeline.Entry, error) {
		if err := y.touch(ctx, task.Stage, task.Index); err != nil {
			return pipeline.Entry{}, err
		}
		return run(ctx, task, job)
	}
}

// totals is what became of all lists.
type totals struct {
	Shards  []int // the lists that have documents
	Sum     int64
	Doubles int64 // numbers that were there before
}

// total adds up what add left.
func (y *toy) total(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	entries, err := job.Entries(ctx, "add")
	if err != nil {
		return e, err
	}
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	var all totals
	seen := map[int64]bool{}
	for i := range entries {
		if entries[i].Verdict == pipeline.VerdictDead {
			continue
		}
		var one sums
		if err := pipeline.ReadJSON(ctx, job.Work, sumsName(i), &one); err != nil {
			return e, err
		}
		all.Shards = append(all.Shards, i)
		for _, n := range one.Numbers {
			all.Sum += n
			if seen[n] {
				all.Doubles++
			}
			seen[n] = true
		}
		e.Sum.In += int64(len(one.Numbers))
	}
	e.Sum.Leave(pipeline.LeftDuplicate, "same", all.Doubles)
	e.Sum.Out = e.Sum.In - all.Doubles
	return e, y.put(ctx, job, &e, pipeline.CreateWork, totalName, all)
}

// put writes a file that an entry names.
func (y *toy) put(ctx context.Context, job *pipeline.Job, e *pipeline.Entry,
	create func(context.Context, *pipeline.Job, string) (*pipeline.OutputWriter, error), name string, v any,
) (err error) {
	w, err := create(ctx, job, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return err
	}
	o, err := w.Commit(1)
	e.Outputs = append(e.Outputs, o)
	return err
}

// shards is how many lists there are for emit. The dead ones are the last in these tests.
func (y *toy) shards(ctx context.Context, job *pipeline.Job) (int, error) {
	var all totals
	err := pipeline.ReadJSON(ctx, job.Work, totalName, &all)
	return len(all.Shards), err
}

// index writes a file that depends on the total alone.
func (y *toy) index(ctx context.Context, task pipeline.Task, job *pipeline.Job) (pipeline.Entry, error) {
	e := pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	var all totals
	if err := pipeline.ReadJSON(ctx, job.Work, totalName, &all); err != nil {
		return e, err
	}
	return e, y.put(ctx, job, &e, pipeline.CreateOut, fmt.Sprintf("index/%06d.json", task.Index), all.Sum+int64(task.Index))
}

// end adds up the weights.
func (y *toy) end(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	printed, err := job.Entries(ctx, "print")
	if err != nil {
		return e, err
	}
	weight := int64(0)
	for i := range printed {
		var one sums
		if err := pipeline.ReadJSON(ctx, job.Work, weightsName(i), &one); err != nil {
			return e, err
		}
		for _, n := range one.Numbers {
			weight += n
		}
		e.Rows += printed[i].Rows
	}
	return e, y.put(ctx, job, &e, pipeline.CreateOut, "end/end.json", weight)
}
