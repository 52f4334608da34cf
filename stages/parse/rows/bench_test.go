package rows

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/millrace/millrace/pipeline/columnar"
)

// benchText is 32 MB of Chinese with the frequencies of nothing in particular, 3 KB a document.
func benchText() [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	docs := make([][]byte, 10_000)
	for i := range docs {
		var b []byte
		for range 1000 {
			b = append(b, string(rune(0x4E00+int(r.ExpFloat64()*400)%20000))...)
			if r.IntN(20) == 0 {
				b = append(b, "，\n"...)
			}
		}
		docs[i] = b
	}
	return docs
}

func BenchmarkRead(b *testing.B) {
	docs := benchText()
	total := 0
	for _, d := range docs {
		total += len(d)
	}
	type row struct {
		ID   int64  `parquet:"id"`
		Text string `parquet:"text"`
		Lang string `parquet:"lang,dict"`
	}
	rows := make([]row, len(docs))
	var text columnar.Strings
	for i, d := range docs {
		rows[i] = row{int64(i), string(d), "zh"}
		text.Append(d)
	}
	files := map[string][]byte{}
	for name, codec := range map[string]compress.Codec{
		"none": &parquet.Uncompressed, "snappy": &parquet.Snappy, "zstd": &parquet.Zstd,
	} {
		files[Parquet+"/"+name] = parquetFileOf(b, rows, parquet.Compression(codec), parquet.PageBufferSize(1<<20))
	}
	var out bytes.Buffer
	w, err := columnar.NewArrowWriter(&out, []columnar.Column{{Name: "text"}}, columnar.TableOptions{})
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Write(&text); err != nil {
		b.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		b.Fatal(err)
	}
	files[Arrow+"/none"] = out.Bytes()
	schema, records := sampleRecords(1000)
	files[Arrow+"/zstd, small rows"] = arrowFileOf(b, false, schema, records, ipc.WithZstd())
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			format := Parquet
			if name[0] == 'a' {
				format = Arrow
			}
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				f, err := Open(format, bytes.NewReader(file), int64(len(file)), Limits{})
				if err != nil {
					b.Fatal(err)
				}
				n = 0
				for g := range f.Groups() {
					if err := f.Read(b.Context(), g, func(_ int64, o []byte, err error) error { n += len(o); return err }); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.SetBytes(int64(n))
		})
	}
}
