package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

// What a shell should have made something of is refused, unless it lies there under that name.
func TestCheckPlace(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, at := range []string{"s3:/x/y", "s3:x", "~", "~/x", "$HOME", "$HOME/x", "${HOME}/x", "a/${USER}/b"} {
		err := CheckPlace(at)
		if !errors.Is(err, pipeline.ErrUsage) || pipeline.Hint(err) == "" {
			t.Errorf("%s: %v", at, err)
		}
		if _, err := Absolute(at); !errors.Is(err, pipeline.ErrUsage) {
			t.Errorf("%s: %v", at, err)
		}
		if err := os.MkdirAll("./"+at, 0o755); err != nil {
			t.Fatal(err)
		}
		if abs, err := Absolute(at); err != nil || filepath.Base(abs) != filepath.Base(at) {
			t.Errorf("%s is there: %s, %v", at, abs, err)
		}
	}
	for _, at := range []string{"s3://bucket/x", "x", "./~/x", "./s3:/z", "~x.txt", "$5", "a$b", "a/$b", "/x/~/y"} {
		if err := CheckPlace(at); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
}
