package corpustest

import (
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Damage applies f to the bytes of a file; undo writes them as they were.
func Damage(t *testing.T, s pipeline.Store, name string, f func([]byte) []byte) (undo func()) {
	t.Helper()
	old, err := pipeline.ReadAll(t.Context(), s, name)
	if err == nil {
		err = pipeline.WriteAll(t.Context(), s, name, f(slices.Clone(old)))
	}
	pipelinetest.Must(t, err)
	return func() { pipelinetest.Must(t, pipeline.WriteAll(t.Context(), s, name, old)) }
}

// Flip changes a bit of one byte.
func Flip(at int) func([]byte) []byte {
	return func(b []byte) []byte {
		b[at%len(b)] ^= 1
		return b
	}
}

// ChangeManifest writes the manifest of a version anew, with a right checksum.
func ChangeManifest(t *testing.T, s pipeline.Store, version int, change func(*manifest.Manifest)) {
	t.Helper()
	Damage(t, s, manifest.Name(version), func(b []byte) []byte {
		m, err := manifest.Decode(b, Tables)
		pipelinetest.Must(t, err)
		change(m)
		b, err = m.Encode()
		pipelinetest.Must(t, err)
		return b
	})
}
