package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/dataset"
	words "github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/purge"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// removing are options of a run that drops two thirds of the articles by three rules, and keeps them by the setting.
func removing(t *testing.T, how, out string, in ...string) ingest.Options {
	t.Helper()
	o := optionsOf(t, "filter: [min_chars: 400, {odd: \"chars % 2 == 0\"}, max_digit_share: 0.03]\nremoved: "+how)
	o.Out, o.Paths, o.Slots = out, in, 2
	o.SplitBytes, o.PartitionBytes, o.ShardBytes = 64<<10, 256<<10, 200<<10
	return o
}

// newsWithEmpty are articles, and documents of blanks alone, which no filter drops.
func newsWithEmpty(t *testing.T, seed uint64, articles int) string {
	t.Helper()
	in := news(t, seed, articles)
	put(t, filepath.Join(in, "c.jsonl"), strings.Repeat(`{"text":" ","title":"空"}`+"\n", 5))
	return in
}

// removedRow is a document that a filter dropped.
type removedRow struct {
	ID       string `parquet:"id"`
	Text     string `parquet:"text"`
	Source   string `parquet:"source"`
	Path     string `parquet:"path"`
	Offset   int64  `parquet:"offset"`
	Chars    int64  `parquet:"chars"`
	Reason   string `parquet:"reason"`
	Detail   string `parquet:"detail"`
	Metadata string `parquet:"metadata"`
}

// removedIn are those that a version in a folder keeps, by a library that had no part in writing them.
func removedIn(t *testing.T, out string, version int) []removedRow {
	t.Helper()
	return readRows[removedRow](t, filepath.Join(out, "removed", pipeline.VersionName(version), "*.parquet"))
}

// droppedRow is a reject as the ledger has it.
type droppedRow struct {
	ID      string `parquet:"id"`
	Source  string `parquet:"source"`
	Path    string `parquet:"path"`
	Offset  int64  `parquet:"offset"`
	Verdict string `parquet:"verdict"`
	Reason  string `parquet:"reason"`
	Detail  string `parquet:"detail"`
}

// TestRemovedAll: what filters drop is in removed/ with reason and figures as in the ledger, in its order, and with the text that a run
// without filters keeps.
func TestRemovedAll(t *testing.T) {
	t.Parallel()
	in, out := newsWithEmpty(t, 81, 600), filepath.Join(t.TempDir(), "out")
	r := job(t, removing(t, "all", out, in))
	verified(t, out)
	var want, got []droppedRow
	reasons := map[string]int{}
	for _, d := range readRows[droppedRow](t, filepath.Join(out, "ledger/000001/rejects.parquet")) {
		reasons[d.Reason]++
		if d.Verdict == corpus.VerdictFiltered && d.Reason != words.ReasonEmpty {
			want = append(want, d)
		}
	}
	if len(reasons) != 5 || reasons[words.ReasonEmpty] != 5 || reasons[words.ReasonBadJSON] == 0 || r.Documents.Filtered != int64(len(want)+5) {
		t.Fatalf("the corpus is too plain to show anything: %v, %+v", reasons, r.Documents)
	}
	plain := filepath.Join(t.TempDir(), "plain")
	o := jobOptions(t, plain, in)
	job(t, o)
	kept := map[string]removedRow{}
	for _, d := range readRows[removedRow](t, filepath.Join(plain, "data/*/*.parquet")) {
		kept[d.ID] = d
	}
	compared := 0
	for _, d := range removedIn(t, out, 1) {
		got = append(got, droppedRow{d.ID, d.Source, d.Path, d.Offset, corpus.VerdictFiltered, d.Reason, d.Detail})
		if k, ok := kept[d.ID]; ok { // it is no duplicate
			compared++
			if k.Reason, k.Detail = d.Reason, d.Detail; k != d {
				t.Errorf("without filters it is %+v, removed %+v", k, d)
			}
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("removed documents (-ledger +removed):\n%s", d)
	}
	if compared < len(want)/2 {
		t.Errorf("%d of %d were compared", compared, len(want))
	}
	if card, err := os.ReadFile(filepath.Join(out, "README.md")); err != nil || !strings.Contains(string(card), fmt.Sprintf("| `removed/` | %d documents that filters dropped", len(want))) {
		t.Errorf("the card does not tell of them: %v", err)
	}
	if first := newest(t, out); len(first.Shards()) == 0 || len(first.Below(pipeline.RemovedFolder)) < 3 {
		t.Errorf("%v", first.Files)
	}
}

// TestRemovedNone: nothing is kept, and a setting at its default is not stored.
func TestRemovedNone(t *testing.T) {
	t.Parallel()
	in, out := news(t, 82, 60), filepath.Join(t.TempDir(), "out")
	o := removing(t, "none", out, in)
	if strings.Contains(string(o.Settings), "removed") {
		t.Errorf("%s", o.Settings)
	}
	job(t, o)
	if _, err := os.Stat(filepath.Join(out, "removed")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if card, err := os.ReadFile(filepath.Join(out, "README.md")); err != nil || strings.Contains(string(card), "`removed/`") {
		t.Errorf("the card tells of them: %v", err)
	}
}

// TestRemovedSample: a sample has the same documents whatever the splits are, those of all whose ids say so.
func TestRemovedSample(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in := news(t, 83, 1500)
	all, sample := filepath.Join(t.TempDir(), "all"), filepath.Join(t.TempDir(), "sample")
	job(t, removing(t, "all", all, in))
	job(t, removing(t, "sample", sample, in))
	verified(t, sample)
	var want []removedRow
	for _, d := range removedIn(t, all, 1) {
		high, err := strconv.ParseUint(d.ID[:16], 16, 64)
		pipelinetest.Must(t, err)
		if high%100 == 0 {
			want = append(want, d)
		}
	}
	if len(want) < 3 {
		t.Fatalf("a sample of %d shows nothing", len(want))
	}
	if d := cmp.Diff(want, removedIn(t, sample, 1)); d != "" {
		t.Errorf("the sample (-of all +kept):\n%s", d)
	}
	o := removing(t, "sample", filepath.Join(t.TempDir(), "out"), in)
	o.SplitBytes, o.Slots = 300<<10, 1
	job(t, o)
	if d := cmp.Diff(want, removedIn(t, o.Out, 1)); d != "" {
		t.Errorf("with larger splits (-want +got):\n%s", d)
	}
	if a, b := newest(t, all), newest(t, sample); a.KeptIDs != b.KeptIDs || a.Totals != b.Totals {
		t.Errorf("what is kept for reading has a part in the corpus: %+v, %+v", a.Totals, b.Totals)
	}
}

// TestRemovedSameBytes: the same files, whoever does the run.
func TestRemovedSameBytes(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in := newsWithEmpty(t, 84, 500)
	digest := ""
	for i, workers := range [][][]string{
		nil, eachStage(), {{"parse"}, {"normalize", "dedupe"}, stageNames()}, {{"parse", "normalize"}, stageNames()[2:]},
	} {
		o := removing(t, "all", filepath.Join(t.TempDir(), "out"), in)
		o.Workers = workers
		if i == 0 {
			o.Slots = 1
		}
		r := job(t, o)
		verified(t, o.Out)
		if n := len(removedIn(t, o.Out, 1)); n == 0 {
			t.Error("nothing was kept")
		}
		if digest != "" && r.Digest != digest {
			t.Errorf("workers %v made %s, want %s", workers, r.Digest, digest)
		}
		digest = r.Digest
	}
}

// TestRemovedKilled: a run that keeps what filters drop is killed where splits are done and recorded, and where it commits, and goes on.
func TestRemovedKilled(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in, whole := newsWithEmpty(t, 85, 200), filepath.Join(t.TempDir(), "out")
	want := job(t, removing(t, "all", whole, in))
	rows := removedIn(t, whole, 1)
	for _, at := range []string{
		"worker:computed#1", "worker:computed#3", "worker:recorded#2", "commit:checked#1", "commit:moved:removed#1", "commit:placed#1", "commit:manifest#1",
	} {
		for _, chained := range []string{"", "1"} {
			t.Run(at+chained, func(t *testing.T) {
				t.Parallel()
				out := filepath.Join(t.TempDir(), "out")
				cmd := child(t, at, out, in)
				cmd.Env = append(cmd.Env, removedEnv+"=all", chainedEnv+"="+chained)
				if output, err := cmd.CombinedOutput(); !killed(t, err, string(output)) {
					t.Fatalf("the child passed %s without being killed there", at)
				}
				o := removing(t, "all", out, in)
				o.Isolate = isolateTest(t, "TestTaskChild", crashEnv+"=none", outEnv+"="+out, inEnv+"="+in, removedEnv+"=all")
				job(t, o)
				if m := newest(t, out); m.Version != 1 || m.Digest != want.Digest {
					t.Errorf("version %d has digest %s, not %s", m.Version, m.Digest, want.Digest)
				}
				verified(t, out)
				if d := cmp.Diff(rows, removedIn(t, out, 1)); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

// dieLate fails a task over a split when it has written all of its files.
type dieLate struct{ pipeline.BatchWriter }

func (w dieLate) Commit() ([]pipeline.Output, error) {
	if _, err := w.BatchWriter.Commit(); err != nil {
		return nil, err
	}
	return nil, pipeline.Permanent(errors.New("it dies"))
}

// TestRemovedOfDead: of a split that is given up nothing is kept, though its task came to the end of its files each time.
func TestRemovedOfDead(t *testing.T) {
	in := newsWithEmpty(t, 86, 200)
	for _, bucket := range []bool{false, true} {
		o := removing(t, "all", filepath.Join(t.TempDir(), "out"), in)
		if bucket {
			o.Out, o.Work = pipelinetest.StartS3(t).Bucket(t, "millrace")+"/corpus", t.TempDir()
		}
		wrote := ""
		o.Chain = changed(o.Chain, "dedupe", func(s *pipeline.StageSpec) {
			begin := s.Step.Write
			s.Step.Write = func(ctx context.Context, job *pipeline.Job, task int) (pipeline.BatchWriter, error) {
				w, err := begin(ctx, job, task)
				if err == nil && task == 1 {
					plan, err := words.PlanOf(job)
					pipelinetest.Must(t, err)
					wrote = words.RemovedName(1, task, len(plan.Splits))
					return dieLate{w}, nil
				}
				return w, err
			}
		})
		r := job(t, o)
		m := newest(t, o.Out)
		if r.Version != 1 || m.Reasons.Files[words.ReasonDead] == 0 || len(m.Below(pipeline.RemovedFolder)) == 0 {
			t.Errorf("%+v %v", r, m.Reasons)
		}
		if names := readersSee(t, o.Out); wrote == "" || slices.Contains(names, wrote) {
			t.Errorf("%q is there: %v", wrote, names)
		}
		verified(t, o.Out)
	}
}

// TestRemovedCluster: so do the processes of a cluster, one a stage.
func TestRemovedCluster(t *testing.T) {
	in := newsWithEmpty(t, 87, 400)
	more := []string{"filter: [min_chars: 400, {odd: \"chars % 2 == 0\"}]", "removed: all"}
	want := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), more...).run(in)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), more...)
	serve := f.serve()
	start := f.millrace("start", "--wait", "--json")
	var workers []*process
	for _, stages := range []string{"parse", "normalize", strings.Join(stageNames()[2:], ",")} {
		workers = append(workers, f.millrace("worker", "--stages", stages))
	}
	f.finish(start, want)
	if len(removedIn(t, f.out, 1)) == 0 {
		t.Error("nothing was kept")
	}
	f.stop(append(workers, serve)...)
}

// TestRemovedVerified: files that are not what the ledger says are told.
func TestRemovedVerified(t *testing.T) {
	t.Parallel()
	in, out := newsWithEmpty(t, 88, 200), filepath.Join(t.TempDir(), "out")
	job(t, removing(t, "all", out, in))
	s, err := store.Open(t.Context(), out, store.Options{})
	pipelinetest.Must(t, err)
	defer s.Close() //nolint:errcheck // nothing is left to be written
	problems := func() string {
		report, err := verify.Corpus(t.Context(), corpus.Open(s, tables()), verify.Options{Recount: recounted})
		if !errors.Is(err, corpus.ErrDamaged) {
			t.Errorf("verify: %v", err)
		}
		return strings.Join(report.Problems, "\n")
	}
	files := newest(t, out).Below(pipeline.RemovedFolder)
	undo := corpustest.Damage(t, s, files[0].Path, corpustest.Flip(500))
	if found := problems(); !strings.Contains(found, files[0].Path) {
		t.Errorf("damage: %s", found)
	}
	undo()
	verified(t, out)
	pipelinetest.Must(t, os.Rename(filepath.Join(out, files[1].Path), filepath.Join(t.TempDir(), "gone")))
	if found := problems(); !strings.Contains(found, files[1].Path) {
		t.Errorf("a file that is gone: %s", found)
	}
}

// TestRemovedIsTheLedgers: a version whose files are sound, but not those of its ledger, is told: less than its setting keeps, more, and others.
func TestRemovedIsTheLedgers(t *testing.T) {
	t.Parallel()
	in := newsWithEmpty(t, 89, 200)
	for name, change := range map[string]func(t *testing.T, s pipeline.Store, m *manifest.Manifest){
		"less": func(_ *testing.T, _ pipeline.Store, m *manifest.Manifest) {
			at := slices.IndexFunc(m.Files, func(f dataset.File) bool { return strings.HasPrefix(f.Path, "removed/") })
			m.Files = slices.Delete(m.Files, at, at+1)
		},
		"a setting": func(_ *testing.T, _ pipeline.Store, m *manifest.Manifest) {
			m.Settings = []byte(strings.Replace(string(m.Settings), `"removed":"all"`, `"removed":"sample"`, 1))
		},
		"others": func(t *testing.T, s pipeline.Store, m *manifest.Manifest) {
			at := slices.IndexFunc(m.Files, func(f dataset.File) bool { return strings.HasPrefix(f.Path, "removed/") })
			other := fmt.Sprintf("%032x", 7)
			f, err := swapFirstID(t, s, m.Files[at].Path, other)
			pipelinetest.Must(t, err)
			m.Files[at] = f
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out")
			job(t, removing(t, "all", out, in))
			s, err := store.Open(t.Context(), out, store.Options{})
			pipelinetest.Must(t, err)
			defer s.Close() //nolint:errcheck // nothing is left to be written
			corpustest.ChangeManifest(t, s, 1, func(m *manifest.Manifest) {
				change(t, s, m)
				m.Digest = dataset.Digest(m.Files)
			})
			report, err := verify.Corpus(t.Context(), corpus.Open(s, tables()), verify.Options{Recount: recounted})
			if !errors.Is(err, corpus.ErrDamaged) || !slices.ContainsFunc(report.Problems, func(p string) bool { return strings.HasPrefix(p, "removed/000001 has ") }) {
				t.Errorf("%v: %q", err, report.Problems)
			}
		})
	}
}

// TestRemovedAndLater: later versions leave what a version has kept alone; a drop takes it out of the corpus, and a collection frees it.
func TestRemovedAndLater(t *testing.T) {
	t.Parallel()
	in, out := newsWithEmpty(t, 90, 200), filepath.Join(t.TempDir(), "out")
	job(t, removing(t, "all", out, in))
	first := removedIn(t, out, 1)
	// A file that changed, and one more: both have documents that are dropped.
	kept, random := make([]rune, 500), newRandom(1)
	for i := range kept {
		kept[i] = rune(0x4E00 + random.IntN(20000))
	}
	put(t, filepath.Join(in, "c.jsonl"), `{"text":"短","title":"一"}`+"\n"+`{"text":"`+string(kept)+`"}`+"\n")
	put(t, filepath.Join(in, "d.jsonl"), `{"text":"也短"}`+"\n")
	job(t, removing(t, "all", out, in))
	verified(t, out)
	second := removedIn(t, out, 2)
	if len(first) == 0 || len(second) != 2 {
		t.Fatalf("%d, then %+v", len(first), second)
	}
	compacted(t, out, nil)
	verified(t, out)
	if d := cmp.Diff([][]removedRow{first, second}, [][]removedRow{removedIn(t, out, 1), removedIn(t, out, 2)}); d != "" {
		t.Errorf("behind a compaction:\n%s", d)
	}
	live := func() (names []string) {
		for _, f := range liveFiles(t, out) {
			if strings.HasPrefix(f.Path, "removed/") {
				names = append(names, f.Path)
			}
		}
		return names
	}
	before := len(live())
	maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
		_, err := c.Drop(ctx, corpus.DropInput{Version: 2, Later: true})
		return err
	})
	verified(t, out)
	if now := live(); len(now) >= before || slices.ContainsFunc(now, func(name string) bool { return strings.HasPrefix(name, "removed/000002") }) {
		t.Errorf("behind a drop of version 2: %v", now)
	}
	if len(removedIn(t, out, 2)) != 2 {
		t.Error("the drop could not be taken back")
	}
	maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
		_, err := c.GC(ctx, corpus.GCInput{Keep: 1})
		return err
	})
	if d := cmp.Diff(first, removedIn(t, out, 1)); d != "" || len(removedIn(t, out, 2)) != 0 {
		t.Errorf("behind a collection: %d of version 2\n%s", len(removedIn(t, out, 2)), d)
	}
	verified(t, out)
}

// TestRemovedPurged: a text that a filter dropped, and that is also in a document which was removed, is in no file behind a purge; what
// later nights keep stays.
func TestRemovedPurged(t *testing.T) {
	t.Parallel()
	in, out, random := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out"), newRandom(91)
	secret := article(random, 501)
	line := func(text string) string { return fmt.Sprintf("{\"text\":%q}\n", text) }
	rules := func(least string) ingest.Options {
		o := optionsOf(t, "filter: [min_chars: "+least+"]\nremoved: all")
		o.Out, o.Paths, o.Slots = out, []string{in}, 2
		return o
	}
	put(t, filepath.Join(in, "1.jsonl"), line(string([]rune(secret)[:250]))+line(article(random, 700))) // its first half
	job(t, rules("300"))
	put(t, filepath.Join(in, "2.jsonl"), line(secret)+line(article(random, 60)))
	job(t, rules("300"))
	needle := [][]byte{[]byte(string([]rune(secret)[40:60]))}
	if found := strings.Join(thatHold(t, needle, out), " "); !strings.Contains(found, "removed/000001/") {
		t.Fatalf("the text is not in what the first night kept: %s", found)
	}
	id, _ := liveLike(t, out, string(needle[0]))
	if r := removed(t, rules("300"), remove.Params{Selection: remove.Selection{IDs: []string{id}}}); r.Removed != 1 {
		t.Fatalf("%+v", r)
	}
	if traces := strings.Join(tracesIn(t, out), "\n"); !strings.Contains(traces, "removed/000001/") || !strings.Contains(traces, "removed/000002/") {
		t.Errorf("traces: %s", traces)
	}
	purged(t, rules("300"))
	if found := thatHold(t, needle, out); len(found) > 0 {
		t.Errorf("the text is in %v", found)
	}
	if traces := tracesIn(t, out); len(traces) > 0 {
		t.Errorf("traces: %v", traces)
	}
	verified(t, out)
	// What a later night keeps is its own, unless it meets the document again.
	put(t, filepath.Join(in, "3.jsonl"), line(article(random, 80))+line(article(random, 600)))
	job(t, rules("300"))
	if traces := tracesIn(t, out); len(traces) > 0 || len(removedIn(t, out, 5)) != 1 {
		t.Errorf("%d are kept, traces: %v", len(removedIn(t, out, 5)), traces)
	}
	put(t, filepath.Join(in, "4.jsonl"), line(secret)+line(article(random, 90))+line(article(random, 610)))
	job(t, rules("300"))
	if traces := strings.Join(tracesIn(t, out), "\n"); !strings.Contains(traces, "removed/000006/") || strings.Contains(traces, "removed/000005/") {
		t.Errorf("traces: %s", traces)
	}
	purged(t, rules("300"))
	if len(removedIn(t, out, 5)) != 1 || len(removedIn(t, out, 6)) != 0 || len(tracesIn(t, out)) > 0 {
		t.Errorf("%d and %d are kept, traces: %v", len(removedIn(t, out, 5)), len(removedIn(t, out, 6)), tracesIn(t, out))
	}
	verified(t, out)
	before := newest(t, out).Version
	o := rules("300")
	r, err := purge.Run(t.Context(), o.Engine(), purge.Params{Removed: true})
	if err != nil || r.Version != before+1 || r.LeftOut != 1 || len(removedIn(t, out, 5)) != 0 {
		t.Errorf("all of it: %+v, %v", r, err)
	}
	verified(t, out)
}

// swapFirstID writes a table of removed documents anew with another id in its first row.
func swapFirstID(t *testing.T, s pipeline.Store, name, id string) (f dataset.File, err error) {
	t.Helper()
	schema := words.RemovedSchema()
	job := &pipeline.Job{Plan: &pipeline.Plan{}, Out: s}
	var columns []any
	rows := int64(0)
	err = pipeline.ReadTable(t.Context(), s, name, columnar.SelectionOf(schema), func(frame *columnar.Frame) error {
		values, err := frame.Values(schema)
		if err != nil || rows > 0 {
			return errors.Join(err, errors.New("the table has several frames"))
		}
		rows = int64(frame.Rows())
		for i, v := range values {
			if c, ok := v.(*columnar.Strings); ok {
				v = &columnar.Strings{Offsets: slices.Clone(c.Offsets), Data: slices.Clone(c.Data)}
				if i == 0 {
					copy(v.(*columnar.Strings).Data, id)
				}
			} else {
				v = slices.Clone(v.([]int64))
			}
			columns = append(columns, v)
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	out, err := pipeline.WriteTable(t.Context(), job, name, pipeline.ParquetTable, schema, columnar.TableOptions{}, func(w columnar.TableWriter) (int64, error) {
		return rows, w.Write(columns...)
	})
	return dataset.FileOf(out), err
}
