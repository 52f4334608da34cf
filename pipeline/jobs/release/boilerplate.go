package release

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Lines are looked up by partitions of their keys, one for so much text.
const (
	linePartitionBytes = 256 << 20
	mostLinePartitions = 1024
)

// dropLines says which lines are cut, nil for none.
func dropLines(r *recipe.Recipe) *recipe.DropLines {
	for i := range r.Select {
		if d := r.Select[i].DropLines; d != nil {
			return d
		}
	}
	return nil
}

// countLines finds the counted lines of the corpus as it was at a version: those of all of its documents, or else there is no saying which lines are to be cut.
func (b *body) countLines(v *manifest.View) error {
	if dropLines(&b.Recipe) == nil {
		return nil
	}
	p := &lines.Plan{}
	var err error
	if p.History, p.Runs, err = corpus.LineRunsOf(v); err != nil {
		return err
	}
	p.Cover()
	var missing []int
	for _, m := range v.Live {
		if slices.Contains(p.Covers, m.Version) && v.Documents(m) > 0 {
			missing = append(missing, m.Version)
		}
	}
	if len(missing) > 0 {
		return pipeline.WithHint(fmt.Errorf("%w: select: drop_lines: in version %d of the corpus the lines of the documents of versions %s are not counted", pipeline.ErrUsage,
			v.Newest.Version, manifest.VersionRange(missing)), "millrace signals OUT --add lines counts them in a new version; --corpus OUT@VERSION takes one in which they are")
	}
	p.Covers, p.MergeRuns = nil, 0 // nothing new is counted
	for _, r := range v.Lines() {
		files, err := v.LineKeys(r)
		if err != nil {
			return err
		}
		b.LineFiles = append(b.LineFiles, files...)
	}
	for _, f := range v.Tables(withdrawn.Table) {
		p.Withdrawn = append(p.Withdrawn, f.Path)
		b.LineFiles = append(b.LineFiles, f)
	}
	p.Partitions = int(min(max(1, (b.Corpus.Bytes+linePartitionBytes-1)/linePartitionBytes), mostLinePartitions))
	b.Lines = p
	return nil
}

// linesOf is what a plan says of lines that are looked up.
func linesOf(p *pipeline.Plan) (*lines.Plan, error) {
	b, err := bodyOf(p)
	if err != nil {
		return nil, err
	}
	return b.Lines, nil
}

// cutsLines says whether any stage reads texts of which lines are cut: a release that is only tried does so where the figures that it gives go by them.
func (b *body) cutsLines() bool {
	return b.Lines != nil && (!b.Dry || b.Recipe.Decontaminate != nil || b.measured())
}

// cutter cuts the lines of a release. It is for one goroutine.
func (b *body) cutter(ctx context.Context, job *pipeline.Job) *lines.Cutter {
	d := dropLines(&b.Recipe)
	return lines.NewCutter(ctx, job, b.Lines, lines.Bounds{Share: d.SiteShare, Least: d.Least, Anywhere: d.Within == recipe.WithinAll})
}

// CutTotals say how many lines were cut from texts.
type CutTotals struct {
	Documents int64 `json:"documents"` // that are released and of which lines were cut, each once
	Lines     int64 `json:"lines"`     // without blank ones
	Chars     int64 `json:"chars"`     // by which texts are shorter
}

func (t *CutTotals) add(lines, chars int64) {
	if lines > 0 {
		t.Documents++
		t.Lines += lines
		t.Chars += chars
	}
}
