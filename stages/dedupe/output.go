package dedupe

import (
	"bufio"
	"context"

	"github.com/millrace/millrace/pipeline"
)

// output is a buffered output file. A nil one can be closed.
type output struct {
	*bufio.Writer
	file *pipeline.OutputWriter
}

const outputBuffer = 64 << 10

func createWork(ctx context.Context, job *pipeline.Job, name string) (*output, error) {
	return buffered(pipeline.CreateWork(ctx, job, name))
}

func createOut(ctx context.Context, job *pipeline.Job, name string) (*output, error) {
	return buffered(pipeline.CreateOut(ctx, job, name))
}

func buffered(f *pipeline.OutputWriter, err error) (*output, error) {
	if err != nil {
		return nil, err
	}
	return &output{bufio.NewWriterSize(f, outputBuffer), f}, nil
}

func (o *output) commit(rows int64) (pipeline.Output, error) {
	if err := o.Flush(); err != nil {
		return pipeline.Output{}, err
	}
	return o.file.Commit(rows)
}

// Close removes what was written, unless it was committed.
func (o *output) Close() error {
	if o == nil {
		return nil
	}
	return o.file.Close()
}
