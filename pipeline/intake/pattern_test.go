package intake

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// TestPatterns: a pattern means what it says.
func TestPatterns(t *testing.T) {
	paths := []string{
		"1.txt", "private", "private/2.txt", "private/a/b/3.txt", "x/private/4.txt", "x/private", "privates/5.txt", "Private/6.txt", "a b/7.txt",
		"[x]/8.txt", "{y}/9.txt", "2026/11/c.jsonl", "2026/d.jsonl", "x/c.tmp",
	}
	for _, c := range []struct {
		pattern string
		want    []string
	}{
		{"private", []string{"private", "private/2.txt", "private/a/b/3.txt"}},
		{"private/", []string{"private/2.txt", "private/a/b/3.txt"}},
		{"private//", []string{"private/2.txt", "private/a/b/3.txt"}},
		{"private/*", []string{"private/2.txt", "private/a/b/3.txt"}},
		{"private/**", []string{"private", "private/2.txt", "private/a/b/3.txt"}},
		{"private/*.txt", []string{"private/2.txt"}},
		{"./private", []string{"private", "private/2.txt", "private/a/b/3.txt"}},
		{"././/private/./a", []string{"private/a/b/3.txt"}},
		{"**/private", []string{"private", "private/2.txt", "private/a/b/3.txt", "x/private", "x/private/4.txt"}},
		{"**/private/", []string{"private/2.txt", "private/a/b/3.txt", "x/private/4.txt"}},
		{"x/**/4.txt", []string{"x/private/4.txt"}},
		{"*/", []string{"private/2.txt", "private/a/b/3.txt", "x/private/4.txt", "x/private", "privates/5.txt", "Private/6.txt", "a b/7.txt", "[x]/8.txt", "{y}/9.txt", "2026/11/c.jsonl", "2026/d.jsonl", "x/c.tmp"}},
		{"**", paths},
		{"*", paths},
		{"**/*", paths},
		{"./*.txt", []string{"1.txt"}},
		{"[pP]rivate", []string{"private", "private/2.txt", "private/a/b/3.txt", "Private/6.txt"}},
		{"{private,2026/11}/", []string{"private/2.txt", "private/a/b/3.txt", "2026/11/c.jsonl"}},
		{"{./private/a,x/{c.*,nothing}}", []string{"private/a/b/3.txt", "x/c.tmp"}},
		{`\[x\]`, []string{"[x]/8.txt"}},
		{`\{y\}/*`, []string{"{y}/9.txt"}},
		{"[[]x]", []string{"[x]/8.txt"}},
		{"a b", []string{"a b/7.txt"}},
		{"????/*.jsonl", []string{"2026/d.jsonl"}},
		{"PRIVATE", nil},
		{"rivate", nil},
	} {
		if err := CheckPattern(c.pattern, true); err != nil {
			t.Errorf("%s: %v", c.pattern, err)
		}
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, path := range paths {
			if p.matches(path) {
				got = append(got, path)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) || p.matched != (len(c.want) > 0) {
			t.Errorf("%s: matches %q, want %q", c.pattern, got, c.want)
		}
	}
}

// TestBadPatterns: what can never match is an error.
func TestBadPatterns(t *testing.T) {
	for _, p := range []string{
		"", " ", "private ", " private", "private\n", "[", "]{", "{a", "a[b", "/x", "/", "//x", ".", "./", "./.", "..", "../x", "x/../y", "x/..", "{a,../b}", "{a,/b}",
		"~/x", "s3://bucket/x", "**.txt", "private**", "a/**b/c", `private\x`, `C:\data`, `a\`, "[b-a]", "[a/b]", strings.Repeat("{a,b}", 12),
	} {
		for _, include := range []bool{true, false} {
			if err := CheckPattern(p, include); err == nil {
				t.Errorf("%q passed, include %t", p, include)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v", p, err)
			}
		}
	}
	for _, p := range []string{".git", "**/.DS_Store", "*.tmp", "**/x.part", "{a,.b}"} {
		if err := CheckPattern(p, true); err == nil {
			t.Errorf("%q would be taken", p)
		}
		if err := CheckPattern(p, false); err != nil {
			t.Errorf("%q is to be left out: %v", p, err)
		}
	}
	r := Root{Include: []string{"[", "ok"}, Exclude: []string{"/a", ""}}
	if err := checkPatterns(r); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("not every problem is told: %v", err)
	}
}

// checkPatterns is what the settings do with the patterns of a source.
func checkPatterns(r Root) error {
	var errs []error
	for _, p := range r.Include {
		errs = append(errs, CheckPattern(p, true))
	}
	for _, p := range r.Exclude {
		errs = append(errs, CheckPattern(p, false))
	}
	return errors.Join(errs...)
}

// TestIdlePatterns: a scan tells the patterns that matched nothing, and takes and leaves out whole folders.
func TestIdlePatterns(t *testing.T) {
	root := t.TempDir()
	writeFiles(t, root, "1.txt", "private/2.txt", "private/a/3.txt", "2026/11/4.txt", "2026/5.tmp", ".git/6")
	var log bytes.Buffer
	o := Options{Log: zerolog.New(&log), Roots: []Root{{
		Name: "a", Root: root, Scan: true, Include: []string{"2026", "private/", "2027", "1.md"}, Exclude: []string{"private/a", "Private", ".git", "drafts/"},
	}}}
	l, err := List(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := pathsOf(l), []string{"a/2026/11/4.txt", "a/private/2.txt"}; !slices.Equal(got, want) {
		t.Errorf("Listing %q, want %q", got, want)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"include":["2027","1.md"]`) || !strings.Contains(lines[1], `"exclude":["Private","drafts/"]`) {
		t.Errorf("told %q", lines)
	}
}

// TestUnreadableFolder: a folder that cannot be listed is told, unless it is to be left out.
func TestUnreadableFolder(t *testing.T) {
	f, err := Root{Include: []string{"**/*.txt"}, Exclude: []string{"private"}}.filter()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"news": true, "private": false, "private/a": false} {
		if got := f.keeps(&ingest.File{Path: path, Reject: pipeline.ReasonUnreadable}); got != want {
			t.Errorf("%s is kept: %t", path, got)
		}
		if f.keeps(&ingest.File{Path: path}) {
			t.Errorf("%s is no .txt", path)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("{a,b/{c,d}}/**/[x-z]?", "b/c/y1")
	f.Add(`\{./a\\/`, "{./a")
	f.Fuzz(func(t *testing.T, written, path string) {
		p, err := compilePattern(written)
		if err != nil {
			return
		}
		if len(p.globs) == 0 || len(p.globs) > maxBraces {
			t.Fatalf("%q: %d patterns", written, len(p.globs))
		}
		if len(path) < 100 && len(written) < 100 {
			p.matches(path)
		}
	})
}
