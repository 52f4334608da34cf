package corpus_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestCommit(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	list, err := c.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 {
		t.Fatalf("%d versions", len(list))
	}
	m := list[0]
	want := manifest.Totals{
		Documents: manifest.DocumentTotals{
			Read: 9, Kept: 4, ExactDuplicates: 1, SameKeyDuplicates: 1, NearDuplicates: 1, Filtered: 1, Rejected: 1,
		},
		Files:      manifest.FileTotals{Listed: 9, Read: 3, Skipped: 2, Rejected: 3, InPart: 1},
		InputBytes: m.Totals.InputBytes, UnreadBytes: 100 + 50 + 11, KeptBytes: m.Totals.KeptBytes, Chars: m.Totals.Chars,
		VocabularyChars: m.Totals.VocabularyChars, HanChars: 42,
	}
	if diff := cmp.Diff(want, m.Totals); diff != "" {
		t.Errorf("totals of the first night (-want +got):\n%s", diff)
	}
	reasons := manifest.Reasons{
		Rejected: map[string]int64{"bad_json": 1}, Filtered: map[string]int64{"empty": 1},
		Files: map[string]int64{"missing": 1, "truncated": 1, "binary": 1, "dead": 1},
	}
	if diff := cmp.Diff(reasons, m.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if m.Counters["full_width_digits"] != 15 || !slices.Equal(m.Sources, []string{"新闻"}) || string(m.Settings) != `{"threshold":0.75}` {
		t.Errorf("counters %v, sources %v, settings %s", m.Counters, m.Sources, m.Settings)
	}
	if d := list[1].Totals.Documents; d.OfEarlier != 1 || d.Kept != 1 || !slices.Equal(list[1].Live, []int{1, 2}) {
		t.Errorf("second night: %+v, live %v", d, list[1].Live)
	}
	// Nothing is left in the work folder's staging, and every file lies where the manifest says.
	infos, err := local.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]int64{}
	for _, i := range infos {
		there[i.Name] = i.Bytes
		if dataset.IsStaging(i.Name) {
			t.Errorf("%s is left", i.Name)
		}
	}
	files, err := c.LiveFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if there[f.Path] != f.Bytes {
			t.Errorf("%s has %d bytes, not %d", f.Path, there[f.Path], f.Bytes)
		}
	}
	if len(files) != len(m.Files)+len(list[1].Files) || len(m.Files) != 8 {
		t.Errorf("%d live files, %d of the first version", len(files), len(m.Files))
	}
}

// A night may bring nothing but duplicates, or nothing but rejects: it is a version all the same.
func TestCommitOfNothingKept(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	spec := corpustest.SecondNight()
	spec[0].Path, spec[0].Docs = "g/day4.jsonl", spec[0].Docs[:1]
	m := corpustest.MakeRun(t, local, spec, corpustest.Sabotage{}).MustCommit(t)
	if d := m.Totals.Documents; d.Read != 1 || d.Kept != 0 || d.OfEarlier != 1 || len(m.Shards()) != 0 {
		t.Errorf("totals %+v", d)
	}
	m = corpustest.MakeRun(t, local, []corpustest.File{{Path: "h.jsonl", Docs: []corpustest.Doc{{Text: "{", Rejected: ingest.ReasonBadJSON}}}}, corpustest.Sabotage{}).MustCommit(t)
	if d := m.Totals.Documents; m.Version != 4 || d.Read != 1 || d.Rejected != 1 {
		t.Errorf("totals %+v", d)
	}
	corpustest.Verified(t, c)
	if _, err := show.Of(c).Inspect(t.Context(), show.InspectOptions{Documents: 9, Tokens: 9, Groups: 9, Examples: 9}); err != nil {
		t.Error(err)
	}
}

// rows reads a table as one line a row; columns is their names in the order of the line, those of integers with a sign before
// them.
func rows(t *testing.T, c *corpus.Corpus, name string, columns ...string) (list []string) {
	t.Helper()
	var s columnar.Selection
	for _, column := range columns {
		if number, ok := strings.CutPrefix(column, "#"); ok {
			s.Int = append(s.Int, number)
		} else {
			s.Text = append(s.Text, column)
		}
	}
	err := pipeline.ReadTable(t.Context(), c.Store(), name, s, func(f *columnar.Frame) error {
		for i := range f.Rows() {
			var cells []string
			for _, column := range columns {
				if number, ok := strings.CutPrefix(column, "#"); ok {
					cells = append(cells, pipeline.Thousands(f.Int(number)[i]))
				} else {
					cells = append(cells, string(f.Text(column).At(i)))
				}
			}
			list = append(list, strings.Join(cells, " "))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestLedgerTables(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	got := rows(t, c, corpus.TableName(1, corpus.FilesTable), "path", "status", "reason", "#documents", "#filtered", "#rejected", "#unread")
	want := []string{
		"a/day1.jsonl read  3 1 0 0",
		"a/day2.jsonl read  1 0 1 0",
		"b/gone.jsonl rejected missing 0 0 0 0",
		"b/half.jsonl.gz in_part truncated 1 0 0 100",
		"c/noise.bin rejected binary 0 0 0 50",
		"d/dead.jsonl rejected dead 0 0 0 11",
		"e/long.jsonl read  2 0 0 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	got = rows(t, c, corpus.TableName(1, corpus.RejectsTable), "path", "#offset", "#bytes", "scope", "verdict", "reason", "detail")
	want = []string{
		"a/day1.jsonl 241 0 document filtered empty ",
		"a/day2.jsonl 0 9 document rejected bad_json {not json",
		"b/gone.jsonl 0 0 file rejected missing ",
		"b/half.jsonl.gz 13 100 file rejected truncated at the end",
		"c/noise.bin 0 50 file rejected binary at the end",
		"d/dead.jsonl 0 11 file rejected dead panic: 坏",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	got = rows(t, c, corpus.TableName(1, corpus.DuplicatesTable), "kind", "#score", "#winner_version", "path", "#offset")
	want = []string{"exact 256 1 a/day1.jsonl 139", "near 201 1 a/day2.jsonl 10", "same_key 256 1 e/long.jsonl 164"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("duplicates (-want +got):\n%s", diff)
	}
	if got := rows(t, c, corpus.TableName(1, corpus.TimesTable), "path", "#mod_time"); len(got) != 7 || got[6] != "e/long.jsonl 1,006" {
		t.Errorf("times: %q", got)
	}
}

// crashed is what the tests panic with.
type crashed struct{}

// crashAt commits and stops at a point, as a kill would.
func crashAt(t *testing.T, r *corpustest.Run, point string) {
	t.Helper()
	defer func() {
		if _, ok := recover().(crashed); !ok {
			t.Errorf("point %s was not reached", point)
		}
	}()
	_, err := r.Commit(t, func(p string) {
		if p == point {
			panic(crashed{})
		}
	})
	t.Errorf("commit ended with %v", err)
}

func TestCommitAfterCrash(t *testing.T) {
	var points []string
	whole := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{})
	m, err := whole.Commit(t, func(p string) { points = append(points, p) })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"commit:checked", "commit:tables", "commit:moved:data", "commit:moved:vocab", "commit:moved:index", "commit:moved:ledger",
		"commit:placed", "commit:manifest", "places:placed", "places:logged", "places:card", "places:cleared", "commit:card", "commit:done",
	}
	if diff := cmp.Diff(want, points); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			// Taken up again.
			r := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{})
			crashAt(t, r, point)
			if err := r.Corpus.Recover(t.Context(), r.Job.Plan); err != nil {
				t.Fatal(err)
			}
			again := r.MustCommit(t)
			if again.Digest != m.Digest || again.KeptIDs != m.KeptIDs {
				t.Errorf("digest %s, not %s", again.Digest, m.Digest)
			}
			corpustest.Verified(t, r.Corpus)

			// Given up, and run anew.
			r = corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{})
			crashAt(t, r, point)
			if err := r.Corpus.Recover(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			newest, err := r.Corpus.Newest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if newest == nil {
				if infos, err := r.Local.List(t.Context(), ""); err != nil {
					t.Fatal(err)
				} else {
					for _, i := range infos {
						if !strings.HasPrefix(i.Name, ".millrace/run-") {
							t.Errorf("%s is left", i.Name)
						}
					}
				}
				newest = corpustest.MakeRun(t, r.Local, corpustest.FirstNight(), corpustest.Sabotage{}).MustCommit(t)
			}
			if newest.Digest != m.Digest {
				t.Errorf("digest %s, not %s", newest.Digest, m.Digest)
			}
			corpustest.Verified(t, r.Corpus)
		})
	}
}

// Times, hosts and roots lie outside of the digest.
func TestDigestIsOfTheContent(t *testing.T) {
	one := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{}).MustCommit(t)
	r := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{Plan: func(p *ingest.Plan) {
		p.Sources[0].Root = "/mnt/other"
		for i := range p.Files {
			p.Files[i].ModTime += 5
		}
	}})
	other, err := r.Corpus.Commit(t.Context(), corpus.CommitInput{Job: r.Job, Run: manifest.RunInfo{Host: "other", Seconds: 99}})
	if err != nil {
		t.Fatal(err)
	}
	if one.Digest != other.Digest {
		t.Errorf("digests %s and %s", one.Digest, other.Digest)
	}
}

// Invariant 7: a run whose ledger does not add up does not commit.
func TestCommitRefuses(t *testing.T) {
	first := true // sabotage the first call only
	once := func(f func()) {
		if first {
			first = false
			f()
		}
	}
	tests := map[string]struct {
		s    corpustest.Sabotage
		want string
	}{
		"account of too many documents": {corpustest.Sabotage{Account: func(a *ingest.FileAccount) { once(func() { a.Documents++ }) }}, "the ledger says"},
		"account of too few rejects":    {corpustest.Sabotage{Account: func(a *ingest.FileAccount) { a.Rejected = 0 }}, "its rejects say"},
		"account of other bytes":        {corpustest.Sabotage{Account: func(a *ingest.FileAccount) { a.Bytes++ }}, "its rejects say"},
		"account missing":               {corpustest.Sabotage{Without: ingest.AccountName(0)}, ingest.AccountName(0)},
		"entry of more read":            {corpustest.Sabotage{Entry: func(e *pipeline.Entry) { e.Sum.In++ }}, "the ledger says"},
		"entry missing":                 {corpustest.Sabotage{Without: pipeline.PhaseName("sum")}, "sum.json"},
		"entry of another task":         {corpustest.Sabotage{Entry: func(e *pipeline.Entry) { e.Index++ }}, "ledger entry 0"},
		"shard of fewer kept":           {corpustest.Sabotage{Shard: func(s *ingest.Shard) { s.Kept-- }}, "keeps 4 documents, the shards 3"},
		"shard that ends early":         {corpustest.Sabotage{Shard: func(s *ingest.Shard) { s.End-- }}, "the shards cover 6 of 7"},
		"kept bit missing":              {corpustest.Sabotage{Kept: func(b []byte) { b[0] &^= 1 }}, "1 are kept and 2 have a verdict"},
		"kept bit of a duplicate":       {corpustest.Sabotage{Kept: func(b []byte) { b[0] |= 4 }}, "is a duplicate, but kept"},
		"verdict of another document":   {corpustest.Sabotage{Verdict: func(v *ingest.Verdict) { v.ID[0] ^= 1 }}, "the verdict names"},
		"verdict out of order":          {corpustest.Sabotage{Verdict: func(v *ingest.Verdict) { v.Document = 2 }}, "not in order"},
		"verdict of a version to come":  {corpustest.Sabotage{Verdict: func(v *ingest.Verdict) { v.WinnerVersion = 7 }}, "version 7, which is not live"},
		"vocabulary of more characters": {corpustest.Sabotage{Vocab: 1}, "new characters"},
		"file that is not covered":      {corpustest.Sabotage{Plan: func(p *ingest.Plan) { p.Files[0].Bytes++ }}, "the splits cover"},
		"live versions that are not":    {corpustest.Sabotage{Plan: func(p *ingest.Plan) { p.Live = []int{4} }}, "live versions"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			first = true
			r := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), test.s)
			m, err := r.Commit(t, nil)
			if err == nil {
				t.Fatalf("committed version %d", m.Version)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
			if newest, err := r.Corpus.Newest(t.Context()); err != nil || newest != nil {
				t.Errorf("newest is %v, %v", newest, err)
			}
		})
	}
}

// What lies in the place of a version is not touched, and whoever finds it is told the way out.
func TestCommitForeignFolder(t *testing.T) {
	local := corpustest.NewStore(t)
	r := corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{})
	const name = "vocab/000001/chars.parquet"
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), local, name, []byte("x")))
	_, err := r.Commit(t, nil)
	hint, ok := errors.AsType[*pipeline.HintError](err)
	if !ok || !errors.Is(err, pipeline.ErrExists) || hint.Hint != "start again: what belongs to no version is removed at the start" {
		t.Errorf("%v: %v, hint %+v", name, err, hint)
	}
	if data, err := pipeline.ReadAll(t.Context(), local, name); err != nil || string(data) != "x" {
		t.Errorf("%s holds %q, %v", name, data, err)
	}
}

// Invariant 6: of two runs on one parent, one commits.
func TestCommitRace(t *testing.T) {
	for _, point := range []string{"", "commit:checked", "commit:tables", "commit:moved:data"} {
		t.Run("other run at "+point, func(t *testing.T) {
			local := corpustest.NewStore(t)
			a := corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{})
			b := corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{Data: `{"threshold":0.8}`})
			if point == "" {
				a.MustCommit(t)
			}
			_, err := b.Commit(t, func(p string) {
				if p == point {
					a.MustCommit(t)
				}
			})
			if !errors.Is(err, pipeline.ErrExists) {
				t.Errorf("the second commit: %v", err)
			}
			newest, err := a.Corpus.Newest(t.Context())
			if err != nil || newest.Plan != a.Job.Plan.Digest() {
				t.Fatalf("newest is %+v, %v", newest, err)
			}
			if err := a.Corpus.Recover(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			corpustest.Verified(t, a.Corpus)
		})
	}
	t.Run("same run", func(t *testing.T) {
		r := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{})
		m, err := r.Commit(t, func(p string) {
			if p == "commit:placed" {
				r.MustCommit(t)
			}
		})
		if err != nil || m.Version != 1 {
			t.Errorf("manifest %+v, %v", m, err)
		}
		corpustest.Verified(t, r.Corpus)
	})
}

// A store that cannot move folders gets the same version, written where it stays, and survives the same crashes.
func TestCommitWithoutMoves(t *testing.T) {
	want := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{}).MustCommit(t)
	for _, point := range []string{"commit:checked", "commit:tables", "commit:placed", "commit:manifest", "commit:card", "commit:done"} {
		local := corpustest.NewStore(t)
		r := corpustest.MakeRunIn(t, local, corpus.Open(struct{ pipeline.Store }{local}, corpustest.Tables), corpustest.FirstNight(), corpustest.Sabotage{})
		crashAt(t, r, point)
		if err := r.Corpus.Recover(t.Context(), r.Job.Plan); err != nil {
			t.Fatal(err)
		}
		if m := r.MustCommit(t); m.Digest != want.Digest {
			t.Errorf("digest %s, not %s", m.Digest, want.Digest)
		}
		corpustest.Verified(t, r.Corpus)
	}
}

// Tables of many rows are written and read in pieces.
func TestCommitOfManyRows(t *testing.T) {
	var many corpustest.File
	many.Path = "many.jsonl"
	many.Docs = append(many.Docs, corpustest.Doc{Text: "头一篇"})
	for i := range 3 * corpus.TableRows {
		switch text := strings.Repeat("长", i%3); i % 4 {
		case 0:
			many.Docs = append(many.Docs, corpustest.Doc{Text: text, Of: &[2]int{0, 0}, Kind: ingest.KindNear, Score: 200})
		case 1:
			many.Docs = append(many.Docs, corpustest.Doc{Text: text, Rejected: ingest.ReasonBadJSON})
		default:
			many.Docs = append(many.Docs, corpustest.Doc{Text: text})
		}
	}
	r := corpustest.MakeRun(t, corpustest.NewStore(t), []corpustest.File{many}, corpustest.Sabotage{})
	d := r.MustCommit(t).Totals.Documents
	if d.NearDuplicates != 3*corpus.TableRows/4 || d.Rejected != 3*corpus.TableRows/4 || d.Kept != 1+3*corpus.TableRows/2 {
		t.Errorf("totals %+v", d)
	}
	if _, err := verify.Corpus(t.Context(), r.Corpus, verify.Options{IDs: 1000}); err != nil {
		t.Error(err)
	}
	in, err := show.Of(r.Corpus).Inspect(t.Context(), show.InspectOptions{Documents: 5, Groups: 1, Examples: 1})
	if err != nil || in.Groups[0].Size != d.NearDuplicates || in.Groups[0].Winner.Text != "头一篇" || len(in.Documents) != 5 {
		t.Errorf("inspect %+v, %v", in, err)
	}
}

func TestRecover(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	ctx := t.Context()
	put := func(name string) {
		if err := pipeline.WriteAll(ctx, local, name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	next := corpustest.MakeRun(t, local, corpustest.FirstNight()[:1], corpustest.Sabotage{Data: `{"threshold":0.9}`})
	folder := next.Job.Plan.VersionFolder()
	gone := []string{
		"data/000002-00000000/train-00000-of-00001.parquet", "vocab/000007/chars.parquet", "ledger/000004/files.parquet",
		"arrow/000003-ffffffff/train-00000-of-00001.arrow", "index/000009/000000.keys", ".millrace/staging-12345678/data/x/y",
	}
	stay := []string{"data/" + folder + "/train-00000-of-00001.parquet", "vocab/000003/chars.parquet", "data/notes/mine.txt", "data/readme.txt"}
	for _, name := range append(slices.Clone(gone), stay...) {
		put(name)
	}
	put(card.Name)
	if err := c.Recover(ctx, next.Job.Plan); err != nil {
		t.Fatal(err)
	}
	for _, name := range gone {
		if ok, err := exists(ctx, local, name); ok || err != nil {
			t.Errorf("%s is still there, %v", name, err)
		}
	}
	for _, name := range append(stay, corpus.StagingOf(next.Job.Plan)+"/vocab/000003/chars.parquet") {
		if ok, err := exists(ctx, local, name); !ok || err != nil {
			t.Errorf("%s is gone, %v", name, err)
		}
	}
	report, err := verify.Corpus(ctx, c, verify.Options{})
	if err != nil {
		t.Error(err)
	}
	want := []string{"data/" + folder + "/train-00000-of-00001.parquet", "data/notes/mine.txt", "data/readme.txt", "vocab/000003/chars.parquet"}
	if diff := cmp.Diff(want, report.Unexpected); diff != "" {
		t.Errorf("unexpected (-want +got):\n%s", diff)
	}
	if err := c.Recover(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if ok, err := exists(ctx, local, stay[0]); ok || err != nil {
		t.Errorf("the given-up run is still there, %v", err)
	}

	// Nothing is removed on the word of a damaged manifest.
	put(manifest.Name(2))
	put(gone[0])
	if err := c.Recover(ctx, nil); err == nil || !strings.Contains(err.Error(), manifest.Name(2)) {
		t.Errorf("recover: %v", err)
	}
	if ok, err := exists(ctx, local, gone[0]); !ok || err != nil {
		t.Errorf("%s is gone, %v", gone[0], err)
	}
}

// A commit that an alarm stops puts nothing in place, and goes on from there once tonight is accepted.
func TestAlarmStopsCommit(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	r := corpustest.MakeRun(t, local, []corpustest.File{{Path: "g/day4.jsonl", Docs: []corpustest.Doc{{Text: "臺灣\ufffd的消息!!"}}}}, corpustest.Sabotage{})
	var points []string
	in := corpus.CommitInput{
		Job: r.Job, Alarms: &corpus.Alarms{Versions: 7, UncommonShare: 0.1, ReplacementShare: 0.1},
		Crash: func(p string) { points = append(points, p) },
	}
	_, err := c.Commit(t.Context(), in)
	alarm, ok := errors.AsType[*corpus.AlarmError](err)
	if !ok || len(alarm.Figures) != 2 || alarm.Figures[0].Tonight != 0.4 || alarm.Figures[1].Tonight != 0.125 {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff([]string{"commit:checked", "commit:tables"}, points); diff != "" {
		t.Error(diff)
	}
	if err := c.Recover(t.Context(), r.Job.Plan); err != nil {
		t.Fatal(err)
	}
	corpustest.Verified(t, c) // no file that no manifest names
	if newest, err := c.Newest(t.Context()); err != nil || newest.Version != 2 {
		t.Fatalf("%+v, %v", newest, err)
	}
	if _, err := c.Commit(t.Context(), in); err == nil {
		t.Error("the same again has committed")
	}
	in.Alarms = nil
	m, err := c.Commit(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Totals; m.Version != 3 || got.Chars != 8 || got.HanChars != 5 || got.UncommonChars != 2 || got.ReplacementChars != 1 {
		t.Errorf("version %d: %+v", m.Version, got)
	}
	corpustest.Verified(t, c)
}

// exists says whether the store has a file.
func exists(ctx context.Context, s pipeline.Store, name string) (bool, error) {
	o, err := s.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, o.Close()
}

// What a job has made is found by its plan, and then its commit is ended; or by what it was asked for.
func TestMade(t *testing.T) {
	r := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{})
	plan := r.Job.Plan.Digest()
	crashAt(t, r, "commit:placed")
	if m, err := r.Corpus.Made(t.Context(), "", plan); m != nil || err != nil {
		t.Errorf("before it is made: %v, %v", m, err)
	}
	crashAt(t, r, "commit:manifest")
	left := corpus.StagingOf(r.Job.Plan) + "/left"
	if err := pipeline.WriteAll(t.Context(), r.Local, left, nil); err != nil {
		t.Fatal(err)
	}
	for _, other := range [][2]string{{"", ""}, {"night", ""}, {"", plan + "0"}} {
		if m, err := r.Corpus.Made(t.Context(), other[0], other[1]); m != nil || err != nil {
			t.Errorf("%q: %v, %v", other, m, err)
		}
	}
	if _, err := pipeline.ReadAll(t.Context(), r.Local, left); err != nil {
		t.Errorf("the commit of a plan was ended for another one: %v", err)
	}
	m, err := r.Corpus.Made(t.Context(), "night", plan)
	if err != nil || m == nil || m.Version != 1 {
		t.Fatalf("%v, %v", m, err)
	}
	if _, err := pipeline.ReadAll(t.Context(), r.Local, left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the staging folder is left: %v", err)
	}
	corpustest.Verified(t, r.Corpus) // its card among it

	second := corpustest.MakeRun(t, r.Local, corpustest.SecondNight(), corpustest.Sabotage{})
	m, err = r.Corpus.Commit(t.Context(), corpus.CommitInput{Job: second.Job, Skipped: 2, Run: manifest.RunInfo{ID: "night"}})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.Corpus.Made(t.Context(), "night", ""); err != nil || again == nil || again.Version != m.Version {
		t.Errorf("by its id: %v, %v", again, err)
	}
	if m, err := r.Corpus.Made(t.Context(), "", plan); m != nil || err != nil {
		t.Errorf("the plan of a version that is not the newest: %v, %v", m, err)
	}
}
