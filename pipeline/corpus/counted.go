package corpus

import (
	"context"
	"slices"

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

// SameCounting plans that a job which brings no documents counts what is counted already.
func (c *Corpus) SameCounting(ctx context.Context) (*ingest.Counting, error) {
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
	return ingest.PlanCounting(kinds, there, 0, int64(partitions)), nil
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
