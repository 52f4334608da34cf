package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/millrace/millrace/pipeline/columnar"
)

// Lineage is what the footer of every table says of its origin.
func Lineage(p *Plan) map[string]string {
	return map[string]string{"millrace.plan": p.Digest(), "millrace.version": strconv.Itoa(p.Version)}
}

// TableFile is a table of the version that is being made, while it is written. Not safe for concurrent use.
type TableFile struct {
	columnar.TableWriter

	job    *Job
	name   string
	format TableFormat
	file   *OutputWriter
}

// CreateTable begins a table file. Whoever does must Close it, also behind Commit.
func CreateTable(ctx context.Context, job *Job, name string, format TableFormat, schema []columnar.Column, o columnar.TableOptions,
) (*TableFile, error) {
	f, err := CreateOut(ctx, job, name)
	if err != nil {
		return nil, err
	}
	w, err := format.Writer(f, schema, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), f.Close())
	}
	return &TableFile{w, job, name, format, f}, nil
}

// Commit makes the file appear, if it has as many rows as are wanted. Then it is opened once more: a file that is not what was
// written is removed, and the error stands (invariant 2).
func (t *TableFile) Commit(ctx context.Context, want int64) (out Output, err error) {
	rows, err := t.Finish()
	if err != nil {
		return out, fmt.Errorf("finish %s: %w", t.name, err)
	}
	if rows != want {
		return out, fmt.Errorf("%s has %d rows, %d were written", t.name, rows, want)
	}
	if out, err = t.file.Commit(rows); err != nil {
		return out, err
	}
	if err := checkTable(ctx, t.job, out, t.format); err != nil {
		return Output{}, errors.Join(fmt.Errorf("check %s: %w", t.name, err), t.job.Out.Remove(ctx, t.name))
	}
	return out, nil
}

// Close removes what was written unless Commit succeeded.
func (t *TableFile) Close() error { return errors.Join(t.TableWriter.Close(), t.file.Close()) }

// WriteTable writes a table file: fill writes the rows and says how many there are. See TableFile.Commit.
func WriteTable(ctx context.Context, job *Job, name string, format TableFormat, schema []columnar.Column,
	o columnar.TableOptions, fill func(columnar.TableWriter) (rows int64, err error),
) (out Output, err error) {
	t, err := CreateTable(ctx, job, name, format, schema, o)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	rows, err := fill(t)
	if err != nil {
		return out, fmt.Errorf("write %s: %w", name, err)
	}
	return t.Commit(ctx, rows)
}

func checkTable(ctx context.Context, job *Job, out Output, format TableFormat) (err error) {
	o, err := job.Out.Open(ctx, out.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if o.Size() != out.Bytes {
		return fmt.Errorf("it has %d bytes, %d were written", o.Size(), out.Bytes)
	}
	return format.Check(o, out.Rows)
}
