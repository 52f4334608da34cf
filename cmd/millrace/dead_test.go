package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/engine/isolated"
	"github.com/millrace/millrace/pipeline/monitor"
	"github.com/millrace/millrace/pipeline/store"
)

// TestDeadInPart: of a file with several splits one is given up. The next run reads the whole file again, and then the corpus
// holds what one run without poison gives: each document once.
func TestDeadInPart(t *testing.T) {
	t.Parallel()
	folder, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	random := newRandom(31)
	var lines []string
	for i := range 120 {
		text := article(random, 1000)
		switch {
		case i == 70:
			text = "毒药" + text
		case i%9 == 5:
			text = lines[i-3]
		case i%11 == 3:
			text = fmt.Sprint("短", i%4) // too short for more than the exact test
		}
		lines = append(lines, text)
	}
	var jsonl strings.Builder
	for _, text := range lines {
		data, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		jsonl.Write(append(data, '\n'))
	}
	writeTree(t, folder, map[string]string{"all.jsonl": jsonl.String()})
	want := job(t, jobOptions(t, filepath.Join(t.TempDir(), "clean"), folder))

	o := jobOptions(t, out, folder)
	o.Chain = poison(o.Chain, func() { panic("poison") })
	first := job(t, o)
	if first.Files.InPart != 1 || first.Documents.Kept == 0 || first.Documents.Kept >= want.Documents.Kept {
		t.Fatalf("with poison: %+v", first)
	}
	dead := deadOf(t, out)
	if len(dead) != 1 || dead[0].Path != "all.jsonl" || dead[0].Offset == 0 || !strings.Contains(dead[0].Error, "panic: poison") {
		t.Fatalf("dead letters: %+v", dead)
	}
	second := job(t, jobOptions(t, out, folder))
	verified(t, out)
	if second.Version != 2 || second.Documents.Read != want.Documents.Read {
		t.Errorf("mended: %+v, want all of %+v read again", second, want)
	}
	ids := map[string]int{}
	for _, r := range readRows[row](t, filepath.Join(out, "data", "*", "*.parquet")) {
		ids[r.ID]++
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("document %s is there %d times", id, n)
		}
	}
	if int64(len(ids)) != want.Documents.Kept {
		t.Errorf("%d documents, want the %d of a run without poison", len(ids), want.Documents.Kept)
	}
	if dead := deadOf(t, out); len(dead) != 0 {
		t.Errorf("still dead: %+v", dead)
	}
}

func deadOf(t *testing.T, out string) []corpus.Dead {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // read only
	list, err := corpus.Open(s, tables()).Dead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestDeadDropped: a dropped file is left alone until it changes, or is wanted again; no digest changes by it.
func TestDeadDropped(t *testing.T) {
	t.Parallel()
	folder, out := poisonFolder(t), filepath.Join(t.TempDir(), "out")
	o := jobOptions(t, out, folder)
	o.Chain = poison(o.Chain, func() { panic("poison") })
	job(t, o)
	command := func(want string, args ...string) {
		t.Helper()
		e := execute(t, nil, append(append([]string{"dead"}, args...), "--out", out)...)
		if !strings.Contains(e.stdout+e.stderr, want) {
			t.Errorf("dead %v: exit %d, want %q\n%s%s", args, e.code, want, e.stdout, e.stderr)
		}
	}
	id := deadOf(t, out)[0].ID
	command("open", "list")
	command("panic: poison", "show", id)
	command("no dead letter is called", "show", "none")
	command("dropped 1 dead letter", "drop", id)
	command("dropped 1 dead letter", "drop", id[:10])
	command("dropped", "list")
	verified(t, out)
	if again := job(t, jobOptions(t, out, folder)); again.Version != 0 {
		t.Errorf("a dropped file was tried again: %+v", again)
	}
	command("millrace run", "retry", id)
	if e := execute(t, nil, "dead", "retry", id, "--json", "--out", out); e.code != exitDone || !strings.Contains(e.stdout, id) {
		t.Errorf("dead retry where there is no cluster: exit %d, the next run reads the file\n%s%s", e.code, e.stdout, e.stderr)
	}
	command("open", "list")
	command("dropped 1 dead letter", "drop", id)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(folder, "b.txt"), later, later); err != nil {
		t.Fatal(err)
	}
	if again := job(t, jobOptions(t, out, folder)); again.Version != 2 || again.Files.Read != 1 {
		t.Errorf("a dropped file that has changed: %+v", again)
	}
	command("no dead letters", "list")
}

const poisonedEnv = "MILLRACE_TEST_POISONED" // config file of a worker that dies of poison

// TestPoisonedWorkerChild is a worker that dies when it meets poison.
func TestPoisonedWorkerChild(t *testing.T) {
	file, ok := os.LookupEnv(poisonedEnv)
	if !ok {
		t.Skip("it is the child process of TestPoisonCluster, which starts it itself")
	}
	a := &app{stdio: stdio{out: os.Stdout, err: os.Stderr}, display: monitor.NewDisplay(os.Stderr, false), config: file, logFormat: "json"}
	c, err := (&memberFlags{}).config(a)
	if err != nil {
		t.Fatal(err)
	}
	log, err := a.logger()
	if err != nil {
		t.Fatal(err)
	}
	o, err := clusterOptions(c, log)
	if err != nil {
		t.Fatal(err)
	}
	o.Chain = poison(o.Chain, die)
	o.Isolate = isolateTest(t, "TestPoisonedWorkerChild")
	if task, err := isolated.Task(); err != nil || task != nil {
		if err == nil {
			err = a.oneTaskOfWorker(t.Context(), c, o, *task)
		}
		if err != nil {
			t.Fatal(err)
		}
		os.Exit(0) // who reads stdin stays
	}
	site, err := openSite(t.Context(), c, o.Access)
	if err != nil {
		t.Fatal(err)
	}
	m, err := join(t.Context(), c, worker, log)
	if err != nil {
		t.Fatal(err)
	}
	w := &cluster.Worker{Control: m.control, Site: engine.NewSite(o.Engine(), site.out, site.work), Stages: stageNames(), Slots: 2, Log: log}
	if err := w.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPoisonCluster: a split that kills every worker that takes it is given up, the run commits without it, and once the
// program is mended dead retry brings it into the next version.
func TestPoisonCluster(t *testing.T) {
	t.Parallel()
	f := newFleet(t, poisonFolder(t), filepath.Join(t.TempDir(), "corpus"), "nats: {ack_wait: 2s}")
	serve := f.serve()
	start := f.millrace("start", "--wait", "--json", "--id", "first")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	kills := 0
	for over := false; !over; { // three kill the worker, the next ones a process of their own
		w := f.start("poisoned worker", []string{poisonedEnv + "=" + f.config}, self, "-test.run=^TestPoisonedWorkerChild$", "-test.count=1")
		select {
		case <-w.ended:
			if kills++; kills > 8 {
				t.Fatalf("the split is tried for ever:\n%s", w.said())
			}
		case <-start.ended:
			over = true
			w.signal(syscall.SIGKILL)
			<-w.ended
		}
	}
	if code := start.wait(); code != exitRejected || kills != 3 {
		t.Fatalf("start: exit %d after %d kills\n%s", code, kills, start.said())
	}
	if m := newest(t, f.out); m.Version != 1 || m.Totals.Documents.Read != 2 || m.Totals.Files.Rejected != 1 {
		t.Fatalf("version %d: %+v", m.Version, m.Totals)
	}
	verified(t, f.out)
	w := f.millrace("worker")
	if e := f.do("dead", "list"); e.code != exitDone || !strings.Contains(e.stdout, "in/b.txt") {
		t.Errorf("dead list: exit %d\n%s", e.code, e.stdout)
	}
	var asked struct{ ID string }
	e := f.do("dead", "retry", "--all", "--json")
	if err := json.Unmarshal([]byte(e.stdout), &asked); err != nil || asked.ID == "" {
		t.Fatalf("dead retry: exit %d, %v\n%s", e.code, err, e.stdout)
	}
	if e := f.do("start", "--wait", "--id", asked.ID); e.code != exitDone {
		t.Errorf("the mended run: exit %d\n%s", e.code, e.stdout)
	}
	if m := newest(t, f.out); m.Version != 2 || m.Totals.Documents.Read != 1 || m.Totals.Files.Read != 1 {
		t.Errorf("version %d: %+v", m.Version, m.Totals)
	}
	verified(t, f.out)
	if e := f.do("dead", "list"); !strings.Contains(e.stdout, "no dead letters") {
		t.Errorf("dead list after the retry:\n%s", e.stdout)
	}
	f.stop(w, serve)
}
