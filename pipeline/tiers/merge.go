package tiers

import (
	"bufio"
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Sources returns the entries that some runs have of one partition of the key space, numbered through all documents of the runs: see Number.
func Sources(files *sorted.Handles, history []ingest.IndexVersion, runs []ingest.IndexRun, partition, partitions int) (list []sorted.Source[uint64], err error) {
	first := uint64(0)
	for _, r := range runs {
		n, err := Number(history, r)
		if err != nil {
			return nil, err
		}
		if len(r.Keys) > 0 {
			list = append(list, sorted.NewRange(files, r.Keys, partition, partitions, first, n.documents))
		}
		first += n.documents
	}
	return list, nil
}

// Remaining says of numbers which are of documents that are not gone; numbers stay as they are. gone is asked only where the mask has
// something of the versions.
func Remaining(n *Numbering, mask *withdrawn.Mask, gone func(Document) bool) func(number uint64) (same uint64, ok bool) {
	for _, v := range n.versions {
		if mask.Count(v.version) > 0 {
			return func(number uint64) (uint64, bool) { return number, !gone(n.Document(number)) }
		}
	}
	return func(number uint64) (uint64, bool) { return number, true }
}

// writeBuffer is that of a file.
const writeBuffer = 64 << 10

// File is a file of a run that is being written: see sorted.IndexWriter.
type File struct {
	*sorted.IndexWriter
	to  *bufio.Writer
	out *pipeline.OutputWriter
}

// Create begins a file of a run, in the version that a job makes.
func Create(ctx context.Context, job *pipeline.Job, name string) (*File, error) {
	return begin(pipeline.CreateOut(ctx, job, name))
}

// CreateWork begins a file of the same format among the work files of a job.
func CreateWork(ctx context.Context, job *pipeline.Job, name string) (*File, error) {
	return begin(pipeline.CreateWork(ctx, job, name))
}

func begin(out *pipeline.OutputWriter, err error) (*File, error) {
	if err != nil {
		return nil, err
	}
	to := bufio.NewWriterSize(out, writeBuffer)
	return &File{sorted.NewIndexWriter(to), to, out}, nil
}

// Commit makes the file appear: it is one partition, of so many.
func (f *File) Commit(partition, partitions int) (pipeline.Output, error) {
	if err := f.Finish(partition, partitions); err != nil {
		return pipeline.Output{}, err
	}
	if err := f.to.Flush(); err != nil {
		return pipeline.Output{}, err
	}
	return f.out.Commit(f.Entries())
}

// Close removes what was written, unless it was committed. A nil one can be closed.
func (f *File) Close() error {
	if f == nil {
		return nil
	}
	return f.out.Close()
}

// Write writes the merged entries of the documents that numbered has, by the numbers that it gives them, as one partition of so many. Memory
// is some blocks of each stream.
func Write(ctx context.Context, job *pipeline.Job, name string, m *sorted.Merge[uint64], numbered func(uint64) (number uint64, ok bool), partition, partitions int,
) (_ pipeline.Output, err error) {
	f, err := Create(ctx, job, name)
	if err != nil {
		return pipeline.Output{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := Each(ctx, m, func(e sorted.Item[uint64]) error {
		if number, ok := numbered(e.Value); ok {
			f.Add(e.Key, number)
		}
		return nil
	}); err != nil {
		return pipeline.Output{}, err
	}
	return f.Commit(partition, partitions)
}

// Each calls yield with all entries, until its first error.
func Each(ctx context.Context, m *sorted.Merge[uint64], yield func(e sorted.Item[uint64]) error) error {
	for i := 0; m.Next(); i++ {
		if err := yield(m.Item); err != nil {
			return err
		}
		if i%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return m.Err()
}
