package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
)

// damages of a file.
var damages = []struct {
	name string
	do   func(data []byte) []byte // nil: the file is removed
}{
	{"truncated", func(data []byte) []byte { return data[:len(data)-min(len(data), 20)] }},
	{"flipped", func(data []byte) []byte { data[len(data)*2/3] ^= 0x10; return data }},
	{"emptied", func([]byte) []byte { return []byte{} }},
	{"missing", func([]byte) []byte { return nil }},
}

// TestDamagedWork: a work file of a finished task that is damaged while the run is not under way is found and made anew by the same
// command, which ends right and says so, whatever file and whatever damage.
func TestDamagedWork(t *testing.T) {
	t.Parallel()
	in := news(t, 5, 150)
	_, _, want := points(t, in)
	stops := []string{"phase:map", "phase:settle", "phase:resolve", "phase:emit", "phase:merge", "commit:tables"}
	for _, stop := range sample(t, stops, 1) {
		i := slices.Index(stops, stop)
		for j, workers := range [][][]string{nil, eachStage()} {
			killedThere := filepath.Join(t.TempDir(), "out")
			stopAt(t, stop, killedThere, in, workers)
			kinds := kindsOfWork(t, killedThere)
			sorted := slices.Sorted(maps.Keys(kinds))
			for _, kind := range sample(t, sorted, pointsWhenShort) {
				k := slices.Index(sorted, kind)
				// All damages of all files at all stops take minutes: each file meets each damage at some stop.
				damage := damages[(i+2*j+k)%len(damages)]
				t.Run(fmt.Sprintf("%s/%d workers/%s/%s", stop, max(len(workers), 1), kind, damage.name), func(t *testing.T) {
					t.Parallel()
					out := filepath.Join(t.TempDir(), "out")
					copyTree(t, killedThere, out)
					damageFile(t, filepath.Join(out, kinds[kind]), damage.do)
					var log bytes.Buffer
					o := jobOptions(t, out, in)
					o.Workers, o.Log = workers, zerolog.New(zerolog.SyncWriter(&log))
					job(t, o)
					if m := newest(t, out); m == nil || m.Version != 1 || m.Digest != want.Digest {
						t.Fatalf("%+v, want digest %s\n%s", m, want.Digest, log.String())
					}
					verified(t, out)
					// Phase files are written anew by every start, and a run without a plan is a new one.
					if !strings.Contains(log.String(), "damaged") && !strings.HasSuffix(kind, ".json") {
						t.Errorf("nothing is said of the damage:\n%s", log.String())
					}
				})
			}
		}
	}
}

// TestDamagedUnderWay: so is one that is damaged while the run goes on.
func TestDamagedUnderWay(t *testing.T) {
	t.Parallel()
	in := news(t, 5, 150)
	_, _, want := points(t, in)
	for point, kinds := range map[string][]string{
		"phase:map":     {"documents/*.arrow", "sketches/*", "keys/*", "account/*", "phase/dedupe.json"},
		"phase:settle":  {"edges/*", "sketches/*"},
		"phase:resolve": {"resolve/kept", "resolve/shards.json", "resolve/verdicts", "documents/*.arrow"},
		"phase:emit":    {"counts/*", "account/*", "resolve/verdicts", "phase/resolve.json"},
	} {
		for _, kind := range sample(t, kinds, 1) {
			damage := damages[(slices.Index(kinds, kind)+len(point))%len(damages)]
			t.Run(fmt.Sprintf("%s/%s/%s", point, kind, damage.name), func(t *testing.T) {
				t.Parallel()
				out := filepath.Join(t.TempDir(), "out")
				var log bytes.Buffer
				o := jobOptions(t, out, in)
				o.Log = zerolog.New(zerolog.SyncWriter(&log))
				var once sync.Once // the point is passed again when what lies behind it has to be made anew
				o.Hook = func(name string) {
					if name == point {
						once.Do(func() { damageFile(t, oneOf(t, out, kind), damage.do) })
					}
				}
				if got := job(t, o); got.Digest != want.Digest {
					t.Fatalf("%+v, want digest %s\n%s", got, want.Digest, log.String())
				}
				verified(t, out)
				if !strings.Contains(log.String(), "damaged") {
					t.Errorf("nothing is said of the damage:\n%s", log.String())
				}
			})
		}
	}
}

// TestDamagedForEver: a disk that damages the same file again and again ends the run, which names the file and the way out; on a
// disk that holds what it is given, the same command ends right.
func TestDamagedForEver(t *testing.T) {
	t.Parallel()
	in, out := news(t, 5, 150), filepath.Join(t.TempDir(), "out")
	_, _, want := points(t, in)
	o := jobOptions(t, out, in)
	var mu sync.Mutex
	o.Hook = func(name string) {
		mu.Lock()
		defer mu.Unlock()
		if bad, err := filepath.Glob(filepath.Join(out, ".millrace/runs/*/sketches/000001.sketch")); name == "worker:recorded" && err == nil && len(bad) > 0 {
			damageFile(t, bad[0], damages[0].do)
		}
	}
	err := mustFail(t, o)
	hint, ok := errors.AsType[*pipeline.HintError](err)
	if !ok || !strings.Contains(err.Error(), "sketches/000001.sketch is damaged once more") || !strings.Contains(hint.Hint, "--work") {
		t.Errorf("a disk that damages all: %v", err)
	}
	if got := job(t, jobOptions(t, out, in)); got.Digest != want.Digest {
		t.Errorf("on a good disk: %+v, want digest %s", got, want.Digest)
	}
}

// TestDamagedCluster: a coordinator stands still behind the map phase while files are damaged; then the cluster makes them anew.
func TestDamagedCluster(t *testing.T) {
	t.Parallel()
	in := news(t, 32, 150)
	want := alone(t, in)
	for i, kind := range []string{"documents/*.arrow", "sketches/*", "keys/*", "account/*", "phase/dedupe.json"} {
		damage := damages[i%len(damages)]
		t.Run(kind+"/"+damage.name, func(t *testing.T) {
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), startNATS(t).setting("corpus"))
			serve := f.child("serve", "STOP:phase:map#1", leadersLease)
			serve.waitFor(`"leading"`)
			worker := f.millrace("worker")
			start := f.millrace("start", "--wait", "--json")
			serve.waitFor("reached phase:map")
			damageFile(t, oneOf(t, f.out, kind), damage.do)
			serve.wake()
			f.finish(start, want)
			f.stop(worker, serve)
			f.oneVersion()
			if said := worker.said() + serve.said(); !strings.Contains(said, "damaged") {
				t.Errorf("nothing is said of the damage:\n%s", said)
			}
		})
	}
}

// TestDamagedPlan: the plan of a run under way is damaged, or gone, when another coordinator takes the run up: it is planned anew.
func TestDamagedPlan(t *testing.T) {
	t.Parallel()
	in := news(t, 33, 150)
	want := alone(t, in)
	for _, damage := range damages {
		t.Run(damage.name, func(t *testing.T) {
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), startNATS(t).setting("corpus"))
			serve := f.child("serve", "KILL:phase:map#1", leadersLease)
			serve.waitFor(`"leading"`)
			worker := f.millrace("worker")
			start := f.millrace("start", "--wait", "--json")
			serve.wait()
			damageFile(t, oneOf(t, f.out, pipeline.PlanName), damage.do)
			serve = f.serve()
			f.finish(start, want)
			f.stop(worker, serve)
			f.oneVersion()
			if !strings.Contains(serve.said(), "planned anew") {
				t.Errorf("nothing is said of the damage:\n%s", serve.said())
			}
		})
	}
}

// oneOf is a work file of a run.
func oneOf(t *testing.T, out, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(out, ".millrace/runs/*", pattern))
	if err != nil || len(names) == 0 {
		t.Errorf("no file is %s: %v", pattern, err)
		return filepath.Join(out, "nothing")
	}
	return names[0]
}

// eachStage is a worker for each stage: the chain is handed over by files.
func eachStage() (workers [][]string) {
	for _, s := range stageNames() {
		workers = append(workers, []string{s})
	}
	return workers
}

// stopAt leaves a run that was killed at a point.
func stopAt(t *testing.T, point, out, in string, workers [][]string) {
	t.Helper()
	cmd := child(t, point+"#1", out, in)
	if workers != nil {
		cmd.Env = append(cmd.Env, chainedEnv+"=1")
	}
	output, err := cmd.CombinedOutput()
	if !killed(t, err, string(output)) {
		t.Fatalf("the child passed %s without being killed there", point)
	}
}

// kindsOfWork are work files of every kind that there is, one each, by kind.
func kindsOfWork(t *testing.T, out string) map[string]string {
	t.Helper()
	kinds := map[string]string{}
	for _, pattern := range []string{".millrace/runs/*/*", ".millrace/runs/*/*/*", ".staging-*/*/*/*"} {
		names, err := filepath.Glob(filepath.Join(out, pattern))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(names)
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if info.IsDir() || info.Size() == 0 {
				continue
			}
			rel, err := filepath.Rel(out, name)
			if err != nil {
				t.Fatal(err)
			}
			kind := filepath.Base(filepath.Dir(name)) + filepath.Ext(name)
			if strings.Contains(rel, "resolve/") || strings.Contains(rel, "phase/") {
				kind = filepath.Base(name)
			}
			if strings.HasSuffix(rel, "/"+pipeline.PlanName) {
				kind = pipeline.PlanName
			}
			kinds[kind] = rel
		}
	}
	return kinds
}

// copyTree copies a corpus, and has the copy say that it is where it is: to be taken for the same one.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	defer damageFile(t, filepath.Join(to, ".millrace", "corpus.json"), func(data []byte) []byte {
		return bytes.ReplaceAll(data, []byte(from), []byte(to))
	})
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func damageFile(t *testing.T, name string, damage func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if data = damage(data); data == nil {
		err = os.Remove(name)
	} else {
		err = os.WriteFile(name, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
