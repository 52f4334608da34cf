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

// TestStore reads pages out of a clone, wherever below a folder it lies, and says what is missing.
func TestStore(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	ctx := t.Context()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte("<p>packed")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte("<p>国标码"))
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	for name, data := range map[string][]byte{"a/1.html": []byte("<p>一"), "a/2.html": gbk, "a/3.html.gz": z.Bytes(), "b.html": nil} {
		if err := os.MkdirAll(filepath.Join(work, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(work, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := git(ctx, work, append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	run("init", "--quiet")
	run("add", "--all")
	run("commit", "--quiet", "--message", "pages")
	r := Repository{Name: "owner/name", Commit: run("rev-parse", "HEAD")}
	for _, below := range []string{"owner/name", "owner+name.git", "owner+name/repo", "name"} {
		folder := t.TempDir()
		run("clone", "--quiet", "--bare", work, filepath.Join(folder, filepath.FromSlash(below)))
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
	run("clone", "--quiet", "--bare", work, filepath.Join(folder, "owner+name"))
	r.Commit = strings.Repeat("0", 40)
	if _, err := (Store{Clones: folder}).open(ctx, r); err == nil || !strings.Contains(err.Error(), "owner/name at 0000") {
		t.Errorf("without the commit: %v", err)
	}
}
