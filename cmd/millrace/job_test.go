package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// sampleFolder is the corpus that every clone has.
const sampleFolder = "../../testdata/sample"

// jobOptions are those of a run with default settings and many small splits, partitions and shards, so that even little
// text goes through every path.
func jobOptions(t testing.TB, out string, paths ...string) ingest.Options {
	t.Helper()
	return jobOptionsOf(t, config.Default(), out, paths...)
}

func jobOptionsOf(t testing.TB, c config.Config, out string, paths ...string) ingest.Options {
	t.Helper()
	o, err := engineOptions(c)
	if err != nil {
		t.Fatal(err)
	}
	o.Out, o.Paths, o.Log = out, paths, zerolog.Nop()
	o.Slots = 2
	o.SplitBytes, o.PartitionBytes, o.ShardBytes = 64<<10, 256<<10, 200<<10
	return o
}

// job runs to the end.
func job(t testing.TB, o ingest.Options) ingest.Result {
	t.Helper()
	r, err := ingest.Run(t.Context(), o)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	return r
}

// mustFail runs and returns the error.
func mustFail(t testing.TB, o ingest.Options) error {
	t.Helper()
	r, err := ingest.Run(t.Context(), o)
	if err == nil {
		t.Fatalf("the run did not fail: %+v", r)
	}
	return err
}

// newest is the manifest of the newest version.
func newest(t testing.TB, out string) *manifest.Manifest {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	m, err := corpus.Open(s, tables()).Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// liveFiles are the files that make up a corpus.
func liveFiles(t testing.TB, out string) []dataset.File {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	files, err := corpus.Open(s, tables()).LiveFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// verified recomputes everything the corpus says of itself.
func verified(t testing.TB, out string) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	report, err := verify.Corpus(t.Context(), corpus.Open(s, tables()), verify.Options{Recount: recounted})
	if err != nil {
		t.Fatalf("verify: %v\n%s", err, strings.Join(report.Problems, "\n"))
	}
	if len(report.Unexpected) > 0 {
		t.Errorf("files that no manifest names: %v", report.Unexpected)
	}
	checkCopies(t, out)
}

// readersSee lists what a reader of the corpus finds: every file outside of the work folder.
func readersSee(t testing.TB, out string) (names []string) {
	t.Helper()
	if store.IsRemote(out) {
		s, err := store.Open(t.Context(), out, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // nothing was written
		list, err := s.List(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range list {
			if !strings.HasPrefix(info.Name, ".millrace/") {
				names = append(names, info.Name)
			}
		}
		return names
	}
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".millrace" {
			return filepath.SkipDir
		}
		if !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, out+"/"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// news writes a folder of made-up articles, the same for every call with the same seed: JSONL with exact, same-key and near
// duplicates, some of them far from their originals, and a few bad lines.
func news(t testing.TB, seed uint64, articles int) string {
	t.Helper()
	random := newRandom(seed)
	var lines []string
	var texts []string
	for i := range articles {
		text := article(random, 200+random.IntN(1200))
		if len(texts) > 0 {
			old := texts[random.IntN(len(texts))]
			switch random.IntN(10) {
			case 0:
				text = old
			case 1:
				text = strings.ReplaceAll(old, "，", " ")
			case 2, 3:
				text = revised(random, old)
			}
		}
		texts = append(texts, text)
		line := fmt.Sprintf(`{"id":%d,"text":%q,"title":"第%d篇"}`, i, text, i)
		if i%97 == 50 {
			line = line[:len(line)/2]
		}
		lines = append(lines, line)
	}
	folder := filepath.Join(t.TempDir(), "news")
	if err := os.MkdirAll(filepath.Join(folder, "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	half := len(lines) / 2
	for name, part := range map[string][]string{"a.jsonl": lines[:half], "b/c.jsonl": lines[half:]} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(strings.Join(part, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// article is n characters with the skew of real text: few common characters, many rare ones.
func article(random *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		switch {
		case i%17 == 16:
			b.WriteString("，")
		case i%61 == 60:
			b.WriteString("。\n")
		case random.IntN(40) == 0:
			b.WriteRune(rune('０' + random.IntN(10)))
		default:
			b.WriteRune(rune(0x4E00 + int(3000*random.Float64()*random.Float64())))
		}
	}
	return b.String()
}

// revised changes one character in a hundred.
func revised(random *rand.Rand, text string) string {
	runes := []rune(text)
	for i := range runes {
		if random.IntN(100) == 0 {
			runes[i] = rune(0x4E00 + random.IntN(3000))
		}
	}
	return string(runes)
}
