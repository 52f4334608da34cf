package tokenizer_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// benchTexts are the first texts of a set of the real ones, that have so many bytes together.
func benchTexts(b *testing.B, set string, most int) (texts [][]byte, size int) {
	b.Helper()
	f, err := os.Open(filepath.Join("../../../.cache/measure", set+".jsonl"))
	if err != nil {
		b.Skip("the real texts are not there: make bench-data, which needs ../shared/data")
	}
	defer func() { _ = f.Close() }() // read only
	d := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	if testing.Short() {
		most >>= 3
	}
	for size < most && d.More() {
		var line struct{ Text string }
		if err := d.Decode(&line); err != nil {
			b.Fatal(err)
		}
		texts, size = append(texts, []byte(line.Text)), size+len(line.Text)
	}
	return texts, size
}

// cpu is the time that processors had for the process: it says more than the clock does on a machine that is shared.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkEncode cuts 10 MB of real text by each file that cmd/goldens/encode.py left.
func BenchmarkEncode(b *testing.B) {
	files, err := filepath.Glob("../../../.cache/goldens/encode/*")
	if err != nil || len(files) == 0 {
		b.Skip("there are no files of tokenizers: make bench-tokenizers")
	}
	for _, name := range files {
		if strings.HasSuffix(name, tokenizer.RanksSuffix) && strings.HasSuffix(strings.TrimSuffix(name, tokenizer.RanksSuffix), ".tiktoken") {
			continue
		}
		tok, err := tokenizer.Open(name)
		if err != nil {
			b.Error(err)
			continue
		}
		for _, set := range []string{"laws", "tvnews"} {
			b.Run(filepath.Base(name)+"/"+set, func(b *testing.B) {
				texts, size := benchTexts(b, set, 10_000_000)
				e, ids, tokens := tok.Ordinary(), []int32(nil), 0
				b.SetBytes(int64(size))
				before := cpu(b)
				for b.Loop() {
					tokens = 0
					for _, text := range texts {
						ids = e.Encode(ids[:0], text)
						tokens += len(ids)
					}
				}
				used := cpu(b) - before
				b.ReportMetric(float64(size)*float64(b.N)/1e6/used.Seconds(), "MB/cpu-s")
				b.ReportMetric(float64(size)/float64(tokens), "B/token")
			})
		}
	}
}
