package datatrove

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/signal"
)

// presetFigures measures a text in the words of a preset's language.
type figures struct {
	measurers map[string]signal.Measurer
	out       map[string][]int64
}

func newFigures(t testing.TB) *figures {
	f := &figures{map[string]signal.Measurer{}, map[string][]int64{}}
	for name := range languages {
		family, err := New(Config{Language: name})
		if err != nil {
			t.Fatal(err)
		}
		f.measurers[name] = family.New()
		f.out[name] = make([]int64, len(family.Columns))
	}
	return f
}

func (f *figures) measure(text []byte) {
	for name, m := range f.measurers {
		m.Measure(&signal.Document{Text: text, Chars: utf8.RuneCount(text)}, f.out[name])
	}
}

// TestGoldens: of the whole real text, and of pages in English, the presets say what datatrove says, for the same reasons.
func TestGoldens(t *testing.T) {
	const goldens, data = "../../../.cache/goldens", "../../../.cache/measure"
	for name, folder := range map[string]string{"pages": goldens, "tvnews": data, "laws": data, "fudan": data} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verdicts, err := os.Open(filepath.Join(goldens, "verdicts-"+name+".tsv"))
			if err != nil {
				t.Skip("the goldens of datatrove are not made: make goldens")
			}
			defer func() { _ = verdicts.Close() }()
			texts, err := os.Open(filepath.Join(folder, name+".jsonl"))
			if err != nil {
				t.Skip("the texts of the goldens are not at hand: make bench-data")
			}
			defer func() { _ = texts.Close() }()
			compareVerdicts(t, texts, verdicts)
		})
	}
}

func compareVerdicts(t *testing.T, texts, verdicts *os.File) {
	f := newFigures(t)
	lines, want := bufio.NewReaderSize(texts, 1<<20), bufio.NewScanner(verdicts)
	documents, failing, differing := 0, 0, 0
	kept := make([]int, len(Presets))
	for want.Scan() {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatal("there are fewer texts than verdicts")
		}
		var d struct{ Text string }
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		documents++
		f.measure([]byte(d.Text))
		reasons := strings.Split(want.Text(), "\t")
		for i, p := range Presets {
			reason := reasons[i]
			if f.out[p.Language] == nil {
				continue
			}
			if reason == "!" { // datatrove divides by zero
				failing++
				continue
			}
			got, figure := Verdict(p, f.out[p.Language])
			if got == "" {
				kept[i]++
			}
			if got != reason {
				if differing++; differing <= 10 {
					t.Errorf("document %d: preset %s says %q (%d), datatrove %q", documents, p.Name, got, figure, reason)
				}
			}
		}
	}
	t.Logf("%d documents, %d verdicts differ, %d times datatrove failed", documents, differing, failing)
	for i, p := range Presets {
		t.Logf("%s keeps %d", p.Name, kept[i])
	}
}
