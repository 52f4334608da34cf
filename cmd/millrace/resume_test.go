package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	jobs "github.com/millrace/millrace/pipeline/jobs/ingest"
)

// changed is a chain with one stage changed.
func changed(chain pipeline.Chain, stage string, change func(*pipeline.StageSpec)) pipeline.Chain {
	chain = slices.Clone(chain)
	p, ok := chain.Find(stage)
	if !ok {
		panic("no stage " + stage)
	}
	tracks := slices.Clone(chain[p.Phase].Tracks)
	tracks[p.Track].Stages = slices.Clone(tracks[p.Track].Stages)
	chain[p.Phase].Tracks = tracks
	spec := &tracks[p.Track].Stages[p.Stage]
	if spec.Step != nil {
		step := *spec.Step
		spec.Step = &step
	}
	change(spec)
	return chain
}

// poison is a chain whose normalize stage calls f first for batches that hold the word 毒药.
func poison(chain pipeline.Chain, f func()) pipeline.Chain {
	return changed(chain, "normalize", func(s *pipeline.StageSpec) {
		made := s.Step.Stages
		s.Step.Stages = func(ctx context.Context, job *pipeline.Job) ([]pipeline.Stage, error) {
			list, err := made(ctx, job)
			return append([]pipeline.Stage{poisoned{[]byte("毒药"), f}}, list...), err
		}
	})
}

type poisoned struct {
	word []byte
	f    func()
}

func (p poisoned) Process(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	if bytes.Contains(b.Text.Data, p.word) {
		p.f()
	}
	return b, nil
}

// poisonFolder has two good files and a bad one, each a split of its own.
func poisonFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "in")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a.txt": random(30000), "b.txt": "毒药" + random(30001), "c.txt": random(30002),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// checkPoison: the split is rejected, everything else is kept, and the next run, with a mended program, brings it in.
func checkPoison(t *testing.T, got jobs.Result, out, folder string) {
	t.Helper()
	if got.Version != 1 || got.Files.Rejected != 1 || !got.Rejects() || got.Documents.Kept == 0 {
		t.Errorf("%+v, want version 1 with one file rejected", got)
	}
	if n := newest(t, out).Reasons.Files[ingest.ReasonDead]; n != 1 {
		t.Errorf("%d files rejected as %s, want 1", n, ingest.ReasonDead)
	}
	verified(t, out)
	mended := job(t, jobOptions(t, out, folder))
	if mended.Version != 2 || mended.Files.Read != 1 || mended.Documents.Kept+mended.Documents.NearDuplicates != 1 {
		t.Errorf("the next run: %+v, want version 2 with the rejected file", mended)
	}
	verified(t, out)
}

// TestPoisonPanics: a split that makes a stage panic is given up after some attempts, and the run commits without it.
func TestPoisonPanics(t *testing.T) {
	t.Parallel()
	folder, out := poisonFolder(t), filepath.Join(t.TempDir(), "out")
	o := jobOptions(t, out, folder)
	o.Chain = poison(o.Chain, func() { panic("poison") })
	checkPoison(t, job(t, o), out, folder)
}

// TestPoisonKills: so is one that kills the whole process, again and again, for attempts are counted before the work.
func TestPoisonKills(t *testing.T) {
	t.Parallel()
	folder, out := poisonFolder(t), filepath.Join(t.TempDir(), "out")
	for kills := 0; ; kills++ {
		if kills > 6 {
			t.Fatal("the split is tried for ever")
		}
		cmd := child(t, "poison", out, folder)
		output, err := cmd.CombinedOutput()
		if !killed(t, err, string(output)) {
			if kills != 3 {
				t.Errorf("given up after %d kills, want 3 and then a process for the split alone", kills)
			}
			break
		}
	}
	m := newest(t, out)
	if m == nil {
		t.Fatal("no version")
	}
	f := m.Totals.Files
	checkPoison(t, jobs.Result{
		Version: m.Version, Files: manifest.FileTotals{Rejected: f.Rejected},
		Documents: jobs.DocumentCounts{Kept: m.Totals.Documents.Kept},
	}, out, folder)
}

// TestFailedTask: a task that belongs to no split is the end of the run when it fails for good, and nothing is committed.
func TestFailedTask(t *testing.T) {
	folder, out := poisonFolder(t), filepath.Join(t.TempDir(), "out")
	o := jobOptions(t, out, folder)
	failed := errors.New("stopped here")
	o.Chain = changed(o.Chain, "resolve", func(s *pipeline.StageSpec) { s.Runner = failing{failed} })
	if err := mustFail(t, o); !errors.Is(err, failed) {
		t.Errorf("a task that is no split's failed for good, and the run said: %v", err)
	}
	if m := newest(t, out); m != nil {
		t.Errorf("version %d was committed", m.Version)
	}
	if got := job(t, jobOptions(t, out, folder)); got.Version != 1 || !got.Resumed {
		t.Errorf("the mended run: %+v, want version 1, resumed", got)
	}
}

type failing struct{ err error }

func (f failing) Run(context.Context, pipeline.Task, *pipeline.Job) (pipeline.Entry, error) {
	return pipeline.Entry{}, pipeline.Permanent(f.err)
}

// interrupted leaves a run that was killed in the middle of its map phase.
func interrupted(t *testing.T, out, folder string) {
	t.Helper()
	output, err := child(t, "worker:recorded#3", out, folder).CombinedOutput()
	if !killed(t, err, string(output)) {
		t.Fatalf("the child was not killed:\n%s", output)
	}
}

// TestResume: what an unfinished run leaves is taken up, refused or thrown away, as it must be.
func TestResume(t *testing.T) {
	inTurn(t)
	t.Parallel()
	folder := news(t, 9, 300)
	want := job(t, jobOptions(t, filepath.Join(t.TempDir(), "out"), folder))
	changed := config.Default()
	changed.Dedupe.Threshold = 0.9
	other, err := engineOptions(changed)
	if err != nil {
		t.Fatal(err)
	}

	t.Run("other settings are refused by name", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		interrupted(t, out, folder)
		o := jobOptions(t, out, folder)
		o.Settings, o.Chain = other.Settings, other.Chain
		err := mustFail(t, o)
		if !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "dedupe.threshold: 0.75, now 0.9") {
			t.Errorf("error: %v", err)
		}
		o.Restart = true
		if got := job(t, o); got.Resumed || got.Version != 1 || got.Digest == want.Digest {
			t.Errorf("restarted: %+v", got)
		}
	})
	t.Run("new files come behind it", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		interrupted(t, out, folder)
		late := filepath.Join(folder, "late.txt")
		if err := os.WriteFile(late, []byte(random(500)), 0o644); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(late) //nolint:errcheck // the folder is temporary
		got := job(t, jobOptions(t, out, folder))
		if len(got.Finished) != 1 || !got.Finished[0].Resumed || got.Finished[0].Digest != want.Digest {
			t.Errorf("finished first: %+v, want digest %s", got.Finished, want.Digest)
		}
		if got.Version != 2 || got.Files.Read != 1 || got.Resumed {
			t.Errorf("%+v, want version 2 with one file", got)
		}
	})
	t.Run("after a reboot everything is done again", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		interrupted(t, out, folder)
		if err := os.WriteFile(filepath.Join(out, ".millrace", "boot"), []byte("an earlier one"), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := job(t, jobOptions(t, out, folder)); got.Resumed || got.Digest != want.Digest {
			t.Errorf("%+v, want digest %s, not resumed", got, want.Digest)
		}
	})
	t.Run("a lost queue is rebuilt", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		interrupted(t, out, folder)
		if err := os.RemoveAll(filepath.Join(out, ".millrace", "nats")); err != nil {
			t.Fatal(err)
		}
		if got := job(t, jobOptions(t, out, folder)); !got.Resumed || got.Digest != want.Digest {
			t.Errorf("%+v, want digest %s, resumed", got, want.Digest)
		}
	})
	t.Run("one run at a time", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		o := jobOptions(t, out, folder)
		var second error
		o.Hook = func(point string) {
			if point == "phase:settle" {
				_, second = jobs.Run(t.Context(), jobOptions(t, out, folder))
			}
		}
		job(t, o)
		if second == nil || !strings.Contains(second.Error(), "locked") {
			t.Errorf("a second run on the same corpus: %v", second)
		}
	})
	t.Run("what a corpus has fixed stays", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		job(t, jobOptions(t, out, folder))
		o := jobOptions(t, out, folder)
		o.Settings, o.Chain = other.Settings, other.Chain
		if err := mustFail(t, o); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "dedupe.threshold") {
			t.Errorf("error: %v", err)
		}
	})
}

// TestInterrupt: a cancelled run gives everything back and is resumed by the next.
func TestInterrupt(t *testing.T) {
	folder := news(t, 10, 300)
	want := job(t, jobOptions(t, filepath.Join(t.TempDir(), "out"), folder))
	out := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithCancel(t.Context())
	o := jobOptions(t, out, folder)
	n := 0
	o.Hook = func(point string) {
		if point == "worker:recorded" {
			if n++; n == 2 {
				cancel()
			}
		}
	}
	o.Slots = 1 // the hook is called by one goroutine
	if _, err := jobs.Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted run: %v", err)
	}
	if m := newest(t, out); m != nil {
		t.Fatalf("it committed version %d", m.Version)
	}
	if got := job(t, jobOptions(t, out, folder)); !got.Resumed || got.Digest != want.Digest {
		t.Errorf("%+v, want digest %s, resumed", got, want.Digest)
	}
}

// TestRejectLimits: a run in which too much is rejected stops before it commits, names the figures, and goes on with what it
// has when the limit is raised.
func TestRejectLimits(t *testing.T) {
	t.Parallel()
	folder, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	good := strings.Repeat(`{"text":"好的一行"}`+"\n", 95)
	for name, text := range map[string]string{"a.jsonl": good, "b.jsonl": good[:10*len(good)/95] + strings.Repeat("{bad\n", 5)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		limits jobs.Limits
		want   string // in the error, "" for none
	}{
		{jobs.Limits{Rejects: 0.01, FileRejects: 1}, "5 of 110 documents were rejected, mostly as bad_json, more than limits.max_reject_ratio (0.01)"},
		{jobs.Limits{Rejects: 1, FileRejects: 0.2}, "in/b.jsonl: 5 of 15 documents were rejected"},
		{jobs.Limits{Rejects: 0, FileRejects: 1}, "more than limits.max_reject_ratio (0)"},
		{jobs.Limits{Rejects: 0.05, FileRejects: 0.34}, ""},
	} {
		o := jobOptions(t, out, folder)
		o.Chain = slices.Clone(o.Chain)
		o.Chain[0].Gate = c.limits.Check
		if c.want == "" {
			if got := job(t, o); got.Version != 1 || !got.Resumed || got.Documents.Rejected != 5 {
				t.Errorf("with %+v: %+v, want version 1, resumed, with 5 rejected", c.limits, got)
			}
			continue
		}
		if err := mustFail(t, o); !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %+v: %v, want %q in it", c.limits, err, c.want)
		}
		if m := newest(t, out); m != nil {
			t.Fatalf("with %+v: version %d was committed", c.limits, m.Version)
		}
	}
}
