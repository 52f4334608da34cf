package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Footer is what a Parquet file says of itself.
type Footer struct {
	Rows     int64
	Metadata map[string]string // of equal keys the last
	Columns  []string          // names of the top-level columns, in order
	Created  string            // by which program
	meta     *format.FileMetaData
}

const (
	maxFooterBytes   = 64 << 20
	maxSchemaColumns = 10_000
	maxTableRows     = 1 << 31 // nulls cost nothing to claim, and time to read
)

// ReadFooter reads the footer of a Parquet file, ours or foreign, and no data. Damaged input is an error, never a panic.
func ReadFooter(r io.ReaderAt, size int64) (f Footer, err error) {
	err = protect("read the footer", func() (err error) {
		f, err = readFooter(r, size)
		return err
	})
	return f, err
}

// ParquetRows returns the number of rows of a Parquet file, by its footer: to check a file that was just written.
func ParquetRows(r io.ReaderAt, size int64) (rows int64, err error) {
	f, err := ReadFooter(r, size)
	return f.Rows, err
}

// Meta is the footer as it was decoded. Its rows and the shape of its schema were checked; offsets and sizes were not.
func (f *Footer) Meta() *format.FileMetaData { return f.meta }

func readFooter(r io.ReaderAt, size int64) (f Footer, err error) {
	const ends = int64(len(parquetMagic) + 4 + len(parquetMagic))
	if size < ends {
		return f, fmt.Errorf("%d bytes are too few for a Parquet file", size)
	}
	end := make([]byte, 4+len(parquetMagic))
	if err := readAt(r, end, size-int64(len(end))); err != nil {
		return f, err
	}
	if string(end[4:]) != parquetMagic {
		return f, errors.New("the end mark of the Parquet file is missing, or it is encrypted")
	}
	n := int64(binary.LittleEndian.Uint32(end))
	if n > size-ends || n > maxFooterBytes {
		return f, fmt.Errorf("a footer of %d bytes in a file of %d", n, size)
	}
	data := make([]byte, n)
	if err := readAt(r, data, size-int64(len(end))-n); err != nil {
		return f, err
	}
	length, err := thriftLength(data)
	if err != nil {
		return f, err
	}
	if length != len(data) {
		return f, fmt.Errorf("%d bytes of the footer are not read", len(data)-length)
	}
	f.meta = new(format.FileMetaData)
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), data, f.meta); err != nil {
		return f, fmt.Errorf("decode the footer: %w", err)
	}
	f.Rows, f.Created = f.meta.NumRows, f.meta.CreatedBy
	f.Metadata = map[string]string{}
	for _, pair := range f.meta.KeyValueMetadata {
		f.Metadata[pair.Key] = pair.Value
	}
	return f, f.check()
}

// check compares what the footer says more than once, and lists the columns.
func (f *Footer) check() error {
	elements := f.meta.Schema
	if len(elements) == 0 || len(elements) > maxSchemaColumns {
		return fmt.Errorf("a schema of %d elements", len(elements))
	}
	for i := 1; i < len(elements); {
		f.Columns = append(f.Columns, elements[i].Name)
		next, err := skipElement(elements, i, 0)
		if err != nil {
			return err
		}
		i = next
	}
	if f.meta.NumRows > maxTableRows {
		return fmt.Errorf("%d rows are too many", f.meta.NumRows)
	}
	rows := int64(0)
	for i := range f.meta.RowGroups {
		n := f.meta.RowGroups[i].NumRows
		if n < 0 || n > f.meta.NumRows-rows {
			return fmt.Errorf("row group %d claims %d rows of %d in all", i, n, f.meta.NumRows)
		}
		rows += n
	}
	if rows != f.meta.NumRows {
		return fmt.Errorf("the row groups have %d rows, the file %d", rows, f.meta.NumRows)
	}
	return nil
}

// skipElement returns the index behind the schema element i and all that is nested in it.
func skipElement(elements []format.SchemaElement, i, depth int) (int, error) {
	if i >= len(elements) || depth > 64 {
		return 0, errors.New("the schema is not a tree, or too deep")
	}
	children := int32(0)
	if n := elements[i].NumChildren; n.Valid {
		children = n.V
	}
	i++
	for range children {
		next, err := skipElement(elements, i, depth+1)
		if err != nil {
			return 0, err
		}
		i = next
	}
	return i, nil
}
