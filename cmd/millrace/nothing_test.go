package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestUsageErrorsLeaveNothing: what cannot even be planned makes no folder.
func TestUsageErrorsLeaveNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, same, huge, empty := filepath.Join(dir, "in"), filepath.Join(dir, "other", "a.jsonl"), filepath.Join(dir, "huge"), filepath.Join(dir, "empty")
	batchOf(t, in, "a.jsonl", 1, 5, 0)
	batchOf(t, filepath.Dir(same), "a.jsonl", 1, 5, 0)
	oldFile(t, huge, "one.txt", strings.Repeat("一", 100))
	if err := os.MkdirAll(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	tiny := settingsFile(t, "", in, "parse: {document: file, max_document_bytes: 64B}")
	for name, tt := range map[string]struct {
		code int
		args []string
	}{
		"a path that is not there": {exitUsage, []string{"nosuch"}},
		"a source with two places": {exitUsage, []string{"--source", "a=" + in, "--source", "a=" + same}},
		"a move from nowhere":      {exitUsage, []string{in, "--moved", "in"}},
		"documents too large":      {exitUsage, []string{huge, "--config", tiny}},
		"a date that is none":      {exitUsage, []string{in, "--date", "tomorrow"}},
		"an empty folder":          {exitDone, []string{empty}},
	} {
		t.Run(name, func(t *testing.T) {
			at := t.TempDir()
			out, work := filepath.Join(at, "out"), filepath.Join(at, "work")
			runs(t, tt.code, append(slices.Clone(tt.args), "--out", out, "--work", work)...)
			if left, err := os.ReadDir(at); err != nil || len(left) > 0 {
				t.Errorf("it leaves %v, %v", left, err)
			}
			if err := os.Mkdir(out, 0o755); err != nil {
				t.Fatal(err)
			}
			runs(t, tt.code, append(slices.Clone(tt.args), "--out", out)...)
			if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
				t.Errorf("in a folder that was there it leaves %v, %v", left, err)
			}
		})
	}
}

// TestDataGone: no version is built on documents that are gone, verify says so once, and the way out that both name works.
func TestDataGone(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]string{"data": "data", "one shard": "data/000001-*/*.parquet", "keys": "index/000001/keys-*", "ledger": "ledger/000001/rejects.parquet"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
			for n := range 2 {
				batchOf(t, in, fmt.Sprintf("%d.jsonl", n), uint64(n), 20, 0)
				runs(t, exitDone, in, "--out", out)
			}
			gone, err := filepath.Glob(filepath.Join(out, remove))
			if err != nil || len(gone) == 0 {
				t.Fatalf("%v, %v", gone, err)
			}
			for _, name := range gone {
				if err := os.RemoveAll(name); err != nil {
					t.Fatal(err)
				}
			}
			batchOf(t, in, "2.jsonl", 2, 20, 0)
			e := runs(t, exitFailed, in, "--out", out)
			if !strings.Contains(e.stderr, "is missing") || !strings.Contains(e.stderr, "000001") || !strings.Contains(e.stderr, "millrace drop OUT 1 --later") {
				t.Errorf("run says neither what is gone nor what helps:\n%s", e.stderr)
			}
			v := execute(t, nil, "verify", out)
			first, _, _ := strings.Cut(strings.TrimPrefix(gone[0], out+"/"), "*")
			if v.code != exitFailed || strings.Count(v.stdout+v.stderr, first) > len(gone)+1 || !strings.Contains(v.stderr, "drop OUT 1 --later") || strings.Contains(v.stderr, first) {
				t.Errorf("verify: exit %d\n%s%s", v.code, v.stdout, v.stderr)
			}
			if e := execute(t, nil, "drop", out, "1", "--later"); e.code != exitDone {
				t.Fatalf("the way out does not work: %s", e.stderr)
			}
			runs(t, exitDone, in, "--out", out)
			verified(t, out)
			if m := newest(t, out); m.Totals.Documents.Kept != 60 {
				t.Errorf("%d documents, want 60", m.Totals.Documents.Kept)
			}
		})
	}
}

// TestNoEmptyVersions: a run that no document comes through makes no version, and says why; a reject that a version has told is no news.
func TestNoEmptyVersions(t *testing.T) {
	t.Parallel()
	t.Run("everything rejected", func(t *testing.T) {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
		batchOf(t, in, "a.jsonl", 1, 5, 5)
		oldFile(t, in, "picture.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
		for range 2 {
			e := runs(t, exitRejected, in, "--out", out)
			if e.result.Version != 0 || !e.result.Barren || e.result.Documents.Rejected != 5 || e.result.Files.Rejected != 1 || e.result.Reasons["bad_json"] != 5 {
				t.Errorf("%+v", e.result)
			}
			if !strings.Contains(e.stderr, "no version was made") || !strings.Contains(e.stdout, "a.jsonl") {
				t.Errorf("it does not tell what and why:\n%s%s", e.stdout, e.stderr)
			}
		}
		wantHoldings(t, out)
		if text := execute(t, nil, "inspect", out, "--unfinished").stdout; !strings.Contains(text, "no run") {
			t.Errorf("something is unfinished:\n%s", text)
		}
		worked := 0
		o := jobOptions(t, out, in)
		o.SplitBytes, o.PartitionBytes, o.ShardBytes = 0, 0, 0 // as the program has it
		o.Hook = func(point string) {
			if strings.HasPrefix(point, "worker:") {
				worked++
			}
		}
		if got := job(t, o); worked > 0 || got.Documents.Rejected != 5 {
			t.Errorf("%d steps of tasks for what is known already: %+v", worked, got)
		}
		batchOf(t, in, "b.jsonl", 2, 5, 0)
		e := runs(t, exitRejected, in, "--out", out)
		if e.result.Version != 1 || e.result.Documents.Kept != 5 || e.result.Documents.Rejected != 5 || e.result.Files.Rejected != 1 {
			t.Errorf("with a good file: %+v", e.result)
		}
		verified(t, out)
	})
	t.Run("a link that leads nowhere", func(t *testing.T) {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
		batchOf(t, in, "a.jsonl", 1, 5, 0)
		runs(t, exitDone, in, "--out", out)
		if err := os.Symlink("nowhere", filepath.Join(in, "link.jsonl")); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if e := execute(t, nil, "run", in, "--out", out, "--json"); e.code != exitRejected && e.code != exitDone {
				t.Errorf("exit %d\n%s", e.code, e.stderr)
			}
		}
		wantHoldings(t, out, "5 of 1")
		batchOf(t, in, "b.jsonl", 2, 5, 0)
		execute(t, nil, "run", in, "--out", out, "--json")
		for range 2 { // told once
			runs(t, exitDone, in, "--out", out)
		}
		if list := holdings(t, out); len(list) != 2 {
			t.Errorf("versions %q", list)
		}
		batchOf(t, in, "nowhere", 3, 5, 0)
		runs(t, exitDone, in, "--out", out)
		verified(t, out)
	})
}

// TestAlarmOfNothing: where alarms.documents is set, a night that brings nothing is one of them, but not before there is an average.
func TestAlarmOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	settings := settingsFile(t, out, in, "alarms: {documents: 0.5}")
	night := func(n int) string { return fmt.Sprintf("2026-11-%02d", n) }
	for n := 1; n <= 3; n++ {
		batchOf(t, in, fmt.Sprintf("%d.jsonl", n), uint64(n), 20, 0)
		runs(t, exitDone, "--config", settings, "--date", night(n))
		if n == 1 {
			runs(t, exitDone, "--config", settings) // one night is no average
		}
	}
	e := runs(t, exitFailed, "--config", settings, "--date", night(4))
	if !strings.Contains(e.stderr, "documents: 0, the average is 20; alarms.documents") || !strings.Contains(e.stderr, "--force") {
		t.Errorf("no alarm:\n%s", e.stderr)
	}
	runs(t, exitDone, "--config", settings, "--date", night(3)) // that night is done
	runs(t, exitDone, "--config", settings, "--date", night(4), "--force")
	batchOf(t, in, "5.jsonl", 5, 20, 20) // all of it rejected: something came, but no document
	e = runs(t, exitRejected, "--config", settings, "--date", night(5))
	if e.result.Version != 0 {
		t.Errorf("%+v", e.result)
	}
	batchOf(t, in, "5.jsonl", 5, 20, 0)
	e = runs(t, exitDone, "--config", settings, "--date", night(5))
	if e.result.Version != 4 {
		t.Errorf("the mended night: %+v", e.result)
	}
	verified(t, out)
}
