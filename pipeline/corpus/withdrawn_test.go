package corpus_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/ingest"
)

// like is a night of documents that are like withdrawn ones, among others, in files that share a split and in such that do not.
func like(first *corpustest.Run) []corpustest.File {
	gone := first.ID(0, 0)
	return []corpustest.File{
		{Path: "w/a.jsonl", Docs: []corpustest.Doc{
			{Text: "改过的一篇", OfID: gone, OfVersion: 1, Kind: ingest.KindNear, Score: 231, Withdrawn: true},
			{Text: "{", Rejected: ingest.ReasonBadJSON},
			{Text: "留下的一篇"},
			{Text: "原来的一篇", OfID: gone, OfVersion: 1, Kind: ingest.KindExact, Score: 256, Withdrawn: true},
		}},
		{Path: "w/b.jsonl", Bundled: true, Docs: []corpustest.Doc{
			{Text: "原来的，一篇", OfID: gone, OfVersion: 1, Kind: ingest.KindSameKey, Score: 256, Withdrawn: true},
			{Text: "留下的一篇", Of: &[2]int{0, 2}, Kind: ingest.KindExact, Score: 256},
		}},
		{Path: "w/c.jsonl", Docs: []corpustest.Doc{{Text: "别处的一篇"}}},
		{Path: "w/d.jsonl", Docs: []corpustest.Doc{
			{Text: "原来的一篇", OfID: gone, OfVersion: 1, Kind: ingest.KindExact, Score: 256, Withdrawn: true},
		}},
	}
}

// A document that is like a withdrawn one is rejected: it stands in the table of rejects, and in no sum twice.
func TestCommitOfWithdrawn(t *testing.T) {
	local := corpustest.NewStore(t)
	first := corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{})
	first.MustCommit(t)
	c := first.Corpus
	r := corpustest.MakeRun(t, local, like(first), corpustest.Sabotage{})
	m := r.MustCommit(t)
	if d := m.Totals.Documents; d != (manifest.DocumentTotals{Read: 8, Kept: 2, ExactDuplicates: 1, Rejected: 5}) {
		t.Errorf("totals %+v", d)
	}
	if f := m.Totals.Files; f.Read != 4 || f.OnlyRejects != 1 {
		t.Errorf("files %+v", f)
	}
	if diff := cmp.Diff(map[string]int64{ingest.ReasonWithdrawn: 4, ingest.ReasonBadJSON: 1}, m.Reasons.Rejected); diff != "" {
		t.Error(diff)
	}
	corpustest.Verified(t, c)

	name := first.ID(0, 0)
	detail := " of " + hex.EncodeToString(name[:]) + " of version 1, which is withdrawn"
	want := []string{
		"w/a.jsonl 16 1 document rejected bad_json {",
		"w/a.jsonl 0 15 document rejected withdrawn 231 of 256 bytes of its signature are those" + detail,
		"w/a.jsonl 34 15 document rejected withdrawn its text is that" + detail,
		"w/b.jsonl 0 18 document rejected withdrawn its key text is that" + detail,
		"w/d.jsonl 0 15 document rejected withdrawn its text is that" + detail,
	}
	got := rows(t, c, corpus.TableName(2, corpus.RejectsTable), "path", "#offset", "#bytes", "scope", "verdict", "reason", "detail")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	want = []string{"w/a.jsonl read 1 0 3", "w/b.jsonl read 1 0 1", "w/c.jsonl read 1 0 0", "w/d.jsonl read 0 0 1"}
	got = rows(t, c, corpus.TableName(2, corpus.FilesTable), "path", "status", "#documents", "#filtered", "#rejected")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if got := rows(t, c, corpus.TableName(2, corpus.DuplicatesTable), "path", "kind"); !slices.Equal(got, []string{"w/b.jsonl exact"}) {
		t.Errorf("duplicates %v", got)
	}

	// It is told of the document and of its file.
	id := r.ID(0, 0)
	e, err := show.Of(c).Explain(t.Context(), hex.EncodeToString(id[:]), show.ExplainOptions{})
	if err != nil || len(e.Documents) != 1 || e.Documents[0].Fate != show.FateRejected || e.Documents[0].Reject.Reason != ingest.ReasonWithdrawn ||
		!strings.HasSuffix(e.Documents[0].Reject.Detail, detail) {
		t.Errorf("%+v, %v", e, err)
	}
	e, err = show.Of(c).Explain(t.Context(), "w/a.jsonl", show.ExplainOptions{Documents: 9})
	if err != nil || e.Files[0].Documents != 4 || e.Files[0].Kept != 1 || e.Files[0].Rejected[ingest.ReasonWithdrawn] != 2 {
		t.Errorf("%+v, %v", e, err)
	}

	// The same command again ends in the same bytes.
	if again := r.MustCommit(t); again.Digest != m.Digest {
		t.Errorf("digest %s, not %s", again.Digest, m.Digest)
	}
}

// Verdicts that disagree with the ledger, or with what is live, are no version.
func TestCommitOfWithdrawnRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		s    corpustest.Sabotage
		want string
	}{
		"more than the ledger says": {corpustest.Sabotage{Verdict: func(v *ingest.Verdict) { v.Withdrawn, v.WinnerVersion = true, 1 }}, "rejects 5 documents, the ledger says 4"},
		"fewer":                     {corpustest.Sabotage{Verdict: func(v *ingest.Verdict) { v.Withdrawn = false }}, "rejects 0 documents, the ledger says 4"},
		"of another version": {corpustest.Sabotage{Verdict: func(v *ingest.Verdict) {
			if v.Withdrawn {
				v.WinnerVersion = 2
			}
		}}, "which is not live"},
		"of another document": {corpustest.Sabotage{Verdict: func(v *ingest.Verdict) { v.ID[3]++ }}, "the verdict names"},
		"without verdicts":    {corpustest.Sabotage{Without: ingest.VerdictsName}, ingest.VerdictsName},
	} {
		local := corpustest.NewStore(t)
		first := corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{})
		first.MustCommit(t)
		_, err := corpustest.MakeRun(t, local, like(first), c.s).Commit(t, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
