package rewrite_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/rewrite"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// idsIn are those of a shard of tests, in any of their formats but Arrow.
func idsIn(t *testing.T, s pipeline.Store, path string) (ids []string) {
	t.Helper()
	format := *corpustest.Tables.Of(path)
	if format.Name == corpustest.Lines.Name {
		format.Read = corpustest.Pages.Read // which this program has no reader for
	}
	err := format.ReadTable(t.Context(), s, path, columnar.Selection{Text: []string{"id"}}, nil, func(f *columnar.Frame) error {
		for i := range f.Rows() {
			ids = append(ids, string(f.Text("id").At(i)))
		}
		return nil
	})
	pipelinetest.Must(t, err)
	return ids
}

// TestCut: shards are written anew without the withdrawn documents, in every format, also in one that cannot be read here, and again behind
// a compaction, whose shards hold documents of several versions.
func TestCut(t *testing.T) {
	local := corpustest.NewStore(t)
	c := corpus.Open(local, corpustest.Tables)
	for night := range 3 {
		f := corpustest.File{Path: fmt.Sprintf("%d.jsonl", night)}
		for i := range 20 {
			f.Docs = append(f.Docs, corpustest.Doc{Text: fmt.Sprintf("第%d夜第%d篇", night, i)})
		}
		corpustest.MakeRun(t, local, []corpustest.File{f}, corpustest.Sabotage{Formats: corpustest.Tables}).MustCommit(t)
	}
	var want [4][]string // by version
	for version := 1; version <= 3; version++ {
		list, err := c.Versions(t.Context())
		pipelinetest.Must(t, err)
		want[version] = idsIn(t, local, list[version-1].Shards()[0].Path)
	}
	for round := range 4 {
		gone := 0
		m := corpustest.Withdraw(t, c, corpustest.Withdrawal{Wanted: func(d *withdrawn.Document) bool {
			if !slices.Contains([]int64{int64(3 * round), int64(3*round + 1), 19 - int64(round)}, d.Rank) && (round < 3 || d.Version != 2) {
				return false
			}
			id := fmt.Sprintf("%x", d.ID)
			want[d.Version] = slices.DeleteFunc(want[d.Version], func(have string) bool { return have == id })
			gone++
			return true
		}})
		if m.Totals.Withdrawn.Documents != int64(gone) || gone == 0 {
			t.Fatalf("%+v, want %d", m.Totals.Withdrawn, gone)
		}
		corpustest.Verified(t, c)
		list, err := c.Versions(t.Context())
		pipelinetest.Must(t, err)
		v := manifest.ViewOf(list)
		for _, format := range corpustest.Tables {
			if format.Name == pipeline.ArrowTable.Name {
				continue
			}
			pieces := manifest.Pieces(v.In(&format))
			for version := 1; version <= 3; version++ {
				var got []string
				for _, p := range pieces[version] {
					got = append(got, idsIn(t, local, p.Path)[p.Row:p.Row+p.Rows]...)
				}
				if !slices.Equal(got, want[version]) {
					t.Errorf("round %d, %s: version %d holds %v, want %v", round, format.Name, version, got, want[version])
				}
			}
		}
		for _, s := range v.In(&pipeline.ArrowTable) {
			if s.Maker == m && !strings.HasPrefix(s.Path, fmt.Sprintf("arrow/%06d/rest-0000", m.Version)) {
				t.Errorf("%s", s.Path)
			}
		}
		if _, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: 1 << 20}); err != nil {
			t.Fatal(err)
		}
		corpustest.Verified(t, c)
	}
}

// TestCutRefuses: a shard that there is none of, one whose documents cannot be read anywhere, and reasons that are not those of its rows.
func TestCutRefuses(t *testing.T) {
	live := []ingest.LiveShard{{Path: "arrow/000001/train-00000-of-00001.arrow", Rows: 3, Holds: []ingest.LiveRows{{Version: 1, Rows: 3}}}}
	work := rewrite.Work{Live: live, Shards: []rewrite.Shard{{LiveShard: live[0], Gone: []int64{1}}, {LiveShard: ingest.LiveShard{Path: "x/y", Rows: 1}}}}
	job := pipelinetest.Run{Plan: ingest.Plan{Version: 3}}.Job(t, pipelinetest.NewMemory())
	for index, want := range map[int]string{0: "in no shard that can be read here", 1: "x/y is of no format", 2: "there are 2 shards", -1: "there are 2 shards"} {
		_, err := corpustest.CutOf(work).Run(t.Context(), pipeline.Task{Stage: "cut", Index: index}, job)
		if err == nil || !strings.Contains(err.Error(), want) || !pipeline.IsPermanent(err) {
			t.Errorf("shard %d: %v, want %s", index, err, want)
		}
	}
	if err := rewrite.Explain(t.Context(), job.Work, nil, nil, work.Shards[:1]); err == nil || !strings.Contains(err.Error(), "loses 1 documents, of which 0") {
		t.Errorf("without a reason: %v", err)
	}
}

// TestCopy: rows are copied from wherever they lie, in the order that is asked for, and a shard without as many is an error.
func TestCopy(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	files, err := c.Versions(t.Context())
	pipelinetest.Must(t, err)
	first, second := files[0].Shards()[0], files[1].Shards()[0]
	ids := idsIn(t, local, first.Path)
	job := pipelinetest.Run{Plan: ingest.Plan{Version: 3}}.Job(t, pipelinetest.NewMemory())
	job.Corpus = local
	filled := 0
	copied := rewrite.Copy{
		Tables: corpustest.Tables, Name: "pages/000003/rest-00000-of-00001.txt", Format: corpustest.Pages,
		Rows: []rewrite.Rows{{first.Path, 0, 1}, {first.Path, 2, 4}, {second.Path, 0, 1}, {first.Path, 1, 2}, {first.Path, 1, 1}},
		Fill: func(_ *columnar.Frame, _ int, columns []any) error {
			filled += columns[0].(*columnar.Strings).Len()
			return nil
		},
	}
	out, err := copied.Write(t.Context(), job)
	want := slices.Concat(ids[:1], ids[2:4], idsIn(t, local, second.Path), ids[1:2])
	if got := idsIn(t, job.Out, out.Name); err != nil || out.Rows != 5 || filled != 5 || !slices.Equal(got, want) {
		t.Errorf("%+v, %d, %v: %v, want %v", out, filled, err, got, want)
	}
	copied.Rows = []rewrite.Rows{{first.Path, 3, 9}}
	if _, err := copied.Write(t.Context(), job); err == nil || !strings.Contains(err.Error(), "read 1 rows, there should be 6") {
		t.Errorf("too many rows: %v", err)
	}
	copied.Rows[0].Path = "data/none.parquet"
	if _, err := copied.Write(t.Context(), job); err == nil {
		t.Error("copied from nowhere")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	copied.Rows[0] = rewrite.Rows{Path: first.Path, End: 1}
	if _, err := copied.Write(ctx, job); err == nil {
		t.Error("copied behind the end")
	}
}
