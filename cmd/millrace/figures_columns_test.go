package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/stages/filter"
	families "github.com/millrace/millrace/stages/signal"
)

// TestSameSignals: what filters of the table go by is the same number as the signal that a corpus has of it.
func TestSameSignals(t *testing.T) {
	inTurn(t)
	all, err := familyKinds().measurable(nil)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, filter.TableFamily())
	of := func(text string, names map[string]bool) map[string]int64 {
		d := &signal.Document{Text: []byte(text), Chars: utf8.RuneCountInString(text)}
		got := map[string]int64{}
		for _, f := range all {
			wanted := false
			for _, c := range f.Columns {
				wanted = wanted || names[c.Name]
			}
			if !wanted {
				continue
			}
			out := make([]int64, len(f.Columns))
			f.New().Measure(d, out)
			for i, c := range f.Columns {
				got[c.Name] = out[i]
			}
		}
		return got
	}
	names := map[string]bool{}
	for table, own := range sameSignals {
		names[table], names[own] = true, true
	}
	every := make([]rune, 0, utf8.MaxRune)
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if utf8.ValidRune(r) {
			every = append(every, r)
		}
	}
	check := func(t interface{ Fatalf(string, ...any) }, text string) {
		got := of(text, names)
		for table, own := range sameSignals {
			if got[table] != got[own] {
				t.Fatalf("%.40q: %s is %d, %s is %d", text, table, got[table], own, got[own])
			}
		}
	}
	step := 1 << 8
	if testing.Short() {
		step *= 64 // a part of the characters
	}
	for i := 0; i < len(every); i += step {
		check(t, string(every[i:min(i+1<<8, len(every))]))
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringOf(rapid.SampledFrom([]rune("汉字々〇⺀⼀a1１٣ 　\n，。é"))).Draw(t, "text"))
	})
}

// TestTriedByColumns: what rules would drop by the columns of a corpus is what they would drop by its texts, of every document, also where shards
// were written anew and where shards have other row groups than their signals; chars, source, path and metadata need no signals.
func TestTriedByColumns(t *testing.T) {
	inTurn(t)
	t.Parallel()
	groups := filepath.Join(t.TempDir(), "groups")
	c := config.Default()
	c.Signals = families.List{{Kind: "text"}, {Kind: "script"}}
	c.Sinks.Parquet.GroupBytes = 64 << 10
	o := jobOptionsOf(t, c, groups, news(t, 75, 500), news(t, 76, 30))
	o.ShardBytes = 4 << 20
	job(t, o)
	m := newest(t, groups)
	if documents, signals := rowGroups(t, groups, m.Shards()[0].Path), rowGroups(t, groups, m.In(&pipeline.SignalTable)[0].Path); documents < 3 || signals != 1 {
		t.Errorf("%d row groups of documents, %d of signals", documents, signals)
	}
	both := []string{"text", "script"}
	fields := filter.List{
		{Rule: "chars >= 600"},
		{Rule: "copies == 1"},
		{Rule: "copies < 3 or not (source endsWith 'news')"},
		{Rule: "path endsWith 'c.jsonl' or chars < 900"},
		{Rule: "metadata.title contains '1' and source != 'none'"},
		{Name: "max_chars", Number: 1200 * rule.One},
	}
	list := append(filter.List{{Rule: "han_share >= 0.9"}, {Rule: "char_entropy >= 8.2 and metadata.id != 3"}, {Name: "max_digit_share", Number: 20_000}}, fields...)
	for _, corpora := range []struct {
		out     string
		list    filter.List
		signals bool
	}{
		{groups, list, true},
		{nightsOf(t, func(int) []string { return both }), list, true},
		{nightsOf(t, func(int) []string { return nil }), fields, false},
	} {
		s, err := store.Open(t.Context(), corpora.out, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // nothing was written
		of := show.Of(openCorpus(s))
		all, err := familyKinds().measurable(nil)
		if err != nil {
			t.Fatal(err)
		}
		copies := &copiesFigure{}
		rules, err := filter.Compile(corpora.list.AsRules(), append(all, filter.TableFamily(), copies.family()), presets())
		if err != nil {
			t.Fatal(err)
		}
		got, want := rules.Trial(3, true), rules.Trial(3, true)
		looked, err := figuresOfCorpus(t.Context(), of, 1, rules, got, copies)
		if err != nil || !looked.All || looked.Signals != corpora.signals {
			t.Errorf("%+v, %v", looked, err)
		}
		m := newMeasuring(rules, want.Add)
		total, err := of.Sample(t.Context(), 1<<40, func(d *show.Sampled) error {
			copies.n = d.Copies
			m.add(output.Place{ID: d.ID, Source: d.Source, Path: d.Path, Offset: d.Offset}, d.Chars, d.Text, d.Meta)
			return nil
		})
		if err != nil || got.Documents != total || total < 20 {
			t.Errorf("%d documents of %d, %v", got.Documents, total, err)
		}
		told := func(trial *filter.Trial) output.Trial {
			of := trialOf(corpora.list, rules, trial, output.Looked{})
			for i := range of.Rules {
				if corpora.out == groups && (of.Rules[i].Alone == 0 || of.Rules[i].Alone == trial.Documents) {
					t.Errorf("%s drops %d of %d documents", of.Rules[i].Rule, of.Rules[i].Alone, trial.Documents)
				}
				for _, samples := range [][]output.TriedSample{of.Rules[i].Inside, of.Rules[i].Outside} {
					for k := range samples {
						samples[k].Text = ""
					}
				}
			}
			return *of
		}
		if d := cmp.Diff(told(want), told(got)); d != "" {
			t.Errorf("%s (-texts +columns):\n%s", corpora.out, d)
		}
	}
}

// rowGroups is how many a file of a corpus has.
func rowGroups(t *testing.T, out, name string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return len(f.RowGroups())
}
