package vocab

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// The count of a run is what its texts give when they are read again, from several shards at once, of row groups in part.
func TestCheck(t *testing.T) {
	texts := sampleTexts(8, 60)
	m := pipelinetest.NewMemory()
	run := runOf(nil)
	for _, text := range texts[10:50] {
		run.Documents = append(run.Documents, pipelinetest.Document{Text: text})
	}
	job := run.Job(t, m)
	mustBuild(t, job)
	list := []withdrawal{{texts: texts[:30]}, {texts: texts[30:]}}
	of := put(t, job, list)
	count := func(pieces ...[]ingest.LivePiece) (*Check, error) {
		c := NewCheck()
		errs := make([]error, len(pieces))
		var working sync.WaitGroup
		for i := range pieces {
			w, err := of(t.Context(), job, i)
			pipelinetest.Must(t, err)
			working.Go(func() { errs[i] = c.Count(t.Context(), job.Corpus, &pipeline.ParquetTable, w.Path, pieces[i]) })
		}
		working.Wait()
		for _, err := range errs {
			if err != nil {
				return nil, err
			}
		}
		return c, nil
	}
	piece := func(row, rows int64) ingest.LivePiece {
		return ingest.LivePiece{LiveRows: ingest.LiveRows{Rows: rows}, Row: row}
	}
	table := m.Get("out/" + tablePath)
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), job.Corpus, tablePath, table))

	c, err := count([]ingest.LivePiece{piece(10, 3), piece(13, 17)}, []ingest.LivePiece{piece(0, 20)})
	pipelinetest.Must(t, err)
	if err := c.Compare(t.Context(), job.Corpus, tablePath); err != nil {
		t.Error(err)
	}
	c, err = count([]ingest.LivePiece{piece(10, 3), piece(14, 16)}, []ingest.LivePiece{piece(0, 20)})
	pipelinetest.Must(t, err)
	if err := c.Compare(t.Context(), job.Corpus, tablePath); err == nil || !strings.Contains(err.Error(), tablePath+" has ") {
		t.Errorf("a document less: %v", err)
	}
	if _, err := count([]ingest.LivePiece{piece(10, 21)}); err == nil || !strings.Contains(err.Error(), "20 of the 21") {
		t.Errorf("a document more than there are: %v", err)
	}
	if err := NewCheck().Compare(t.Context(), job.Corpus, "none"); err == nil {
		t.Error("a table that is not there is right")
	}

	var file bytes.Buffer
	p, err := columnar.NewParquetWriter(&file, []columnar.Column{{Name: "text", Type: columnar.String}}, columnar.TableOptions{})
	pipelinetest.Must(t, err)
	var column columnar.Strings
	column.Append([]byte("a\xff"))
	pipelinetest.Must(t, p.Write(&column))
	_, err = p.Finish()
	pipelinetest.Must(t, err)
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), job.Corpus, "bad", file.Bytes()))
	if err := NewCheck().Count(t.Context(), job.Corpus, &pipeline.ParquetTable, "bad", []ingest.LivePiece{piece(0, 1)}); err == nil || !strings.Contains(err.Error(), "bad: ") {
		t.Errorf("invalid text: %v", err)
	}
}
