package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestClusterStoppedNights: a night of a cluster that limits stopped ends under its own date before the next one, if nothing but the
// limits has changed; mended, its files come in with the night that finds them so.
func TestClusterStoppedNights(t *testing.T) {
	t.Parallel()
	in := filepath.Join(t.TempDir(), "news")
	batchOf(t, in, "1.jsonl", 1, 20, 10)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), severe)
	serve, worker := f.serve(), f.millrace("worker")
	start := func(code int, args ...string) string {
		t.Helper()
		e := f.do(append([]string{"start", "--wait"}, args...)...)
		if e.code != code {
			t.Fatalf("start %v: exit %d, want %d\n%s", args, e.code, code, e.stdout)
		}
		return e.stdout
	}
	if said := start(exitFailed, "--date", "2026-11-01"); !strings.Contains(said, "news/1.jsonl: 10 of 20 documents rejected") {
		t.Errorf("the worst file is not named:\n%s", said)
	}
	if e := f.do("inspect", f.out, "--unfinished"); !strings.Contains(e.stdout, "2026-11-01") || !strings.Contains(e.stdout, "stopped: nothing is committed") {
		t.Errorf("inspect --unfinished: exit %d\n%s", e.code, e.stdout)
	}
	batchOf(t, in, "2.jsonl", 2, 20, 0)
	if said := start(exitFailed, "--date", "2026-11-02"); !strings.Contains(said, "the run of 2026-11-01") || !strings.Contains(said, "--restart") {
		t.Errorf("nothing mended:\n%s", said)
	}
	wantHoldings(t, f.out)
	f.stop(worker, serve)
	f.configure(in, lenient)
	serve, worker = f.serve(), f.millrace("worker")
	start(exitDone, "--date", "2026-11-02")
	wantHoldings(t, f.out, "2026-11-01 10 of 1", "2026-11-02 20 of 1")
	start(exitRejected, "--date", "2026-11-01") // is done, and said again as it was
	f.stop(worker, serve)
	f.configure(in, severe)
	serve, worker = f.serve(), f.millrace("worker")

	batchOf(t, in, "3.jsonl", 3, 20, 10)
	start(exitFailed, "--date", "2026-11-03")
	batchOf(t, in, "3.jsonl", 3, 20, 0)
	batchOf(t, in, "4.jsonl", 4, 20, 0)
	start(exitDone, "--date", "2026-11-04")
	wantHoldings(t, f.out, "2026-11-01 10 of 1", "2026-11-02 20 of 1", "2026-11-04 40 of 2")
	f.stop(worker, serve)
	f.tidy()
}

// TestClusterNothingAndRetry: a night that brings nothing is an alarm, one that no document comes through makes no version, and what was
// rejected of published files is taken again.
func TestClusterNothingAndRetry(t *testing.T) {
	t.Parallel()
	in := filepath.Join(t.TempDir(), "news")
	work := "work: " + t.TempDir() // which each corpus has a part of
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), work, "alarms: {documents: 0.5}", "parse: {text_field: [text]}")
	batchOf(t, in, "1.jsonl", 1, 20, 0)
	oldFile(t, in, "fields.jsonl", `{"text":"这一行的字段就叫这个名字"}`+"\n"+`{"body":"这一行的字段叫别的名字"}`+"\n")
	serve, worker := f.serve(), f.millrace("worker")
	for n, code := range []int{exitRejected, exitDone} {
		if e := f.do("start", "--wait"); e.code != code {
			t.Fatalf("night %d: exit %d\n%s", n, e.code, e.stdout)
		}
		if n == 0 {
			batchOf(t, in, "2.jsonl", 2, 20, 0)
		}
	}
	if e := f.do("start", "--wait"); e.code != exitFailed || !strings.Contains(e.stdout, "documents: 0, the average") {
		t.Errorf("a night of nothing: exit %d\n%s", e.code, e.stdout)
	}
	if e := f.do("start", "--wait", "--force"); e.code != exitDone || !strings.Contains(e.stdout, "nothing new") {
		t.Errorf("accepted: exit %d\n%s", e.code, e.stdout)
	}
	batchOf(t, in, "bad.jsonl", 3, 20, 20)
	if e := f.do("start", "--wait"); e.code != exitRejected || !strings.Contains(e.stdout, "no version was made") || !strings.Contains(e.stdout, "bad_json") {
		t.Errorf("a night of rejects: exit %d\n%s", e.code, e.stdout)
	}
	wantHoldings(t, f.out, "21 of 2", "20 of 1")
	f.stop(worker, serve)
	f.configure(in, work, "parse: {text_field: [text, body]}")
	serve, worker = f.serve(), f.millrace("worker")
	if e := f.do("start", "--wait", "--retry-rejected"); e.code != exitRejected {
		t.Errorf("retried: exit %d\n%s", e.code, e.stdout)
	}
	wantHoldings(t, f.out, "21 of 2", "20 of 1", "1 of 2")
	f.stop(worker, serve)
}
