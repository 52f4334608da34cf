package corpus

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Withdrawing is what a job withdraws, as it is written into the ledger and the manifest of its version.
type Withdrawing struct {
	File   dataset.File // the table; of no path if nothing is withdrawn
	Runs   []manifest.Withdrawal
	Totals manifest.TextTotals // without what the characters are
	// Reasons say of how many documents why, and BySource what goes of each source.
	Reasons  map[string]int64
	BySource map[string]manifest.SourceText
}

// windowRanks is how many documents of a run are put in order at once.
const windowRanks = 1 << 16

// writeWithdrawn writes the table of what the tasks of a job found to be withdrawn, in order of version and rank, and adds it up. A task's
// table is in that order, but several have documents of one run where its shards were written anew; memory follows windowRanks.
func writeWithdrawn(ctx context.Context, job *pipeline.Job) (w Withdrawing, err error) {
	w.Reasons, w.BySource = map[string]int64{}, map[string]manifest.SourceText{}
	found, err := ingest.FoundWithdrawn(ctx, job)
	if err != nil || len(found) == 0 {
		return w, err
	}
	mask, err := withdrawn.ReadMask(ctx, job.Work, found...)
	if err != nil {
		return w, err
	}
	spans, err := spansOf(ctx, job.Work, found)
	if err != nil {
		return w, err
	}
	out, err := withdrawn.Write(ctx, job, func(t *withdrawn.Writer) error {
		for _, version := range mask.Versions() {
			run := manifest.Withdrawal{Version: version}
			for ranks := range slices.Chunk(mask.Ranks(version), windowRanks) {
				list, err := windowOf(ctx, job.Work, spans, version, ranks[0], ranks[len(ranks)-1])
				if err != nil {
					return err
				}
				if len(list) != len(ranks) {
					return fmt.Errorf("%d documents of version %d are withdrawn, and %d found", len(ranks), version, len(list))
				}
				for i := range list {
					run.Documents, run.Chars, run.Bytes = run.Documents+1, run.Chars+list[i].Chars, run.Bytes+list[i].Bytes
					w.Reasons[list[i].Reason]++
					sum := w.BySource[list[i].Source]
					sum.Add(manifest.SourceText{Documents: 1, Chars: list[i].Chars, Bytes: list[i].Bytes})
					w.BySource[list[i].Source] = sum
					if err := t.Write(&list[i]); err != nil {
						return err
					}
				}
			}
			w.Runs = append(w.Runs, run)
			w.Totals.Add(&manifest.TextTotals{Documents: run.Documents, Chars: run.Chars, Bytes: run.Bytes})
		}
		return nil
	})
	w.File = dataset.FileOf(out)
	return w, err
}

// Withdraw says in the manifest of a job what it withdraws: the table, the sums, and the shards that were written anew by the tasks of
// the stage cut, whose files the caller adds. If nothing is withdrawn, File has no path, and nothing is said. live and tables are what the
// plan names: see ingest.ShortenedBy.
func Withdraw(ctx context.Context, job *pipeline.Job, m *manifest.Manifest, live []ingest.LiveShard, tables []string, cut string) (w Withdrawing, err error) {
	if len(live) == 0 {
		return w, nil
	}
	if w, err = writeWithdrawn(ctx, job); err != nil || w.File.Path == "" {
		return w, err
	}
	m.Files, m.Withdraws, m.BySource = append(m.Files, w.File), w.Runs, bySource(nil, w.BySource)
	if m.Totals.Withdrawn, err = uncounted(ctx, job, w.Totals); err != nil {
		return w, err
	}
	s, err := ingest.ShortenedBy(ctx, job, live, tables)
	if err != nil {
		return w, err
	}
	entries, err := job.Entries(ctx, cut)
	if err != nil {
		return w, err
	}
	if len(s.All) != len(entries) { // invariant 4
		return w, fmt.Errorf("%d shards lose documents, and %d were written anew", len(s.All), len(entries))
	}
	outputs := make([][]pipeline.Output, len(entries))
	for i := range entries {
		outputs[i] = entries[i].Outputs
	}
	return w, replace(m, s.All, s.Before, outputs)
}

// bySource are sums over sources as a manifest has them, by name.
func bySource(kept, gone map[string]manifest.SourceText) (list []manifest.SourceTotals) {
	names := map[string]bool{}
	for _, sums := range []map[string]manifest.SourceText{kept, gone} {
		for name := range sums {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		list = append(list, manifest.SourceTotals{Name: name, Kept: kept[name], Withdrawn: gone[name]})
	}
	return list
}

// withdraw does that for an ingest, and writes which documents had lost to what is withdrawn.
func (c *Corpus) withdraw(ctx context.Context, job *pipeline.Job, plan *ingest.Plan, m *manifest.Manifest) error {
	w, err := Withdraw(ctx, job, m, plan.Shards, plan.Withdrawn, ingest.StageCut)
	if err != nil || w.File.Path == "" {
		return err
	}
	for reason, n := range w.Reasons {
		m.Counters.Add(CounterWithdrawnAs+reason, n)
	}
	if err := c.Lost(ctx, job, m, readAnew(plan)); err != nil {
		return err
	}
	slices.SortFunc(m.Files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// Lost adds the table of documents that had lost to some which a job withdraws to the files of its version, if there are any: those of files
// that are passed over are none. Their files are read again by the next run.
func (c *Corpus) Lost(ctx context.Context, job *pipeline.Job, m *manifest.Manifest, pass func(key [16]byte) bool) error {
	found, err := ingest.FoundWithdrawn(ctx, job)
	if err != nil {
		return err
	}
	lost, err := c.writeLost(ctx, job, found, pass)
	if err == nil && lost.Path != "" {
		m.Files = append(m.Files, lost)
	}
	return err
}

// CounterWithdrawnAs begins the names of the counters of withdrawn documents by why they are: see package withdrawn.
const CounterWithdrawnAs = "withdrawn_as_"

// uncounted adds what the characters are of withdrawn texts, as those who took them out of the vocabulary counted them, and checks that
// they are those of the table.
func uncounted(ctx context.Context, job *pipeline.Job, t manifest.TextTotals) (manifest.TextTotals, error) {
	sum, some := columnar.Counters{}, false
	for _, s := range job.Chain.All() {
		if !slices.ContainsFunc(s.Work, func(w pipeline.WorkFiles) bool { return w.Folder == ingest.UncountsFolder }) {
			continue
		}
		some = true
		entries, err := job.Entries(ctx, s.Name)
		if err != nil {
			return t, err
		}
		for i := range entries {
			for name, n := range entries[i].Counters {
				sum.Add(name, n)
			}
		}
	}
	if !some {
		return t, nil
	}
	documents, chars, bytes := sum[ingest.CounterWithdrawn], sum[ingest.CounterWithdrawnChars], sum[ingest.CounterWithdrawnBytes]
	if documents != t.Documents || chars != t.Chars || bytes != t.Bytes { // invariant 7
		return t, fmt.Errorf("%d documents with %d characters and %d bytes are withdrawn, the vocabulary loses %d with %d and %d",
			t.Documents, t.Chars, t.Bytes, documents, chars, bytes)
	}
	t.HanChars, t.UncommonChars = sum[ingest.CounterWithdrawnHan], sum[ingest.CounterWithdrawnUncommon]
	t.ReplacementChars = sum[ingest.CounterWithdrawnReplacement]
	return t, nil
}

// readAnew says of the files that a plan reads, or found gone, that they are no losers' any more: what was taken again for its rejects alone
// still is.
func readAnew(plan *ingest.Plan) func(key [16]byte) bool {
	keys := map[[16]byte]bool{}
	for i := range plan.Files {
		if f := &plan.Files[i]; f.Reject == "" && (f.RetriedFrom == 0 || f.Reread) {
			key, _ := ingest.FileKey(nil, plan.SourceName(int32(i)), f.Path)
			keys[key] = true
		}
	}
	for _, f := range plan.Vanished {
		key, _ := ingest.FileKey(nil, f.Source, f.Path)
		keys[key] = true
	}
	return func(key [16]byte) bool { return keys[key] }
}

// span is the ranks between which a table has documents of a version.
type span struct {
	table       string
	version     int
	first, last int64
}

func spansOf(ctx context.Context, work pipeline.Store, tables []string) (spans []span, err error) {
	for _, name := range tables {
		err := withdrawn.Read(ctx, work, name, func(d *withdrawn.Document) error {
			if n := len(spans); n > 0 && spans[n-1].table == name && spans[n-1].version == d.Version {
				spans[n-1].last = d.Rank
				return nil
			}
			spans = append(spans, span{name, d.Version, d.Rank, d.Rank})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return spans, nil
}

// windowOf returns the documents of a version with ranks from first to last, in their order.
func windowOf(ctx context.Context, work pipeline.Store, spans []span, version int, first, last int64) (list []withdrawn.Document, err error) {
	for _, s := range spans {
		if s.version != version || s.last < first || s.first > last {
			continue
		}
		err := withdrawn.Read(ctx, work, s.table, func(d *withdrawn.Document) error {
			if d.Version == version && d.Rank >= first && d.Rank <= last {
				list = append(list, *d)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b withdrawn.Document) int { return cmp.Compare(a.Rank, b.Rank) })
	return list, nil
}

// replace says in a manifest that shards were written anew without the withdrawn rows: outputs has the file that took the place of each, none
// where nothing was left of it. before is what was withdrawn when the shards were listed.
func replace(m *manifest.Manifest, shards []ingest.Shortened, before *withdrawn.Mask, outputs [][]pipeline.Output) error {
	for i, s := range shards {
		m.Removes = append(m.Removes, s.Path)
		if left := s.Rows - int64(len(s.Gone)); len(outputs[i]) > 1 || len(outputs[i]) == 0 != (left == 0) || left > 0 && outputs[i][0].Rows != left {
			return fmt.Errorf("%s has %d rows, and loses %d: written are %+v", s.Path, s.Rows, len(s.Gone), outputs[i])
		}
		row, gone := int64(0), s.Gone
		for _, h := range s.Holds {
			held := manifest.Holding{Version: h.Version, First: -1}
			for k := range h.Rows {
				if len(gone) > 0 && gone[0] == row+k {
					gone = gone[1:]
					continue
				}
				if held.First < 0 {
					held.First = before.Rank(h.Version, h.First+k)
				}
				held.Rows++
			}
			if row += h.Rows; held.Rows > 0 {
				held.Path = outputs[i][0].Name
				m.Holds = append(m.Holds, held)
			}
		}
	}
	slices.Sort(m.Removes)
	slices.SortStableFunc(m.Holds, func(a, b manifest.Holding) int { return strings.Compare(a.Path, b.Path) })
	return nil
}
