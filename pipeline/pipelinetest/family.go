package pipelinetest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/signal"
)

// SampleTexts are the texts of the sample that lies in the repository, each as it would be measured.
func SampleTexts(t testing.TB) (texts []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "testdata", "sample", "text", "*.txt"))
	Must(t, err)
	for _, f := range files {
		data, err := os.ReadFile(f)
		Must(t, err)
		texts = append(texts, strings.ToValidUTF8(string(data), ""))
	}
	if len(texts) < 10 {
		t.Fatalf("%d texts", len(texts))
	}
	return texts
}

// Measured are the signals of a text, by name. m is of the family.
func Measured(f *signal.Family, m signal.Measurer, text string) map[string]int64 {
	out := make([]int64, len(f.Columns))
	for i := range out {
		out[i] = -1 // which nothing is: one that is left out shows
	}
	m.Measure(documentOf(text), out)
	got := map[string]int64{}
	for i, c := range f.Columns {
		got[c.Name] = out[i]
	}
	return got
}

func documentOf(text string) *signal.Document {
	return &signal.Document{Text: []byte(text), Chars: utf8.RuneCountInString(text)}
}

// measuring is a call that measures all texts, with a measurer that is used again, and how many bytes they are.
func measuring(f *signal.Family, texts []string) (all func(), bytes int) {
	m, out := f.New(), make([]int64, len(f.Columns))
	var documents []*signal.Document
	for _, text := range texts {
		documents = append(documents, documentOf(text))
		bytes += len(text)
	}
	return func() {
		for _, d := range documents {
			m.Measure(d, out)
		}
	}, bytes
}

// MeasuresWithoutAllocating wants a family to take no memory for a document, once its scratch memory has grown.
func MeasuresWithoutAllocating(t *testing.T, f signal.Family, texts ...string) {
	t.Helper()
	all, _ := measuring(&f, texts)
	if n := testing.AllocsPerRun(10, all); n != 0 { // which calls it once before
		t.Errorf("%v allocations for %d texts", n, len(texts))
	}
}

// DocumentedSignals wants the signals of a family to have different names and a note, and docs/signals.md to have a row for each.
func DocumentedSignals(t *testing.T, f signal.Family) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root(t), "docs", "signals.md"))
	Must(t, err)
	var names []string
	for _, c := range f.Columns {
		names = append(names, c.Name)
		if !strings.Contains(string(page), "| `"+c.Name+"` |") {
			t.Errorf("docs/signals.md does not explain %s", c.Name)
		}
		if c.Note == "" {
			t.Errorf("%s has no note", c.Name)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("not unique: %v", names)
	}
}

// BenchmarkFamily measures texts, with what the processor needs for a byte: other work on the machine does not count.
func BenchmarkFamily(b *testing.B, f signal.Family, texts ...string) {
	all, bytes := measuring(&f, texts)
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	before := ProcessorTime(b)
	for b.Loop() {
		all()
	}
	b.ReportMetric(float64(ProcessorTime(b)-before)/float64(b.N)/float64(bytes), "ns-of-CPU/byte")
}

// sharedBytes is how much of an archive of the real text is measured.
const sharedBytes = 8 << 20

// BenchmarkFamilyOnShared does the same with the real text beside the repository.
func BenchmarkFamilyOnShared(b *testing.B, f signal.Family) {
	for _, name := range []string{"laws", "tvnews"} {
		b.Run(name, func(b *testing.B) {
			var texts []string
			bytes := 0
			EachShared(b, name+".tar.zst", func(_ string, data []byte) {
				if bytes < sharedBytes {
					texts = append(texts, strings.ToValidUTF8(string(data), ""))
					bytes += len(data)
				}
			})
			BenchmarkFamily(b, f, texts...)
		})
	}
}

// ProcessorTime is how long the process has used a processor, in nanoseconds.
func ProcessorTime(b *testing.B) int64 {
	var u syscall.Rusage
	Must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}
