package engine

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// stepWriters write what the steps of one task leave, in the order in which their files appear.
type stepWriters struct {
	steps []pipeline.StageSpec
	lists []pipeline.BatchWriters // by step
}

func (c *carrying) writers(ctx context.Context) (w *stepWriters, err error) {
	w = &stepWriters{steps: c.steps, lists: make([]pipeline.BatchWriters, len(c.steps))}
	for i := range c.steps {
		step, last := c.steps[i].Step, i == len(c.steps)-1
		if handsOver := last && c.handsOver(); handsOver || step.Leaves != nil {
			spill, err := newSpillWriter(ctx, c.job, leftBy(&c.steps[i], c.task.Index), handsOver)
			if err != nil {
				return w, err
			}
			w.lists[i] = append(w.lists[i], spill)
		}
		if step.Write != nil {
			one, err := step.Write(ctx, c.job, c.task.Index)
			if err != nil {
				return w, err
			}
			if one != nil {
				w.lists[i] = append(w.lists[i], one)
			}
		}
	}
	return w, nil
}

// none says whether nothing is written at all.
func (w *stepWriters) none() bool {
	return !slices.ContainsFunc(w.lists, func(list pipeline.BatchWriters) bool { return len(list) > 0 })
}

// Write gives a batch to all writers: those of several steps at the same time, so that a slow one does not hold up the others' cores.
func (w *stepWriters) Write(b *columnar.Batch) error {
	if len(w.lists) == 1 {
		return w.lists[0].Write(b)
	}
	errs := make([]error, len(w.lists))
	var wg sync.WaitGroup
	for i, list := range w.lists[1:] {
		if len(list) > 0 {
			wg.Go(func() { errs[i+1] = guarded(func() error { return list.Write(b) }) })
		}
	}
	errs[0] = guarded(func() error { return w.lists[0].Write(b) })
	wg.Wait()
	return errors.Join(errs...)
}

// Commit makes the files of all steps appear.
func (w *stepWriters) Commit() (outs []pipeline.Output, err error) {
	for i := range w.lists {
		o, err := w.lists[i].Commit()
		if err != nil {
			return nil, err
		}
		outs = append(outs, o...)
	}
	return outs, nil
}

// commitApart makes the files of all steps appear, and an entry of each step like e. That of a step without a writer says nothing of documents, for
// where it is alone none are read for it.
func (w *stepWriters) commitApart(e pipeline.Entry) (entries []pipeline.Entry, err error) {
	for i := range w.lists {
		one := pipeline.Entry{Index: e.Index, Verdict: e.Verdict}
		if len(w.lists[i]) > 0 {
			one = e
		}
		one.Stage = w.steps[i].Name
		if one.Outputs, err = w.lists[i].Commit(); err != nil {
			return nil, err
		}
		entries = append(entries, one)
	}
	return entries, nil
}

// Close removes what was not committed.
func (w *stepWriters) Close() (err error) {
	for _, list := range w.lists {
		err = errors.Join(err, list.Close())
	}
	return err
}
