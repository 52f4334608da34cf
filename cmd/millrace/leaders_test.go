package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// leadersLease is long enough for a busy machine, and short enough for a test in which a dozen leaders die.
const leadersLease = leaseEnv + "=1s"

// behindManifest are the points at which the version exists.
var behindManifest = []string{"commit:manifest", "commit:card", "commit:done"}

// leaderPoints are those that a coordinator passes in a run, up to the manifest.
func leaderPoints(t *testing.T, in string) []string {
	t.Helper()
	names, _, _ := points(t, in)
	list := []string{"plan:made", "plan:stored"}
	for _, name := range names {
		kind, _, _ := strings.Cut(name, ":")
		if kind == "phase" || kind == "commit" && !slices.Contains(behindManifest, name) {
			list = append(list, name)
		}
	}
	if !slices.Contains(list, "phase:merge:enqueued") || !slices.Contains(list, "commit:placed") {
		t.Fatalf("the points have other names: %v", list)
	}
	return list
}

// TestClusterLeaders kills one leader after the other, each at another point of the same run: whoever waits goes on.
func TestClusterLeaders(t *testing.T) {
	t.Parallel()
	in := news(t, 31, 150)
	list := leaderPoints(t, in)
	if testing.Short() {
		list = []string{"plan:stored", "phase:map:enqueued", "phase:emit", "commit:placed"}
	}
	want := alone(t, in)
	f := watchedFleet(t, in, filepath.Join(t.TempDir(), "corpus"), startNATS(t).setting("corpus"))
	alive := map[string]*process{}
	arm := func(point string) {
		alive[point] = f.child("serve", "KILL:"+point+"#1", leadersLease)
	}
	arm(list[0])
	alive[list[0]].waitFor(`"leading"`)
	worker := f.millrace("worker")
	start := f.millrace("start", "--wait", "--json")
	for i := range list {
		alive[list[i]].waitFor(`"leading"`)
		if i+1 < len(list) {
			arm(list[i+1]) // and now two of them run
		}
		dead := someEnds(t, alive)
		p := alive[dead]
		delete(alive, dead)
		if !strings.Contains(p.said(), "reached "+dead) {
			t.Fatalf("%s ended by itself: exit %d\n%s", p.name, p.wait(), tail(p.said()))
		}
		if dead != list[i] { // a machine so busy that a leader which lived lost its lease: the points behind are for other rounds
			t.Logf("%s was passed over", list[i])
			break
		}
	}
	last := f.child("serve", "", leadersLease)
	f.finish(start, want)
	f.stop(worker, last)
	f.oneVersion()
	f.tidy()
}

// someEnds waits until one of the processes ends.
func someEnds(t *testing.T, alive map[string]*process) string {
	t.Helper()
	ended := make(chan string, len(alive)) // all of them end at some time
	for name, p := range alive {
		go func() {
			<-p.ended
			ended <- name
		}()
	}
	timer := time.NewTimer(patienceOfTests)
	defer timer.Stop()
	select {
	case name := <-ended:
		return name
	case <-timer.C:
		t.Fatal("no process ends")
		return ""
	}
}

// TestClusterTidying kills the leader behind the manifest: the version stands, and the next one tidies up.
func TestClusterTidying(t *testing.T) {
	t.Parallel()
	in := news(t, 32, 100)
	want := alone(t, in)
	nats := startNATS(t)
	for i, point := range behindManifest {
		t.Run(point, func(t *testing.T) {
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), nats.setting(fmt.Sprintf("tidying%d", i)))
			bad := f.child("serve", "KILL:"+point+"#1", leadersLease)
			bad.waitFor(`"leading"`)
			worker := f.millrace("worker")
			start := f.millrace("start", "--wait", "--json")
			bad.waitFor("reached " + point)
			bad.wait()
			good := f.child("serve", "", leadersLease)
			f.finish(start, want)
			f.stop(worker, good)
			f.tidy()
			if left, err := filepath.Glob(filepath.Join(f.out, ".millrace", "out-*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestClusterZombies: leaders that stand still beyond their lease, and wake up while another one does the same.
func TestClusterZombies(t *testing.T) {
	t.Parallel()
	in := news(t, 33, 150)
	want := alone(t, in)
	nats := startNATS(t)
	for i, tt := range []struct{ zombie, other string }{
		{"phase:map:enqueued", "phase:emit"},
		{"phase:merge", "commit:placed"},
		{"commit:checked", "commit:tables"},
		{"commit:placed", "commit:manifest"},
	} {
		t.Run(tt.zombie+", "+tt.other, func(t *testing.T) {
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), nats.setting(fmt.Sprintf("zombies%d", i)))
			zombie := f.child("serve", "STOP:"+tt.zombie+"#1", leadersLease)
			zombie.waitFor(`"leading"`)
			worker := f.millrace("worker")
			start := f.millrace("start", "--wait", "--json")
			zombie.waitFor("reached " + tt.zombie)
			other := f.child("serve", "STOP:"+tt.other+"#1", leadersLease)
			other.waitFor("reached " + tt.other)
			zombie.wake()
			other.wake()
			f.finish(start, want)
			f.stop(worker, zombie, other)
			f.oneVersion()
			f.tidy()
		})
	}
}

// oneVersion checks that there is one manifest, and nothing that none names.
func (f *fleet) oneVersion() {
	f.t.Helper()
	list, err := filepath.Glob(filepath.Join(f.out, "manifests", "*"))
	if err != nil || len(list) != 1 {
		f.t.Errorf("manifests: %v, %v", list, err)
	}
	f.holds(ingest.Result{Digest: newest(f.t, f.out).Digest})
	if _, err := os.Stat(filepath.Join(f.out, "README.md")); err != nil {
		f.t.Error(err)
	}
}
