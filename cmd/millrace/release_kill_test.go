package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// killedRecipe has all phases that any corpus may have.
const killedRecipe = `
mix: {by: source, unit: tokens, repeat_at_most: 2}
split: {validation: 0.1}
encode: {tokenizer: chars, eos: <EOS>, pack: {length: 64, how: concat}}
write: [format: parquet, format: megatron, format: mds, format: litdata]
shards: {number: 2}
`

// TestReleaseKilled: kill -9 at each step of a release. The corpus is as it was, nobody sees half a release, and the same command makes the same and leaves
// nothing.
func TestReleaseKilled(t *testing.T) {
	inTurn(t)
	t.Parallel()
	from := filepath.Join(t.TempDir(), "out")
	in := filepath.Join(t.TempDir(), "in")
	writeReleaseInput(t, in, 92, 60)
	job(t, releaseCorpusOptions(t, from, in))
	done := copied(t, from)
	points := pointsOfUpkeep(t, "release", done, "phase:select", "phase:tokenize", "phase:balance", "phase:encode", "phase:write", "release:checked", "release:written", "release:made")
	want := releaseManifest(t, filepath.Join(filepath.Dir(done), "release"))
	for _, point := range sample(t, points, 2) {
		at := copied(t, from)
		rel := filepath.Join(filepath.Dir(at), "release")
		killedUpkeep(t, "release", point, at)
		sound(t, at, point)
		_, err := os.Stat(rel)
		if is := err == nil; is != (point == "release:made") {
			t.Errorf("%s: the release is there: %v", point, is)
		}
		upkeeps["release"](t, at, nil)
		verified(t, at)
		if m := releaseManifest(t, rel); m.Checksum != want.Checksum {
			t.Errorf("%s: digest %s, want %s", point, m.Digest, want.Digest)
		}
		if left := append(leftBeside(t, rel), globOf(t, at, ".millrace/runs/*")...); len(left) > 0 {
			t.Errorf("%s: left are %v", point, left)
		}
	}
}

// TestReleaseInBucket: corpus and release in a bucket, where the manifest makes it: kill -9 before and behind that, and the same command again.
func TestReleaseInBucket(t *testing.T) {
	bucket, _ := startBucket(t)
	in, out, alone := filepath.Join(t.TempDir(), "in"), bucket+"/corpus", filepath.Join(t.TempDir(), "out")
	writeReleaseInput(t, in, 93, 40)
	job(t, releaseCorpusOptions(t, out, in))
	job(t, releaseCorpusOptions(t, alone, in))
	o, p := releaseJob(t, alone, "release", killedRecipe)
	want := releasedBy(t, o, p)
	o, p = releaseJob(t, out, "release", killedRecipe)
	for _, point := range []string{"release:written", "release:made"} { // each time the lease of the corpus is waited for
		killedUpkeep(t, "release", point, out)
		s, err := store.Open(t.Context(), p.Out, store.Options{})
		pipelinetest.Must(t, err)
		list, err := s.List(t.Context(), "")
		pipelinetest.Must(t, errors.Join(err, s.Close()))
		whole := slices.ContainsFunc(list, func(i pipeline.ObjectInfo) bool { return i.Name == folder.ManifestName })
		if whole != (point == "release:made") {
			t.Errorf("%s: there are %v", point, list)
		}
		sound(t, out, point)
	}
	if r := releasedBy(t, o, p); r.Digest != want.Digest {
		t.Errorf("digest %s, in a folder it is %s", r.Digest, want.Digest)
	}
	if m := releaseManifest(t, p.Out); m.Digest != want.Digest {
		t.Errorf("digest %s, in a folder it is %s", m.Digest, want.Digest)
	}
	verified(t, out)
	p.Recipe.Name = "another"
	if _, err := release.Run(t.Context(), o.Engine(), p); !pipeline.IsOneOf(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "holds another release") {
		t.Errorf("%v", err)
	}
}
