package corpus_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// Of corpora that earlier programs wrote: behind each of their versions the same files make up the corpus as these programs said then,
// with the same versions, figures and runs of keys.
func TestOldFormats(t *testing.T) {
	for _, old := range pipelinetest.OldCorpora(t) {
		for _, v := range old.Versions {
			checkView(t, old, v)
		}
	}
}

func checkView(t *testing.T, old *pipelinetest.OldCorpus, v pipelinetest.OldVersion) {
	t.Helper()
	c := until(t, old, v.Version)
	list, err := c.Versions(t.Context())
	if err != nil || len(list) != v.Version {
		t.Fatalf("%s, version %d: %d versions, %v", old.Name, v.Version, len(list), err)
	}
	m := list[v.Version-1]
	if !slices.Equal(m.Live, v.Live) || m.Digest != v.Digest {
		t.Errorf("%s, version %d: live are %v, digest %s, want %v, %s", old.Name, v.Version, m.Live, m.Digest, v.Live, v.Digest)
	}
	checkFigures(t, old, v, v.Documents, m.Totals.Documents)
	checkFigures(t, old, v, v.Files, m.Totals.Files)

	files, err := c.LiveFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	live := old.LiveFiles(v.Version)
	if d := cmp.Diff(live, pathsOf(t, old, files)); d != "" {
		t.Errorf("%s, version %d: live files (-said +read):\n%s", old.Name, v.Version, d)
	}
	history, runs, err := c.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkIndex(t, old, v, runs, live)
	checkHistory(t, old, v, history, live)
}

// checkIndex compares the runs of keys with the live files, and with the versions that there were.
func checkIndex(t *testing.T, old *pipelinetest.OldCorpus, v pipelinetest.OldVersion, runs []ingest.IndexRun, live []string) {
	t.Helper()
	var keys []string
	var versions []int
	for _, r := range runs {
		keys = append(keys, r.Keys...)
		versions = append(versions, r.Versions...)
	}
	slices.Sort(keys)
	if want := ending(live, ".idx"); !slices.Equal(keys, want) {
		t.Errorf("%s, version %d: keys are %v, want %v", old.Name, v.Version, keys, want)
	}
	if want := runsOf(old, v); !slices.Equal(versions, want) {
		t.Errorf("%s, version %d: keys are of versions %v, want %v", old.Name, v.Version, versions, want)
	}
}

// checkHistory says whether every live run has its documents, and its signatures, in live files.
func checkHistory(t *testing.T, old *pipelinetest.OldCorpus, v pipelinetest.OldVersion, history []ingest.IndexVersion, live []string) {
	t.Helper()
	var versions []int
	var signatures, shards []string
	for _, h := range history {
		versions, signatures = append(versions, h.Version), append(signatures, h.Signatures...)
		rows := int64(0)
		for _, r := range h.Texts {
			rows += r.Rows
			if !slices.Contains(shards, r.Path) {
				shards = append(shards, r.Path)
			}
		}
		if kept := old.Versions[h.Version-1].Documents["kept"]; h.Documents != kept || rows != kept {
			t.Errorf("%s, version %d: of version %d there are %d documents in %d rows, want %d", old.Name, v.Version, h.Version, h.Documents,
				rows, kept)
		}
	}
	slices.Sort(signatures)
	slices.Sort(shards)
	if want := runsOf(old, v); !slices.Equal(versions, want) {
		t.Errorf("%s, version %d: documents are of versions %v, want %v", old.Name, v.Version, versions, want)
	}
	if want := ending(live, ".sig"); !slices.Equal(signatures, want) {
		t.Errorf("%s, version %d: signatures are %v, want %v", old.Name, v.Version, signatures, want)
	}
	want := slices.DeleteFunc(ending(live, ".parquet"), func(path string) bool { return !strings.HasPrefix(path, pipeline.DataFolder+"/") })
	if !slices.Equal(shards, want) {
		t.Errorf("%s, version %d: documents are in %v, want %v", old.Name, v.Version, shards, want)
	}
}

// until is the corpus as it was when a version was the newest, as far as its manifests tell.
func until(t *testing.T, old *pipelinetest.OldCorpus, version int) *corpus.Corpus {
	t.Helper()
	folder := t.TempDir()
	for v := range version {
		name := filepath.FromSlash(manifest.Name(v + 1))
		data, err := os.ReadFile(filepath.Join(old.Folder, name))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	local, err := store.NewLocal(folder, store.LocalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.Close(); err != nil {
			t.Error(err)
		}
	})
	return corpus.Open(local, corpustest.Tables)
}

// pathsOf returns the paths, sorted, and compares sizes and digests with the files that were kept.
func pathsOf(t *testing.T, old *pipelinetest.OldCorpus, files []dataset.File) (paths []string) {
	t.Helper()
	for _, f := range files {
		paths = append(paths, f.Path)
		data, err := os.ReadFile(filepath.Join(old.Folder, filepath.FromSlash(f.Path)))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(data); int64(len(data)) != f.Bytes || hex.EncodeToString(sum[:]) != f.SHA256 {
			t.Errorf("%s: %s has %d bytes, sha256 %x, not %d, %s", old.Name, f.Path, len(data), sum, f.Bytes, f.SHA256)
		}
	}
	slices.Sort(paths)
	return paths
}

// runsOf are the live versions that brought documents: what has files to say.
func runsOf(old *pipelinetest.OldCorpus, v pipelinetest.OldVersion) (versions []int) {
	for _, version := range v.Live {
		if old.Versions[version-1].Files != nil {
			versions = append(versions, version)
		}
	}
	return versions
}

func ending(paths []string, with string) (some []string) {
	for _, path := range paths {
		if strings.HasSuffix(path, with) {
			some = append(some, path)
		}
	}
	return some
}

// checkFigures compares what was said with what the manifest gives under the same names.
func checkFigures(t *testing.T, old *pipelinetest.OldCorpus, v pipelinetest.OldVersion, said map[string]int64, figures any) {
	t.Helper()
	data, err := json.Marshal(figures)
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]int64
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	for name, n := range said {
		if read[name] != n {
			t.Errorf("%s, version %d: %s is %d, the program that wrote it said %d", old.Name, v.Version, name, read[name], n)
		}
	}
}
