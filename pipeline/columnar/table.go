package columnar

import (
	"errors"
	"io"
)

// Type is the type of a table column; every column is required, there are no nulls.
type Type uint8

// Column types. The values of a column are given to TableWriter as *Strings for String and Binary, []int32, []int64,
// and []bool.
const (
	String Type = iota
	Binary
	Int32
	Int64
)

// Column is one column of a table.
type Column struct {
	Name       string
	Type       Type
	Dictionary bool // few distinct values: dictionary-encoded in Parquet
	Statistics bool // minimum and maximum in Parquet
}

// TableOptions shape a table file.
type TableOptions struct {
	GroupBytes int64             // raw bytes in one row group; 0: 32 MiB
	Level      int               // zstd level 1-22; 0: 1
	Metadata   map[string]string // key-value pairs of the footer
}

// TableWriter writes a table file, Parquet or Arrow IPC, to a stream. It does not keep the columns it is given... see
// NewParquetWriter and NewArrowWriter.
type TableWriter interface {
	// Write appends rows: one value column for each Column, all of one length.
	Write(columns ...any) error
	// Finish writes the footer and returns the number of rows. A file is good only if Finish returned nil.
	Finish() (rows int64, err error)
}

// NewParquetWriter starts a Parquet file.
func NewParquetWriter(w io.Writer, schema []Column, o TableOptions) (TableWriter, error) {
	return nil, errors.New("not there yet")
}

// NewArrowWriter starts an Arrow IPC file (the random access format).
func NewArrowWriter(w io.Writer, schema []Column, o TableOptions) (TableWriter, error) {
	return nil, errors.New("not there yet")
}

// ReadTable reads a Parquet file with limits, in chunks of rows: yield gets the columns asked for by name, each as
// *Strings, []int32 or []int64, valid until it returns. Damaged input is an error, never a panic.
func ReadTable(r io.ReaderAt, size int64, columns []string, yield func(columns []any) error) error {
	return errors.New("not there yet")
}
