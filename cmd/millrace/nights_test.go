package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/store"
)

// TestNights feeds a corpus by configs/nightly.yaml with a schedule of seconds, while coordinators and NATS are killed between and in the nights: each
// file comes in once, in a version with a date of its own.
func TestNights(t *testing.T) {
	t.Parallel()
	in, random := filepath.Join(t.TempDir(), "news"), newRandom(31)
	if err := os.MkdirAll(in, 0o755); err != nil {
		t.Fatal(err)
	}
	nats := startNATS(t)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	f.nightly(in, nats.setting("corpus"))
	first := f.serve()
	second := f.millrace("serve")
	worker := f.millrace("worker")

	nights := []func(){
		func() {},
		func() { first.signal(9); first.wait() },
		func() { nats.kill(); nats.run() },
		func() {
			second.signal(9)
			second.wait()
			nats.kill()
			nats.run()
			first, second = f.millrace("serve"), f.millrace("serve")
		},
		func() { worker.signal(9); worker.wait(); worker = f.millrace("worker") },
	}
	for i, disturb := range nights {
		var lines []string
		for range 20 {
			lines = append(lines, fmt.Sprintf(`{"text":%q}`, article(random, 300)))
		}
		name := filepath.Join(in, fmt.Sprintf("night-%d.jsonl", i))
		if err := os.WriteFile(name+".part", []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		disturb()
		if err := os.Rename(name+".part", name); err != nil {
			t.Fatal(err)
		}
		f.untilVersion(i + 1)
	}
	f.stop(first, second, worker)

	dates := map[string]bool{}
	var files, documents int64
	for _, m := range f.versions() {
		at, err := time.Parse(time.RFC3339, m.Run.Date)
		if err != nil || at.Second()%2 != 0 || !strings.HasSuffix(m.Run.Date, "+08:00") {
			t.Errorf("version %d is of the date %q: no instant of the schedule", m.Version, m.Run.Date)
		}
		if dates[m.Run.Date] {
			t.Errorf("two versions of the date %s", m.Run.Date)
		}
		dates[m.Run.Date] = true
		files += m.Totals.Files.Read
		documents += m.Totals.Documents.Kept
	}
	if want := int64(len(nights)); files != want || documents != 20*want || int64(len(dates)) != want {
		t.Errorf("%d versions of %d files and %d documents, want %d, %d and %d", len(dates), files, documents, want, want, 20*want)
	}
	verified(t, f.out)
}

// nightly makes configs/nightly.yaml the config, with nights of two seconds, and folders and servers of the test.
func (f *fleet) nightly(in, nats string) {
	f.t.Helper()
	data, err := os.ReadFile("../../configs/nightly.yaml")
	if err != nil {
		f.t.Fatal(err)
	}
	text := string(data)
	for was, now := range map[string]string{
		"out: corpus": "out: " + f.out + "\n" + nats + "\nserve: {http: ''}", "inbox/news": in, "inbox/archive": in + "-archive",
		`"0 2 * * *"`: `"*/2 * * * * *"`,
	} {
		if strings.Count(text, was) != 1 {
			f.t.Fatalf("nightly.yaml does not hold %q once", was)
		}
		text = strings.Replace(text, was, now, 1)
	}
	if err := os.WriteFile(f.config, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// untilVersion waits until the corpus has a version.
func (f *fleet) untilVersion(version int) {
	f.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	timer := time.NewTimer(patienceOfTests)
	defer timer.Stop()
	for {
		if m := newest(f.t, f.out); m != nil && m.Version >= version {
			return
		}
		select {
		case <-tick.C:
		case <-timer.C:
			f.t.Fatalf("version %d never came", version)
		}
	}
}

// versions are the manifests of the corpus.
func (f *fleet) versions() []*manifest.Manifest {
	f.t.Helper()
	s, err := store.Open(f.t.Context(), f.out, store.Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	list, err := corpus.Open(s, tables()).Versions(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

// TestMissedInstant: a schedule's instant that comes while serve, with a server of its own, is down makes one run when it is
// back, whatever ended it; instants before the schedule was set make none.
func TestMissedInstant(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "stopped": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := news(t, 21, 20)
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
			passed, missed := time.Now().Add(-3*time.Second), time.Now().Add(14*time.Second).Truncate(time.Second)
			f.configure(in, fmt.Sprintf("schedule: {cron: '%d,%d * * * * *'}", passed.Second(), missed.Second()))
			serve := f.serve()
			until(t, missed.Add(-time.Second))
			serve.signal(signal)
			serve.wait()
			if said := serve.said(); strings.Contains(said, "scheduled") {
				t.Fatalf("an instant before the schedule was set is asked for:\n%s", said)
			}
			until(t, missed.Add(2*time.Second))
			serve = f.serve()
			worker := f.millrace("worker")
			f.untilVersion(1)
			if m := newest(t, f.out); m.Run.Date != missed.UTC().Format(time.RFC3339) {
				t.Errorf("version 1 is of %s, want %s", m.Run.Date, missed.UTC())
			}
			f.tidy()
			serve.signal(signal) // and once more: the instant is done
			serve.wait()
			serve = f.serve()
			if e := f.do("status", "--json"); !strings.Contains(e.stdout, `"waiting":[]`) && !strings.Contains(e.stdout, `"waiting": []`) {
				t.Errorf("asked for again: %s", e.stdout)
			}
			f.stop(worker, serve)
		})
	}
}

// until waits for a moment.
func until(t *testing.T, at time.Time) {
	t.Helper()
	select {
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	case <-time.After(time.Until(at)):
	}
}
