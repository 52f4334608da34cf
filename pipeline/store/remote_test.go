package store_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// openURL opens a store for writing.
func openURL(t *testing.T, at string) store.Opened {
	t.Helper()
	s, err := store.Open(t.Context(), at, store.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// news fills a folder of a bucket with what may lie in a source.
func news(t *testing.T) (url string, s store.Opened) {
	t.Helper()
	url = pipelinetest.StartS3(t).Bucket(t, "input") + "/news"
	s = openURL(t, url)
	for _, name := range []string{"a-b", "a.b", "a/one.txt", "a/.DS_Store", ".git/config", "a/deep/two.txt", "新闻/三.txt", "b.txt"} {
		if err := pipeline.WriteAll(t.Context(), s, name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	return url, s
}

func TestRemoteScan(t *testing.T) {
	url, _ := news(t)
	var got []string
	err := store.Scan(t.Context(), url, store.Access{}, func(f store.Found) error {
		if f.Bytes != int64(len(f.Path)) || f.ModTime == 0 || f.ETag == "" || f.Reason != "" {
			t.Errorf("found %+v", f)
		}
		got = append(got, f.Path)
		return nil
	})
	want := []string{"a-b", "a.b", "a/deep/two.txt", "a/one.txt", "b.txt", "新闻/三.txt"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	stop := errors.New("stop")
	if err := store.Scan(t.Context(), url, store.Access{}, func(store.Found) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("scan stopped by its user: %v", err)
	}
}

func TestRemoteLocate(t *testing.T) {
	url, _ := news(t)
	bucket := strings.TrimSuffix(url, "/news")
	for at, want := range map[string]store.Located{
		bucket:               {Root: bucket, Folder: true, Name: "input"},
		url + "/":            {Root: url, Folder: true, Name: "news"},
		url + "/a":           {Root: url + "/a", Folder: true, Name: "a"},
		url + "/a/one.txt":   {Root: url + "/a", File: store.Found{Path: "one.txt", Bytes: 9}},
		url + "/新闻/三.txt":    {Root: url + "/新闻", File: store.Found{Path: "三.txt", Bytes: 14}},
		url + "/.git/config": {Root: url + "/.git", File: store.Found{Path: "config", Bytes: 11}},
	} {
		got, err := store.Locate(t.Context(), at, store.Access{})
		got.File.ModTime, got.File.ETag = 0, ""
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", at, err, diff)
		}
	}
	for _, at := range []string{url + "/none", url + "/a/on", bucket + "/new", "s3://", "s4://input/news"} {
		if got, err := store.Locate(t.Context(), at, store.Access{}); !errors.Is(err, pipeline.ErrUsage) {
			t.Errorf("%s: %+v, %v", at, got, err)
		}
	}
	if _, err := store.Locate(t.Context(), "s3://no-such-bucket/a", store.Access{}); !errors.Is(err, pipeline.ErrUnreachable) {
		t.Errorf("no bucket: %v", err)
	}
}

// TestRemoteSources: an object is what was planned, or rejected for the reason that it is not.
func TestRemoteSources(t *testing.T) {
	url, s := news(t)
	sources, err := store.OpenSources([]pipeline.Source{{Name: "news", Root: url}, {Name: "gone", Root: "s3://no-such-bucket"}}, store.Access{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sources.Close() }()
	planned := func(name string) pipeline.SourceFile {
		f, err := store.StatBelow(t.Context(), url, name, store.Access{})
		if err != nil || f.Reason != "" {
			t.Fatal(f, err)
		}
		return pipeline.SourceFile{Path: name, Bytes: f.Bytes, ModTime: f.ModTime, ETag: f.ETag}
	}
	same, other, gone := planned("a-b"), planned("a.b"), planned("b.txt")
	if got := openReason(t, sources, same); got != "" {
		t.Errorf("an object as planned: %q", got)
	}
	same.ETag = "" // as a ledger has it
	if got := openReason(t, sources, same); got != "" {
		t.Errorf("an object of the time planned: %q", got)
	}
	same.ModTime++
	if got := openReason(t, sources, same); got != pipeline.ReasonChanged {
		t.Errorf("an object of another time: %q", got)
	}
	if err := pipeline.WriteAll(t.Context(), s, "a.b", []byte("b.a")); err != nil { // of the same size
		t.Fatal(err)
	}
	if got := openReason(t, sources, other); got != pipeline.ReasonChanged {
		t.Errorf("another content of the same size: %q", got)
	}
	if err := s.Remove(t.Context(), "b.txt"); err != nil {
		t.Fatal(err)
	}
	if got := openReason(t, sources, gone); got != pipeline.ReasonMissing {
		t.Errorf("a removed object: %q", got)
	}
	if got := openReason(t, sources, pipeline.SourceFile{Path: "../b.txt"}); got != pipeline.ReasonOutside {
		t.Errorf("a path that leaves the source: %q", got)
	}
	if found, err := store.StatBelow(t.Context(), url, "b.txt", store.Access{}); err != nil || found.Reason != pipeline.ReasonMissing {
		t.Errorf("stat of a removed object: %+v, %v", found, err)
	}
	if _, err := sources.Open(t.Context(), pipeline.SourceFile{Source: 1, Path: "f"}); !errors.Is(err, pipeline.ErrUnreachable) {
		t.Errorf("open in no bucket: %v", err)
	}

	// Replaced while it is read: neither the old bytes nor the new ones.
	large := func(c string) {
		if err := pipeline.WriteAll(t.Context(), s, "a/one.txt", []byte(strings.Repeat(c, 1<<20))); err != nil {
			t.Fatal(err)
		}
	}
	large("x")
	o, err := sources.Open(t.Context(), planned("a/one.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	large("y")
	_, err = io.Copy(io.Discard, io.NewSectionReader(o, 0, o.Size()))
	if r, ok := errors.AsType[*pipeline.RejectError](err); !ok || r.Reason != pipeline.ReasonChanged {
		t.Errorf("read of a replaced object: %v", err)
	}
}

func TestOpen(t *testing.T) {
	folder := t.TempDir()
	for _, at := range []string{folder, "file://" + folder, "file://" + folder + "/new/folder"} {
		s := openURL(t, at)
		if err := s.PutNew(t.Context(), strings.ReplaceAll(at, "/", "-"), nil); err != nil {
			t.Errorf("%s: %v", at, err)
		}
		if err := s.RemoveTemporaries(t.Context()); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	if _, err := store.Open(t.Context(), folder+"/none", store.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	for _, at := range []string{"file://host/folder", "file:folder", "s3://", "s3://k:s@bucket", "gs://bucket/folder"} {
		if _, err := store.Open(t.Context(), at, store.Options{Write: true}); !errors.Is(err, pipeline.ErrUsage) {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// TestShare: the processes of a cluster have a store together, and keep a run of one process out, wherever the store lies.
func TestShare(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   func(t *testing.T) string
	}{
		{"folder", func(t *testing.T) string { return t.TempDir() }},
		{"bucket", func(t *testing.T) string { return pipelinetest.StartS3(t).Bucket(t, "millrace") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, lock := openURL(t, tt.at(t)), filepath.Join(t.TempDir(), "lock")
			share := func() io.Closer {
				t.Helper()
				c, err := store.Share(t.Context(), s, lock, func(error) {})
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			alone := func() (io.Closer, error) { // as a run of one process does it
				l, err := store.TryLock(lock)
				if err != nil {
					return nil, err
				}
				h, err := store.Hold(t.Context(), s, "place", func(error) {})
				if err != nil {
					return nil, errors.Join(err, l.Close())
				}
				return h, l.Close()
			}
			first := share()
			second := share() // a coordinator that only thinks that the first one is dead is let in
			if _, err := alone(); !errors.Is(err, store.ErrLocked) {
				t.Errorf("alone beside a cluster: %v, want ErrLocked", err)
			}
			for _, c := range []io.Closer{first, second} {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
			c, err := alone()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
