package rows

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// hugeText is the text of every row of the files below.
var hugeText = []byte(strings.Repeat("一行文字，許多行之一。\n", 60))

// writeHugeParquet writes one row group of one column: a page, again and again.
func writeHugeParquet(t *testing.T, path string, pages int) (rows int64) {
	t.Helper()
	var page []byte
	perPage := int32(0)
	for len(page) < 1<<20 {
		page = binary.LittleEndian.AppendUint32(page, uint32(len(hugeText)))
		page = append(page, hugeText...)
		perPage++
	}
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := e.EncodeAll(page, nil)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	h := &format.PageHeader{Type: format.DataPage, UncompressedPageSize: int32(len(page)), CompressedPageSize: int32(len(packed))}
	h.DataPageHeader.Set(format.DataPageHeader{NumValues: perPage, Encoding: format.Plain, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE})
	head, err := thrift.Marshal(new(thrift.CompactProtocol), h)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b []byte) {
		if _, err := file.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte("PAR1"))
	for range pages {
		write(head)
		write(packed)
	}
	rows = int64(perPage) * int64(pages)
	root, text := format.SchemaElement{Name: "schema"}, format.SchemaElement{Name: "text"}
	root.NumChildren.Set(1)
	text.Type.Set(format.ByteArray)
	text.RepetitionType.Set(format.Required)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &format.FileMetaData{
		Version: 1, NumRows: rows, Schema: []format.SchemaElement{root, text},
		RowGroups: []format.RowGroup{{NumRows: rows, Columns: []format.ColumnChunk{{MetaData: format.ColumnMetaData{
			Type: format.ByteArray, Encoding: []format.Encoding{format.Plain}, PathInSchema: []string{"text"}, Codec: format.Zstd,
			NumValues: rows, DataPageOffset: 4, TotalCompressedSize: int64(len(head)+len(packed)) * int64(pages),
			TotalUncompressedSize: int64(len(head)+len(page)) * int64(pages),
		}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	write(footer)
	write(binary.LittleEndian.AppendUint32(nil, uint32(len(footer))))
	write([]byte("PAR1"))
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// writeHugeArrow writes one record batch of one column.
func writeHugeArrow(t *testing.T, path string, rows int, options ...ipc.Option) {
	t.Helper()
	var offsets []byte
	for i := range rows + 1 {
		offsets = binary.LittleEndian.AppendUint32(offsets, uint32(i*len(hugeText)))
	}
	data := array.NewData(arrow.BinaryTypes.String, rows, []*memory.Buffer{
		nil, memory.NewBufferBytes(offsets), memory.NewBufferBytes(bytes.Repeat(hugeText, rows)),
	}, nil, 0, 0)
	schema := arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String}}, nil)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := ipc.NewWriter(file, append(options, ipc.WithSchema(schema))...)
	if err := w.Write(array.NewRecord(schema, []arrow.Array{array.NewStringData(data)}, int64(rows))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// A row group is never in memory as a whole, however large it is.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes hundreds of megabytes")
	}
	const bound = min(48<<20, hugeBytes/2)
	want := int64(hugeBytes / len(hugeText))
	files := map[string]func(path string) int64{
		Parquet:         func(path string) int64 { return writeHugeParquet(t, path, hugeBytes>>20) },
		Arrow:           func(path string) int64 { writeHugeArrow(t, path, int(want)); return want },
		Arrow + " zstd": func(path string) int64 { writeHugeArrow(t, path, int(want), ipc.WithZstd()); return want },
		Arrow + " lz4":  func(path string) int64 { writeHugeArrow(t, path, int(want), ipc.WithLZ4()); return want },
	}
	row := append(appendText([]byte(`{"text":`), hugeText), '}')
	for name, write := range files {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "huge")
			want := write(path)
			runtime.GC()
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := file.Close(); err != nil {
					t.Error(err)
				}
			}()
			info, err := file.Stat()
			if err != nil {
				t.Fatal(err)
			}
			format, _, _ := strings.Cut(name, " ")
			f, err := Open(format, file, info.Size(), Limits{MemoryBytes: bound, Expansion: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			before, peak, rows := stats.HeapAlloc, uint64(0), int64(0)
			err = f.Read(context.Background(), 0, func(_ int64, object []byte, err error) error {
				if !bytes.Equal(object, row) {
					t.Fatalf("row %d is %.100s", rows, object)
				}
				if rows++; rows%1000 == 0 {
					runtime.ReadMemStats(&stats)
					peak = max(peak, stats.HeapAlloc)
				}
				return err
			})
			if err != nil || rows != want {
				t.Errorf("%d rows of %d, %v", rows, want, err)
			}
			t.Logf("%d MiB of rows from %d MiB, peak %.1f MiB", rows*int64(len(row))>>20, info.Size()>>20, float64(peak-min(before, peak))/(1<<20))
			if peak > before+bound {
				t.Errorf("%d bytes of heap, %d before", peak, before)
			}
		})
	}
}
