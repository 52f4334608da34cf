package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/engine/isolated"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// The child of a crash test is this test binary with these variables.
const (
	crashEnv = "MILLRACE_TEST_CRASH" // name of the point and number of the visit, at which to be killed; "poison", or "none"
	outEnv   = "MILLRACE_TEST_OUT"
	inEnv    = "MILLRACE_TEST_IN"
	workEnv  = "MILLRACE_TEST_WORK" // the work folder, "" for the corpus's own
	dateEnv  = "MILLRACE_TEST_DATE" // of the run, "" for none

	chainedEnv  = "MILLRACE_TEST_CHAINED"  // a worker for each stage
	withdrawEnv = "MILLRACE_TEST_WITHDRAW" // documents of files that are gone go
	signalsEnv  = "MILLRACE_TEST_SIGNALS"  // documents are measured
	removedEnv  = "MILLRACE_TEST_REMOVED"  // what is kept of documents that filters drop; without it none drops any
	countedEnv  = "MILLRACE_TEST_COUNTED"  // words and n-grams are counted: vocab.growth
)

// slowRecord is how long a task that is done beside a poisoned one waits before the ledger has it.
const slowRecord = 200 * time.Millisecond

// TestCrashChild is the job of the crash tests, in a process of its own.
func TestCrashChild(t *testing.T) {
	at, ok := os.LookupEnv(crashEnv)
	if !ok {
		t.Skip("it is the child process of the other crash tests, which start it themselves")
	}
	o := crashOptions(t)
	point, visit, _ := strings.Cut(at, "#")
	n, _ := strconv.Atoi(visit)
	var mu sync.Mutex
	o.Hook = func(name string) {
		mu.Lock()
		defer mu.Unlock()
		if at == "poison" && name == "worker:computed" { // so that whoever runs beside it dies before it is recorded
			mu.Unlock()
			time.Sleep(slowRecord)
			mu.Lock()
		}
		if name != point {
			return
		}
		if n--; n <= 0 {
			die()
		}
	}
	job(t, o)
}

// crashOptions are the options of a child, and of the child's child for one task.
func crashOptions(t *testing.T) ingest.Options {
	o := jobOptions(t, os.Getenv(outEnv), os.Getenv(inEnv))
	if os.Getenv(signalsEnv) != "" {
		o = nightly(t, os.Getenv(outEnv), os.Getenv(inEnv))
	}
	if how := os.Getenv(removedEnv); how != "" {
		o = removing(t, how, os.Getenv(outEnv), os.Getenv(inEnv))
	}
	if growth := os.Getenv(countedEnv); growth != "" {
		o = countingAll(t, growth, os.Getenv(outEnv), os.Getenv(inEnv))
	}
	o.Work, o.Withdraw = os.Getenv(workEnv), os.Getenv(withdrawEnv) != ""
	if date := os.Getenv(dateEnv); date != "" {
		request, err := requestOf(config.Default(), "", date)
		if err != nil {
			t.Fatal(err)
		}
		o.ID, o.Date = request.ID, request.Date
	}
	o.Isolate = isolateTest(t, "TestTaskChild")
	if os.Getenv(chainedEnv) != "" {
		o.Workers = eachStage()
	}
	if os.Getenv(crashEnv) == "poison" {
		o.Chain = poison(o.Chain, die)
	}
	return o
}

// isolateTest does a task in a process that runs one test, with more in its environment.
func isolateTest(t *testing.T, name string, more ...string) engine.Isolate {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, task engine.IsolatedTask, beat func()) ([]pipeline.Entry, error) {
		cmd := exec.CommandContext(ctx, self, "-test.run=^"+name+"$", "-test.count=1")
		cmd.Env = append(os.Environ(), more...)
		return isolated.Run(ctx, cmd, task, beat)
	}
}

// die kills this process as from outside.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // it takes a moment; nothing may happen in it
}

// TestTaskChild does one task, in a process of its own, for a child of a crash test.
func TestTaskChild(t *testing.T) {
	task, err := isolated.Task()
	if err != nil || task == nil {
		t.Skip("it is the child process of a job that is killed often, which starts it itself")
	}
	a := &app{stdio: stdio{out: os.Stdout}}
	o := crashOptions(t)
	err = a.doOneTask(func(beat func()) ([]pipeline.Entry, error) {
		return engine.RunIsolated(t.Context(), o.Engine(), *task, beat)
	})
	if err != nil {
		t.Fatal(err)
	}
	os.Exit(0) // who reads stdin stays
}

// childOf is a process of its own that runs one test, with more in its environment.
func childOf(t *testing.T, name string, more ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+name+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), more...)
	return cmd
}

// child starts the job in a process of its own.
func child(t *testing.T, at, out, in string) *exec.Cmd {
	t.Helper()
	return childOf(t, "TestCrashChild", crashEnv+"="+at, outEnv+"="+out, inEnv+"="+in)
}

// killed says whether the process died of SIGKILL; any other failure is the test's.
func killed(t *testing.T, err error, output string) bool {
	t.Helper()
	if err == nil {
		return false
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL {
			return true
		}
	}
	t.Fatalf("the child failed: %v\n%s", err, output)
	return false
}

// points runs the job once and counts how often each point is passed.
func points(t *testing.T, in string) (names []string, visits map[string]int, want ingest.Result) {
	t.Helper()
	return pointsOf(t, jobOptions(t, filepath.Join(t.TempDir(), "out"), in))
}

// pointsOf does so with a job of any options.
func pointsOf(t *testing.T, o ingest.Options) (names []string, visits map[string]int, want ingest.Result) {
	t.Helper()
	var mu sync.Mutex
	visits = map[string]int{}
	o.Hook = func(name string) {
		mu.Lock()
		defer mu.Unlock()
		if visits[name]++; visits[name] == 1 {
			names = append(names, name)
		}
	}
	want = job(t, o)
	return names, visits, want
}

// finished brings a corpus that was left by a crash to its end and checks it.
func finished(t *testing.T, out, in string, want ingest.Result) {
	t.Helper()
	for _, name := range readersSee(t, out) {
		if strings.HasPrefix(name, "data/") && strings.Contains(filepath.Base(name), ".tmp") {
			t.Errorf("a reader sees the temporary file %s", name)
		}
	}
	o := jobOptions(t, out, in)
	o.Isolate = isolateTest(t, "TestTaskChild", crashEnv+"=none", outEnv+"="+out, inEnv+"="+in)
	job(t, o)
	m := newest(t, out)
	if m == nil || m.Version != 1 || m.Digest != want.Digest {
		t.Fatalf("after the crash: %+v, want version 1 with digest %s", m, want.Digest)
	}
	verified(t, out)
	for _, name := range readersSee(t, out) {
		if strings.Contains(filepath.Base(name), ".tmp") {
			t.Errorf("the temporary file %s is left", name)
		}
	}
}

// TestCrashPoints kills the process at every named point, at its first and at a later visit, and runs again.
func TestCrashPoints(t *testing.T) {
	t.Parallel()
	in := news(t, 3, 150)
	names, visits, want := points(t, in)
	if len(names) < 20 {
		t.Fatalf("only %d points: %v", len(names), names)
	}
	eachPoint(t, names, visits, func(t *testing.T, at string) {
		out := filepath.Join(t.TempDir(), "out")
		output, err := child(t, at, out, in).CombinedOutput()
		if !killed(t, err, string(output)) {
			t.Fatalf("the child passed %s without being killed there", at)
		}
		finished(t, out, in, want)
	})
}

// pointsWhenShort is at how many points a short test kills.
const pointsWhenShort = 2

// eachPoint runs a test for every point, at its first and at a later visit; for some of them if the tests are to be short.
func eachPoint(t *testing.T, names []string, visits map[string]int, test func(t *testing.T, at string)) {
	t.Helper()
	var points []string
	for _, name := range names {
		points = append(points, name+"#1")
		if later := (visits[name] + 1) / 2; later > 1 {
			points = append(points, fmt.Sprintf("%s#%d", name, later))
		}
	}
	for _, at := range sample(t, points, pointsWhenShort) {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			test(t, at)
		})
	}
}

// TestCrashAnywhere kills the process again and again at random moments, until a try gets through; in some of the rounds
// the work folder is lost in between.
func TestCrashAnywhere(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in := news(t, 4, 400)
	_, _, want := points(t, in)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for round := range 4 {
		out := filepath.Join(t.TempDir(), "out")
		kills := 0
		for limit := 100 * time.Millisecond; ; limit += 150 * time.Millisecond {
			cmd := child(t, "none", out, in)
			var output bytes.Buffer
			cmd.Stdout, cmd.Stderr = &output, &output
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(random.Int64N(int64(limit))), func() { _ = cmd.Process.Kill() })
			err := cmd.Wait()
			timer.Stop()
			if !killed(t, err, output.String()) {
				break
			}
			kills++
			if round%2 == 1 && random.IntN(3) == 0 {
				if err := os.RemoveAll(filepath.Join(out, ".millrace")); err != nil {
					t.Fatal(err)
				}
			}
		}
		t.Logf("round %d: killed %d times", round, kills)
		finished(t, out, in, want)
	}
}
