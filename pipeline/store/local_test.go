package store_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newLocal(t *testing.T, opts store.LocalOptions) (*store.Local, string) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "made", "by", "NewLocal")
	l, err := store.NewLocal(root, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, root
}

func TestLocal(t *testing.T) {
	for _, opts := range []store.LocalOptions{{Sync: true}, {Sync: false}} {
		name := "Sync"
		if !opts.Sync {
			name = "NoSync"
		}
		t.Run(name, func(t *testing.T) {
			pipelinetest.TestStore(t, func() pipeline.Store {
				l, _ := newLocal(t, opts)
				return l
			})
			t.Run("Sub", func(t *testing.T) {
				pipelinetest.TestStore(t, func() pipeline.Store {
					l, _ := newLocal(t, opts)
					return l.Sub("below/here")
				})
			})
		})
	}
}

func TestLocalLeavesNoTemporary(t *testing.T) {
	l, root := newLocal(t, store.LocalOptions{Sync: true})
	ctx := t.Context()
	for range 2 {
		_ = l.PutNew(ctx, "m/1", []byte("x")) // the second fails
	}
	w, err := l.Create(ctx, "m/2")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, root); len(got) != 1 || got[0] != "m/1" {
		t.Errorf("on disk: %v", got)
	}
}

func TestRemoveTemporaries(t *testing.T) {
	l, root := newLocal(t, store.LocalOptions{})
	ctx := t.Context()
	if err := pipeline.WriteAll(ctx, l, "a/kept", nil); err != nil {
		t.Fatal(err)
	}
	// As a killed process leaves them: created and never closed.
	for _, name := range []string{"top", "a/x", "a/b/y"} {
		w, err := l.Create(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
	}
	if got := files(t, root); len(got) != 4 {
		t.Fatalf("on disk before: %v", got)
	}
	if err := l.Sub("a/b").(*store.Local).RemoveTemporaries(ctx); err != nil {
		t.Fatal(err)
	}
	if got := files(t, root); len(got) != 3 {
		t.Errorf("on disk after the folder: %v", got)
	}
	if err := l.RemoveTemporaries(ctx); err != nil {
		t.Fatal(err)
	}
	if got := files(t, root); len(got) != 1 || got[0] != "a/kept" {
		t.Errorf("on disk after: %v", got)
	}
	if err := l.Sub("never").(*store.Local).RemoveTemporaries(ctx); err != nil {
		t.Errorf("of a folder that does not exist: %v", err)
	}
}

func TestLocalIsConfined(t *testing.T) {
	l, root := newLocal(t, store.LocalOptions{})
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret"), "s")
	if err := os.Symlink(outside, filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Open(t.Context(), "link/secret"); err == nil {
		t.Error("opened a file through a link out of the root")
	}
	if _, err := l.Create(t.Context(), "link/new"); err == nil {
		t.Error("created a file through a link out of the root")
	}
	if err := l.Remove(t.Context(), "link/secret"); err == nil {
		t.Error("removed a file through a link out of the root")
	}
	if got := files(t, outside); len(got) != 1 {
		t.Errorf("outside: %v", got)
	}
}

// TestLocalLargeFile: a file that the disk is given part by part is what was written, whatever the sizes of its pieces.
func TestLocalLargeFile(t *testing.T) {
	l, _ := newLocal(t, store.LocalOptions{Sync: true})
	want := make([]byte, 13<<20+1)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(want)
	for _, piece := range []int{1 << 20, 3<<20 + 5, 5 << 20, len(want)} {
		w, err := l.Create(t.Context(), "large")
		if err != nil {
			t.Fatal(err)
		}
		for part := range slices.Chunk(want, piece) {
			if n, err := w.Write(part); n != len(part) || err != nil {
				t.Fatalf("pieces of %d: %d of %d bytes written: %v", piece, n, len(part), err)
			}
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		if got, err := pipeline.ReadAll(t.Context(), l, "large"); err != nil || !bytes.Equal(got, want) {
			t.Errorf("pieces of %d: other bytes came back: %v", piece, err)
		}
	}
}

// TestLocalWriteError takes the folder away under a writer.
func TestLocalWriteError(t *testing.T) {
	l, root := newLocal(t, store.LocalOptions{Sync: true})
	if err := os.MkdirAll(filepath.Join(root, "ro"), 0o777); err != nil {
		t.Fatal(err)
	}
	w, err := l.Create(t.Context(), "ro/f")
	if err != nil {
		t.Fatal(err)
	}
	// The folder goes away under the writer: the commit has to say so.
	if err := os.RemoveAll(filepath.Join(root, "ro")); err != nil {
		t.Fatal(err)
	}
	err = w.Commit()
	if !errors.Is(err, syscall.ENOENT) || !strings.Contains(err.Error(), filepath.Join(root, "ro", "f")) {
		t.Errorf("commit into a removed folder: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if got := files(t, root); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// files lists what really lies below a folder, temporaries included.
func files(t *testing.T, root string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, relErr := filepath.Rel(root, p)
			list, err = append(list, rel), relErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
