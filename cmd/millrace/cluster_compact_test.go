package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/jobs/compact"
)

// TestClusterCompacts: a compaction on a cluster makes the same version as one in one process, whoever dies on the way; a second one
// finds nothing to do. Published files wait for a run.
func TestClusterCompacts(t *testing.T) {
	t.Parallel()
	nats := startNATS(t)
	for i, at := range []string{"", "KILL:worker:computed#1", "KILL:worker:recorded#1", "coordinator KILL:plan:stored#1", "coordinator KILL:commit:placed#1", "coordinator KILL:commit:manifest#1"} {
		t.Run(at, func(t *testing.T) {
			in := news(t, 31, 40)
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), nats.setting("compacts"+string(rune('a'+i))))
			serve, worker := f.serve(), f.millrace("worker")
			for night := range 2 {
				if night > 0 {
					more(t, in)
				}
				if e := f.do("start", "--wait"); e.code != exitDone && e.code != exitRejected {
					t.Fatalf("night %d: exit %d\n%s", night, e.code, e.stdout)
				}
			}
			alone := copied(t, f.out)
			if e := f.do("compact", alone); e.code != exitDone {
				t.Fatalf("compact: exit %d\n%s", e.code, e.stdout)
			}
			want := newest(t, alone)

			said, serve, worker := f.although(at, serve, worker, "start", "--job", "compact", "--wait", "--json")
			m := newest(t, f.out)
			if m.Version != 3 || m.Digest != want.Digest || m.KeptIDs != want.KeptIDs {
				t.Errorf("version %d with digest %s, alone it is version %d with %s", m.Version, m.Digest, want.Version, want.Digest)
			}
			var r compact.Result
			if err := json.Unmarshal([]byte(said[strings.Index(said, "{\n"):]), &r); err != nil || r.Digest != want.Digest || len(r.Compacts) != 2 {
				t.Errorf("%v: %+v\n%s", err, r, said)
			}
			verified(t, f.out)
			if e := f.do("start", "--job", "compact", "--wait"); e.code != exitDone || !strings.Contains(e.stdout, "nothing to compact") {
				t.Errorf("again: exit %d\n%s", e.code, e.stdout)
			}
			f.stop(worker, serve)
			f.tidy()
		})
	}
}

// more adds a file to a folder of news.
func more(t *testing.T, in string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(in, "more.txt"), []byte(random(5000)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestUnmannedRun: a run in one process has no worker to wait for, so it ends at once, as an error of whoever set its workers up; with the
// stage it goes on from there.
func TestUnmannedRun(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "corpus")
	o := jobOptions(t, out, news(t, 33, 20))
	for _, s := range stageNames() {
		if s != "sink" {
			o.Workers = append(o.Workers, []string{s})
		}
	}
	err := mustFail(t, o)
	if code := exitCode(t.Context(), err); code != exitUsage || !strings.HasSuffix(err.Error(), "no worker does sink") {
		t.Errorf("exit %d: %v", code, err)
	}
	o.Workers = append(o.Workers, []string{"sink"})
	job(t, o)
	verified(t, out)
}

// TestUnmanned: a run that waits for a stage which no worker does says so: in status, in the log of serve, and to who waits for it.
func TestUnmanned(t *testing.T) {
	t.Parallel()
	f := newFleet(t, news(t, 32, 20), filepath.Join(t.TempDir(), "corpus"), startNATS(t).setting("unmanned"))
	serve := f.serve()
	var others []string
	for _, s := range stageNames() {
		if s != "sink" {
			others = append(others, s)
		}
	}
	worker := f.millrace("worker", "--stages", strings.Join(others, ","))
	start := f.millrace("start", "--wait")
	f.eventually("no worker does sink", "status")
	serve.waitFor(`"stages":["sink"]`)
	start.waitFor("no worker does sink")
	second := f.millrace("worker", "--stages", "sink")
	if code := start.wait(); code != exitDone && code != exitRejected {
		t.Errorf("exit %d\n%s", code, start.said())
	}
	verified(t, f.out)
	f.stop(second, worker, serve)
}
