package columnar

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// arrowWriter collects rows until a record batch is full, so that batches do not depend on the calls.
type arrowWriter struct {
	out     latch
	schema  []Column
	cut     rowCutter
	batch   []any // *Strings, []int32 or []int64 for each column
	waiting int   // rows in batch
	fields  *arrow.Schema
	ipc     *ipc.FileWriter
	rows    int64
	err     error
}

// NewArrowWriter starts an Arrow IPC file (the random access format): uncompressed, no dictionaries, every column required.
// A record batch holds up to GroupBytes; Level and Parallel mean nothing here.
func NewArrowWriter(w io.Writer, schema []Column, o TableOptions) (TableWriter, error) {
	return newArrowWriter(w, schema, o, memory.DefaultAllocator)
}

func newArrowWriter(w io.Writer, schema []Column, o TableOptions, mem memory.Allocator) (*arrowWriter, error) {
	if err := o.Check(schema); err != nil {
		return nil, err
	}
	a := &arrowWriter{
		out: latch{w: w}, schema: slices.Clone(schema), cut: newRowCutter(schema, o.GroupBytes),
		batch: make([]any, len(schema)),
	}
	keys := slices.Sorted(maps.Keys(o.Metadata))
	values := make([]string, len(keys))
	for i, key := range keys {
		values[i] = o.Metadata[key]
	}
	fields := make([]arrow.Field, len(schema))
	for i, c := range schema {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.arrow()} // required: Nullable is false
	}
	pairs := arrow.NewMetadata(keys, values)
	a.fields = arrow.NewSchema(fields, &pairs)
	a.clear()
	err := protect("start the file", func() (err error) {
		a.ipc, err = ipc.NewFileWriter(&a.out, ipc.WithSchema(a.fields), ipc.WithAllocator(mem))
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

func (t Type) arrow() arrow.DataType {
	switch t {
	case String:
		return arrow.BinaryTypes.String
	case Binary:
		return arrow.BinaryTypes.Binary
	case Int32:
		return arrow.PrimitiveTypes.Int32
	default:
		return arrow.PrimitiveTypes.Int64
	}
}

// clear empties the batch and keeps its memory.
func (a *arrowWriter) clear() {
	a.waiting, a.cut.used = 0, 0
	for i, c := range a.schema {
		switch v := a.batch[i].(type) {
		case *Strings:
			v.Reset()
		case []int32:
			a.batch[i] = v[:0]
		case []int64:
			a.batch[i] = v[:0]
		default:
			a.batch[i] = map[Type]any{String: new(Strings), Binary: new(Strings), Int32: []int32{}, Int64: []int64{}}[c.Type]
		}
	}
}

// Write implements TableWriter.
func (a *arrowWriter) Write(columns ...any) error {
	if a.err == nil {
		a.err = protect("write rows", func() error { return a.write(columns) })
	}
	return a.err
}

func (a *arrowWriter) write(columns []any) error {
	rows, err := CheckRows(a.schema, columns)
	if err != nil {
		return err
	}
	for from := 0; from < rows; {
		to := a.cut.take(columns, from, rows)
		if to == from {
			if err := a.flush(); err != nil {
				return err
			}
			continue
		}
		a.append(columns, from, to)
		from = to
	}
	return nil
}

func (a *arrowWriter) append(columns []any, from, to int) {
	for i, column := range columns {
		switch v := column.(type) {
		case *Strings:
			a.batch[i].(*Strings).appendRange(v, from, to)
		case []int32:
			a.batch[i] = append(a.batch[i].([]int32), v[from:to]...)
		case []int64:
			a.batch[i] = append(a.batch[i].([]int64), v[from:to]...)
		}
	}
	a.waiting += to - from
}

// flush writes the rows that wait as one record batch.
func (a *arrowWriter) flush() error {
	columns := make([]arrow.Array, len(a.schema))
	for i, c := range a.schema {
		switch v := a.batch[i].(type) {
		case *Strings:
			columns[i] = wrapStrings(c.Type.arrow(), v)
		case []int32:
			columns[i] = wrap(c.Type.arrow(), len(v), arrow.Int32Traits.CastToBytes(v))
		case []int64:
			columns[i] = wrap(c.Type.arrow(), len(v), arrow.Int64Traits.CastToBytes(v))
		}
	}
	record := array.NewRecord(a.fields, columns, int64(a.waiting))
	for _, c := range columns {
		c.Release()
	}
	defer record.Release()
	if err := a.ipc.Write(record); err != nil {
		return fmt.Errorf("write a record batch: %w", err)
	}
	a.rows += int64(a.waiting)
	a.clear()
	return a.out.err
}

// Finish implements TableWriter.
func (a *arrowWriter) Finish() (rows int64, err error) {
	if a.err == nil {
		a.err = protect("end the file", a.finish)
	}
	if a.err != nil {
		return 0, a.err
	}
	a.err = errors.New("the file is finished")
	return a.rows, nil
}

func (a *arrowWriter) finish() error {
	if a.waiting > 0 {
		if err := a.flush(); err != nil {
			return err
		}
	}
	if err := a.ipc.Close(); err != nil {
		return err
	}
	return a.out.err // the latch knows of every failure, whatever the library made of it
}

// Close implements TableWriter.
func (a *arrowWriter) Close() error {
	if a.err == nil {
		a.err = errors.New("the file was given up")
	}
	a.batch = nil
	return nil
}
