package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/store"
)

// TestClusterTurns: a run of a cluster, and what one process does to the same corpus, come one after the other. Otherwise each
// would tidy away what the other has under way, and one of them would have worked in vain.
func TestClusterTurns(t *testing.T) {
	t.Parallel()
	in := news(t, 34, 200)
	want := alone(t, in)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	if err := os.MkdirAll(filepath.Join(f.out, ".millrace"), 0o755); err != nil {
		t.Fatal(err)
	}
	other, err := store.TryLock(filepath.Join(f.out, ".millrace", "lock")) // as a run of one process has it
	if err != nil {
		t.Fatal(err)
	}
	serve, worker := f.serve(), f.millrace("worker")
	start := f.millrace("start", "--wait", "--json", "--id", "first")
	serve.waitFor("waiting for the other run to end")
	if e := f.do("status"); !strings.Contains(e.stdout, "waiting      first") {
		t.Errorf("status of a run that waits for its turn:\n%s", e.stdout)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	f.finish(start, want)

	// And the other way round.
	if err := os.WriteFile(filepath.Join(in, "more.jsonl"), []byte(`{"text":"又来了一篇，与别的都不相同。"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.stop(worker)
	start = f.millrace("start", "--wait", "--json", "--id", "second")
	serve.waitFor(`"run":"second","state":"running"`)
	for _, args := range [][]string{
		{"run", in, "--out", f.out}, {"run", "--restart", in, "--out", f.out}, {"drop", f.out, "1"}, {"gc", f.out, "--unfinished"}, {"compact", f.out},
	} {
		if e := f.do(args...); e.code != exitFailed || !strings.Contains(e.stdout, "locked by process") || !strings.Contains(e.stdout, `"hint":"wait for the other run`) {
			t.Errorf("%v beside a run of a cluster: exit %d\n%s", args, e.code, e.stdout)
		}
	}
	waits := f.millrace("run", "--wait", in, "--out", f.out)
	waits.waitFor("waiting for the other run to end")
	worker = f.millrace("worker")
	if code := start.wait(); code != exitDone {
		t.Errorf("start --wait: exit %d", code)
	}
	if code := waits.wait(); code != exitDone || !strings.Contains(waits.said(), "nothing new") {
		t.Errorf("run --wait: exit %d\n%s", code, waits.said())
	}
	if got := len(f.versions()); got != 2 {
		t.Errorf("%d versions, want 2", got)
	}
	f.stop(worker, serve)
	verified(t, f.out)
}
