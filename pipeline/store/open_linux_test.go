package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

// planned is a file of a root as a plan has it.
func planned(t *testing.T, root, name string) pipeline.SourceFile {
	t.Helper()
	info, err := os.Stat(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return pipeline.SourceFile{Path: name, Bytes: info.Size(), ModTime: info.ModTime().UnixNano()}
}

// TestQuickly holds that what is opened by one call is what os.Root would open, and that nothing else is.
func TestQuickly(t *testing.T) {
	base := t.TempDir()
	root := filepath.Join(base, "news")
	for _, name := range []string{"outside.txt", "news/a/b/one.txt", "news/two.txt"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(base, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(base, name), []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"inside": "a/b/one.txt", "a/up": "../two.txt", "out": "../outside.txt", "absolute": filepath.Join(root, "two.txt"), "folder": "a", "up": "..",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	c, err := openConfined(root)
	if err != nil {
		t.Fatal(err)
	}
	first := planned(t, root, "two.txt")
	if o := c.quickly(&first); o == nil && c.quick.never.Load() {
		t.Skip("this system has no openat2")
	} else if o != nil {
		_ = o.Close()
	}
	for name, want := range map[string]bool{
		"a/b/one.txt": true, "two.txt": true, "inside": true, "a/up": true, "folder/b/one.txt": true,
		"out": false, "absolute": false, "up/outside.txt": false, "up/news/two.txt": false, "a": false,
	} {
		file := planned(t, root, name)
		o := c.quickly(&file)
		for range 1000 {
			if want && o == nil { // the system does not walk up a path while anything else is renamed
				o = c.quickly(&file)
			}
		}
		if (o != nil) != want {
			t.Errorf("%s: opened %v, want %v", name, o != nil, want)
		}
		if o == nil {
			continue
		}
		data, err := io.ReadAll(io.NewSectionReader(o, 0, 1<<20))
		if plain, _ := os.ReadFile(filepath.Join(root, name)); err != nil || string(data) != string(plain) {
			t.Errorf("%s: read %q, %v", name, data, err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		for _, change := range []func(*pipeline.SourceFile){func(f *pipeline.SourceFile) { f.Bytes++ }, func(f *pipeline.SourceFile) { f.ModTime-- }} {
			other := file
			change(&other)
			if c.quickly(&other) != nil {
				t.Errorf("%s: opened, though it is not what was planned", name)
			}
		}
	}
	good := planned(t, root, "two.txt")
	o := c.quickly(&good)
	if err := c.close(); err != nil {
		t.Error(err)
	}
	if c.quickly(&good) != nil {
		t.Error("opened below a root that is closed")
	}
	if _, err := o.ReadAt(make([]byte, 2), -1); err == nil {
		t.Error("read before the start")
	}
	if n, err := o.ReadAt(make([]byte, 99), 2); n != len("news/two.txt")-2 || err != io.EOF { //nolint:errorlint // an io.ReaderAt gives it as it is
		t.Errorf("read to the end: %d, %v", n, err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	if err := o.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := o.ReadAt(make([]byte, 2), 0); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
}

// TestCloseWhileReading holds that no reader meets the file of another one.
func TestCloseWhileReading(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c, err := openConfined(root)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }()
	files := []pipeline.SourceFile{planned(t, root, "a"), planned(t, root, "b")}
	for range 300 {
		o := c.quickly(&files[0])
		if o == nil {
			t.Skip("this system has no openat2")
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				buf := make([]byte, 1)
				if n, err := o.ReadAt(buf, 0); n == 1 && buf[0] != 'a' || n == 0 && !errors.Is(err, fs.ErrClosed) {
					t.Errorf("read %q, %v", buf[:n], err)
				}
			})
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		if other := c.quickly(&files[1]); other != nil {
			defer func() { _ = other.Close() }()
		}
		wg.Wait()
	}
}

func BenchmarkOpen(b *testing.B) {
	root := b.TempDir()
	name := filepath.Join("some", "folders", "deep", "file.txt")
	if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o777); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, name), []byte("text"), 0o666); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(root, name))
	if err != nil {
		b.Fatal(err)
	}
	file := pipeline.SourceFile{Path: name, Bytes: info.Size(), ModTime: info.ModTime().UnixNano()}
	for _, slow := range []bool{false, true} {
		b.Run(map[bool]string{false: "one call", true: "os.Root"}[slow], func(b *testing.B) {
			c, err := openConfined(root)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = c.close() }()
			if c.quick != nil {
				c.quick.never.Store(slow)
			}
			b.ReportAllocs()
			for b.Loop() {
				o, err := c.openFile(b.Context(), file)
				if err != nil {
					b.Fatal(err)
				}
				if err := o.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
