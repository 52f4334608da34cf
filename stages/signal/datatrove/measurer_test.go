package datatrove

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

func TestNew(t *testing.T) {
	for language := range languages {
		f, err := New(Config{Language: language})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, c := range f.Columns {
			if !strings.HasPrefix(c.Name, languages[language].prefix) || c.Note == "" || seen[c.Name] {
				t.Errorf("%s: column %+v", language, c)
			}
			seen[c.Name] = true
		}
		for _, p := range Presets {
			for _, b := range p.Bounds {
				if p.Language == language && !seen[b.Signal] {
					t.Errorf("preset %s: no signal %s", p.Name, b.Signal)
				}
			}
		}
	}
	if f, err := New(Config{}); err != nil || f.Name != "datatrove" {
		t.Errorf("the default is %s, %v", f.Name, err)
	}
	_, err := New(Config{Language: "deu_Latn"})
	if want := `language "deu_Latn": datatrove's words are known of eng_Latn and cmn_Hani`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestDocumented: the page of signals has every column of the family for English.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns("dt_") {
		if !bytes.Contains(page, []byte("| `"+c.Name+"` |")) {
			t.Errorf("docs/signals.md has no %s", c.Name)
		}
	}
}

// realistic is text of a slice, and what is bad for tables and caches.
func realistic(t testing.TB) [][]byte {
	var out [][]byte
	for _, e := range readSlice(t) {
		out = append(out, []byte(e.Text))
	}
	random := rand.New(rand.NewPCG(1, 4))
	var mixed []byte
	for range 20_000 {
		mixed = append(mixed, out[random.IntN(len(out))]...)
		if len(mixed) > 200_000 {
			break
		}
	}
	return append(out, mixed, bytes.Repeat([]byte("((((((((a.b@"), 5000), bytes.Repeat([]byte(`:'("`), 20_000), bytes.Repeat([]byte(" the"), 50_000))
}

func TestMeasureDoesNotAllocate(t *testing.T) {
	f := newFigures(t)
	texts := realistic(t)
	for name, m := range f.measurers {
		documents := make([]signal.Document, len(texts))
		for i, text := range texts {
			documents[i] = signal.Document{Text: text, Chars: utf8.RuneCount(text)}
		}
		all := func() {
			for i := range documents {
				m.Measure(&documents[i], f.out[name])
			}
		}
		all()
		if n := testing.AllocsPerRun(3, all); n > 0 {
			t.Errorf("%s: %v allocations for %d documents", name, n, len(texts))
		}
	}
}

// FuzzMeasure: figures of any text are those of a measurer that has seen nothing before, and in their range; words and white space are all there is.
func FuzzMeasure(f *testing.F) {
	for _, e := range readSlice(f) {
		f.Add([]byte(e.Text))
	}
	used := newFigures(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
		fresh := newFigures(t)
		fresh.measure(text)
		used.measure(text)
		for name, figures := range used.out {
			if !slices.Equal(figures, fresh.out[name]) {
				t.Errorf("%s: %v, first %v", name, figures, fresh.out[name])
			}
			for i, c := range columns("") {
				if n := figures[i]; n < 0 || c.Unit == rule.Share && n > signal.Millionths {
					t.Errorf("%s: %s is %d", name, c.Name, n)
				}
			}
			words, of := languages[name].splitter().split(nil, text)
			at := int32(0)
			for _, w := range append(words, span{int32(len(of)), int32(len(of))}) {
				if start, end := classes().strip(of, int(at), int(w.start)); start < end || w.start < at {
					t.Errorf("%s: %q is in no word", name, of[at:w.start])
				}
				at = w.end
			}
		}
	})
}

// benchmarkTexts are the first megabytes of the real text and of the pages of the goldens, or else texts of our own.
func benchmarkTexts(b *testing.B, name string) (texts []signal.Document, size int64) {
	path := map[string]string{English: "../../../.cache/goldens/pages.jsonl", Chinese: "../../../.cache/measure/laws.jsonl"}[name]
	add := func(text string) {
		texts = append(texts, signal.Document{Text: []byte(text), Chars: utf8.RuneCountInString(text)})
		size += int64(len(text))
	}
	if file, err := os.Open(path); err == nil {
		defer func() { _ = file.Close() }()
		lines := json.NewDecoder(file)
		for size < 4<<20 {
			var d struct{ Text string }
			if lines.Decode(&d) != nil {
				break
			}
			add(d.Text)
		}
		return texts, size
	}
	for _, e := range readSlice(b) {
		if strings.Contains(e.Text, "的") == (name == Chinese) {
			add(e.Text)
		}
	}
	return texts, size
}

func BenchmarkMeasure(b *testing.B) {
	for name := range languages {
		b.Run(name, func(b *testing.B) {
			family, err := New(Config{Language: name})
			if err != nil {
				b.Fatal(err)
			}
			texts, size := benchmarkTexts(b, name)
			m, out := family.New(), make([]int64, len(family.Columns))
			b.SetBytes(size)
			b.ReportAllocs()
			start := cpuTime()
			for b.Loop() {
				for i := range texts {
					m.Measure(&texts[i], out)
				}
			}
			b.ReportMetric(float64(size)*float64(b.N)/1e6/(cpuTime()-start).Seconds(), "MB/cpu-s")
		})
	}
}

// cpuTime is what this process took: other work on the machine does not count.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
