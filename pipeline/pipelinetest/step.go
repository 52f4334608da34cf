package pipelinetest

import (
	"context"
	"errors"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// RunStep does one task of a step that opens its input by itself, as the engine does, but one batch after the other.
func RunStep(ctx context.Context, step *pipeline.Step, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	r, err := step.Open(ctx, job, task.Index)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	w, err := step.Write(ctx, job, task.Index)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	var bytes int64
	for {
		var b columnar.Batch
		if err := r.Read(ctx, &b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return e, err
		}
		if err := w.Write(&b); err != nil {
			return e, err
		}
		bytes += int64(len(b.Text.Data))
	}
	outputs, err := w.Commit()
	if err != nil {
		return e, err
	}
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: outputs[0].Rows, Bytes: bytes, Outputs: outputs,
	}, nil
}
