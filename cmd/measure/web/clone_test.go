package web

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// committed makes a repository of files, and returns its folder and its commit.
func committed(t *testing.T, files map[string][]byte) (dir, commit string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir = t.TempDir()
	for name, data := range files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "--all"}, {"commit", "--quiet", "--message", "pages"}, {"rev-parse", "HEAD"}} {
		out, err := git(t.Context(), dir, append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		commit = strings.TrimSpace(string(out))
	}
	return dir, commit
}

// cloned clones a repository to a place.
func cloned(t *testing.T, from, to string) {
	t.Helper()
	if _, err := git(t.Context(), from, "clone", "--quiet", "--bare", from, to); err != nil {
		t.Fatal(err)
	}
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Bytes()
}

// TestStore reads pages out of a clone, wherever below a folder it lies, and says what is missing.
func TestStore(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte("<p>国标码"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	work, commit := committed(t, map[string][]byte{"a/1.html": []byte("<p>一"), "a/2.html": gbk, "a/3.html.gz": packed(t, "<p>packed"), "b.html": nil})
	r := Repository{Name: "owner/name", Commit: commit}
	for _, below := range []string{"owner/name", "owner+name.git", "owner+name/repo", "name"} {
		folder := t.TempDir()
		cloned(t, work, filepath.Join(folder, filepath.FromSlash(below)))
		c, err := Store{Clones: folder}.open(ctx, r)
		if err != nil {
			t.Errorf("%s: %v", below, err)
			continue
		}
		names, err := c.match("a/*")
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, name := range names {
			text, err := c.read(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		if got := strings.Join(texts, ""); got != "<p>一<p>国标码<p>packed" {
			t.Errorf("%s: %q", below, got)
		}
		if _, err := c.match("c/*"); err == nil {
			t.Error("a pattern that names nothing is no error")
		}
	}
	if _, err := (Store{Clones: t.TempDir()}).open(ctx, r); err == nil || !strings.Contains(err.Error(), "git clone --bare https://github.com/owner/name ") {
		t.Errorf("without a clone: %v", err)
	}
	folder := t.TempDir()
	cloned(t, work, filepath.Join(folder, "owner+name"))
	r.Commit = strings.Repeat("0", 40)
	if _, err := (Store{Clones: folder}).open(ctx, r); err == nil || !strings.Contains(err.Error(), "owner/name at 0000") {
		t.Errorf("without the commit: %v", err)
	}
}
