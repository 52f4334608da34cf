package corpus

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Counted returns the kinds of tokens that are counted beside characters, with their runs.
func (c *Corpus) Counted(ctx context.Context) (list []ingest.Counted, err error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	return CountedOf(&v)
}

// CountedOf says that of a view.
func CountedOf(v *manifest.View) (list []ingest.Counted, err error) {
	for _, r := range v.Counted() {
		k := ingest.Counted{Kind: r.Kind}
		for _, made := range r.Made {
			files, err := v.Counts(r.Kind, made)
			if err != nil {
				return nil, err
			}
			k.Runs = append(k.Runs, countsRun(made, files))
		}
		list = append(list, k)
	}
	return list, nil
}

func countsRun(made int, files []dataset.File) ingest.CountsRun {
	run := ingest.CountsRun{Made: made}
	for _, f := range files {
		run.Files = append(run.Files, f.Path)
		run.Entries += f.Rows
	}
	return run
}

// Tabled returns of each kind of tokens that is counted beside characters how many bytes of text were live with the newest version that has a table of it.
func (c *Corpus) Tabled(ctx context.Context) (map[string]int64, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	tabled := map[string]int64{}
	for _, k := range v.Counted() {
		for _, m := range slices.Backward(v.Versions) {
			if _, ok := v.FindOf(m, pipeline.VocabFolder, k.Kind+".parquet"); !ok {
				continue
			}
			i := slices.IndexFunc(list, func(of *manifest.Manifest) bool { return of.Version == m.Version })
			then := manifest.ViewOf(list[:i+1])
			t := then.Totals()
			tabled[k.Kind] = t.KeptBytes - t.Withdrawn.Bytes
			break
		}
	}
	return tabled, nil
}

// RunsOf returns the runs of a kind of tokens as they were with a version of a view, if that has added one: then it has a table of them, or one can be made of
// these. Not every version has a table: see ingest.Counting.Untable.
func RunsOf(v *manifest.View, m *manifest.Manifest, kind string) (k ingest.Counted, ok bool, err error) {
	for _, r := range m.Counted {
		if r.Kind != kind || len(r.Made) == 0 || r.Made[len(r.Made)-1] != m.Version {
			continue
		}
		k.Kind = kind
		for _, made := range r.Made {
			files, err := v.Counts(kind, made)
			if err != nil {
				return k, false, err
			}
			k.Runs = append(k.Runs, countsRun(made, files))
		}
		return k, true, nil
	}
	return k, false, nil
}

// Tabler makes a table of tokens from the runs of a kind, which lie in a corpus, as it is with a version: a file of a store of its own, until closing is
// called. What is new in the version it does not say.
type Tabler func(ctx context.Context, corpus pipeline.Store, k ingest.Counted, version int) (in pipeline.Store, table dataset.File, closing func() error, err error)

// SameCounting plans that a job which brings no documents counts what is counted already, and writes tables by a growth: see ingest.Counting.Untable.
func (c *Corpus) SameCounting(ctx context.Context, growth float64) (*ingest.Counting, error) {
	there, err := c.Counted(ctx)
	if err != nil {
		return nil, err
	}
	var kinds []string
	partitions := 0
	for i := range there {
		kinds = append(kinds, there[i].Kind)
		for _, r := range there[i].Runs {
			partitions = max(partitions, len(r.Files))
		}
	}
	p := ingest.PlanCounting(kinds, there, 0, int64(partitions))
	if p == nil || growth <= 0 {
		return p, nil
	}
	tabled, err := c.Tabled(ctx)
	if err != nil {
		return nil, err
	}
	text, err := c.LiveText(ctx)
	if err != nil {
		return nil, err
	}
	p.Untable(growth, tabled, text)
	return p, nil
}

// Recounted says in the manifest of a job what has become of the runs of counts: v is the corpus before it. Its files are the caller's to add. Of
// a job that has no plan for it nothing is counted any more.
func Recounted(v *manifest.View, m *manifest.Manifest, p *ingest.Counting) {
	m.Counted = nil
	if p != nil {
		for i := range p.Kinds {
			k := &p.Kinds[i]
			r := manifest.CountedRuns{Kind: k.Kind}
			for _, run := range k.Kept() {
				r.Made = append(r.Made, run.Made)
			}
			r.Made = append(r.Made, m.Version)
			m.Counted = append(m.Counted, r)
		}
	}
	m.Removes = append(m.Removes, v.MergedCounts(m.Counted)...)
}

// lateSplitBytes of shards are read by a task that counts documents of earlier versions, about.
const lateSplitBytes = 64 << 20

// AllSplits are all live documents, in tasks. Documents that cannot be read here are a pipeline.ErrUsage.
func (c *Corpus) AllSplits(ctx context.Context) ([][]ingest.LivePiece, error) {
	if err := c.CheckReadable(ctx, "their words cannot be counted", "leave vocab.count as it was"); err != nil {
		return nil, err
	}
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	var all []int
	for _, m := range v.Live {
		if m.Totals.Documents.Kept > 0 {
			all = append(all, m.Version)
		}
	}
	return c.LiveSplits(ctx, all, lateSplitBytes)
}

// TellsWithdrawn says whether runs of counts may have tokens of documents that were withdrawn since: a run is without them only if all that it was
// merged of is, which ends with the withdrawal.
func TellsWithdrawn(v *manifest.View, r manifest.CountedRuns) bool {
	last := lastWithdrawal(v)
	return slices.ContainsFunc(r.Made, func(made int) bool { return made <= last })
}
