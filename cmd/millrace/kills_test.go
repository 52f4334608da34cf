package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// seedsEnv is the number of seeds of TestKills, for make kills.
const seedsEnv = "KILL_SEEDS"

const (
	killSeeds   = 6 // unless seedsEnv says more
	killsOfSeed = 8
)

// TestKilledInOneTask: a run that is killed again and again while it has the same task in hand ends right once it is let be.
func TestKilledInOneTask(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in := news(t, 6, 150)
	_, _, want := points(t, in)
	for _, at := range []string{"worker:attempted#1", "worker:computed#1", "phase:emit:enqueued#1"} {
		t.Run(at, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			for range 2 * killsOfSeed {
				output, err := child(t, at, out, in).CombinedOutput()
				if !killed(t, err, string(output)) {
					t.Fatalf("the child passed %s without being killed there", at)
				}
			}
			finished(t, out, in, want)
		})
	}
}

// TestKilledProgram: so does a run of the program itself, whose suspects run in a process of their own.
func TestKilledProgram(t *testing.T) {
	t.Setenv("MILLRACE_PLAN_SPLIT_BYTES", "1GiB") // one task
	in, out := largeFile(t, 4000), filepath.Join(t.TempDir(), "out")
	clean := execute(t, nil, "run", in, "--out", filepath.Join(t.TempDir(), "clean"), "--json")
	if clean.code != exitDone {
		t.Fatalf("undisturbed: exit %d\n%s", clean.code, clean.stderr)
	}
	name, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for range killsOfSeed {
		cmd := exec.CommandContext(t.Context(), name, "run", in, "--out", out)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for begun := false; !begun; { // there is a task in hand as soon as it writes
			begun = len(sketches(t, out)) > 0
		}
		_ = cmd.Process.Kill()                  // it may have ended
		_ = cmd.Wait()                          // it was killed
		for _, torn := range sketches(t, out) { // so that the next one's are seen
			if err := os.Remove(torn); err != nil {
				t.Fatal(err)
			}
		}
	}
	e := execute(t, nil, "run", in, "--out", out, "--json", "--log-format", "json")
	if e.code != exitDone || e.result.Digest != clean.result.Digest {
		t.Fatalf("exit %d, digest %s, want %s\n%s", e.code, e.result.Digest, clean.result.Digest, e.stderr)
	}
	if !strings.Contains(e.stderr, "in a process of its own") {
		t.Errorf("no task ran by itself:\n%s", e.stderr)
	}
}

func sketches(t *testing.T, out string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(out, ".millrace/runs/*/sketches/*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestKills: a run of the program is killed from outside at eight random moments, the same command each time, and then ends
// right: over many small files, of which filters drop the shorter ones and keep them for reading, and over one large one.
func TestKills(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: it takes a minute")
	}
	t.Parallel()
	seeds := killSeeds
	if text := os.Getenv(seedsEnv); text != "" {
		var err error
		if seeds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for name, run := range map[string][]string{
		"small": {"run", smallFiles(t, 1500), "--set", "filter=[min_chars: 120]", "--set", "removed=all"}, "large": {"run", largeFile(t, 5000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := built(); err != nil { // which takes longer than a run
				t.Fatal(err)
			}
			started := time.Now()
			clean := filepath.Join(t.TempDir(), "clean")
			if e := execute(t, nil, append(slices.Clone(run), "--out", clean, "--json")...); e.code != exitDone {
				t.Fatalf("undisturbed: exit %d\n%s", e.code, e.stderr)
			}
			took := time.Since(started)
			want := newest(t, clean)
			if (name == "small") != (len(want.Below(pipeline.RemovedFolder)) > 0) {
				t.Errorf("kept for reading: %v", want.Below(pipeline.RemovedFolder))
			}
			for seed := range seeds {
				out := filepath.Join(t.TempDir(), "out")
				again := append(slices.Clone(run), "--out", out, "--json")
				moments := killAtRandom(t, uint64(seed), took, again...)
				e := execute(t, nil, again...)
				if e.code != exitDone {
					t.Fatalf("seed %d, killed after %v: exit %d\n%s", seed, moments, e.code, e.stderr)
				}
				if m := newest(t, out); m == nil || m.Version != 1 || m.Digest != want.Digest || m.Totals.Documents != want.Totals.Documents {
					t.Fatalf("seed %d, killed after %v: %+v, want digest %s", seed, moments, m, want.Digest)
				}
				if err := os.RemoveAll(out); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d seeds of %d kills, a run takes %v", seeds, killsOfSeed, took.Round(time.Millisecond))
		})
	}
}

// killAtRandom runs the program again and again and kills it from outside, each time at a random moment of a run that takes so long.
func killAtRandom(t *testing.T, seed uint64, took time.Duration, args ...string) (moments []time.Duration) {
	t.Helper()
	name, err := built()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(seed, 9))
	for range killsOfSeed {
		moment := time.Duration(random.Int64N(int64(took)))
		moments = append(moments, moment.Round(time.Millisecond))
		var output bytes.Buffer
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Stdout, cmd.Stderr = &output, &output
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(moment, func() { _ = cmd.Process.Kill() }) // it may have ended
		err := cmd.Wait()
		timer.Stop()
		if err != nil {
			killed(t, err, fmt.Sprintf("seed %d, killed after %v:\n%s", seed, moments, output.String()))
		}
	}
	return moments
}

// smallFiles is a folder of so many small files.
func smallFiles(t *testing.T, n int) string {
	t.Helper()
	random := newRandom(71)
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("%02d/%04d.txt", i%20, i)] = article(random, 40+random.IntN(300))
	}
	folder := filepath.Join(t.TempDir(), "small")
	writeTree(t, folder, files)
	return folder
}

// largeFile is a folder of one file of so many documents.
func largeFile(t *testing.T, n int) string {
	t.Helper()
	random := newRandom(72)
	var lines strings.Builder
	for range n {
		data, err := json.Marshal(map[string]string{"text": article(random, 200+random.IntN(1500))})
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(data, '\n'))
	}
	folder := filepath.Join(t.TempDir(), "large")
	writeTree(t, folder, map[string]string{"all.jsonl": lines.String()})
	return folder
}
