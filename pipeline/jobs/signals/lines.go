package signals

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// How counting lines is cut, unless options say otherwise.
const (
	lineSplitBytes     = 64 << 20  // of shards, for a task of lines
	linePartitionBytes = 256 << 20 // of text
	maxLinePartitions  = 1024

	// lineShare is what the keys of lines take in the work folder: of the text, one byte in so many, about.
	lineShare = 4
)

// linesOf is what a plan says of lines that are counted.
func linesOf(p *pipeline.Plan) (*lines.Plan, error) {
	b, err := bodyOf(p)
	if err != nil {
		return nil, err
	}
	return b.Lines, nil
}

// families are those that are asked for: those that follow from the corpus behind the others.
func (k *Kind) families() ([]signal.Family, error) {
	list, err := k.options.Families()
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b signal.Family) int {
		switch {
		case a.OfCorpus == b.OfCorpus:
			return 0
		case a.OfCorpus:
			return 1
		}
		return -1
	})
	return list, nil
}

// lines plans how lines are counted: nil if the corpus has not changed since the signals that follow from them were measured, and all live
// versions are counted. measured says whether all documents have such signals.
func (k *Kind) lines(ctx context.Context, c *corpus.Corpus, newest *manifest.Manifest, families []signal.Family, measured bool, d *engine.Draft) (*lines.Plan, error) {
	p := &lines.Plan{}
	var err error
	if p.History, p.Runs, err = c.LineRuns(ctx); err != nil {
		return nil, err
	}
	p.Cover()
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	if measured && !p.Lacks() && !changedSince(list, newest, families) {
		return nil, nil
	}
	if err := c.CheckReadable(ctx, "their lines cannot be counted", corpus.WriteAnew); err != nil {
		return nil, err
	}
	if p.Withdrawn, err = c.WithdrawnTables(ctx); err != nil {
		return nil, err
	}
	if p.Splits, err = c.LiveSplits(ctx, p.Covers, cmp.Or(k.options.SplitBytes, lineSplitBytes)); err != nil {
		return nil, err
	}
	text, err := c.LiveText(ctx)
	per := cmp.Or(k.options.PartitionBytes, linePartitionBytes)
	p.Partitions = int(min(max(1, (text+per-1)/per), maxLinePartitions))
	d.Room += roomOf(p, text)
	return p, err
}

// changedSince says whether documents came or went since the newest live version that measured the signals of the corpus.
func changedSince(list []*manifest.Manifest, newest *manifest.Manifest, families []signal.Family) bool {
	names := table.Names(table.ColumnsOf(slices.DeleteFunc(slices.Clone(families), func(f signal.Family) bool { return !f.OfCorpus })))
	for _, m := range slices.Backward(list) {
		switch {
		case !slices.Contains(newest.Live, m.Version):
		case m.Totals.Documents.Kept > 0 || len(m.Withdraws) > 0:
			return true
		case !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(m.Signals, name) }):
			return false
		}
	}
	return true
}

// lineFiles says in a manifest what has become of the runs of lines.
func lineFiles(ctx context.Context, v *manifest.View, job *pipeline.Job, p *lines.Plan, m *manifest.Manifest) ([]pipeline.Output, error) {
	if p == nil {
		return nil, nil
	}
	entries, err := job.Entries(ctx, lines.StageCount)
	if err != nil {
		return nil, err
	}
	if len(entries) != p.Partitions { // invariant 4
		return nil, fmt.Errorf("%s has %d ledger entries, the plan has %d partitions", lines.StageCount, len(entries), p.Partitions)
	}
	m.Lines = nil
	for _, r := range p.Index(m.Version) {
		m.Lines = append(m.Lines, manifest.IndexRun{Versions: r.Versions, Made: r.Made})
	}
	m.Removes = append(m.Removes, v.MergedLines(m.Lines)...)
	var files []pipeline.Output
	for _, e := range entries {
		for _, out := range e.Outputs {
			if out.Out {
				files = append(files, out)
			}
		}
	}
	return files, nil
}

// roomOf is what counting takes in the work folder, about.
func roomOf(p *lines.Plan, text int64) int64 {
	documents, all := int64(0), int64(0)
	for _, v := range p.History {
		all += v.Documents
	}
	for _, pieces := range p.Splits {
		for i := range pieces {
			documents += pieces[i].Rows
		}
	}
	return text / lineShare / max(all, 1) * documents
}
