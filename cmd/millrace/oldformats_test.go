package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// oldCopy is a copy of a corpus that an earlier program wrote, and what is expected of it.
type oldCopy struct {
	*pipelinetest.OldCorpus
	t   *testing.T
	out string
}

// eachOld does f with a copy of every one.
func eachOld(t *testing.T, f func(c *oldCopy)) {
	t.Helper()
	for _, old := range pipelinetest.OldCorpora(t) {
		t.Run(old.Name, func(t *testing.T) {
			c := &oldCopy{old, t, filepath.Join(t.TempDir(), "corpus")}
			if err := os.CopyFS(c.out, os.DirFS(old.Folder)); err != nil {
				t.Fatal(err)
			}
			f(c)
		})
	}
}

// grows says whether the corpus can be added to: its documents are compared by the key text of today.
func (c *oldCopy) grows() bool { return c.keyText() == ingest.KeyText }

// keyText is the key text of the program that wrote the corpus.
func (c *oldCopy) keyText() int {
	if c.Name == "format-3" {
		return 2
	}
	return 1
}

// nights is how many nights the corpus has seen.
func (c *oldCopy) nights() int {
	return map[string]int{"format-1": 3, "format-2": 5, "format-3": 5, "formats-1-2-3": 3}[c.Name]
}

// millrace runs the program and decodes what it says as JSON, if into is not nil.
func (c *oldCopy) millrace(code int, into any, args ...string) execution {
	c.t.Helper()
	if into != nil {
		args = append(args, "--json")
	}
	e := execute(c.t, nil, args...)
	if e.code != code {
		c.t.Fatalf("%v: exit code %d, want %d\n%s%s", args, e.code, code, e.stdout, e.stderr)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(e.stdout), into); err != nil {
			c.t.Fatalf("%v: %v\n%s", args, err, e.stdout)
		}
	}
	return e
}

// run adds what is new of the nights up to one to the corpus, and returns the version, 0 for none.
func (c *oldCopy) run(code, night int) int {
	c.t.Helper()
	return c.runOf(code, night, "--json").result.Version
}

func (c *oldCopy) runOf(code, night int, more ...string) execution {
	c.t.Helper()
	folder := filepath.Join(filepath.Dir(c.out), "inbox")
	for n := range night {
		bringNight(c.t, n+1, folder)
	}
	settings := filepath.Join(filepath.Dir(c.out), "settings.yaml")
	if err := os.WriteFile(settings, []byte("filter: [{min_chars: 12}]\n"), 0o644); err != nil {
		c.t.Fatal(err)
	}
	return c.millrace(code, nil, append([]string{"run", folder, "--out", c.out, "--config", settings}, more...)...)
}

// bringNight puts the files of a night into a folder, with the times that they had.
func bringNight(t *testing.T, night int, folder string) {
	t.Helper()
	from := filepath.Join(pipelinetest.OldCorporaFolder(t), "nights", strconv.Itoa(night))
	at := time.Date(2024, 5, night, 22, 0, 0, 0, time.UTC)
	err := filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		to := filepath.Join(folder, strings.TrimPrefix(name, from))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return err
		}
		return os.Chtimes(to, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// logged is what log says of a version.
type logged struct {
	Version   int
	Live      bool
	Digest    string
	Documents map[string]int64
}

func (c *oldCopy) log() (versions []logged) {
	c.t.Helper()
	c.millrace(0, &struct{ Versions *[]logged }{&versions}, "log", c.out)
	return versions
}

// liveFiles are what files lists, sorted.
func (c *oldCopy) liveFiles() (paths []string) {
	c.t.Helper()
	var said struct{ Files []struct{ Path string } }
	c.millrace(0, &said, "files", c.out)
	for _, f := range said.Files {
		paths = append(paths, f.Path)
	}
	slices.Sort(paths)
	return paths
}

// sound checks the corpus: it verifies, is made of these files, holds exactly the texts of these versions, and some more, as a reader
// that had no part in writing it finds them, and its vocabulary counts them.
func (c *oldCopy) sound(what string, files []string, versions []int, more ...pipelinetest.OldDocument) {
	c.t.Helper()
	if e := c.millrace(0, nil, "verify", c.out); !strings.HasSuffix(e.stdout, "\nsound\n") {
		c.t.Errorf("%s: verify says\n%s", what, e.stdout)
	}
	if d := cmp.Diff(files, c.liveFiles()); d != "" {
		c.t.Errorf("%s: files (-want +got):\n%s", what, d)
	}
	want := slices.Clone(more)
	for _, k := range c.Kept { // what came in the same place took the place of it
		if slices.Contains(versions, k.Version) && !slices.ContainsFunc(more, func(d pipelinetest.OldDocument) bool { return d.ID == k.ID }) {
			want = append(want, k)
		}
	}
	slices.SortFunc(want, byPlace)
	if d := cmp.Diff(want, c.texts(files)); d != "" {
		c.t.Errorf("%s: documents (-want +got):\n%s", what, d)
	}
	checkVocabulary(c.t, c.out)
	checkCopies(c.t, c.out)
}

func byPlace(a, b pipelinetest.OldDocument) int {
	place := func(d pipelinetest.OldDocument) string {
		return fmt.Sprintf("%06d %s %012d", d.Version, d.Path, d.Offset)
	}
	return strings.Compare(place(a), place(b))
}

// texts reads the Parquet shards among the files.
func (c *oldCopy) texts(files []string) (documents []pipelinetest.OldDocument) {
	c.t.Helper()
	for _, path := range shardsAmong(files) {
		for _, r := range readRows[struct {
			row
			Metadata string `parquet:"metadata"`
			Version  int32  `parquet:"version"`
		}](c.t, filepath.Join(c.out, path)) {
			documents = append(documents, pipelinetest.OldDocument{
				Version: int(r.Version), ID: r.ID, Path: r.Path, Offset: r.Offset, Chars: r.Chars, Metadata: r.Metadata, SHA256: sum(r.Text),
			})
		}
	}
	slices.SortFunc(documents, byPlace)
	return documents
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

func shardsAmong(files []string) (shards []string) {
	for _, path := range files {
		if strings.HasPrefix(path, pipeline.DataFolder+"/") && strings.HasSuffix(path, ".parquet") {
			shards = append(shards, path)
		}
	}
	return shards
}

// withShards are the files with other Parquet shards.
func withShards(files, shards []string) []string {
	old := shardsAmong(files)
	files = slices.DeleteFunc(slices.Clone(files), func(path string) bool { return slices.Contains(old, path) })
	files = append(files, shards...)
	slices.Sort(files)
	return files
}

// treeOf are the files of a folder with their digests.
func treeOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		path, _ := filepath.Rel(folder, name)
		files[filepath.ToSlash(path)] = sum(string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
