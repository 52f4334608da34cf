package table

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

var (
	chars  = Column{Column: signal.Column{Name: "chars", Unit: rule.Count, Note: "code points"}}
	share  = Column{Column: signal.Column{Name: "han_share", Unit: rule.Share, Note: "of the letters"}, Partial: true}
	script = Column{Column: signal.Column{Name: "script", Unit: rule.Count, Note: "the script", Labels: []string{"none", "hans"}}}
)

// write writes a file of one row with the given signals.
func write(t *testing.T, s pipeline.Store, name string, columns ...Column) {
	t.Helper()
	job := &pipeline.Job{Plan: &pipeline.Plan{Version: 3}, Out: s}
	_, err := pipeline.WriteTable(t.Context(), job, name, pipeline.SignalTable, Schema(columns), Options(job.Plan, columns), func(w columnar.TableWriter) (int64, error) {
		ids := &columnar.Strings{}
		ids.Append([]byte("0123456789abcdef0123456789abcdef"))
		row := []any{ids}
		for i := range columns {
			row = append(row, []int64{int64(i + 7)})
		}
		return 1, w.Write(row...)
	})
	pipelinetest.Must(t, err)
}

// TestColumns: a file says what its signals are, and the union of several what any has, as long as they agree.
func TestColumns(t *testing.T) {
	s := pipelinetest.NewMemory()
	write(t, s, "a.parquet", chars, share)
	write(t, s, "b.parquet", share, script)
	write(t, s, "c.parquet")
	got, err := Columns(t.Context(), s, "b.parquet")
	if d := cmp.Diff([]Column{share, script}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	if got, err := Columns(t.Context(), s, "c.parquet"); len(got) != 0 || err != nil {
		t.Error(got, err)
	}
	all, err := Union(t.Context(), s, []string{"a.parquet", "a.parquet"})
	if d := cmp.Diff([]Column{chars, share}, all); d != "" || err != nil {
		t.Error(d, err)
	}
	all, err = Union(t.Context(), s, []string{"a.parquet", "b.parquet"})
	partly := []Column{chars, share, script}
	partly[0].Partial, partly[2].Partial = true, true
	if d := cmp.Diff(partly, all); d != "" || err != nil {
		t.Error(d, err)
	}
	err = pipeline.SignalTable.ReadTable(t.Context(), s, "a.parquet", Selection(Names(all)), nil, func(f *columnar.Frame) error {
		if f.Int("chars")[0] != 7 || f.Int("han_share")[0] != 8 || f.Int("script")[0] != Missing {
			t.Error(f.Int("chars"), f.Int("han_share"), f.Int("script"))
		}
		return nil
	})
	pipelinetest.Must(t, err)
	other := script
	other.Labels = []string{"none", "hant"}
	write(t, s, "d.parquet", other)
	if _, err := Union(t.Context(), s, []string{"b.parquet", "d.parquet"}); err == nil {
		t.Error("two meanings of one signal are united")
	}
	_, err = pipeline.WriteTable(t.Context(), &pipeline.Job{Plan: &pipeline.Plan{}, Out: s}, "e.parquet", pipeline.ParquetTable,
		[]columnar.Column{{Name: "id", Type: columnar.String}}, columnar.TableOptions{}, func(columnar.TableWriter) (int64, error) { return 0, nil })
	pipelinetest.Must(t, err)
	if _, err := Columns(t.Context(), s, "e.parquet"); err == nil {
		t.Error("another table is taken for one of signals")
	}
}
