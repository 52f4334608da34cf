package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/compact"
	"github.com/millrace/millrace/pipeline/jobs/reindex"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// maintain does f with the corpus held.
func maintain(t *testing.T, out string, f func(context.Context, *corpus.Corpus) error) {
	t.Helper()
	o := jobOptions(t, out)
	err := holdCorpus(t.Context(), o, false, func(ctx context.Context, k *upkeep) error { return f(ctx, k.corpus) })
	if err != nil {
		t.Fatal(err)
	}
}

// nightFile writes a file of a few texts, some of which an earlier night had, word for word or nearly.
func nightFile(t *testing.T, folder string, r *rand.Rand, number int, before *[]string) {
	t.Helper()
	var b strings.Builder
	for range 4 + r.IntN(8) {
		text := strings.ReplaceAll(string(pipelinetest.Chinese(r.Uint64(), 200+r.IntN(600))), "\n", "")
		if len(*before) > 0 && r.IntN(3) == 0 {
			text = (*before)[r.IntN(len(*before))]
			if r.IntN(2) == 0 {
				text += "补"
			}
		}
		*before = append(*before, text)
		fmt.Fprintf(&b, "{\"text\": %q}\n", text)
	}
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%03d.jsonl", number)), []byte(b.String()), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// charCount is what a vocabulary says of a character.
type charCount struct{ Count, Documents int64 }

// recountLive counts the characters of the live documents the plain way, and returns the documents, sorted.
func recountLive(t *testing.T, c *corpus.Corpus, out string) (map[string]charCount, []string) {
	t.Helper()
	files, err := c.LiveFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	counts, texts := map[string]charCount{}, []string{}
	for _, f := range files {
		if !strings.HasPrefix(f.Path, "data/") {
			continue
		}
		at := filepath.Join(out, f.Path)
		if _, err := os.Stat(at); err != nil { // a crash came before it was back
			at = filepath.Join(out, "retired", f.Path)
		}
		for _, row := range readRows[row](t, at) {
			texts = append(texts, row.Text)
			seen := map[rune]bool{}
			for _, r := range row.Text {
				n := counts[string(r)]
				n.Count++
				if !seen[r] {
					n.Documents++
				}
				seen[r] = true
				counts[string(r)] = n
			}
		}
	}
	slices.Sort(texts)
	return counts, texts
}

// checkVocabulary compares the cumulative table with a plain recount of the live documents.
func checkVocabulary(t *testing.T, out string) (texts []string) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	c := corpus.Open(s, tables())
	want, texts := recountLive(t, c, out)
	got := map[string]charCount{}
	if m := newest(t, out); len(m.Live) > 0 {
		v, err := show.Of(c).Vocab(t.Context(), show.VocabOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range v.Tokens {
			got[token.Token] = charCount{token.Count, token.Documents}
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("vocabulary (-recount +table): %.500s", d)
	}
	return texts
}

// Variables of the child that is killed in a drop, a compaction or a collection; the point is in crashEnv.
const doEnv = "MILLRACE_TEST_DO"

var upkeeps = map[string]func(t *testing.T, out string, crash func(string)){
	"drop": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
			_, err := c.Drop(ctx, corpus.DropInput{Version: 3, Crash: crash})
			return err
		})
	},
	"compact": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		compacted(t, out, crash)
	},
	"undo": func(t *testing.T, out string, crash func(string)) { // of a compaction, whose shards come back
		t.Helper()
		maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
			_, err := c.Drop(ctx, corpus.DropInput{Version: 4, Crash: crash})
			return err
		})
	},
	"remove": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		o := jobOptions(t, out)
		o.Hook = crash
		removed(t, o, everyThird)
	},
	"measure": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		o := signalOptions(t, []string{"script"}, out)
		o.Hook = crash
		measured(t, o)
	},
	"measure lines": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		o := signalOptions(t, []string{"lines"}, out)
		o.Hook = crash
		measured(t, o)
	},
	"train": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		o, p := trainOptions(t, out)
		o.Hook = crash
		trained(t, o, p)
	},
	"train on a release": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		o, p := onRelease(t, out, "rel", wholeRecipe)
		o.Hook = crash
		trained(t, o, p)
		pipelinetest.Must(t, removeUnlessBegun(o.Out))
	},
	"release": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		o, p := releaseJob(t, out, "release", killedRecipe)
		o.Hook = crash
		releasedBy(t, o, p)
	},
	"reindex": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		o := reindexAgain(t, out)
		o.Hook = crash
		reindexed(t, o, reindex.Params{})
	},
	"purge": func(t *testing.T, out string, crash func(string)) { // behind removals
		t.Helper()
		o := jobOptions(t, out)
		o.Hook = crash
		purged(t, o)
	},
	"reindex --dedupe": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		o := reindexAgain(t, out)
		o.Hook = crash
		reindexed(t, o, reindex.Params{Dedupe: true})
	},
	"gc": func(t *testing.T, out string, crash func(string)) {
		t.Helper()
		maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
			_, err := c.GC(ctx, corpus.GCInput{KeepFor: time.Nanosecond, Now: time.Now().Add(time.Hour), Crash: crash}) // all but the newest
			return err
		})
	},
}

// compacted compacts a corpus into shards of a MiB.
func compacted(t *testing.T, out string, crash func(string)) compact.Result {
	t.Helper()
	o := jobOptions(t, out)
	o.Hook = crash
	o.Others = []engine.Kind{compact.New(compact.Options{Corpus: inCorpus(), ShardBytes: 1 << 20, Table: columnar.TableOptions{Level: 1, GroupBytes: 1 << 20}})}
	r, err := compact.Run(t.Context(), o.Engine())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestUpkeepChild is one of them, in a process of its own.
func TestUpkeepChild(t *testing.T) {
	what, ok := os.LookupEnv(doEnv)
	if !ok {
		t.Skip("it is the child process of another test, which starts it itself")
	}
	upkeeps[what](t, os.Getenv(outEnv), func(point string) {
		if point == os.Getenv(crashEnv) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // it takes a moment; nothing may happen in it
		}
	})
}

// pointsOfUpkeep does a job and returns the points that it passes, each once. Those that it must pass are among them.
func pointsOfUpkeep(t *testing.T, what, out string, must ...string) (points []string) {
	t.Helper()
	var mu sync.Mutex // workers call it too
	upkeeps[what](t, out, func(p string) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(points, p) {
			points = append(points, p)
		}
	})
	for _, p := range must {
		if !slices.Contains(points, p) {
			t.Errorf("%s was not passed", p)
		}
	}
	return points
}

// upkeepUntil is a process that does a job and is killed at a point, if it passes that.
func upkeepUntil(t *testing.T, what, point, out string) *exec.Cmd {
	t.Helper()
	return childOf(t, "TestUpkeepChild", doEnv+"="+what, crashEnv+"="+point, outEnv+"="+out)
}

// killedUpkeep has a process killed in a job at a point.
func killedUpkeep(t *testing.T, what, point, out string) {
	t.Helper()
	if output, err := upkeepUntil(t, what, point, out).CombinedOutput(); !killed(t, err, string(output)) {
		t.Fatalf("%s was not killed at %s: %v\n%s", what, point, err, output)
	}
}

// kill -9 at each step of a drop, a compaction and a collection: the corpus reads as before or as after, and is sound.
func TestUpkeepKilled(t *testing.T) {
	inTurn(t)
	t.Parallel()
	r := rand.New(rand.NewPCG(42, 43))
	in, out := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out")
	var before []string
	for n := range 3 {
		nightFile(t, in, r, n, &before)
		appendTo(t, filepath.Join(in, fmt.Sprintf("%03d.jsonl", n)), `{"text":"`+before[len(before)-1][:60]+"\n") // of which the ledger has an excerpt
		text := original(r)
		writeNight(t, filepath.Join(in, "alike"), n, []string{text, otherwise(r, text, 5)}) // for a reindex to withdraw
		job(t, jobOptions(t, out, in))
	}
	for what := range upkeeps {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			from := out
			if first := map[string][]string{"gc": {"drop", "compact"}, "undo": {"compact"}}[what]; len(first) > 0 { // there must be something to do
				from = copied(t, out)
				for _, first := range first {
					upkeeps[first](t, from, nil)
				}
			}
			if what == "purge" {
				from = copied(t, out)
				upkeeps["remove"](t, from, nil)
				removed(t, jobOptions(t, from), remove.Params{Selection: remove.Selection{Where: "chars % 3 == 1"}, AllowAgain: true})
			}
			done := copied(t, from)
			points := pointsOfUpkeep(t, what, done)
			was, after := checkVocabulary(t, from), checkVocabulary(t, done)
			for _, point := range sample(t, points, 1) {
				at := copied(t, from)
				killedUpkeep(t, what, point, at)
				if texts := checkVocabulary(t, at); !slices.Equal(texts, was) && !slices.Equal(texts, after) {
					t.Errorf("%s: neither as before nor as after", point)
				}
				sound(t, at, point)
				maintain(t, at, func(context.Context, *corpus.Corpus) error { return nil })
				verified(t, at)
				if what == "purge" {
					purged(t, jobOptions(t, at))
					verified(t, at)
					if traces := tracesIn(t, at); len(traces) > 0 {
						t.Errorf("%s: purged again, there is left %v", point, traces)
					}
				}
				if got, want := globbed(t, at), checkVocabulary(t, at); !slices.Equal(got, want) {
					t.Errorf("%s: a glob gives %d documents, there are %d", point, len(got), len(want))
				}
			}
		})
	}
}

// globbed are the texts that a plain glob over the Parquet files gives, sorted.
func globbed(t *testing.T, out string) (texts []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(out, "data", "*", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		for _, row := range readRows[row](t, path) {
			texts = append(texts, row.Text)
		}
	}
	slices.Sort(texts)
	return texts
}

// sound verifies a corpus that may hold what a crash left.
func sound(t *testing.T, out, point string) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	if _, err := verify.Corpus(t.Context(), corpus.Open(s, tables()), verify.Options{Recount: recounted}); err != nil {
		t.Errorf("%s: %v", point, err)
	}
}

// copied is a copy of a corpus.
func copied(t *testing.T, out string) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), "out")
	if err := os.CopyFS(at, os.DirFS(out)); err != nil {
		t.Fatal(err)
	}
	return at
}

// appendTo appends to a file.
func appendTo(t *testing.T, name, text string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	pipelinetest.Must(t, err)
	_, err = f.WriteString(text)
	pipelinetest.Must(t, errors.Join(err, f.Close()))
}
