package tokens

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/millrace/millrace/pipeline"
)

// bufferSize is how much of a file is collected before it is hashed and handed on.
const bufferSize = 256 << 10

// File is a file of a shard: buffered, hashed while it is written. Not safe for concurrent use.
type File struct {
	out  *pipeline.OutputWriter
	buf  []byte
	Rows int64 // what its Output says; whoever writes counts
}

// Create starts a file of a release.
func Create(ctx context.Context, job *pipeline.Job, name string) (*File, error) {
	out, err := pipeline.CreateOut(ctx, job, name)
	if err != nil {
		return nil, err
	}
	return &File{out: out, buf: make([]byte, 0, bufferSize)}, nil
}

// flush hands on what is buffered, if the buffer has no room for so many bytes more.
func (f *File) flush(room int) error {
	if len(f.buf)+room <= cap(f.buf) {
		return nil
	}
	_, err := f.out.Write(f.buf)
	f.buf = f.buf[:0]
	return err
}

// Write implements io.Writer.
func (f *File) Write(p []byte) (int, error) {
	if err := f.flush(len(p)); err != nil {
		return 0, err
	}
	if len(p) > cap(f.buf) {
		return f.out.Write(p)
	}
	f.buf = append(f.buf, p...)
	return len(p), nil
}

// Tokens writes ids as AppendTokens does.
func (f *File) Tokens(s Spec, ids []int32) error {
	step := bufferSize / s.TokenBytes()
	for len(ids) > 0 {
		n := min(len(ids), step)
		if err := f.flush(n * s.TokenBytes()); err != nil {
			return err
		}
		var err error
		if f.buf, err = s.AppendTokens(f.buf, ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// Uint32 and Uint64 write a little-endian integer.
func (f *File) Uint32(v uint32) error {
	if err := f.flush(4); err != nil {
		return err
	}
	f.buf = binary.LittleEndian.AppendUint32(f.buf, v)
	return nil
}

// Uint64 writes a little-endian integer.
func (f *File) Uint64(v uint64) error {
	if err := f.flush(8); err != nil {
		return err
	}
	f.buf = binary.LittleEndian.AppendUint64(f.buf, v)
	return nil
}

// Commit makes the file appear.
func (f *File) Commit() (pipeline.Output, error) {
	if err := f.flush(bufferSize + 1); err != nil {
		return pipeline.Output{}, err
	}
	return f.out.Commit(f.Rows)
}

// Close removes the file unless it was committed.
func (f *File) Close() error { return f.out.Close() }

// Files are files of one shard that are written side by side.
type Files []*File

// CreateFiles starts files that share the first part of their names.
func CreateFiles(ctx context.Context, job *pipeline.Job, name string, endings ...string) (Files, error) {
	var files Files
	for _, ending := range endings {
		f, err := Create(ctx, job, name+ending)
		if err != nil {
			return nil, errors.Join(err, files.Close())
		}
		files = append(files, f)
	}
	return files, nil
}

// Commit makes them appear, in their order.
func (list Files) Commit() (outputs []pipeline.Output, err error) {
	for _, f := range list {
		o, err := f.Commit()
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, o)
	}
	return outputs, nil
}

// Close removes those that were not committed.
func (list Files) Close() (err error) {
	for _, f := range list {
		err = errors.Join(err, f.Close())
	}
	return err
}

// WriteFile writes a file that is in memory.
func WriteFile(ctx context.Context, job *pipeline.Job, name string, data []byte, rows int64) (outputs []pipeline.Output, err error) {
	out, err := pipeline.CreateOut(ctx, job, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }() // of a committed file it does nothing
	if _, err := out.Write(data); err != nil {
		return nil, err
	}
	o, err := out.Commit(rows)
	if err != nil {
		return nil, err
	}
	return []pipeline.Output{o}, nil
}
