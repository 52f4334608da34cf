package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/stages/vocab"
)

// TestSameBytes holds invariant 1: one run digest, and the same files, whatever did the work and in what order.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	documents := 1200
	if testing.Short() {
		documents = 300
	}
	folder := news(t, 1, documents)
	bundled, err := filepath.Abs(sampleFolder)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Abs(filepath.Join("testdata", "pages"))
	if err != nil {
		t.Fatal(err)
	}
	// One worker a stage: every hand-over goes through a spill and a subject.
	var chained [][]string
	for _, s := range stageNames() {
		chained = append(chained, []string{s})
	}
	several := [][]string{stageNames(), stageNames(), {"parse"}, {"normalize", "dedupe"}}
	variants := []struct {
		name   string
		change func(*ingest.Options)
	}{
		{"1 worker", func(o *ingest.Options) { o.Slots = 1 }},
		{"2 workers", func(*ingest.Options) {}},
		{"8 workers", func(o *ingest.Options) { o.Slots = 8 }},
		{"other order", func(o *ingest.Options) { slices.Reverse(o.Paths) }},
		{"one worker a stage", func(o *ingest.Options) { o.Workers = chained }},
		{"workers that share stages", func(o *ingest.Options) { o.Workers = several }},
		{"work folder elsewhere", func(o *ingest.Options) { o.Work = filepath.Join(t.TempDir(), "work") }},
	}
	var want ingest.Result
	var wantFiles map[string]string
	variants = append(variants[:1:1], sample(t, variants[1:], 1)...)
	for i, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			c := config.Default()
			c.Vocab.Count = []string{vocab.CountChars, vocab.CountWords, vocab.CountNgrams}
			o := jobOptionsOf(t, c, out, folder, bundled, pages)
			v.change(&o)
			got := job(t, o)
			verified(t, out)
			files := map[string]string{}
			for _, f := range newest(t, out).Files {
				if !f.Volatile {
					files[f.Path] = f.SHA256
				}
			}
			got.Seconds, got.PeakRSSBytes = 0, 0
			if i == 0 {
				want, wantFiles = got, files
				if got.Documents.NearDuplicates == 0 || got.Documents.ExactDuplicates == 0 || got.Documents.Rejected == 0 || got.Shards < 2 || got.Pages.NoArticle == 0 {
					t.Fatalf("the corpus is too plain to show anything: %+v", got)
				}
				return
			}
			if d := cmp.Diff(wantFiles, files); d != "" {
				t.Errorf("files differ (-%s +%s):\n%s", variants[0].name, v.name, d)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("results differ:\n%s", d)
			}
		})
	}
}

// TestSameEntries: the ledger of the map phase is the same, entry by entry, for a fused worker and for a chain of workers,
// so that both may do the same split in one run.
func TestSameEntries(t *testing.T) {
	t.Parallel()
	folder := news(t, 6, 300)
	ledger := func(workers [][]string) string {
		out := filepath.Join(t.TempDir(), "out")
		o := jobOptions(t, out, folder)
		o.Workers = workers
		var data []byte
		o.Hook = func(point string) {
			if point != "commit:checked" {
				return
			}
			names, err := filepath.Glob(filepath.Join(out, ".millrace", "runs", "*", "phase", "dedupe.json"))
			if err != nil || len(names) != 1 {
				t.Errorf("phase files: %v, %v", names, err)
				return
			}
			if data, err = os.ReadFile(names[0]); err != nil {
				t.Error(err)
			}
		}
		job(t, o)
		return string(data)
	}
	fused := ledger(nil)
	rest := slices.Clone(stageNames()[3:])
	chained := ledger([][]string{{"parse"}, {"normalize"}, {"dedupe"}, rest})
	if fused == "" || fused != chained {
		t.Errorf("entries differ:\n%s", cmp.Diff(fused, chained))
	}
	halves := ledger([][]string{{"parse", "normalize"}, append([]string{"dedupe"}, rest...)})
	if fused != halves {
		t.Errorf("entries differ:\n%s", cmp.Diff(fused, halves))
	}
}

// TestNothingNew: files that a version holds are skipped, and a run with nothing else commits nothing.
func TestNothingNew(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	first := job(t, jobOptions(t, out, sampleFolder))
	before := readersSee(t, out)
	again := job(t, jobOptions(t, out, sampleFolder))
	if again.Version != 0 || again.Files.Skipped != first.Files.Listed {
		t.Errorf("second run: %+v, want no version and %d files skipped", again, first.Files.Listed)
	}
	if d := cmp.Diff(before, readersSee(t, out)); d != "" {
		t.Errorf("a run with nothing new changed files:\n%s", d)
	}
}

// TestSecondVersion: new files make a new version, and duplicates of earlier versions are not kept again.
func TestSecondVersion(t *testing.T) {
	folder := news(t, 2, 300)
	out := filepath.Join(t.TempDir(), "out")
	first := job(t, jobOptions(t, out, folder))
	data, err := os.ReadFile(filepath.Join(folder, "a.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "again.jsonl"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	second := job(t, jobOptions(t, out, folder))
	verified(t, out)
	if second.Version != 2 || second.Files.Read != 1 || second.Files.Skipped != first.Files.Listed {
		t.Errorf("second run: %+v, want version 2 with one file read and %d skipped", second, first.Files.Listed)
	}
	if second.Documents.Kept != 0 || second.Documents.ExactDuplicates == 0 {
		t.Errorf("of a copy of an earlier file %d documents were kept", second.Documents.Kept)
	}
	if second.Vocabulary != first.Vocabulary {
		t.Errorf("vocabulary %+v, was %+v", second.Vocabulary, first.Vocabulary)
	}
}
