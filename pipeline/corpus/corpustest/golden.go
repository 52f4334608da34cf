package corpustest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Update says that golden files are to be written anew. It is the one flag for that of tests which use this package.
var Update = flag.Bool("update", false, "write the golden files anew")

// Golden compares with a file of testdata, or writes it with -update.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *Update {
		pipelinetest.Must(t, os.MkdirAll("testdata", 0o777))
		pipelinetest.Must(t, os.WriteFile(path, got, 0o666))
	}
	want, err := os.ReadFile(path)
	pipelinetest.Must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (run with -update and look at the change):\n%s", path, got)
	}
}

// WithoutDigests replaces the digests of runs and plans, which follow from the encoder and the code version, so that
// goldens outlive changes of these.
func WithoutDigests(t *testing.T, c *corpus.Corpus, text []byte) []byte {
	t.Helper()
	list, err := c.Versions(t.Context())
	pipelinetest.Must(t, err)
	for _, m := range list {
		stars := fmt.Sprintf("%064d", m.Version)
		text = bytes.ReplaceAll(text, []byte(m.Digest), []byte(stars))
		text = bytes.ReplaceAll(text, []byte(m.Digest[:16]), []byte(stars[48:]))
		text = bytes.ReplaceAll(text, []byte("-"+m.Plan[:8]+"/"), []byte("-"+stars[56:]+"/"))
	}
	return text
}
