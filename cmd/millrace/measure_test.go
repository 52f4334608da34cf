package main

import (
	"context"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/dataset"
	jobs "github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/jobs/signals"
	"github.com/millrace/millrace/pipeline/signal/table"
	"github.com/millrace/millrace/pipeline/store"
	families "github.com/millrace/millrace/stages/signal"
)

// signalOptions are options of runs, and of jobs, by which documents have the signals of some families. Everything is cut small.
func signalOptions(t *testing.T, list []string, out string, paths ...string) jobs.Options {
	t.Helper()
	c := config.Default()
	for _, name := range list {
		c.Signals = append(c.Signals, families.Entry{Kind: name})
	}
	return smallOptions(t, c, 0.75, out, paths...)
}

// measured measures the documents of a corpus in this process.
func measured(t *testing.T, o jobs.Options) signals.Result {
	t.Helper()
	r, err := signals.Run(t.Context(), o.Engine())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// signalsOf are the signals of the live documents, by the id and the name. What was not measured of a document is left out.
func signalsOf(t *testing.T, out string) map[string]map[string]int64 {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	files, err := corpus.Open(s, tables()).LiveFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]int64{}
	for _, f := range files {
		if !pipeline.SignalTable.Holds(f.Path) {
			continue
		}
		columns, err := table.Columns(t.Context(), s, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		err = pipeline.SignalTable.ReadTable(t.Context(), s, f.Path, table.Selection(table.Names(columns)), nil, func(d *columnar.Frame) error {
			for i := range d.Rows() {
				id, of := string(d.Text(table.IDColumn).At(i)), map[string]int64{}
				if all[id] != nil {
					t.Errorf("%s has signals twice", id)
				}
				for _, c := range columns {
					if n := d.Int(c.Name)[i]; n != table.Missing {
						of[c.Name] = n
					}
				}
				all[id] = of
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// nightsOf makes a corpus of five nights: see manyNights.
func nightsOf(t *testing.T, of func(night int) []string) (out string) {
	t.Helper()
	return manyNights(t, 5, of)
}

// manyNights makes a corpus of some nights, with a compaction, a removal and a file that changes between each five of them. of says which signals
// a night measures.
func manyNights(t *testing.T, nights int, of func(night int) []string) (out string) {
	t.Helper()
	r := rand.New(rand.NewPCG(70, 71))
	in := filepath.Join(t.TempDir(), "news")
	out = filepath.Join(t.TempDir(), "out")
	var before []string
	for night := range nights {
		nightFile(t, in, r, night, &before)
		switch night % 5 {
		case 2:
			var again []string
			nightFile(t, in, r, night-2, &again) // one changes
		case 3:
			removed(t, signalOptions(t, nil, out), remove.Params{Selection: remove.Selection{Where: "chars % 5 == 0"}})
		}
		job(t, signalOptions(t, of(night), out, in))
		if night%5 == 1 {
			compacted(t, out, nil)
		}
		verified(t, out)
	}
	return out
}

// TestSignalsOfNightsAndLater: what nights measure is what a job measures behind them, at once or one family after the other, also where
// documents go and shards are written anew; whoever does the tasks, the version is the same.
func TestSignalsOfNightsAndLater(t *testing.T) {
	inTurn(t)
	t.Parallel()
	both := []string{"segmented", "script"}
	const nights = 10
	nightly := manyNights(t, nights, func(int) []string { return both })
	want := signalsOf(t, nightly)
	documents := live(t, nightly)
	if d := cmp.Diff(slices.Sorted(maps.Keys(documents)), slices.Sorted(maps.Keys(want))); d != "" || len(want) < 10 {
		t.Fatal("signals of other documents than those that are live", d)
	}
	for id, of := range want {
		if of["words"] == 0 || len(of) < 20 {
			t.Errorf("%s has %d signals, %d words: %q", id, len(of), of["words"], documents[id])
		}
	}
	if r := measured(t, signalOptions(t, both, nightly)); r.Version != 0 {
		t.Errorf("measured again: %+v", r)
	}

	later := manyNights(t, nights, func(int) []string { return nil })
	if n := len(signalsOf(t, later)); n != 0 {
		t.Fatalf("%d documents have signals nobody asked for", n)
	}
	digest := ""
	for i, workers := range [][][]string{nil, eachStage()} {
		at := copied(t, later)
		o := signalOptions(t, both, at)
		o.Workers, o.Slots = workers, 1+3*i
		r := measured(t, o)
		if r.Documents != int64(len(want)) || r.Version == 0 {
			t.Errorf("%+v, there are %d documents", r, len(want))
		}
		if digest == "" {
			digest = r.Digest
		}
		if r.Digest != digest {
			t.Errorf("with %d workers digest %s, not %s", 1+3*i, r.Digest, digest)
		}
		if d := cmp.Diff(want, signalsOf(t, at)); d != "" {
			t.Errorf("a job measures what no night did (-nights +later): %s", d)
		}
		verified(t, at)
	}
	measured(t, signalOptions(t, []string{"script"}, later))
	compacted(t, later, nil)
	if r := measured(t, signalOptions(t, both, later)); r.Version == 0 {
		t.Error("nothing to measure, with one of two families")
	}
	verified(t, later)
	if d := cmp.Diff(want, signalsOf(t, later)); d != "" {
		t.Errorf("one after the other gives something else: %s", d)
	}
	last := newest(t, later).Version
	maintain(t, later, func(ctx context.Context, c *corpus.Corpus) error {
		_, err := c.Drop(ctx, corpus.DropInput{Version: last})
		return err
	})
	verified(t, later)
	for id, of := range signalsOf(t, later) {
		if _, ok := of["words"]; ok || len(of) == 0 {
			t.Fatalf("behind a drop of the second job %s has %v", id, of)
		}
	}
}

// nightly are options of a run that measures what it keeps.
func nightly(t *testing.T, out, in string) jobs.Options {
	t.Helper()
	c := config.Default()
	c.Signals = families.List{{Kind: "text"}, {Kind: "pii"}}
	return jobOptionsOf(t, c, out, in)
}

// TestSignalsKilled: a run that measures is killed where its tasks are done and recorded, and where it commits, and goes on.
func TestSignalsKilled(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in, whole := news(t, 74, 120), filepath.Join(t.TempDir(), "out")
	want := job(t, nightly(t, whole, in))
	figures := signalsOf(t, whole)
	if len(figures) == 0 {
		t.Fatal("nothing was measured")
	}
	for _, at := range []string{"worker:computed#9", "worker:computed#13", "worker:recorded#10", "commit:placed#1", "commit:manifest#1"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out")
			cmd := child(t, at, out, in)
			cmd.Env = append(cmd.Env, signalsEnv+"=1")
			if output, err := cmd.CombinedOutput(); !killed(t, err, string(output)) {
				t.Fatalf("the child passed %s without being killed there", at)
			}
			o := nightly(t, out, in)
			o.Isolate = isolateTest(t, "TestTaskChild", crashEnv+"=none", outEnv+"="+out, inEnv+"="+in, signalsEnv+"=1")
			job(t, o)
			if m := newest(t, out); m.Version != 1 || m.Digest != want.Digest {
				t.Errorf("version %d has digest %s, not %s", m.Version, m.Digest, want.Digest)
			}
			verified(t, out)
			if d := cmp.Diff(figures, signalsOf(t, out)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestSignalsOfSomeNights: documents with and without signals in one shard; those without are told, and can be measured.
func TestSignalsOfSomeNights(t *testing.T) {
	inTurn(t)
	t.Parallel()
	out := nightsOf(t, func(night int) []string {
		switch night {
		case 1, 4:
			return []string{"segmented"}
		case 3:
			return []string{"script", "segmented"}
		}
		return nil
	})
	compacted(t, out, nil)
	verified(t, out)
	have := map[int]int{}
	for _, of := range signalsOf(t, out) {
		have[len(of)]++
	}
	if have[0] == 0 || len(have) != 3 {
		t.Errorf("documents by the number of their signals: %v", have)
	}
	removed(t, signalOptions(t, nil, out), remove.Params{Selection: remove.Selection{Where: "chars % 7 == 0"}})
	verified(t, out)
	if r := measured(t, signalOptions(t, []string{"segmented", "script"}, out)); r.Version == 0 {
		t.Errorf("%+v", r)
	}
	verified(t, out)
	got := signalsOf(t, out)
	for id := range live(t, out) {
		if got[id]["words"] == 0 || got[id]["script_share"] == 0 {
			t.Errorf("%s: %v", id, got[id])
		}
	}
}

// TestSignalsVerified: a file with signals of other documents than those of its shard is found, though all checksums are right.
func TestSignalsVerified(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	job(t, signalOptions(t, []string{"script"}, out, news(t, 72, 20)))
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // what was written is read again
	corpustest.ChangeManifest(t, s, 1, func(m *manifest.Manifest) {
		for i, f := range m.Files {
			if !pipeline.SignalTable.Holds(f.Path) || f.Rows < 2 {
				continue
			}
			m.Files[i] = backwards(t, s, f.Path)
			m.Digest = dataset.Digest(m.Files)
			return
		}
		t.Fatal("no signals")
	})
	_, err = verify.Corpus(t.Context(), openCorpus(s), verify.Options{})
	if err == nil || !strings.Contains(err.Error(), "does not have the documents of data/") {
		t.Errorf("signals of other documents: %v", err)
	}
}

// backwards writes a file of signals with its rows in the other order.
func backwards(t *testing.T, s pipeline.Store, name string) dataset.File {
	t.Helper()
	columns, err := table.Columns(t.Context(), s, name)
	if err != nil {
		t.Fatal(err)
	}
	job := &pipeline.Job{Plan: &pipeline.Plan{Version: 1}, Out: s}
	out, err := pipeline.WriteTable(t.Context(), job, name, pipeline.SignalTable, table.Schema(columns), table.Options(job.Plan, columns), func(w columnar.TableWriter) (rows int64, err error) {
		return rows, pipeline.SignalTable.ReadTable(t.Context(), s, name, table.Selection(table.Names(columns)), nil, func(d *columnar.Frame) error {
			for i := d.Rows() - 1; i >= 0; i-- {
				ids := &columnar.Strings{}
				ids.Append(d.Text(table.IDColumn).At(i))
				row := []any{ids}
				for _, c := range columns {
					row = append(row, d.Int(c.Name)[i:i+1])
				}
				if err := w.Write(row...); err != nil {
					return err
				}
				rows++
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return dataset.FileOf(out)
}

// TestClusterMeasures: a measurement on a cluster makes the same version as one in one process, whoever dies on the way.
func TestClusterMeasures(t *testing.T) {
	t.Parallel()
	nats := startNATS(t)
	for i, at := range []string{"", "KILL:worker:computed#1", "coordinator KILL:commit:placed#1", "coordinator KILL:commit:manifest#1"} {
		t.Run(at, func(t *testing.T) {
			in := news(t, 73, 40)
			out := filepath.Join(t.TempDir(), "corpus")
			job(t, jobOptions(t, out, in))
			f := newFleet(t, in, out, nats.setting("measures"+strconv.Itoa(i)), "signals: [segmented, script, lines]")
			alone := copied(t, out)
			if e := f.do("signals", alone, "--add"); e.code != exitDone {
				t.Fatalf("signals: exit %d\n%s", e.code, e.stdout)
			}
			want := newest(t, alone)
			serve, worker := f.serve(), f.millrace("worker")
			worker.waitFor("waiting for a run")
			_, serve, worker = f.although(at, serve, worker, "start", "--job", "signals", "--wait", "--json")
			if m := newest(t, out); m.Version != 2 || m.Digest != want.Digest || want.Version != 2 {
				t.Errorf("version %d with digest %s, alone it is version %d with %s", m.Version, m.Digest, want.Version, want.Digest)
			}
			verified(t, out)
			if e := f.do("start", "--job", "signals", "--wait"); e.code != exitDone || !strings.Contains(e.stdout, "nothing to measure") {
				t.Errorf("again: exit %d\n%s", e.code, e.stdout)
			}
			f.stop(worker, serve)
			f.tidy()
		})
	}
}

// TestOldFormatsMeasured: documents of each corpus of an earlier format are measured, follow a compaction and a removal, and a drop of the version takes
// the signals away again.
func TestOldFormatsMeasured(t *testing.T) {
	t.Parallel()
	eachOld(t, func(c *oldCopy) {
		files, live := c.liveFiles(), c.Newest().Live
		var r signals.Result
		c.millrace(0, &r, "signals", c.out, "--add=text,script")
		if got := signalsOf(c.t, c.out); r.Documents == 0 || int64(len(got)) != r.Documents || len(r.Signals) < 20 {
			c.t.Fatalf("%+v, %d documents have signals", r, len(got))
		}
		verified(c.t, c.out)
		at := copied(c.t, c.out)
		want := signalsOf(c.t, at)
		c.millrace(0, nil, "compact", at)
		verified(c.t, at)
		if d := cmp.Diff(want, signalsOf(c.t, at)); d != "" {
			c.t.Errorf("a compaction changes signals: %s", d)
		}
		c.millrace(0, nil, "remove", at, "--where", "chars % 2 == 0", "--reason", "a letter")
		c.millrace(0, nil, "purge", at)
		c.millrace(0, nil, "verify", "--purged", at)
		if got, docs := signalsOf(c.t, at), liveCount(c.t, at); len(got) != docs || docs == 0 || docs == len(want) {
			c.t.Errorf("%d documents have signals, of %d", len(got), docs)
		}
		c.millrace(0, nil, "drop", c.out, strconv.Itoa(r.Version))
		c.sound("dropped again", files, live)
	})
}

// liveCount is how many documents are live, whatever they are in.
func liveCount(t *testing.T, out string) (n int) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	shards, err := corpus.Open(s, tables()).LiveShards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range shards {
		if l.Read {
			n += int(l.Rows)
		}
	}
	return n
}
