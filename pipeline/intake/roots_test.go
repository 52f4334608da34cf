package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func writeFiles(t *testing.T, root string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func pathsOf(l Listing) (paths []string) {
	for i := range l.files {
		paths = append(paths, l.sources[l.files[i].Source].Name+"/"+l.files[i].Path)
	}
	return paths
}

// A scan takes what the patterns say, never what is unfinished by name, and published files come on top, each once.
func TestListRoots(t *testing.T) {
	news, archive, secret := t.TempDir(), t.TempDir(), t.TempDir()
	writeFiles(t, news, "a.jsonl", "b.txt", "2026/11/c.jsonl", "2026/11/draft-d.jsonl", "e.jsonl.part", "2026/f.tmp", ".hidden.jsonl")
	writeFiles(t, archive, "old.txt", "older.txt", "never.part")
	writeFiles(t, secret, "key")
	if err := os.Symlink(filepath.Join(secret, "key"), filepath.Join(archive, "link")); err != nil {
		t.Fatal(err)
	}
	o := Options{
		Roots: []Root{
			{Name: "news", Root: news, Scan: true, Include: []string{"**/*.jsonl"}, Exclude: []string{"**/draft-*"}},
			{Name: "archive", Root: archive},
		},
		Published: []Published{
			{Source: "news", Path: "b.txt"},
			{Source: "news", Path: "a.jsonl"},
			{Source: "archive", Path: "old.txt"},
			{Source: "archive", Path: "old.txt"},
			{Source: "archive", Path: "gone.txt"},
			{Source: "archive", Path: "link"},
			{Source: "archive", Path: "../x"},
		},
	}
	for _, r := range o.Roots {
		if err := checkPatterns(r); err != nil {
			t.Fatal(err)
		}
	}
	l, err := List(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"archive/../x", "archive/gone.txt", "archive/link", "archive/old.txt", "news/2026/11/c.jsonl", "news/a.jsonl", "news/b.txt",
	}
	if got := pathsOf(l); !slices.Equal(got, want) {
		t.Errorf("Listing %q, want %q", got, want)
	}
	for i, reason := range []string{"outside", "missing", "outside"} {
		if got := l.files[i].Reject; got != reason {
			t.Errorf("%s is rejected as %q, want %q", want[i], got, reason)
		}
	}
	o.Published = []Published{{Source: "nowhere", Path: "a"}}
	if _, err := List(t.Context(), o); err == nil {
		t.Error("a file of a source that there is not was Listing")
	}
	if err := checkPatterns(Root{Exclude: []string{"[a"}}); err == nil {
		t.Error("a pattern that is none passed")
	}
}

// A published file has the content that it was published with, or is rejected, whatever its size and time.
func TestPublishedDigests(t *testing.T) {
	root := t.TempDir()
	writeFiles(t, root, "same", "other", "unread")
	o := Options{
		Roots: []Root{{Name: "news", Root: root, Scan: true}},
		Published: []Published{
			{"news", "same", sumOf(t, filepath.Join(root, "same"))},
			{"news", "other", strings.Repeat("0", 64)},
			{"news", "unread", ""},
		},
	}
	l, err := List(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.rejectOthers(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range l.files {
		got = append(got, f.Path+" "+f.Reject)
	}
	if want := []string{"other changed", "same ", "unread "}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func sumOf(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// A file that grows while its folder is scanned waits for the next run; one that is as it was for long, or for a second, is taken.
func TestFilesThatAreWrittenWait(t *testing.T) {
	root := t.TempDir()
	writeFiles(t, root, "fresh", "growing", "old", "vanishing")
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(root, "old"), long, long); err != nil {
		t.Fatal(err)
	}
	o := Options{Roots: []Root{{Name: "news", Root: root, Scan: true}}}
	l, err := List(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(root, "vanishing")); err != nil {
		t.Fatal(err)
	}
	writeFiles(t, root, "growing") // the same bytes at another time
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(filepath.Join(root, "growing"), later, later); err != nil {
		t.Fatal(err)
	}
	if err := l.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := pathsOf(l), []string{"news/fresh", "news/old"}; !slices.Equal(got, want) {
		t.Errorf("%q are taken, want %q", got, want)
	}
}
