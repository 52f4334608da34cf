package corpus_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/delta"
	"millrace/pipeline/pipelinetest"
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
