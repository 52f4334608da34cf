package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/vocab"
)

// countingAll are jobOptions that count words and n-grams as well, and write tables by a growth.
func countingAll(t *testing.T, growth, out, in string) ingest.Options {
	t.Helper()
	c := config.Default()
	var err error
	c.Vocab.Growth, err = strconv.ParseFloat(growth, 64)
	pipelinetest.Must(t, err)
	c.Vocab.Count, c.Vocab.Ngrams = []string{vocab.CountChars, vocab.CountWords, vocab.CountNgrams}, []int{2, 3}
	return jobOptionsOf(t, c, out, in)
}

// counted are the bytes of all tables of words and n-grams, and of the runs that they are made of.
func counted(t *testing.T, out string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range readersSee(t, out) {
		if strings.HasPrefix(name, "counts/") || strings.HasPrefix(name, "vocab/") {
			data, err := os.ReadFile(filepath.Join(out, name))
			pipelinetest.Must(t, err)
			files[name] = string(data)
		}
	}
	return files
}

// crashCounting kills a night that counts words and n-grams at every point, and has another run end it: it leaves the bytes of one that was not
// disturbed. before is the corpus so far, "" for none, and growth that by which tables are written.
func crashCounting(t *testing.T, before, growth, in string, night func(t *testing.T, r ingest.Result, out string)) {
	t.Helper()
	begin := func(t *testing.T) string {
		if before == "" {
			return filepath.Join(t.TempDir(), "out")
		}
		return copied(t, before)
	}
	options := func(t *testing.T, out string) ingest.Options {
		o := countingAll(t, growth, out, in)
		o.Withdraw = true
		return o
	}
	whole := begin(t)
	names, visits, want := pointsOf(t, options(t, whole))
	night(t, want, whole)
	verified(t, whole)
	files := counted(t, whole)
	for _, kind := range []string{"words", "ngrams-2", "ngrams-3"} {
		if table := filepath.Join("vocab", filepath.Base(newestFolder(t, whole)), kind+".parquet"); (files[table] == "") != (growth != "0") {
			t.Fatalf("with growth %s there are %d bytes of %s", growth, len(files[table]), table)
		}
	}
	test := func(t *testing.T, at string) {
		out := begin(t)
		cmd := child(t, at, out, in)
		cmd.Env = append(cmd.Env, countedEnv+"="+growth, withdrawEnv+"=1")
		if output, err := cmd.CombinedOutput(); !killed(t, err, string(output)) {
			t.Fatalf("the child passed %s without being killed there", at)
		}
		o := options(t, out)
		o.Isolate = isolateTest(t, "TestTaskChild", crashEnv+"=none", outEnv+"="+out, inEnv+"="+in, countedEnv+"="+growth, withdrawEnv+"=1")
		job(t, o)
		if m := newest(t, out); m.Version != want.Version || m.Digest != want.Digest {
			t.Errorf("version %d, digest %s; undisturbed %d, %s", m.Version, m.Digest, want.Version, want.Digest)
		}
		if d := cmp.Diff(files, counted(t, out)); d != "" {
			t.Errorf("tables or runs differ (-undisturbed +killed):\n%.2000s", d)
		}
	}
	eachPoint(t, names, visits, test)
	if testing.Short() {
		return
	}
	for _, point := range []string{"worker:computed", "worker:recorded"} { // of every task: those that merge and rank are the last
		for visit := 2; visit <= visits[point]; visit++ {
			if visit != (visits[point]+1)/2 {
				at := point + "#" + strconv.Itoa(visit)
				t.Run(at, func(t *testing.T) {
					t.Parallel()
					test(t, at)
				})
			}
		}
	}
}

func newestFolder(t *testing.T, out string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(out, "vocab", "*"))
	pipelinetest.Must(t, err)
	return names[len(names)-1]
}

// TestCrashCounting kills a first night, and one that brings documents, withdraws some and merges the runs of four nights.
func TestCrashCounting(t *testing.T) {
	inTurn(t)
	t.Parallel()
	t.Run("first", func(t *testing.T) {
		t.Parallel()
		crashCounting(t, "", "0", news(t, 91, 60), func(*testing.T, ingest.Result, string) {})
	})
	t.Run("fourth", func(t *testing.T) {
		t.Parallel()
		crashFourth(t, "0")
	})
	t.Run("fourth without tables", func(t *testing.T) {
		t.Parallel()
		crashFourth(t, "5")
	})
}

func crashFourth(t *testing.T, growth string) {
	t.Helper()
	in, before := news(t, 92, 40), filepath.Join(t.TempDir(), "before")
	for night := range 4 {
		if night > 0 {
			more := news(t, 92+uint64(night), 20)
			pipelinetest.Must(t, os.Rename(more, filepath.Join(in, "night"+strconv.Itoa(night))))
		}
		if night < 3 {
			job(t, countingAll(t, growth, before, in))
		}
	}
	revise(t, in)
	crashCounting(t, before, growth, in, func(t *testing.T, r ingest.Result, out string) {
		if r.Withdrawn == nil || r.Documents.Kept == 0 {
			t.Fatalf("the night brings and withdraws nothing: %+v", r)
		}
		for _, c := range newest(t, out).Counted {
			if len(c.Made) != 1 {
				t.Fatalf("%s has the runs %v, no merge of four", c.Kind, c.Made)
			}
		}
	})
}
