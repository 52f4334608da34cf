package columnar

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/golang/snappy"
	"github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"
)

// TestCodecs writes tables in every codec, and reads them by column and by row.
func TestCodecs(t *testing.T) {
	for _, codec := range Codecs {
		t.Run(string(codec), func(t *testing.T) {
			o := TableOptions{Codec: codec, GroupBytes: 1 << 20, Parallel: 2}
			want := newChinese(5).table(6000, 300)
			file := writeTable(t, NewParquetWriter, documents, o, 0, want...)
			if again := writeTable(t, NewParquetWriter, documents, o, 77, want...); !bytes.Equal(file, again) {
				t.Error("other bytes the second time")
			}
			got, err := readTable(file, names(documents)...)
			if err != nil {
				t.Fatal(err)
			}
			if d := tableDiff(want, got); d != "" {
				t.Error(d)
			}
			footer, err := ReadFooter(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if id := footer.Meta().RowGroups[0].Columns[0].MetaData.Codec; int(id) != int(codec.id()) {
				t.Errorf("the file says %s", id)
			}
			const rows = 300
			file, text := rowsFile(t, rows, o)
			reader, err := OpenRows(bytes.NewReader(file), int64(len(file)), "text")
			if err != nil {
				t.Fatal(err)
			}
			for row := range rows {
				if v, err := reader.At(int64(row)); err != nil || !bytes.Equal(v, text.At(row)) {
					t.Fatalf("row %d: %d bytes, %v, want %d", row, len(v), err, len(text.At(row)))
				}
			}
		})
	}
	if err := (&TableOptions{Codec: "gzip"}).Check(documents); err == nil {
		t.Error("a codec that is none was taken")
	}
}

// TestCodecsHoldAnyPage has pages of any bytes come back, and no other size believed.
func TestCodecsHoldAnyPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "piece")
		raw := bytes.Repeat(piece, rapid.IntRange(0, 300).Draw(t, "times"))
		for _, codec := range Codecs {
			page := codec.encode([]byte("before"), raw, 1)[len("before"):]
			id := format.CompressionCodec(codec.id())
			got, err := decodePage([]byte("x"), page, id, len(raw))
			if err != nil || string(got) != "x"+string(raw) {
				t.Fatalf("%s: %d bytes came back as %d, %v", codec, len(raw), len(got)-1, err)
			}
			for _, size := range []int{len(raw) + 1, len(raw) - 1, -1, maxPageBytes + 1} {
				if _, err := decodePage(nil, page, id, size); err == nil {
					t.Fatalf("%s: %d bytes were taken for %d", codec, len(raw), size)
				}
			}
		}
	})
}

// TestHostilePages has bombs told by their heads.
func TestHostilePages(t *testing.T) {
	const limit = 1 << 20
	zeros := make([]byte, 16*limit)
	for codec, page := range map[format.CompressionCodec][]byte{
		format.Snappy: snappy.Encode(nil, zeros),
	} {
		body := io.NewSectionReader(bytes.NewReader(page), 0, int64(len(page)))
		if err := checkCompressed(body, codec, limit); err == nil {
			t.Errorf("%s: %d bytes were let through", codec, len(page))
		}
		for i := range 200 { // a library that is asked to decode these must not guess without end
			damaged := slices.Clone(page)
			damaged[i*len(page)/200] ^= 0x55
			_ = protect("decode", func() error {
				_, err := decodePage(nil, damaged, codec, limit)
				return err
			})
		}
	}
	// A whole file, damaged in its pages byte by byte: an error or other values, never a process that ends or grows.
	for _, codec := range []Codec{Snappy, None} {
		file := writeTable(t, NewParquetWriter, documents, TableOptions{Codec: codec}, 0, newChinese(6).table(30, 50)...)
		for i := range file {
			damaged := slices.Clone(file)
			damaged[i] ^= 0xff
			_, _ = readTable(damaged, names(documents)...)
		}
	}
}
