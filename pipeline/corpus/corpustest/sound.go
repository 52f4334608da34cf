package corpustest

import (
	"encoding/hex"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Verified insists that a corpus is sound, that no file in it is without a manifest, and that every one is where it belongs.
func Verified(t *testing.T, c *corpus.Corpus) {
	t.Helper()
	report, err := verify.Corpus(t.Context(), c, verify.Options{})
	if err != nil {
		t.Error(err)
	}
	if len(report.Unexpected) > 0 {
		t.Errorf("unexpected: %v", report.Unexpected)
	}
	if len(report.Unsettled) > 0 {
		t.Errorf("not where they belong: %v", report.Unsettled)
	}
	if report.LogBehind {
		t.Error("the Delta log is not that of the manifests")
	}
	Placed(t, c)
	TextsFound(t, c)
}

// Placed checks that a glob over the folders of documents gives those of the live versions, and nothing else.
func Placed(t *testing.T, c *corpus.Corpus) {
	t.Helper()
	list, err := c.Versions(t.Context())
	pipelinetest.Must(t, err)
	v := manifest.ViewOf(list)
	for _, format := range Tables {
		want := map[string]bool{}
		for _, f := range v.In(&format) {
			want[f.Path] = true
		}
		infos, err := c.Store().List(t.Context(), format.Folder)
		pipelinetest.Must(t, err)
		for _, info := range infos {
			if !want[info.Name] {
				t.Errorf("%s is not live", info.Name)
			}
			delete(want, info.Name)
		}
		for path := range want {
			t.Errorf("%s is live, and not there", path)
		}
	}
}

// TextsFound checks that the rows that a plan would name hold the documents of every live version, in their order.
func TextsFound(t *testing.T, c *corpus.Corpus) {
	t.Helper()
	history, _, err := c.History(t.Context())
	pipelinetest.Must(t, err)
	list, err := c.Versions(t.Context())
	pipelinetest.Must(t, err)
	view := manifest.ViewOf(list)
	for _, v := range history {
		m := view.Made[v.Version]
		gone := view.Withdrawn(v.Version).Documents
		ids, rows := xxh3.New128(), int64(0)
		for _, r := range v.Texts {
			err := pipeline.ReadTable(t.Context(), c.Files(), r.Path, columnar.Selection{Text: []string{"id"}}, func(f *columnar.Frame) error {
				column := f.Text("id")
				for i := range column.Len() {
					if row := f.First() + int64(i); row < r.Row || row >= r.Row+r.Rows {
						continue
					}
					id, err := ingest.ParseDocumentID(column.At(i))
					if err != nil {
						return err
					}
					_, _ = ids.Write(id[:])
					rows++
				}
				return nil
			})
			pipelinetest.Must(t, err)
		}
		if digest := hex.EncodeToString(ids.Sum(nil)); len(v.Texts) > 0 && (digest != m.KeptIDs && gone == 0 || rows != v.Documents-gone) {
			t.Errorf("version %d: %v hold %d documents with ids %s, want %d with %s", v.Version, v.Texts, rows, digest, v.Documents, m.KeptIDs)
		}
	}
}
