package intake

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// TestChangedFile: a plan stands for as long as its files are as they were, also those that it rejects.
func TestChangedFile(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		change func(t *testing.T, root string)
		want   string
	}{
		"nothing": {func(*testing.T, string) {}, ""},
		"gone":    {func(t *testing.T, root string) { remove(t, filepath.Join(root, "a.lines")) }, "news/a.lines is gone"},
		"longer":  {func(t *testing.T, root string) { rewrite(t, filepath.Join(root, "b.lines"), "yy", now) }, "news/b.lines has changed"},
		"later":   {func(t *testing.T, root string) { rewrite(t, filepath.Join(root, "b.lines"), "y", now) }, "news/b.lines has changed"},
		"two": {func(t *testing.T, root string) {
			remove(t, filepath.Join(root, "b.lines"))
			remove(t, filepath.Join(root, "a.lines"))
		}, "news/a.lines is gone"},
		"another file":      {func(t *testing.T, root string) { rewrite(t, filepath.Join(root, "e.lines"), "e", now) }, ""},
		"no text, and gone": {func(t *testing.T, root string) { remove(t, filepath.Join(root, "c.bin")) }, "news/c.bin is gone"},
		"a link that leads somewhere": {func(t *testing.T, root string) {
			remove(t, filepath.Join(root, "link.lines"))
			rewrite(t, filepath.Join(root, "link.lines"), "x", now)
		}, "news/link.lines has changed"},
	} {
		root := write(t, "news", map[string]string{"a.lines": "x", "b.lines": "y", "c.bin": "\x00"})
		if err := os.Symlink("/etc/hosts", filepath.Join(root, "link.lines")); err != nil {
			t.Fatal(err)
		}
		plan := mustPlan(t, toyOptions(root), Parent{}).Plan
		c.change(t, root)
		if got, err := ChangedFile(t.Context(), plan, store.Access{}); got != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}

// TestHoldsFirst: a root is that of a source if its first file is there, unchanged.
func TestHoldsFirst(t *testing.T) {
	content := map[string]string{"a.bin": "\x00", "b.lines": "y"}
	root := write(t, "news", content)
	plan := mustPlan(t, toyOptions(root), Parent{}).Plan
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(root, moved); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		root  string
		holds bool
		err   error
	}{{moved, true, nil}, {write(t, "news", content), false, nil}, {root, false, pipeline.ErrUnreachable}} {
		got, err := HoldsFirst(t.Context(), plan, 0, c.root, store.Access{})
		if got != c.holds || !errors.Is(err, c.err) {
			t.Errorf("%s: %t, %v", c.root, got, err)
		}
	}
	plan.Files = plan.Files[:1] // which is not read
	if got, err := HoldsFirst(t.Context(), plan, 0, moved, store.Access{}); !got || err != nil {
		t.Errorf("a source that is not read: %t, %v", got, err)
	}
	if _, err := ChangedFile(t.Context(), plan, store.Access{}); !errors.Is(err, pipeline.ErrUnreachable) {
		t.Errorf("a root that is gone: %v", err)
	}
}
