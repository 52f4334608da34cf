package columnar

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// corpus is a table like that of the kept documents, of about 32 MB of text.
var corpus = []Column{
	{Name: "id", Type: String},
	{Name: "text", Type: String},
	{Name: "source", Type: String, Dictionary: true},
	{Name: "path", Type: String, Dictionary: true},
	{Name: "offset", Type: Int64},
	{Name: "chars", Type: Int32},
	{Name: "bytes", Type: Int32},
	{Name: "metadata", Type: String},
	{Name: "version", Type: Int32},
}

const corpusRows = 16_000

// corpusCalls makes the table in calls of 1000 rows.
func corpusCalls() (calls [][]any, text int64) {
	c := newChinese(1)
	for first := 0; first < corpusRows; first += 1000 {
		b := c.batch(first, 1000, 2000)
		text += int64(len(b.Text.Data))
		var id, source, path Strings
		var bytes, version []int32
		for i := range 1000 {
			id.Append(fmt.Appendf(nil, "%016x%016x", c.r.Uint64(), c.r.Uint64()))
			source.Append([]byte("news"))
			path.Append(fmt.Appendf(nil, "2026/11/%05d.txt", (first+i)/3))
			bytes = append(bytes, b.Text.Offsets[i+1]-b.Text.Offsets[i])
			version = append(version, 1)
		}
		calls = append(calls, []any{&id, &b.Text, &source, &path, b.Offset, b.Chars, bytes, &b.Meta, version})
	}
	return calls, text
}

// cpu is the processor time that the process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// reportCPU adds processor time and the ratio of compression to a benchmark on that many bytes of text.
func reportCPU(b *testing.B, start time.Duration, text, written int64) {
	b.ReportMetric(float64(cpu(b)-start)/float64(b.N)/float64(text), "cpu-ns/byte")
	b.ReportMetric(float64(text)/float64(written), "ratio")
}

// BenchmarkZstd is the least that compression costs: the text alone, in pieces as large as a page.
func BenchmarkZstd(b *testing.B) {
	calls, text := corpusCalls()
	var all []byte
	for _, columns := range calls {
		all = append(all, columns[1].(*Strings).Data...)
	}
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(text)
	var out []byte
	written := 0
	start := cpu(b)
	for b.Loop() {
		written = 0
		for from := 0; from < len(all); from += pageBytes {
			out = e.EncodeAll(all[from:min(from+pageBytes, len(all))], out[:0])
			written += len(out)
		}
	}
	reportCPU(b, start, text, int64(written))
}

func BenchmarkTableWrite(b *testing.B) {
	calls, text := corpusCalls()
	run := func(name string, start newWriter, o TableOptions) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(text)
			b.ReportAllocs()
			var out latch
			begin := cpu(b)
			for b.Loop() {
				out = latch{w: io.Discard}
				w, err := start(&out, corpus, o)
				if err != nil {
					b.Fatal(err)
				}
				for _, columns := range calls {
					if err := w.Write(columns...); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := w.Finish(); err != nil {
					b.Fatal(err)
				}
			}
			reportCPU(b, begin, text, out.n)
		})
	}
	for _, parallel := range []int{1, 2} {
		run(fmt.Sprintf("parquet/parallel=%d", parallel), NewParquetWriter, TableOptions{Parallel: parallel})
	}
	run("arrow", NewArrowWriter, TableOptions{})
}

func BenchmarkReadTable(b *testing.B) {
	calls, text := corpusCalls()
	name := filepath.Join(b.TempDir(), "table.parquet")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	w, err := NewParquetWriter(f, corpus, TableOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for _, columns := range calls {
		if err := w.Write(columns...); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Finish(); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(text)
	b.ReportAllocs()
	for b.Loop() {
		if err := ReadTable(f, info.Size(), SelectionOf(corpus), nil, func(*Frame) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
