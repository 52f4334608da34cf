package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/vocab"
)

// asked runs a command in this process, and decodes what it prints as JSON.
func asked(t *testing.T, into any, args ...string) (code int) {
	t.Helper()
	stdout := &bytes.Buffer{}
	code = run(t.Context(), append(args, "--json"), stdio{out: stdout, err: t.Output()})
	if into != nil && code == exitDone {
		pipelinetest.Must(t, json.Unmarshal(stdout.Bytes(), into))
	}
	return code
}

// vocabulary is what millrace vocab says.
type vocabulary struct {
	Version                        int
	Kind                           string
	Different, Count, Least, Below int64
	Merged                         bool
	Tokens                         []show.VocabChar
}

// difference is cmp.Diff of what is nearly always equal, which takes it long to find for thousands of rows.
func difference(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got, cmp.AllowUnexported(show.VocabChar{}))
}

// TestTablesThatGrow: with vocab.growth few nights write tables of words and n-grams; whoever asks of any version is told what the tables of a corpus say that has
// them in each, and the next table that is written is the same.
func TestTablesThatGrow(t *testing.T) {
	t.Parallel()
	const nights = 9
	files, lengths := 12, []int{2, 3, 4}
	if testing.Short() {
		files, lengths = 4, lengths[:1]
	}
	in := filepath.Join(t.TempDir(), "in")
	always, grown, once := filepath.Join(t.TempDir(), "always"), filepath.Join(t.TempDir(), "grown"), filepath.Join(t.TempDir(), "once")
	feed := func(out string, growth float64) {
		t.Helper()
		c := config.Default()
		c.Vocab.Count, c.Vocab.Ngrams, c.Vocab.Growth = []string{vocab.CountChars, vocab.CountWords, vocab.CountNgrams}, lengths, growth
		o := jobOptionsOf(t, c, out, in)
		o.Withdraw = true
		job(t, o)
	}
	for night := range nights {
		if night > 0 {
			more := news(t, 60+uint64(night), files)
			pipelinetest.Must(t, os.MkdirAll(in, 0o755))
			pipelinetest.Must(t, os.Rename(more, filepath.Join(in, "night"+strconv.Itoa(night))))
		} else {
			pipelinetest.Must(t, os.Rename(news(t, 60, files), in))
		}
		if night == 5 { // some documents are withdrawn
			pipelinetest.Must(t, os.RemoveAll(filepath.Join(in, "night2")))
		}
		feed(always, 0)
		growth := .5
		if night == nights-1 {
			growth = 0
		}
		feed(grown, growth)
	}
	feed(once, .5)
	kinds := map[string][]string{"words": {"--words"}}
	for _, n := range lengths {
		kinds["ngrams-"+strconv.Itoa(n)] = []string{"--ngram", strconv.Itoa(n)}
	}
	written := 0
	for version := 1; version <= nights; version++ {
		for kind, flags := range kinds {
			_, err := os.Stat(filepath.Join(grown, "vocab", fmt.Sprintf("%06d", version), kind+".parquet"))
			if err == nil {
				written++
			}
			ask := func(out string, more ...string) (v vocabulary) {
				t.Helper()
				args := append([]string{"vocab", out, "--top", "0", "--version", strconv.Itoa(version)}, flags...)
				if code := asked(t, &v, append(args, more...)...); code != exitDone {
					t.Fatalf("vocab of version %d: exit %d", version, code)
				}
				if v.Merged != (err != nil && out == grown) {
					t.Errorf("version %d, %s: merged is %v", version, kind, v.Merged)
				}
				v.Merged = false
				return v
			}
			want, got := ask(always), ask(grown)
			if err != nil { // what is new is not known
				for i := range want.Tokens {
					want.Tokens[i].NewCount, want.Tokens[i].NewDocuments = 0, 0
				}
				if code := asked(t, nil, append([]string{"vocab", grown, "--new", "--version", strconv.Itoa(version)}, flags...)...); code != exitUsage {
					t.Errorf("version %d, %s: what is new, exit %d", version, kind, code)
				}
			}
			if d := difference(want, got); d != "" {
				t.Fatalf("version %d, %s (-written +merged):\n%.2000s", version, kind, d)
			}
			if version < 4 {
				continue
			}
			want, got = ask(always, "--since", "3"), ask(grown, "--since", "3")
			for _, v := range []*vocabulary{&want, &got} {
				for i := range v.Tokens {
					v.Tokens[i].NewCount, v.Tokens[i].NewDocuments = 0, 0
				}
			}
			if d := difference(want, got); d != "" {
				t.Fatalf("version %d since 3, %s (-written +merged):\n%.2000s", version, kind, d)
			}
		}
	}
	if most := len(kinds) * (nights - 3); written > most || written < len(kinds)*3 {
		t.Errorf("%d tables were written in %d nights", written, nights)
	}
	for kind := range kinds { // the last night wrote those of all nights
		rows := func(out string) (rows []tokenRow) {
			for _, r := range readRows[tokenRow](t, filepath.Join(out, "vocab", filepath.Base(newestFolder(t, out)), kind+".parquet")) {
				r.NewCount, r.NewDocuments = 0, 0
				rows = append(rows, r)
			}
			return rows
		}
		if d := difference(rows(once), rows(grown)); d != "" {
			t.Errorf("%s of one night and of nine (-one +nine):\n%.2000s", kind, d)
		}
	}
	type tokens struct{ Tokens json.RawMessage }
	var one, two tokens
	for out, into := range map[string]*tokens{always: &one, grown: &two} {
		if code := asked(t, into, "diff", out, "3", "8"); code != exitDone {
			t.Fatalf("diff: exit %d", code)
		}
	}
	if d := cmp.Diff(string(one.Tokens), string(two.Tokens)); d != "" || bytes.Count(one.Tokens, []byte(`"known": true`)) != len(kinds) {
		t.Errorf("diff (-written +merged):\n%.2000s", d)
	}
}

// TestVerifyCountsRuns: verify --recount counts again what a version has counted and written no table of, and finds what is wrong.
func TestVerifyCountsRuns(t *testing.T) {
	t.Parallel()
	in, out := news(t, 70, 20), filepath.Join(t.TempDir(), "out")
	c := config.Default()
	c.Vocab.Count, c.Vocab.Ngrams, c.Vocab.Growth = []string{vocab.CountChars, vocab.CountWords, vocab.CountNgrams}, []int{2}, 5
	job(t, jobOptionsOf(t, c, out, in))
	pipelinetest.Must(t, os.Rename(news(t, 71, 10), filepath.Join(in, "more")))
	job(t, jobOptionsOf(t, c, out, in))
	sound := func(version int) {
		t.Helper()
		if m := newest(t, out); m.Version != version || len(m.Below("vocab")) != 3 {
			t.Fatalf("version %d has %v", m.Version, m.Below("vocab"))
		}
		var r struct {
			Recounted []string
			Problems  []string
		}
		if code := asked(t, &r, "verify", out, "--recount"); code != exitDone || !cmp.Equal(r.Recounted, []string{"chars", "words", "ngrams-2"}) {
			t.Errorf("exit %d: %+v", code, r)
		}
	}
	sound(2)
	removed(t, jobOptionsOf(t, c, out), remove.Params{Selection: remove.Selection{Where: "chars % 5 == 0"}})
	sound(3)
}

// TestTablesThatArePurged: where the counts of a version without tables are purged nobody is told what they were, and the next night counts anew and writes tables.
func TestTablesThatArePurged(t *testing.T) {
	t.Parallel()
	in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	night := func(n int) {
		t.Helper()
		pipelinetest.Must(t, os.MkdirAll(in, 0o755))
		pipelinetest.Must(t, os.Rename(news(t, 80+uint64(n), 15), filepath.Join(in, "night"+strconv.Itoa(n))))
		c := config.Default()
		c.Vocab.Count, c.Vocab.Growth = []string{vocab.CountChars, vocab.CountWords}, 5
		o := jobOptionsOf(t, c, out, in)
		o.Withdraw = true
		job(t, o)
	}
	night(0)
	pipelinetest.Must(t, os.RemoveAll(filepath.Join(in, "night0")))
	pipelinetest.Must(t, os.MkdirAll(filepath.Join(in, "night0"), 0o755))
	night(1)
	var v vocabulary
	if code := asked(t, &v, "vocab", out, "--words"); code != exitDone || v.Version != 2 || !v.Merged {
		t.Fatalf("exit %d: version %d, merged: %v", code, v.Version, v.Merged)
	}
	purged(t, jobOptions(t, out))
	for version, want := range map[string]int{"0": exitUsage, "1": exitUsage, "2": exitUsage} {
		if code := asked(t, nil, "vocab", out, "--words", "--version", version); code != want {
			t.Errorf("the words of version %s: exit %d", version, code)
		}
	}
	if code := asked(t, nil, "diff", out, "2", "3"); code != exitDone {
		t.Errorf("diff: exit %d", code)
	}
	night(2)
	v = vocabulary{}
	if code := asked(t, &v, "vocab", out, "--words"); code != exitDone || v.Version != 4 || v.Merged {
		t.Errorf("exit %d: version %d, merged: %v", code, v.Version, v.Merged)
	}
	verified(t, out)
}
