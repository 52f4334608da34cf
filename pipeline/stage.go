package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/millrace/millrace/pipeline/columnar"
)

// Stage turns a batch into a batch. It takes ownership of in and returns the batch that goes on, usually in itself, with
// columns replaced; the caller owns the result. Documents that do not go on are appended to Rejects. An instance is used
// by one goroutine at a time (the runner makes one per slot), may keep scratch memory, leaves no goroutine behind and
// knows nothing of queues. An error fails the task; bad input is never an error but a Reject.
type Stage interface {
	Process(ctx context.Context, in *columnar.Batch) (out *columnar.Batch, err error)
}

// ProcessAll takes a batch through stages, one after the other. A panic becomes an error with its stack (invariant 8).
func ProcessAll(ctx context.Context, stages []Stage, b *columnar.Batch) (_ *columnar.Batch, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	for _, stage := range stages {
		if b, err = stage.Process(ctx, b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Reader fills batches with raw records of one split, in order. Batch boundaries depend on the split's content alone
// (invariant 1). Read appends to an empty batch and returns io.EOF, with no rows, when the split is exhausted. What cannot
// be read becomes a Reject; an error means that the task should be tried again. Not safe for concurrent use.
type Reader interface {
	Read(ctx context.Context, b *columnar.Batch) error
	Close() error
}

// BatchWriter writes the batches of one task, in order, to files that appear when Commit returns nil, or not at all
// (invariant 2). Write does not keep or change b. Close after Commit does nothing; without it, it removes what was written.
type BatchWriter interface {
	Write(b *columnar.Batch) error
	Commit() ([]Output, error)
	Close() error
}

// NewWriter begins what a step, or one of several sinks, leaves of a task. Writers of one task are used at the same time, each by one
// goroutine. It may begin none, where a task leaves nothing: for that alone nothing is read.
type NewWriter func(ctx context.Context, job *Job, task int) (BatchWriter, error)

// Writers begins several writers: see BatchWriters.
func Writers(list ...NewWriter) NewWriter {
	if len(list) == 1 {
		return list[0]
	}
	return func(ctx context.Context, job *Job, task int) (BatchWriter, error) {
		all := BatchWriters{}
		for _, begin := range list {
			w, err := begin(ctx, job, task)
			if err != nil {
				return nil, errors.Join(err, all.Close())
			}
			if w != nil {
				all = append(all, w)
			}
		}
		if len(all) == 0 {
			return nil, nil
		}
		return all, nil
	}
}

// BatchWriters get the same batches, one after the other. Their outputs are in their order.
type BatchWriters []BatchWriter

// Write implements BatchWriter.
func (all BatchWriters) Write(b *columnar.Batch) error {
	for _, w := range all {
		if err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// Commit implements BatchWriter.
func (all BatchWriters) Commit() (outputs []Output, err error) {
	for _, w := range all {
		o, err := w.Commit()
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, o...)
	}
	return outputs, nil
}

// Close implements BatchWriter.
func (all BatchWriters) Close() (err error) {
	for _, w := range all {
		err = errors.Join(err, w.Close())
	}
	return err
}
