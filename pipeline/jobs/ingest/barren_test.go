package ingest

import (
	"context"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

// sourceGone reads no source: that says nothing of the heads of records, and all else is told.
type sourceGone struct{ intake.Formats }

// Open implements intake.Formats.
func (sourceGone) Open(context.Context, ingest.Input, int) (pipeline.Reader, error) {
	return nil, fs.ErrNotExist
}

// A file that is taken again for a document that is like a withdrawn one comes to the same reject: that makes no version, so asking
// again and again makes none either. One that comes for the first time, or turns out to be a duplicate by now, is something to tell.
func TestBarrenOfWithdrawn(t *testing.T) {
	local := corpustest.NewStore(t)
	first := corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{})
	first.MustCommit(t)
	like := corpustest.Doc{Text: "改过的一篇", OfID: first.ID(0, 0), OfVersion: 1, Kind: ingest.KindNear, Score: 231, Withdrawn: true}
	duplicate := like
	duplicate.Withdrawn = false
	bad := corpustest.Doc{Text: "{", Rejected: ingest.ReasonBadJSON}
	for name, c := range map[string]struct {
		docs   []corpustest.Doc
		before int64 // rejects of the file when it was read last
		barren bool
	}{
		"again":                 {[]corpustest.Doc{like}, 1, true},
		"again, beside others":  {[]corpustest.Doc{like, bad}, 2, true},
		"the first time":        {[]corpustest.Doc{like}, 0, false},
		"a duplicate by now":    {[]corpustest.Doc{like, duplicate}, 2, false},
		"fewer than there were": {[]corpustest.Doc{like, bad}, 3, false},
	} {
		r := corpustest.MakeRun(t, local, []corpustest.File{{Path: "w.jsonl", Docs: c.docs}}, corpustest.Sabotage{Plan: func(p *ingest.Plan) {
			p.Files[0].Retried = c.before
		}})
		got, err := barrenResult(t.Context(), sourceGone{}, r.Job, 0)
		if err != nil || (got != nil) != c.barren {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if got == nil {
			continue
		}
		bads := int64(len(c.docs) - 1)
		if got.Documents != (DocumentCounts{Read: 1 + bads, Rejected: 1 + bads, RejectedWithdrawn: 1}) {
			t.Errorf("%s: %+v", name, got.Documents)
		}
		reasons := map[string]int64{ingest.ReasonWithdrawn: 1}
		if bads > 0 {
			reasons[ingest.ReasonBadJSON] = bads
		}
		if diff := cmp.Diff(reasons, got.Reasons); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
