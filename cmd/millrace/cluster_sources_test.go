package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
)

// bare starts the built program without a config.
func (f *fleet) bare(args ...string) *process {
	f.t.Helper()
	binary, err := built()
	if err != nil {
		f.t.Fatal(err)
	}
	return f.start(strings.Join(args, " "), nil, binary, append(args, "--out", f.out, "--log-format", "json", "--log-level", "info")...)
}

// says runs a command without a config to its end, and checks its exit code and what it says.
func (f *fleet) says(code int, text string, args ...string) string {
	f.t.Helper()
	p := f.bare(args...)
	if got := p.wait(); got != code || !strings.Contains(p.said(), text) {
		f.t.Fatalf("%s: exit %d, want %d and %q\n%s", p.name, got, code, text, p.said())
	}
	return p.said()
}

// TestClusterSources: one machine without a config does all that millrace run does: serve, worker and publish are told of sources on the
// command line. Each process may have them elsewhere; what the corpus remembers is where they lie for the one that plans.
func TestClusterSources(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	writeTree(t, root, map[string]string{
		"2025/news/a.txt": article(newRandom(1), 300), "2025/news/sub/b.txt": article(newRandom(2), 300), "2026/news/a.txt": article(newRandom(3), 300),
		"tonight/c.txt": article(newRandom(4), 300), "other/d.txt": article(newRandom(5), 300),
	})
	want := execute(t, nil, "run", "--json", "--out", at("alone"), at("2025/news"), at("2026/news"))
	if want.code != exitDone || want.result.Documents.Kept != 3 {
		t.Fatalf("run: exit %d\n%s", want.code, want.stderr)
	}
	f := &fleet{t: t, out: at("corpus"), environ: os.Environ()}
	sources := []string{"--source", "2025/news=" + at("2025/news"), "--source", "2026/news=" + at("2026/news")}
	serve := f.bare(append([]string{"serve", "--http", ""}, sources...)...)
	serve.waitFor(`"leading"`)
	work := f.bare("worker")
	f.says(exitDone, "version 000001", "start", "--wait")
	f.holds(want.result)

	// What is published is below a source of serve; with links, and by whoever has the source elsewhere.
	f.says(exitDone, "published 2 files", "publish", at("2025/news"))
	if err := os.Symlink(at("2025"), at("link")); err != nil {
		t.Fatal(err)
	}
	f.says(exitDone, "published 1 file", "publish", at("link/news/sub"))
	said := f.says(exitUsage, "lies below no source", "publish", at("other"))
	if !strings.Contains(said, "--source NAME=PATH, here and with millrace serve") {
		t.Errorf("no way out:\n%s", said)
	}
	f.says(exitDone, "published 1 file", "publish", "--source", "2026/news="+at("tonight"))
	f.says(exitDone, "copied into source 2026/news", "publish", "--upload", "--source", "2026/news", at("tonight"))
	f.stop(work)
	if err := os.CopyFS(at("mounted/x"), os.DirFS(at("2026/news"))); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(at("2026/news/c.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(at("mounted/x/c.txt"), info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	work = f.bare("worker", "--source", "2026/news="+at("mounted/x"))
	f.says(exitDone, "version 000002", "start", "--wait")
	if diff := cmp.Diff([]ingest.Place{{Source: "2026/news", Root: at("2026/news")}}, newest(t, f.out).Run.Roots); diff != "" {
		t.Errorf("roots (-want +got):\n%s", diff)
	}
	if e := execute(t, nil, "explain", f.out, "2026/news/c.txt"); e.code != exitDone || !strings.Contains(e.stdout, "2026/news/c.txt") {
		t.Errorf("explain: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
	f.stop(serve)

	// The sources move: that has to be said once.
	if err := os.Rename(at("2026"), at("2027")); err != nil {
		t.Fatal(err)
	}
	sources[3] = "2026/news=" + at("2027/news")
	serve = f.bare(append([]string{"serve", "--http", ""}, sources...)...)
	serve.waitFor(`"leading"`)
	said = f.says(exitUsage, "source 2026/news of the corpus is "+at("2026/news")+", and "+at("2027/news")+" is another place", "start", "--wait")
	if !strings.Contains(said, "if it has moved: --moved 2026/news") {
		t.Errorf("no way out:\n%s", said)
	}
	f.says(exitDone, "nothing new", "start", "--wait", "--moved", "2026/news")
	f.says(exitDone, "nothing new", "start", "--wait")
	f.stop(work, serve)
	if e := execute(t, nil, "run", "--json", "--out", f.out, at("2027/news")); e.code != exitDone || e.result.Files.Skipped != 2 {
		t.Errorf("run: exit %d, %+v\n%s", e.code, e.result.Files, e.stderr)
	}
	verified(t, f.out)
}
