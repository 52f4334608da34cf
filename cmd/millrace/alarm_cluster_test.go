package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestClusterAlarms: a night unlike those before it fails with the figures and makes no version; start --force accepts it.
func TestClusterAlarms(t *testing.T) {
	t.Parallel()
	in, random := filepath.Join(t.TempDir(), "news"), newRandom(7)
	if err := os.MkdirAll(in, 0o755); err != nil {
		t.Fatal(err)
	}
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), "alarms: {documents: 0.5}")
	serve, worker := f.serve(), f.millrace("worker")
	night := func(n, documents int) {
		var lines []string
		for range documents {
			lines = append(lines, fmt.Sprintf(`{"text":%q}`, article(random, 200)))
		}
		if err := os.WriteFile(filepath.Join(in, fmt.Sprintf("%d.jsonl", n)), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 2 {
		night(n, 10)
		if e := f.do("start", "--wait", "--json"); e.code != exitDone {
			t.Fatalf("night %d: exit %d\n%s", n, e.code, e.stdout)
		}
	}
	night(2, 40)
	if e := f.do("start", "--wait", "--json"); e.code != exitFailed || !strings.Contains(e.stdout, "--force") {
		t.Errorf("a strange night: exit %d, want %d and the way out\n%s", e.code, exitFailed, e.stdout)
	}
	if got := len(f.versions()); got != 2 {
		t.Errorf("%d versions after the alarm, want 2", got)
	}
	if e := f.do("start", "--wait", "--json", "--force"); e.code != exitDone {
		t.Errorf("accepted: exit %d\n%s", e.code, e.stdout)
	}
	if list := f.versions(); len(list) != 3 || list[2].Totals.Documents.Read != 40 {
		t.Errorf("%d versions behind --force, want 3", len(list))
	}
	verified(t, f.out)
	f.stop(worker, serve)
}
