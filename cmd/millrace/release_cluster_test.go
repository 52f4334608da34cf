package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/store"
)

// releaseOf is what a release is.
func releaseOf(t *testing.T, at string) *release.Result {
	t.Helper()
	r, err := release.Inspect(t.Context(), at, store.Access{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestClusterReleases: a release on a cluster is the one that a single process makes, whoever dies on the way.
func TestClusterReleases(t *testing.T) {
	t.Parallel()
	nats := startNATS(t)
	for i, at := range []string{"", "KILL:worker:computed#1", "coordinator KILL:release:written#1"} {
		t.Run(at, func(t *testing.T) {
			in := news(t, 85, 40)
			out := filepath.Join(t.TempDir(), "corpus")
			job(t, jobOptions(t, out, in))
			f := newFleet(t, in, out, nats.setting("releases"+strconv.Itoa(i)))
			alone, made := filepath.Join(t.TempDir(), "alone"), filepath.Join(t.TempDir(), "release")
			recipe := filepath.Join(t.TempDir(), "recipe.yaml")
			put(t, recipe, "split: {validation: 0.1}\nencode: {tokenizer: chars, eos: <EOS>}\nwrite: [{format: megatron}, {format: parquet}]\nshards: {number: 2}\n")
			if e := f.do("release", "--recipe", recipe, "--corpus", copied(t, out), "--out", alone); e.code != exitDone {
				t.Fatalf("release: exit %d\n%s", e.code, e.stdout)
			}
			want := releaseOf(t, alone)
			serve, worker := f.serve(), f.millrace("worker")
			worker.waitFor("waiting for a run")
			_, serve, worker = f.although(at, serve, worker, "start", "--job", "release", "--recipe", recipe, "--corpus-version", "1", "--release-out", made, "--wait", "--json")
			if r := releaseOf(t, made); r.Digest != want.Digest {
				t.Errorf("the digest is %s, alone it is %s", r.Digest, want.Digest)
			}
			if left := leftBeside(t, made); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
			if e := f.do("status"); !strings.Contains(e.stdout, made+", ") || !strings.Contains(e.stdout, want.Digest) {
				t.Errorf("status does not say what was made\n%s", e.stdout)
			}
			if e := f.do("start", "--job", "release", "--recipe", recipe, "--release-out", made, "--wait"); e.code != exitDone || !strings.Contains(e.stdout, "this very release is there") {
				t.Errorf("again: exit %d\n%s", e.code, e.stdout)
			}
			f.stop(worker, serve)
			f.tidy()
		})
	}
}

// A release is started of the coordinator's corpus; the version may be named.
func TestStartedRelease(t *testing.T) {
	dir := t.TempDir()
	corpus, file := filepath.Join(dir, "corpus"), filepath.Join(dir, "recipe.yaml")
	for _, c := range []struct {
		recipe  string
		version int
		want    string // of the error
		made    int    // version
	}{
		{recipe: "", made: 0},
		{recipe: "corpus: corpus@3\n", made: 3},
		{recipe: "corpus: " + corpus + "\n", version: 2, made: 2},
		{recipe: "corpus: other@3\n", want: "names the corpus " + filepath.Join(dir, "other")},
		{recipe: "", version: -1, want: "is negative"},
	} {
		if err := os.WriteFile(file, []byte(c.recipe+"write: [{format: jsonl}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := startedRelease{recipe: file, out: filepath.Join(dir, "release"), version: c.version}
		p, err := r.params(corpus)
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), c.want) || exitCode(t.Context(), err) != exitUsage {
				t.Errorf("%q: %v", c.recipe, err)
			}
		case err != nil:
			t.Errorf("%q: %v", c.recipe, err)
		case p.Recipe.Version != c.made || p.Base != dir || p.Out != r.out:
			t.Errorf("%q: version %d, base %s, out %s", c.recipe, p.Recipe.Version, p.Base, p.Out)
		}
	}
}
