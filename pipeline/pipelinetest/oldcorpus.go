package pipelinetest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// OldCorpus is a corpus of testdata/corpora, which earlier programs wrote, and what these said of it. Its folder is not to be changed.
type OldCorpus struct {
	Name, Folder string

	Versions   []OldVersion
	Kept       []OldDocument
	Duplicates []OldDocument
	Rejects    []OldDocument // those of files have no ID
}

// OldVersion is what a version was when it was the newest.
type OldVersion struct {
	Version   int
	Live      []int
	Digest    string
	Documents map[string]int64 // by the names of the manifest
	Files     map[string]int64 // nil of a drop and a compaction
	// Adds and Removes are the files that make up the corpus from this version on, and those that no longer do.
	Adds, Removes []string
}

// OldDocument is one document in the version that read it. A dropped version may have it too.
type OldDocument struct {
	Version int
	ID      string
	Path    string
	Offset  int64

	// Of a kept one.
	Chars    int32
	Metadata string
	SHA256   string // of its text

	Kind, Winner string // of a duplicate

	Scope, Verdict, Reason string // of what was left out
}

// OldCorpora returns all of them, by name.
func OldCorpora(t testing.TB) (list []*OldCorpus) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(OldCorporaFolder(t), "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no corpora: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		Must(t, err)
		folder := name[:len(name)-len(".json")]
		c := &OldCorpus{Name: filepath.Base(folder), Folder: folder}
		if err := json.Unmarshal(data, c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, c)
	}
	return list
}

// OldCorporaFolder is where they are.
func OldCorporaFolder(t testing.TB) string {
	t.Helper()
	return filepath.Join(root(t), "testdata", "corpora")
}

// LiveFiles returns the paths of the files that made up the corpus when a version was the newest, sorted.
func (c *OldCorpus) LiveFiles(version int) (paths []string) {
	for _, v := range c.Versions[:version] {
		paths = slices.DeleteFunc(paths, func(path string) bool { return slices.Contains(v.Removes, path) })
		paths = append(paths, v.Adds...)
	}
	slices.Sort(paths)
	return paths
}

// Newest is the last version.
func (c *OldCorpus) Newest() OldVersion { return c.Versions[len(c.Versions)-1] }
