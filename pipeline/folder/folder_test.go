package folder

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
)

// A folder does not lie in the corpus, whatever the way there.
func TestAt(t *testing.T) {
	at := t.TempDir()
	for _, name := range []string{"corpus/data", "other"} {
		if err := os.MkdirAll(filepath.Join(at, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(at, "corpus"), filepath.Join(at, "link")); err != nil {
		t.Fatal(err)
	}
	local := engine.NewSite(engine.Options{Out: filepath.Join(at, "corpus")}, nil, nil)
	remote := engine.NewSite(engine.Options{Out: "s3://bucket/corpus"}, nil, nil)
	for _, c := range []struct {
		site *engine.Site
		out  string
		ok   bool
	}{
		{local, at + "/corpus", false},
		{local, at + "/corpus/tok", false},
		{local, at + "/link/new/tok", false},
		{local, at + "/other/../corpus/a", false},
		{local, at + "/corpus2", true},
		{local, at + "/other/tok", true},
		{local, at, true},
		{local, "s3://bucket/corpus", true},
		{local, "", false},
		{remote, "s3://bucket/corpus", false},
		{remote, "s3://bucket/corpus/tok", false},
		{remote, "s3://bucket/corpus-tok", true},
		{remote, at + "/tok", true},
	} {
		got, err := At(c.site, c.out, "release")
		if (err == nil) != c.ok || err != nil && !pipeline.IsOneOf(err, pipeline.ErrUsage) {
			t.Errorf("%s beside %s: %v, %v", c.out, c.site.Options().Out, got, err)
		}
	}
}
