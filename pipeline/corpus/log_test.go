package corpus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/delta"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// logged reads the log of a corpus as the protocol has it: the files of the table at a version.
func logged(t *testing.T, c *corpus.Corpus, version int) (paths []string) {
	t.Helper()
	active := map[string]bool{}
	for v := range version + 1 {
		data, err := pipeline.ReadAll(t.Context(), c.Store(), delta.Name(v))
		pipelinetest.Must(t, err)
		seen := map[string]bool{}
		for line := range strings.Lines(string(data)) {
			var action struct {
				Add, Remove *struct {
					Path string
					Size int64
				}
			}
			pipelinetest.Must(t, json.Unmarshal([]byte(line), &action))
			if one := action.Add; one != nil || action.Remove != nil {
				if one == nil {
					one = action.Remove
				}
				path, err := url.PathUnescape(one.Path)
				pipelinetest.Must(t, err)
				if seen[path] {
					t.Errorf("version %d names %s twice", v, path)
				}
				seen[path] = true
				if active[path] = action.Add != nil; !active[path] {
					delete(active, path)
				}
			}
		}
	}
	for path := range active {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// checkLog: the table at each version holds the documents that the corpus held, where they lie now; one that was freed cannot be read.
func checkLog(t *testing.T, c *corpus.Corpus) {
	t.Helper()
	newest, err := c.Newest(t.Context())
	pipelinetest.Must(t, err)
	sizes, err := c.Store().List(t.Context(), delta.Folder)
	pipelinetest.Must(t, err)
	if len(sizes) == 0 {
		return // there never was a document
	}
	for version := 1; version <= newest.Version; version++ {
		got := logged(t, c, version)
		files, err := c.FilesAt(t.Context(), version)
		if errors.Is(err, pipeline.ErrUsage) { // something of it was freed
			if len(got) == 0 {
				t.Errorf("version %d was freed, and its table is empty", version)
			}
			continue
		}
		pipelinetest.Must(t, err)
		var want []string
		for _, f := range files {
			if strings.HasSuffix(f.Path, ".parquet") && strings.Contains("/"+f.Path, "/data/") {
				want = append(want, f.Path)
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("the table at version %d holds %v, want %v", version, got, want)
		}
	}
}

// watchedLog tells of every entry of the log that was written.
type watchedLog struct {
	*store.Local
	wrote func()
}

func (w *watchedLog) Create(ctx context.Context, name string) (pipeline.Writer, error) {
	writer, err := w.Local.Create(ctx, name)
	if err != nil || !strings.HasPrefix(name, delta.Folder+"/") {
		return writer, err
	}
	return &watchedEntry{writer, w}, nil
}

type watchedEntry struct {
	pipeline.Writer
	log *watchedLog
}

func (e *watchedEntry) Commit() error {
	err := e.Writer.Commit()
	if err == nil {
		e.log.wrote()
	}
	return err
}

// TestLogAtAnyMoment: whoever reads the newest version of the table while a command writes the log, entry by entry, finds the documents of
// that version, each once and where it lies: also while what was freed leaves it, and when what was cut short is gone on with.
func TestLogAtAnyMoment(t *testing.T) {
	local := corpustest.NewStore(t)
	looks, held := 0, map[int][]string{}
	watched := &watchedLog{Local: local}
	c := corpus.Open(watched, corpustest.Tables)
	look := func() {
		version := 0
		for ; ; version++ {
			if _, err := pipeline.ReadAll(t.Context(), local, delta.Name(version+1)); err != nil {
				break
			}
		}
		got := logged(t, c, version)
		for i, path := range got {
			o, err := local.Open(t.Context(), path)
			if err != nil {
				t.Errorf("version %d: %v", version, err)
				continue
			}
			pipelinetest.Must(t, o.Close())
			got[i] = strings.TrimPrefix(path, "retired/")
		}
		slices.Sort(got)
		if want, known := held[version]; known && !slices.Equal(got, want) {
			t.Errorf("version %d holds %v, want %v", version, got, want)
		}
		looks++
	}
	watched.wrote = look
	note := func() {
		newest, err := c.Newest(t.Context())
		pipelinetest.Must(t, err)
		files, err := c.LiveFiles(t.Context())
		pipelinetest.Must(t, err)
		var paths []string
		for _, f := range files {
			if pipeline.ParquetTable.Holds(f.Path) {
				paths = append(paths, f.Path)
			}
		}
		slices.Sort(paths)
		held[newest.Version] = paths
		look()
		checkLog(t, c)
	}
	night := 0
	run := func() {
		night++
		f := corpustest.File{Path: fmt.Sprintf("%d.jsonl", night), Docs: []corpustest.Doc{{Text: strings.Repeat("夜", night+3)}, {Text: strings.Repeat("日", night+3)}}}
		corpustest.MakeRun(t, local, []corpustest.File{f}, corpustest.Sabotage{}).MustCommit(t)
		note()
	}
	drop := func() {
		newest, err := c.Newest(t.Context())
		pipelinetest.Must(t, err)
		_, err = c.Drop(t.Context(), corpus.DropInput{Version: newest.Live[len(newest.Live)-1]})
		pipelinetest.Must(t, err)
		note()
	}
	gc := func(keep int) {
		_, err := c.GC(t.Context(), corpus.GCInput{Keep: keep})
		pipelinetest.Must(t, err)
		note()
	}
	withdraw := func(nth int) {
		corpustest.Withdraw(t, c, corpustest.Withdrawal{Reason: withdrawn.ReasonRemoved, Wanted: func(d *withdrawn.Document) bool { return d.Version == nth && d.Rank == 0 }})
		note()
	}
	run()
	run()
	drop()
	run()
	drop()
	gc(1) // versions 2 and 4 go, whose entries stand between others
	run()
	withdraw(1)
	run()
	drop()
	drop()
	gc(2)
	run()
	drop()
	run()
	gc(1)
	if looks < 50 {
		t.Errorf("only %d looks", looks)
	}
}
