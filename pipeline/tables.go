package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"millrace/pipeline/columnar"
)

// TableFormat is the file format of a table.
type TableFormat uint8

// The formats that tables are written in.
const (
	ParquetTable TableFormat = iota
	ArrowTable               // Arrow IPC, the random access format
)

// String is the extension of the format's files.
func (f TableFormat) String() string {
	if f == ArrowTable {
		return "arrow"
	}
	return "parquet"
}

func (f TableFormat) writer(w io.Writer, schema []columnar.Column, o columnar.TableOptions) (columnar.TableWriter, error) {
	if f == ArrowTable {
		return columnar.NewArrowWriter(w, schema, o)
	}
	return columnar.NewParquetWriter(w, schema, o)
}

// Lineage is what the footer of every table says of its origin.
func Lineage(p *Plan) map[string]string {
	return map[string]string{"millrace.plan": p.Digest(), "millrace.version": strconv.Itoa(p.Version)}
}

// check reads the mark at both ends of a table file and, where the format has it in one place, the number of rows.
func (f TableFormat) check(o Object, rows int64) error {
	if f == ParquetTable {
		n, err := columnar.ParquetRows(o, o.Size())
		if err == nil && n != rows {
			err = fmt.Errorf("it has %d rows, %d were written", n, rows)
		}
		return err
	}
	var start, end [6]byte
	_, err := o.ReadAt(start[:], 0)
	if err == nil {
		_, err = io.ReadFull(io.NewSectionReader(o, o.Size()-int64(len(end)), int64(len(end))), end[:])
	}
	if err == nil && (string(start[:]) != arrowMagic || string(end[:]) != arrowMagic) {
		err = errors.New("it is no Arrow file")
	}
	return err
}

const arrowMagic = "ARROW1"

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
	w, err := format.writer(f, schema, o)
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
	return format.check(o, out.Rows)
}
