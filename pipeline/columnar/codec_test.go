package columnar

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/golang/snappy"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
	"pgregory.net/rapid"
)

// TestCodecs writes tables in every codec, and reads them by column and by row.
func TestCodecs(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: it starts no goroutine")
	}
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

func TestLZ4Length(t *testing.T) {
	for name, test := range map[string]struct {
		block []byte
		want  int64
	}{
		"nothing":        {[]byte{0}, 0},
		"literals":       {[]byte{0x30, 'a', 'b', 'c'}, 3},
		"a match":        {[]byte{0x13, 'a', 1, 0, 0x10, 'b'}, 9},
		"a long match":   {[]byte{0x1f, 'a', 1, 0, 255, 255, 3, 0x10, 'b'}, 1 + 15 + 513 + 4 + 1},
		"many literals":  {append([]byte{0xf0, 2}, make([]byte, 17)...), 17},
		"no last letter": {[]byte{0x13, 'a', 1, 0, 0}, 8},
	} {
		if n, err := lz4Length(test.block); err != nil || n != test.want {
			t.Errorf("%s: %d, %v, want %d", name, n, err, test.want)
		}
		got := make([]byte, test.want)
		if n, err := lz4.UncompressBlock(test.block, got); err != nil || int64(n) != test.want {
			t.Errorf("%s: the library has %d, %v", name, n, err)
		}
	}
	for name, block := range map[string][]byte{
		"empty": {}, "cut in literals": {0x30, 'a'}, "cut in a count": {0xf0, 255}, "cut in an offset": {0x13, 'a', 1},
		"ends in a match": {0x13, 'a', 1, 0}, "offset 0": {0x13, 'a', 0, 0, 0x10, 'b'}, "before the start": {0x13, 'a', 2, 0, 0x10, 'b'},
		"a match without offset": {0x13, 'a'}, "cut in a long match": {0x1f, 'a', 1, 0, 255},
	} {
		if n, err := lz4Length(block); err == nil {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}

// FuzzLZ4Length wants the library, which guesses sizes, to accept what is let through: else its guesses grow without end.
func FuzzLZ4Length(f *testing.F) {
	f.Add([]byte{0x13, 'a', 1, 0, 0x10, 'b'})
	f.Add(LZ4Raw.encode(nil, newChinese(9).text(nil, 3000), 1))
	f.Add(LZ4Raw.encode(nil, make([]byte, 3000), 1))
	f.Fuzz(func(t *testing.T, block []byte) {
		n, err := lz4Length(block)
		if err != nil || n > 1<<24 {
			return
		}
		got, err := decodePage(nil, block, format.Lz4Raw, int(n))
		if err != nil || int64(len(got)) != n {
			t.Fatalf("%d bytes were let through as %d: %v", len(block), n, err)
		}
		if m, err := lz4.UncompressBlock(block, make([]byte, n+100)); err != nil || int64(m) != n {
			t.Fatalf("with room the library has %d of %d: %v", m, n, err)
		}
	})
}

// TestHostilePages has bombs told by their heads.
func TestHostilePages(t *testing.T) {
	const limit = 1 << 20
	zeros := make([]byte, 16*limit)
	for codec, page := range map[format.CompressionCodec][]byte{
		format.Snappy: snappy.Encode(nil, zeros),
		format.Lz4Raw: LZ4Raw.encode(nil, zeros, 1),
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
	for _, codec := range []Codec{LZ4Raw, Snappy, None} {
		file := writeTable(t, NewParquetWriter, documents, TableOptions{Codec: codec}, 0, newChinese(6).table(30, 50)...)
		step := 1
		if testing.Short() {
			step = 37
		}
		for i := 0; i < len(file); i += step {
			damaged := slices.Clone(file)
			damaged[i] ^= 0xff
			_, _ = readTable(damaged, names(documents)...)
		}
	}
}
