package verify_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// withoutSome is two nights, of the first of which documents were withdrawn: the winner of a duplicate of each night, and another one.
func withoutSome(t *testing.T) (*store.Local, *corpus.Corpus, *manifest.Manifest) {
	t.Helper()
	local, c := corpustest.TwoNights(t)
	m := corpustest.Withdraw(t, c, corpustest.Withdrawal{Wanted: func(d *withdrawn.Document) bool { return d.Version == 1 && d.Rank%2 == 0 }})
	return local, c, m
}

// What was withdrawn is added to what is live: a run has kept both, and what lost to a withdrawn document is no finding.
func TestVerifyWithdrawn(t *testing.T) {
	_, c, m := withoutSome(t)
	if len(m.Withdraws) != 1 || m.Withdraws[0].Documents != 2 || len(m.Removes) != 1 {
		t.Fatalf("%+v", m)
	}
	corpustest.Verified(t, c)
	corpustest.Withdraw(t, c, corpustest.Withdrawal{Reason: withdrawn.ReasonVanished})
	corpustest.Verified(t, c)
	report, err := verify.Corpus(t.Context(), c, verify.Options{IDs: 1})
	if err != nil || len(report.Versions) != 2 || report.Versions[0].Documents != 4 || report.Versions[0].Withdrawn != 4 {
		t.Errorf("%+v, %v", report, err)
	}
}

// What manifests say of it is checked.
func TestVerifyWithdraws(t *testing.T) {
	for name, test := range map[string]struct {
		change func(m *manifest.Manifest)
		want   string
	}{
		"more than there are":    {func(m *manifest.Manifest) { m.Withdraws[0].Documents = 9 }, "withdraws 9 documents"},
		"other sums":             {func(m *manifest.Manifest) { m.Withdraws[0].Chars--; m.Totals.Withdrawn.Chars-- }, "withdrawn.parquet: it withdraws"},
		"other totals":           {func(m *manifest.Manifest) { m.Totals.Withdrawn.Bytes-- }, "its totals say"},
		"of another version":     {func(m *manifest.Manifest) { m.Withdraws[0].Version = 3 }, "no live run before it"},
		"twice":                  {func(m *manifest.Manifest) { m.Withdraws = append(m.Withdraws, m.Withdraws[0]) }, "behind those of version 1"},
		"of none":                {func(m *manifest.Manifest) { m.Withdraws = nil }, "the Parquet shards hold 2"},
		"no table":               {func(m *manifest.Manifest) { m.Files = m.Files[:1] }, "names no ledger/000003/withdrawn.parquet"},
		"the old shard is left":  {func(m *manifest.Manifest) { m.Removes = nil }, "2 are live, the Parquet shards hold 6"},
		"ranks that go too far":  {func(m *manifest.Manifest) { m.Holds[0].First = 3 }, "the Parquet shards hold 2"},
		"another first document": {func(m *manifest.Manifest) { m.Holds[0].First = 0 }, "is number 1 of version 1, its manifest says 0"},
		"what no shard of it is": {func(m *manifest.Manifest) {
			m.Holds = append(m.Holds, manifest.Holding{Path: "x", Version: 1, Rows: 1})
		}, "shards hold that it does not have"},
		"more rows than the shard": {func(m *manifest.Manifest) { m.Holds[0].Rows++ }, "has 2 rows, and holds 3"},
		"digest":                   {func(m *manifest.Manifest) { m.Digest = strings.Repeat("0", 64) }, "run digest"},
	} {
		t.Run(name, func(t *testing.T) {
			local, c, _ := withoutSome(t)
			corpustest.ChangeManifest(t, local, 3, test.change)
			wantProblem(t, c, test.want)
		})
	}
}

func wantProblem(t *testing.T, c *corpus.Corpus, want string) {
	t.Helper()
	report, err := verify.Corpus(t.Context(), c, verify.Options{})
	if !errors.Is(err, corpus.ErrDamaged) || !strings.Contains(strings.Join(report.Problems, "\n"), want) {
		t.Errorf("%v, %q; want %q", err, report.Problems, want)
	}
}

// A damaged table is the only finding: nothing follows from it.
func TestVerifyWithdrawnDamaged(t *testing.T) {
	local, c, m := withoutSome(t)
	f, _ := m.Find(pipeline.LedgerFolder, withdrawn.Table)
	undo := corpustest.Damage(t, local, f.Path, corpustest.Flip(100))
	report, err := verify.Corpus(t.Context(), c, verify.Options{})
	if !errors.Is(err, corpus.ErrDamaged) || len(report.Problems) != 1 || !strings.Contains(report.Problems[0], f.Path) {
		t.Errorf("%v, %q", err, report.Problems)
	}
	undo()
	corpustest.Verified(t, c)
}

// A table that says something else, under right digests, is found by what is live.
func TestVerifyWithdrawnForged(t *testing.T) {
	for name, test := range map[string]struct {
		change func(list []withdrawn.Document) []withdrawn.Document
		want   string
	}{
		"another place":      {func(l []withdrawn.Document) []withdrawn.Document { l[0].Offset++; return l }, "where"},
		"another rank":       {func(l []withdrawn.Document) []withdrawn.Document { l[0].Rank = 1; return l }, "of version 1, its manifest says 1"},
		"a rank of none":     {func(l []withdrawn.Document) []withdrawn.Document { l[1].Rank = 4; return l }, "kept no such one"},
		"a later version":    {func(l []withdrawn.Document) []withdrawn.Document { l[1].Version = 3; return l }, "kept no such one"},
		"one less":           {func(l []withdrawn.Document) []withdrawn.Document { return l[:1] }, "it withdraws"},
		"sums across others": {func(l []withdrawn.Document) []withdrawn.Document { l[0].Chars++; l[1].Chars--; return l }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			local, c, m := withoutSome(t)
			f, _ := m.Find(pipeline.LedgerFolder, withdrawn.Table)
			var list []withdrawn.Document
			pipelinetest.Must(t, withdrawn.Read(t.Context(), local, f.Path, func(d *withdrawn.Document) error {
				list = append(list, *d)
				return nil
			}))
			list = test.change(list)
			job := &pipeline.Job{Plan: &pipeline.Plan{Version: 3}, Out: local}
			out, err := withdrawn.Write(t.Context(), job, func(w *withdrawn.Writer) error {
				for i := range list {
					if err := w.Write(&list[i]); err != nil {
						return err
					}
				}
				return nil
			})
			pipelinetest.Must(t, err)
			corpustest.ChangeManifest(t, local, 3, func(m *manifest.Manifest) {
				m.Files[slices.IndexFunc(m.Files, func(o dataset.File) bool { return o.Path == f.Path })] = dataset.FileOf(out)
				m.Digest = dataset.Digest(m.Files)
			})
			if test.want == "" { // no sum is wrong by it, and no text is left to tell
				versions, err := corpus.Open(local, c.Formats()).Versions(t.Context()) // c has the old one in mind
				pipelinetest.Must(t, err)
				for _, d := range corpus.Describe(versions) { // croissant.json names the digest of the table
					pipelinetest.Must(t, pipeline.WriteAll(t.Context(), local, d.Name, d.Data))
				}
				if report, err := verify.Corpus(t.Context(), c, verify.Options{}); err != nil {
					t.Errorf("%v, %v", report, err)
				}
				return
			}
			wantProblem(t, c, test.want)
		})
	}
}

// One id in several live versions is counted where the later one added beside, and is a problem where it did not; once the earlier document
// is withdrawn it is neither.
func TestVerifyRepeatedIDs(t *testing.T) {
	local := corpustest.NewStore(t)
	c := corpus.Open(local, corpustest.Tables)
	for night := range 3 {
		f := corpustest.File{Path: "a.jsonl", Changed: night > 0, Docs: []corpustest.Doc{{Text: strings.Repeat("夜", night+3)}, {Text: strings.Repeat("日", night+3)}}}
		corpustest.MakeRun(t, local, []corpustest.File{f}, corpustest.Sabotage{}).MustCommit(t)
	}
	for want := range 2 {
		report, err := verify.Corpus(t.Context(), c, verify.Options{})
		if err != nil || report.RepeatedIDs != int64(1-want) {
			t.Errorf("%d ids, %v", report.RepeatedIDs, err)
		}
		corpustest.Withdraw(t, c, corpustest.Withdrawal{Reason: withdrawn.ReasonReplaced, Wanted: func(d *withdrawn.Document) bool { return d.Version < 3 }})
	}
	again := corpustest.File{Path: "a.jsonl", Docs: []corpustest.Doc{{Text: strings.Repeat("新", 3)}}}
	corpustest.MakeRun(t, local, []corpustest.File{again}, corpustest.Sabotage{}).MustCommit(t)
	wantProblem(t, c, "is that of live documents of versions 3 and 6")
}
