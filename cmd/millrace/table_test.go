package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/columnar"
)

// TestTableInput runs Parquet and Arrow, then its own output, and keeps the same texts.
func TestTableInput(t *testing.T) {
	t.Parallel()
	random := newRandom(3)
	var text, title columnar.Strings
	var want []string
	for range 300 {
		want = append(want, strings.Map(halfDigit, article(random, 200+random.IntN(400)))+"完")
		text.Append([]byte(want[len(want)-1]))
		title.Append([]byte("题目"))
	}
	slices.Sort(want)
	folder := t.TempDir()
	for name, open := range map[string]func(*os.File, []columnar.Column, columnar.TableOptions) (columnar.TableWriter, error){
		"a.parquet": func(f *os.File, c []columnar.Column, o columnar.TableOptions) (columnar.TableWriter, error) {
			return columnar.NewParquetWriter(f, c, o)
		},
		"b.arrow": func(f *os.File, c []columnar.Column, o columnar.TableOptions) (columnar.TableWriter, error) {
			return columnar.NewArrowWriter(f, c, o)
		},
	} {
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		w, err := open(f, []columnar.Column{{Name: "title"}, {Name: "text"}}, columnar.TableOptions{GroupBytes: 64 << 10})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&title, &text); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	texts := func(out string) (texts []string) {
		for _, r := range readRows[row](t, filepath.Join(out, "data", "*", "*.parquet")) {
			texts = append(texts, r.Text)
		}
		slices.Sort(texts)
		return texts
	}
	first := filepath.Join(t.TempDir(), "first")
	for _, name := range []string{"a.parquet", "b.arrow"} {
		out := filepath.Join(t.TempDir(), "out")
		got := job(t, jobOptions(t, out, filepath.Join(folder, name)))
		if got.Documents.Read != int64(len(want)) || got.Documents.Rejected != 0 {
			t.Errorf("%s: %+v", name, got.Documents)
		}
		if diff := cmp.Diff(want, texts(out)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		verified(t, out)
		first = out
	}
	o, err := engineOptions(config.Default())
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "again")
	o.Out, o.Paths, o.Slots = out, []string{filepath.Join(first, "data")}, 2
	job(t, o)
	if diff := cmp.Diff(texts(first), texts(out)); diff != "" {
		t.Error(diff)
	}
}

// halfDigit is what normalize makes of a digit of full width.
func halfDigit(r rune) rune {
	if r >= '０' && r <= '９' {
		return r - '０' + '0'
	}
	return r
}
