package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// alone is what millrace run makes of the folder with a fleet's config, in one process.
func alone(t *testing.T, in string) ingest.Result {
	t.Helper()
	return newFleet(t, in, filepath.Join(t.TempDir(), "corpus")).run(in)
}

// run does a run in one process.
func (f *fleet) run(in string) ingest.Result {
	f.t.Helper()
	e := execute(f.t, nil, "run", "--json", "--config", f.config, "--out", f.out, in)
	if e.code != exitDone && e.code != exitRejected {
		f.t.Fatalf("run: exit %d\n%s", e.code, e.stderr)
	}
	verified(f.t, f.out)
	return e.result
}

// TestCluster: one run digest, whoever does the run and on whatever store; and again in the next night, in which files have changed and
// vanished.
func TestCluster(t *testing.T) {
	name, value, _ := strings.Cut(vanishedSetting, "=")
	t.Setenv(name, value)
	in := filepath.Join(t.TempDir(), "news") // of each corpus anew
	laid := news(t, 21, 1400)
	lay := func() {
		err := os.RemoveAll(in)
		if err == nil {
			err = os.CopyFS(in, os.DirFS(laid))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	lay()
	first := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	want := first.run(in)
	revise(t, in)
	revised := first.run(in)
	if want.Documents.NearDuplicates == 0 || want.Shards < 2 || revised.Version != 2 || revised.Withdrawn == nil || len(revised.Withdrawn.Reasons) != 2 {
		t.Fatalf("the corpus is too plain to show anything: %+v, then %+v", want, revised)
	}
	everything := func(n int) (workers [][]string) {
		for range n {
			workers = append(workers, nil)
		}
		return workers
	}
	var stages [][]string
	for _, s := range stageNames() {
		stages = append(stages, []string{"--stages", s})
	}
	stages = append(stages, []string{"--stages", "normalize"}, []string{"--stages", "parse" + "," + "normalize"})
	for _, tt := range []struct {
		name     string
		workers  [][]string
		external bool
		s3       bool
	}{
		{name: "1 worker", workers: everything(1)},
		{name: "8 workers", workers: everything(8)},
		{name: "a worker a stage, and more of some", workers: stages},
		{name: "a server of NATS apart", workers: everything(2), external: true},
		{name: "an object store", workers: everything(2), external: true, s3: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "corpus")
			if tt.s3 {
				out = pipelinetest.StartS3(t).Bucket(t, "millrace") + "/corpus"
			}
			var more []string
			if tt.external {
				more = append(more, startNATS(t).setting("corpus"))
			}
			lay()
			f := newFleet(t, in, out, more...)
			serve := f.serve()
			start := f.millrace("start", "--wait", "--json")
			var workers []*process
			for _, flags := range tt.workers {
				workers = append(workers, f.millrace(append([]string{"worker"}, flags...)...))
			}
			f.finish(start, want)
			again := f.do("start", "--wait")
			if again.code != exitDone || !strings.Contains(again.stdout, "nothing new") {
				t.Errorf("a second run: exit %d\n%s", again.code, again.stdout)
			}
			f.holds(want)
			revise(t, in)
			if e := f.do("start", "--wait"); e.code != exitDone && e.code != exitRejected {
				t.Errorf("the next night: exit %d\n%s", e.code, e.stdout)
			}
			if m := newest(t, out); m.Version != 2 || m.Digest != revised.Digest {
				t.Errorf("the next night is version %d with digest %s, alone it has %s", m.Version, m.Digest, revised.Digest)
			}
			verified(t, out)
			f.stop(append(workers, serve)...)
			if !tt.s3 {
				f.tidy()
			}
		})
	}
}

// TestClusterDeaths: workers that are killed, told to stop, or stand still with tasks in hand change nothing.
func TestClusterDeaths(t *testing.T) {
	t.Parallel()
	in := news(t, 22, 200)
	want := alone(t, in)
	nats := startNATS(t)
	ends := []string{
		"KILL:worker:attempted#3", "KILL:worker:recorded#2", "KILL:store:written#4", "STOP:worker:computed#2",
		"TERM:worker:attempted#2", "TERM:worker:computed#3", "TERM:worker:attempted#1 at once",
	}
	for i, at := range sample(t, ends, 2) {
		t.Run(at, func(t *testing.T) {
			at, atOnce := strings.CutSuffix(at, " at once")
			more := []string{nats.setting(fmt.Sprintf("deaths%d", i))}
			if atOnce {
				more = append(more, "worker: {shutdown_timeout: 1ms}")
			}
			f := watchedFleet(t, in, filepath.Join(t.TempDir(), "corpus"), more...)
			serve := f.serve()
			bad := f.child("worker", at)
			start := f.millrace("start", "--wait", "--json")
			bad.waitFor("reached")
			var code int
			if !strings.HasPrefix(at, "STOP") {
				code = bad.wait()
			}
			if strings.HasPrefix(at, "TERM") && code != exitDone {
				t.Errorf("the worker ended with exit code %d", code)
			}
			good := f.millrace("worker")
			f.finish(start, want)
			if strings.HasPrefix(at, "STOP") { // it finds that its run is over
				bad.wake()
				f.stop(bad)
			}
			f.stop(good, serve)
			f.holds(want)
			if strings.HasPrefix(at, "TERM") && strings.Contains(good.said()+bad.said(), "trying again") {
				t.Error("a task was tried again")
			}
		})
	}
}

// TestClusterControls: pause, resume, cancel, and a run that was asked for twice.
func TestClusterControls(t *testing.T) {
	t.Parallel()
	in := news(t, 23, 200)
	want := alone(t, in)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	serve := f.serve()
	expect := func(code int, text string, args ...string) {
		t.Helper()
		if e := f.do(args...); e.code != code || !strings.Contains(e.stdout, text) {
			t.Fatalf("%v: exit %d, want %d and %q\n%s", args, e.code, code, text, e.stdout)
		}
	}
	expect(exitUsage, "nothing to pause", "pause")
	first := f.millrace("start", "--wait", "--json", "--id", "first")
	serve.waitFor(`"state":"running"`)
	expect(exitDone, "is paused", "pause")
	expect(exitUsage, "nothing to pause", "pause")
	waits := f.millrace("start", "--wait", "--id", "withdrawn")
	waits.waitFor("waiting for run withdrawn to end")
	expect(exitDone, "waiting      withdrawn", "status")
	expect(exitDone, "run withdrawn was cancelled", "cancel", "--id", "withdrawn")
	if code := waits.wait(); code != exitFailed || !strings.Contains(waits.said(), "run withdrawn was cancelled") {
		t.Errorf("a withdrawn run: exit %d\n%s", code, waits.said())
	}
	expect(exitUsage, "neither under way nor asked for", "cancel", "--id", "withdrawn")
	expect(exitDone, "run first was cancelled", "cancel", "--id", "first")
	if code := first.wait(); code != exitFailed {
		t.Errorf("a cancelled run: exit %d", code)
	}
	f.tidy()
	expect(exitUsage, "nothing to cancel", "cancel")

	second := f.millrace("start", "--wait", "--json", "--id", "second")
	serve.waitFor(`"run":"second","state":"running"`)
	expect(exitDone, "is paused", "pause")
	worker := f.millrace("worker")
	worker.waitFor(`"working"`)
	again := f.millrace("start", "--wait", "--json", "--id", "second")
	gone := f.millrace("start", "--wait", "--id", "second")
	gone.waitFor("waiting for run second to end")
	gone.signal(syscall.SIGINT)
	if code := gone.wait(); code != exitInterrupted || !strings.Contains(gone.said(), "run second goes on without this command") {
		t.Errorf("an interrupted wait: exit %d\n%s", code, gone.said())
	}
	stranger := newFleet(t, in, f.out, "dedupe: {threshold: 0.8}").millrace("worker")
	stranger.waitFor("takes no part in the run")
	stranger.waitFor("dedupe.threshold")
	expect(exitDone, "is running", "resume")
	f.finish(second, want)
	f.finish(again, want)
	f.finish(f.millrace("start", "--wait", "--json", "--id", "second"), want)
	expect(exitDone, "nothing new", "start", "--wait", "--id", "third")
	f.finish(f.millrace("start", "--wait", "--json", "--id", "second"), want)
	f.stop(stranger, worker, serve)
	f.tidy()
}

// TestClusterAnswered: who asks a cluster for a run that a process alone has done, and waits for it, is told how it ended.
func TestClusterAnswered(t *testing.T) {
	t.Parallel()
	in := news(t, 46, 20)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	if e := f.do("run", "--date", "2026-11-23", in); e.code != exitDone {
		t.Fatalf("exit %d\n%s", e.code, e.stdout)
	}
	serve := f.serve()
	start := f.millrace("start", "--wait", "--date", "2026-11-23")
	if code := start.wait(); code != exitDone || !strings.Contains(start.said(), "version 000001") {
		t.Errorf("exit %d\n%s", code, start.said())
	}
	f.stop(serve)
	f.tidy()
}

// TestClusterLimits: a run beyond its limits ends without a version, and goes on from there with higher ones.
func TestClusterLimits(t *testing.T) {
	t.Parallel()
	in := news(t, 24, 200)
	want := alone(t, in)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), "limits: {max_reject_ratio: 0.0001}")
	serve, worker := f.serve(), f.millrace("worker")
	if e := f.do("start", "--wait"); e.code != exitFailed || !strings.Contains(e.stdout, "max_reject_ratio") {
		t.Fatalf("exit %d\n%s", e.code, e.stdout)
	}
	if newest(t, f.out) != nil {
		t.Error("a version was made")
	}
	f.stop(worker, serve)
	f.configure(in)
	serve = f.serve()
	start := f.millrace("start", "--wait", "--json")
	// What was done is not done again: nobody is there who would.
	worker = f.millrace("worker", "--stages", strings.Join(stageNames()[3:], ","))
	f.finish(start, want)
	f.stop(worker, serve)
	f.tidy()
}

// TestClusterNATS: a server of NATS that dies and comes back costs nothing, one that comes back without its disk costs the
// run, which is asked for again.
func TestClusterNATS(t *testing.T) {
	t.Parallel()
	in := news(t, 25, 300)
	want := alone(t, in)
	t.Run("restarted", func(t *testing.T) {
		nats := startNATS(t)
		f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), nats.setting("corpus"))
		serve := f.serve()
		start := f.millrace("start", "--wait", "--json")
		worker := f.child("worker", "STOP:worker:computed#4")
		worker.waitFor("reached")
		nats.kill()
		worker.wake()
		nats.run()
		f.finish(start, want)
		f.stop(worker, serve)
	})
	t.Run("lost", func(t *testing.T) {
		nats := startNATS(t)
		f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), nats.setting("corpus"))
		serve, worker := f.serve(), f.child("worker", "STOP:worker:computed#4")
		if e := f.do("start"); e.code != exitDone {
			t.Fatalf("exit %d\n%s", e.code, e.stdout)
		}
		worker.waitFor("reached")
		good := f.millrace("worker")
		good.waitFor(`"working"`)
		nats.kill()
		if err := os.RemoveAll(nats.dir); err != nil {
			t.Fatal(err)
		}
		nats.run()
		serve.waitFor("the control plane is set up anew")
		worker.wake()
		f.finish(f.millrace("start", "--wait", "--json"), want)
		f.stop(good, serve)
		f.tidy()
	})
}

// TestClusterServeAgain: workers go on with a serve that was started again, though its server of NATS is its own.
func TestClusterServeAgain(t *testing.T) {
	t.Parallel()
	in := news(t, 37, 20)
	want := alone(t, in)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	serve := f.serve()
	worker := f.millrace("worker")
	worker.waitFor("waiting for a run")
	serve.kill(t)
	worker.waitFor("nats: disconnected")
	serve = f.serve()
	f.finish(f.millrace("start", "--wait", "--json"), want)
	f.stop(serve)
	// A port that somebody else has taken meanwhile is no reason not to start.
	var own serverFile
	data, err := os.ReadFile(filepath.Join(f.out, ".millrace", serverName))
	if err == nil {
		err = json.Unmarshal(data, &own)
	}
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", strings.TrimPrefix(own.URL, "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // nobody connects
	f.stop(f.serve())
	worker.kill(t)
}

// TestClusterCancelled: what a cancelled run has written for its version goes at once, not when the next run begins.
func TestClusterCancelled(t *testing.T) {
	t.Parallel()
	in := news(t, 39, 20)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	serve := f.serve()
	// The run comes to its shards, and not to its end: nobody has its last stage.
	stages := slices.DeleteFunc(stageNames(), func(s string) bool { return s == "merge" })
	if len(stages) == len(stageNames()) {
		t.Fatal("there is no stage merge")
	}
	worker := f.millrace("worker", "--stages", strings.Join(stages, ","))
	if e := f.do("start"); e.code != exitDone {
		t.Fatalf("start: exit %d\n%s", e.code, e.stdout)
	}
	staged := func() int {
		list, err := filepath.Glob(filepath.Join(f.out, ".millrace", "staging-*", "data", "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	wait := func(until bool) {
		t.Helper()
		for end := time.Now().Add(patienceOfTests); staged() > 0 != until; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d shards are staged", staged())
			}
		}
	}
	wait(true)
	if e := f.do("cancel"); e.code != exitDone {
		t.Fatalf("cancel: exit %d\n%s", e.code, e.stdout)
	}
	wait(false)
	f.tidy()
	f.stop(worker, serve)
}

// TestClusterElsewhere: a worker that looks for the work files where they are not says so, instead of being idle.
func TestClusterElsewhere(t *testing.T) {
	t.Parallel()
	in := news(t, 36, 20)
	want := alone(t, in)
	setting := startNATS(t).setting("elsewhere")
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), setting)
	stray := newFleet(t, in, filepath.Join(t.TempDir(), "not", "mounted"), setting).millrace("worker")
	serve := f.serve()
	start := f.millrace("start", "--wait", "--json")
	stray.waitFor("is not where this worker looks")
	f.eventually("refuses the run", "status")
	f.eventually("out and work", "status")
	worker := f.millrace("worker")
	f.finish(start, want)
	f.stop(stray, worker, serve)
}

// eventually repeats a command until it says something.
func (f *fleet) eventually(text string, args ...string) {
	f.t.Helper()
	for end := time.Now().Add(patienceOfTests); ; time.Sleep(100 * time.Millisecond) {
		e := f.do(args...)
		if strings.Contains(e.stdout, text) {
			return
		}
		if time.Now().After(end) {
			f.t.Fatalf("%v never says %q:\n%s", args, text, e.stdout)
		}
	}
}

// TestTwoCorporaOneServer: corpora that read the same files at the same settings, whose plans are the same, share a server, at the same time. None gets
// a task of another.
func TestTwoCorporaOneServer(t *testing.T) {
	t.Parallel()
	in, server := news(t, 4, 400), startNATS(t)
	var fleets []*fleet
	var processes, starts []*process
	for _, name := range []string{"one", "two", "one-more"} {
		f := newFleet(t, in, filepath.Join(t.TempDir(), name), server.setting(name))
		fleets = append(fleets, f)
		processes = append(processes, f.serve(), f.millrace("worker"))
	}
	for _, f := range fleets {
		starts = append(starts, f.millrace("start", "--wait", "--json"))
	}
	digests := map[string]bool{}
	for i, f := range fleets {
		if code := starts[i].wait(); code != exitDone && code != exitRejected {
			t.Fatalf("corpus %d: exit %d", i, code)
		}
		digests[newest(t, f.out).Digest] = true
		verified(t, f.out)
	}
	if len(digests) != 1 {
		t.Errorf("the same files give %d digests", len(digests))
	}
	fleets[0].stop(processes...)
}
