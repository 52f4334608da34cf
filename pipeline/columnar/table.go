package columnar

import (
	"errors"
	"fmt"
	"slices"
	"sort"
)

// Type is the type of a table column; every column is required, there are no nulls.
type Type uint8

// Column types. The values of a column are given to TableWriter as *Strings for String and Binary, []int32 and []int64.
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
	Dictionary bool // few distinct values: dictionary-encoded in Parquet where that pays. For String and Binary only
	Delta      bool // values are near those before: in Parquet the differences are written. For Int64 only, and not with LZ4Raw
	Statistics bool // minimum and maximum of each row group in Parquet
	JSON       bool // every value is a JSON object, which a format that can nest them holds as such. For String only
	// Histogram has the footer of a Parquet file say how the values are distributed: of the rows of each value of the String column By,
	// if that is given. For Int32 and Int64 only.
	Histogram Scale
	By        string
}

// TableOptions shape a table file.
type TableOptions struct {
	GroupBytes int64             // raw bytes in one row group or record batch, at most 1 GiB; 0: 32 MiB
	Codec      Codec             // of the pages of Parquet; empty: Zstd
	Level      int               // zstd level 1-22; 0: 1. Other codecs have none
	Metadata   map[string]string // key-value pairs of the footer
	Parallel   int               // pages that are compressed at the same time; 0: 1. The bytes of the file do not depend on it
}

const (
	defaultGroupBytes = 32 << 20
	maxGroupBytes     = 1 << 30
	maxValueBytes     = 1 << 30 // of one String or Binary: a page holds at least one value, and its length has 31 bits
)

// TableWriter writes a table file, such as Parquet, to a stream. The bytes depend on schema, options and rows alone,
// never on how the rows were spread over calls (invariant 1). Nothing of the columns is kept or changed: they are the
// caller's again when Write returns. After an error every call fails. It is not safe for concurrent use.
type TableWriter interface {
	// Write appends rows: one value column for each Column, all of one length.
	Write(columns ...any) error
	// Finish writes the footer and returns the number of rows. A file is good only if Finish returned nil.
	Finish() (rows int64, err error)
	// Close gives up a file that is not finished and returns when all work on it has stopped. After Finish it does nothing.
	Close() error
}

func (c *Column) checkHistogram(schema []Column) error {
	if c.Histogram == NoScale && c.By == "" {
		return nil
	}
	if !c.Histogram.known() || c.Histogram == NoScale || c.Type != Int32 && c.Type != Int64 {
		return fmt.Errorf("column %s: no histogram in buckets %q of such a column", c.Name, c.Histogram)
	}
	if c.By != "" && !slices.ContainsFunc(schema, func(o Column) bool { return o.Name == c.By && o.Type == String }) {
		return fmt.Errorf("column %s: a histogram by %q, which is no column of strings", c.Name, c.By)
	}
	return nil
}

// Check fills in defaults and reports every problem of a schema and its options. What begins a TableWriter calls it first.
func (o *TableOptions) Check(schema []Column) error {
	var errs []error
	if len(schema) == 0 {
		errs = append(errs, errors.New("a table needs a column"))
	}
	names := map[string]bool{}
	for _, c := range schema {
		if c.Name == "" || names[c.Name] {
			errs = append(errs, fmt.Errorf("column name %q is empty or taken", c.Name))
		}
		names[c.Name] = true
		if c.Type > Int64 {
			errs = append(errs, fmt.Errorf("column %s: unknown type %d", c.Name, c.Type))
		}
		if err := c.checkHistogram(schema); err != nil {
			errs = append(errs, err)
		}
		if c.Delta && (c.Type != Int64 || o.Codec == LZ4Raw) {
			errs = append(errs, fmt.Errorf("column %s: only integers of 64 bits can be differences, and not in %s", c.Name, LZ4Raw))
		}
		if c.JSON && c.Type != String {
			errs = append(errs, fmt.Errorf("column %s: only strings can be JSON", c.Name))
		}
	}
	if o.GroupBytes == 0 {
		o.GroupBytes = defaultGroupBytes
	}
	if o.GroupBytes < 0 || o.GroupBytes > maxGroupBytes {
		errs = append(errs, fmt.Errorf("row groups of %d bytes: at most 1 GiB", o.GroupBytes))
	}
	if o.Codec == "" {
		o.Codec = Zstd
	}
	if !slices.Contains(Codecs, o.Codec) {
		errs = append(errs, fmt.Errorf("unknown codec %q", o.Codec))
	}
	if o.Level == 0 {
		o.Level = 1
	}
	if o.Level < 1 || o.Level > 22 {
		errs = append(errs, fmt.Errorf("zstd level %d is not between 1 and 22", o.Level))
	}
	o.Parallel = max(o.Parallel, 1)
	return errors.Join(errs...)
}

// CheckRows checks the columns that a TableWriter is given against the schema of its table and returns their length.
func CheckRows(schema []Column, columns []any) (n int, err error) {
	if len(columns) != len(schema) {
		return 0, fmt.Errorf("%d columns for a table of %d", len(columns), len(schema))
	}
	for i, column := range schema {
		rows := 0
		switch v := columns[i].(type) {
		case *Strings:
			if err := v.checkValues(column.Name); err != nil {
				return 0, err
			}
			rows = v.Len()
		case []int32:
			rows = len(v)
		case []int64:
			rows = len(v)
		}
		if !column.Type.holds(columns[i]) {
			return 0, fmt.Errorf("column %s cannot hold %T", column.Name, columns[i])
		}
		if i > 0 && rows != n {
			return 0, fmt.Errorf("column %s has %d rows, the first has %d", column.Name, rows, n)
		}
		n = rows
	}
	return n, nil
}

// rowCutter decides which rows belong to one row group: as many as fit into the limit, and at least one.
type rowCutter struct {
	fixed int64 // bytes of a row apart from the bytes of strings
	limit int64
	used  int64 // raw bytes in the group so far
}

func newRowCutter(schema []Column, limit int64) rowCutter {
	c := rowCutter{limit: limit}
	for _, column := range schema {
		if column.Type == Int64 {
			c.fixed += 8
		} else {
			c.fixed += 4 // the length of a string, or an int32
		}
	}
	return c
}

func (t Type) holds(column any) bool {
	switch column.(type) {
	case *Strings:
		return t == String || t == Binary
	case []int32:
		return t == Int32
	case []int64:
		return t == Int64
	default:
		return false
	}
}

// take returns the end of the rows, starting with from, that still go into the group: from itself if it is full.
func (c *rowCutter) take(columns []any, from, rows int) (to int) {
	fits := sort.Search(rows-from, func(i int) bool { return c.used+c.size(columns, from, from+i+1) > c.limit })
	if fits == 0 && c.used == 0 && from < rows {
		fits = 1
	}
	c.used += c.size(columns, from, from+fits)
	return from + fits
}

func (c *rowCutter) size(columns []any, from, to int) int64 {
	n := c.fixed * int64(to-from)
	for _, column := range columns {
		if s, ok := column.(*Strings); ok {
			n += s.Size(from, to)
		}
	}
	return n
}
