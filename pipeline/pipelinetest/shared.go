package pipelinetest

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Shared is the path of a file of the real text that lies beside the repository in ../shared/data. The test is skipped
// where there is none.
func Shared(t testing.TB, name string) string {
	t.Helper()
	file := filepath.Join(filepath.Dir(root(t)), "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("needs the real text of ../shared/data/%s, which this clone has not", name)
	}
	return file
}

// root is the folder of the repository.
func root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	Must(t, err)
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if filepath.Dir(folder) == folder {
			t.Fatal("no go.mod above the test")
		}
		folder = filepath.Dir(folder)
	}
}

// EachShared calls f with every file of a .tar.zst archive of the real text, in the order of the archive. The test is
// skipped where there is none.
func EachShared(t testing.TB, archive string, f func(name string, data []byte)) {
	t.Helper()
	file, err := os.Open(Shared(t, archive))
	Must(t, err)
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	z, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
	Must(t, err)
	defer z.Close()
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		Must(t, err)
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(r)
		Must(t, err)
		f(strings.TrimPrefix(h.Name, "./"), data)
	}
}
