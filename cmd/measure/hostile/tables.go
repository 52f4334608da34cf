package hostile

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"golang.org/x/sys/unix"
)

// rowText is the text of every row, of about 1 KiB.
var rowText = strings.Repeat(hanLine, 14)

// parquetText is one row group of 2 GB of text, written by a public library in pages of the usual size.
func parquetText(w *output) (n int64, err error) {
	type row struct {
		Text string `parquet:"text"`
	}
	const runes, most = 1500, 3 << 20
	r := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for range most {
		b.WriteRune(rune(0x4E00 + r.IntN(20000)))
	}
	base := b.String()
	p := parquet.NewGenericWriter[row](w, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(math.MaxInt64),
		parquet.ColumnPageBuffers(parquet.NewFileBufferPool("", "measure-*")))
	for i := 0; n < groupBytes; i++ {
		at := 3 * r.IntN(most-runes)
		text := base[at : at+3*runes]
		if _, err := p.Write([]row{{text}}); err != nil {
			return n, err
		}
		n += int64(len(text))
	}
	return n, p.Close()
}

// parquetPage is a page of the only column of a file, before compression.
type parquetPage struct {
	head  format.PageHeader
	bytes int64
	write func(w io.Writer) error // writes as many bytes
}

func dataPage(rows int32, encoding format.Encoding, bytes int64, write func(io.Writer) error) parquetPage {
	p := parquetPage{head: format.PageHeader{Type: format.DataPage}, bytes: bytes, write: write}
	p.head.DataPageHeader.Set(format.DataPageHeader{
		NumValues: rows, Encoding: encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
	})
	return p
}

// plain writes n texts as they are in a page or a dictionary.
func plain(text string, n int64) (bytes int64, write func(io.Writer) error) {
	one := string(binary.LittleEndian.AppendUint32(nil, uint32(len(text)))) + text
	bytes = n * int64(len(one))
	return bytes, func(w io.Writer) error { return chunked(w, one, bytes) }
}

// parquetFile writes a file of one row group with one column, text. Each page is there as often as asked for.
func parquetFile(w *output, rows int64, times int, pages ...parquetPage) (decoded int64, err error) {
	if _, err := w.WriteString("PAR1"); err != nil {
		return 0, err
	}
	meta := format.ColumnMetaData{
		Type: format.ByteArray, Encoding: []format.Encoding{format.Plain, format.RLEDictionary}, PathInSchema: []string{"text"},
		Codec: format.Zstd, NumValues: rows, DataPageOffset: 4,
	}
	for _, p := range pages {
		packed, err := packedPage(&p, w.file.Name())
		if err != nil {
			return 0, err
		}
		if p.head.Type == format.DictionaryPage {
			meta.DictionaryPageOffset = 4
			meta.DataPageOffset = 4 + int64(len(packed))
		}
		if err := chunked(w, packed, int64(times)*int64(len(packed))); err != nil {
			return 0, err
		}
		meta.TotalCompressedSize += int64(times) * int64(len(packed))
		meta.TotalUncompressedSize += int64(times) * p.bytes
	}
	root, text := format.SchemaElement{Name: "schema"}, format.SchemaElement{Name: "text"}
	root.NumChildren.Set(1)
	text.Type.Set(format.ByteArray)
	text.RepetitionType.Set(format.Required)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &format.FileMetaData{
		Version: 1, NumRows: rows, Schema: []format.SchemaElement{root, text},
		RowGroups: []format.RowGroup{{NumRows: rows, Columns: []format.ColumnChunk{{MetaData: meta}}}},
	})
	if err != nil {
		return 0, err
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	_, err = w.Write(append(footer, "PAR1"...))
	return meta.TotalUncompressedSize, err
}

// packedPage is a page with its header, compressed as a stream, so that it is never in memory.
func packedPage(p *parquetPage, path string) (string, error) {
	scratch := path + ".page"
	defer func() { _ = os.Remove(scratch) }()
	_, err := created(scratch, func(w *output) (int64, error) {
		e, err := zstd.NewWriter(w)
		if err != nil {
			return 0, err
		}
		return 0, errors.Join(p.write(e), e.Close())
	})
	if err != nil {
		return "", err
	}
	packed, err := os.ReadFile(scratch)
	if err != nil {
		return "", err
	}
	if p.head.UncompressedPageSize == 0 {
		p.head.UncompressedPageSize = int32(p.bytes)
	}
	p.head.CompressedPageSize = int32(len(packed))
	head, err := thrift.Marshal(new(thrift.CompactProtocol), &p.head)
	return string(head) + string(packed), err
}

// parquetPages is equal pages of about so many bytes.
func parquetPages(size int64, times int) maker {
	return func(w *output) (int64, error) {
		rows := size / int64(4+len(rowText))
		bytes, write := plain(rowText, rows)
		return parquetFile(w, rows*int64(times), times, dataPage(int32(rows), format.Plain, bytes, write))
	}
}

// parquetRows is rows of 60 MB.
func parquetRows(w *output) (int64, error) {
	text := strings.Repeat(hanLine, 60_000_000/len(hanLine))
	bytes, write := plain(text, 1)
	const rows = 32
	return parquetFile(w, rows, rows, dataPage(1, format.Plain, bytes, write))
}

// parquetDictionary is 2 GB of rows that are all the first entry of a dictionary of about so many bytes.
func parquetDictionary(size int64) maker {
	return func(w *output) (int64, error) {
		values := max(1, size/int64(len(rowText)))
		bytes, write := plain(rowText, values)
		dict := parquetPage{head: format.PageHeader{Type: format.DictionaryPage}, bytes: bytes, write: write}
		dict.head.DictionaryPageHeader.Set(format.DictionaryPageHeader{NumValues: int32(values), Encoding: format.Plain})
		rows := groupBytes / int64(len(rowText))
		width := max(1, bits.Len64(uint64(values-1)))
		run := binary.AppendUvarint([]byte{byte(width)}, uint64(rows)<<1)
		run = append(run, make([]byte, (width+7)/8)...)
		_, err := parquetFile(w, rows, 1, dict, dataPage(int32(rows), format.RLEDictionary, int64(len(run)), func(w io.Writer) error {
			_, err := w.Write(run)
			return err
		}))
		return rows * int64(len(rowText)), err
	}
}

// parquetClaims is a file of a few bytes that says it has 2^60 rows in a page of 2 GB.
func parquetClaims(w *output) (int64, error) {
	bytes, write := plain(hanLine, 1)
	page := dataPage(math.MaxInt32, format.Plain, bytes, write)
	page.head.UncompressedPageSize = math.MaxInt32
	return parquetFile(w, 1<<60, 1, page)
}

// arrowBatch is one record batch of 2 GB of text, which lies in a file while it is written.
func arrowBatch(compressed bool) maker {
	return func(out *output) (n int64, err error) {
		rows := math.MaxInt32 / len(rowText) // offsets have 31 bits
		n = int64(rows) * int64(len(rowText))
		scratch := out.file.Name() + ".text"
		defer func() { err = errors.Join(err, os.Remove(scratch)) }()
		if _, err := created(scratch, func(w *output) (int64, error) { return n, chunked(w, rowText, n) }); err != nil {
			return 0, err
		}
		f, err := os.Open(scratch)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		text, err := unix.Mmap(int(f.Fd()), 0, int(n), unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, unix.Munmap(text)) }()
		offsets := make([]byte, 0, 4*(rows+1))
		for i := range rows + 1 {
			offsets = binary.LittleEndian.AppendUint32(offsets, uint32(i*len(rowText)))
		}
		data := array.NewData(arrow.BinaryTypes.String, rows, []*arrowmemory.Buffer{
			nil, arrowmemory.NewBufferBytes(offsets), arrowmemory.NewBufferBytes(text),
		}, nil, 0, 0)
		schema := arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String}}, nil)
		options := []ipc.Option{ipc.WithSchema(schema)}
		if compressed {
			options = append(options, ipc.WithZstd())
		}
		a, err := ipc.NewFileWriter(out.file, options...)
		if err != nil {
			return 0, err
		}
		return n, errors.Join(a.Write(array.NewRecord(schema, []arrow.Array{array.NewStringData(data)}, int64(rows))), a.Close())
	}
}
