package corpustest

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/rewrite"
	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Withdrawal says what Withdraw withdraws.
type Withdrawal struct {
	Wanted func(d *withdrawn.Document) bool // of the live documents; nil: all of them
	Reason string                           // "": removed
	Blocks bool
	// Started is when, RFC 3339; "" for a time behind that of the runs of MakeRun.
	Started string
}

// withdrawal is one under way.
type withdrawal struct {
	Withdrawal
	corpus *corpus.Corpus
	job    *pipeline.Job
	before *withdrawn.Mask
	found  []withdrawn.Document
	totals manifest.TextTotals
	work   rewrite.Work
}

// Withdraw commits a version that withdraws documents, as a removal does it but for the vocabulary, and returns its manifest. The documents
// must be in a format that can be read.
func Withdraw(t *testing.T, c *corpus.Corpus, in Withdrawal) *manifest.Manifest {
	t.Helper()
	ctx := t.Context()
	list, err := c.Versions(ctx)
	pipelinetest.Must(t, err)
	v := manifest.ViewOf(list)
	plan := &pipeline.Plan{
		Kind: "remove", Code: pipeline.CodeVersion, Version: v.Newest.Version + 1, Parent: v.Newest.Version, Live: v.Newest.Live,
		Settings: json.RawMessage("{}"),
	}
	w := withdrawal{Withdrawal: in, corpus: c}
	w.Reason = cmp.Or(in.Reason, withdrawn.ReasonRemoved)
	w.job = &pipeline.Job{Plan: plan, Work: pipelinetest.NewMemory(), Out: c.Out(plan), Corpus: c.Store()}
	names, err := c.WithdrawnTables(ctx)
	pipelinetest.Must(t, err)
	w.before, err = withdrawn.ReadMask(ctx, c.Store(), names...)
	pipelinetest.Must(t, err)
	w.work.Live, err = c.LiveShards(ctx)
	pipelinetest.Must(t, err)
	w.find(t)
	m := v.Newest.Successor(manifest.KindRemove, manifest.RunInfo{Started: cmp.Or(in.Started, "2026-10-28T03:00:00Z"), Host: "laptop", Tool: "millrace test"})
	m.Live, m.Plan, m.Totals.Withdrawn = append(m.Live, m.Version), plan.Digest(), w.totals
	table, err := withdrawn.Write(ctx, w.job, w.fill)
	pipelinetest.Must(t, err)
	if table.Rows > 0 {
		m.Files = append(m.Files, dataset.FileOf(table))
	} else {
		pipelinetest.Must(t, w.job.Out.Remove(ctx, table.Name))
	}
	for i := range w.found {
		d, n := &w.found[i], len(m.Withdraws)
		if n == 0 || m.Withdraws[n-1].Version != d.Version {
			m.Withdraws = append(m.Withdraws, manifest.Withdrawal{Version: d.Version})
			n++
		}
		m.Withdraws[n-1].Documents++
		m.Withdraws[n-1].Chars += d.Chars
		m.Withdraws[n-1].Bytes += d.Bytes
	}
	w.cut(t, m)
	slices.SortFunc(m.Files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(m.Holds, func(a, b manifest.Holding) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(m.Removes)
	m.Digest = dataset.Digest(m.Files)
	m, err = c.Add(ctx, plan, m, nil, func(string) {})
	pipelinetest.Must(t, err)
	return m
}

// find looks through the live documents.
func (w *withdrawal) find(t *testing.T) {
	t.Helper()
	columns := columnar.Selection{Text: []string{"id", "source", "path", "text"}, Int: []string{"offset", "chars", "bytes", "version"}}
	for _, s := range w.work.Live {
		if !s.Read {
			continue
		}
		holds, row := slices.Clone(s.Holds), int64(0)
		err := w.corpus.Formats().Of(s.Path).ReadTable(t.Context(), w.corpus.Store(), s.Path, columns, nil, func(f *columnar.Frame) error {
			for i := range f.Rows() {
				for row == holds[0].Rows {
					holds, row = holds[1:], 0
				}
				id, err := ingest.ParseDocumentID(f.Text("id").At(i))
				pipelinetest.Must(t, err)
				d := withdrawn.Document{
					ID: id, Source: string(f.Text("source").At(i)), Path: string(f.Text("path").At(i)), Offset: f.Int("offset")[i],
					Version: int(f.Int("version")[i]), Rank: w.before.Rank(holds[0].Version, holds[0].First+row), Chars: f.Int("chars")[i],
					Bytes: f.Int("bytes")[i], Reason: w.Reason, Blocks: w.Blocks,
				}
				row++
				if w.Wanted == nil || w.Wanted(&d) {
					w.found = append(w.found, d)
					w.add(&d, string(f.Text("text").At(i)))
				}
			}
			return nil
		})
		pipelinetest.Must(t, err)
	}
	slices.SortFunc(w.found, func(a, b withdrawn.Document) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Rank, b.Rank))
	})
}

func (w *withdrawal) add(d *withdrawn.Document, what string) {
	o := manifest.TextTotals{Documents: 1, Chars: d.Chars, Bytes: d.Bytes}
	for _, r := range what {
		switch {
		case r == '\ufffd':
			o.ReplacementChars++
		case text.IsHan(r):
			o.HanChars++
			if !text.IsCommonHan(r) {
				o.UncommonChars++
			}
		}
	}
	w.totals.Add(&o)
}

func (w *withdrawal) fill(table *withdrawn.Writer) error {
	for i := range w.found {
		if err := table.Write(&w.found[i]); err != nil {
			return err
		}
	}
	return nil
}

// cut writes the shards anew that lose documents.
func (w *withdrawal) cut(t *testing.T, m *manifest.Manifest) {
	t.Helper()
	ctx := t.Context()
	gone := map[[2]int64]bool{} // by version and position
	for _, d := range w.found {
		gone[[2]int64{int64(d.Version), d.Rank - w.before.Before(d.Version, d.Rank)}] = true
	}
	var left [][]manifest.Holding // of the shards
	for _, live := range w.work.Live {
		s, holds, row := rewrite.Shard{LiveShard: live}, []manifest.Holding(nil), int64(0)
		for _, h := range live.Holds {
			held := manifest.Holding{Version: h.Version}
			for k := range h.Rows {
				switch {
				case gone[[2]int64{int64(h.Version), h.First + k}]:
					s.Gone = append(s.Gone, row+k)
					continue
				case held.Rows == 0:
					held.First = w.before.Rank(h.Version, h.First+k)
				}
				held.Rows++
			}
			if row += h.Rows; held.Rows > 0 {
				holds = append(holds, held)
			}
		}
		if len(s.Gone) > 0 {
			w.work.Shards, left = append(w.work.Shards, s), append(left, holds)
		}
	}
	work, err := withdrawn.WriteWork(ctx, w.job, ingest.WithdrawnName(0), w.fill)
	pipelinetest.Must(t, err)
	pipelinetest.Must(t, rewrite.Explain(ctx, w.job.Work, []string{work.Name}, w.before, w.work.Shards))
	cut := CutOf(w.work)
	for i := range w.work.Shards {
		s := &w.work.Shards[i]
		e, err := cut.Run(ctx, pipeline.Task{Stage: "rewrite", Index: i}, w.job)
		pipelinetest.Must(t, err)
		pipelinetest.Must(t, e.Sum.Check())
		if e.Sum.For(pipeline.LeftWithdrawn, w.Reason) != int64(len(s.Gone)) {
			t.Errorf("%s: %+v, but %d are withdrawn", s.Path, e.Sum, len(s.Gone))
		}
		m.Removes = append(m.Removes, s.Path)
		for _, out := range e.Outputs {
			m.Files = append(m.Files, dataset.FileOf(out))
			for _, h := range left[i] {
				h.Path = out.Name
				m.Holds = append(m.Holds, h)
			}
		}
	}
}

// CutOf writes shards anew in the formats of tests.
func CutOf(w rewrite.Work) *rewrite.Cut {
	return &rewrite.Cut{
		Tables: Tables, Options: map[string]columnar.TableOptions{pipeline.ParquetTable.Name: {Level: 1, GroupBytes: 64 << 10}},
		Of: func(context.Context, *pipeline.Job) (rewrite.Work, error) { return w, nil },
	}
}
