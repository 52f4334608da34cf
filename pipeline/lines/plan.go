package lines

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/tiers"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Plan is what the plan of a job says of lines that are counted. All of it is in the digest.
type Plan struct {
	// Splits are the documents of versions that no run covers yet, version by version as in Covers; one a task of Collect.
	Splits [][]ingest.LivePiece `json:"splits,omitempty"`
	Covers []int                `json:"covers,omitempty"`
	// Partitions are those of the key space; one a task of Count.
	Partitions int                   `json:"partitions"`
	History    []ingest.IndexVersion `json:"history,omitempty"` // the live versions, oldest first
	Runs       []ingest.IndexRun     `json:"runs,omitempty"`    // so far, oldest first
	// MergeRuns is how many of the last of Runs become one with the new one.
	MergeRuns int `json:"merge_runs,omitempty"`
	// Withdrawn are the tables of documents that the live versions have withdrawn, oldest first: see package withdrawn.
	Withdrawn []string `json:"withdrawn,omitempty"`
}

// Cover plans that the versions of the history are covered that no run covers: what has to be read is for the caller to say. The runs that
// become one follow from how many documents they have.
func (p *Plan) Cover() {
	covered := map[int]bool{}
	documents := map[int]int64{}
	for _, v := range p.History {
		documents[v.Version] = v.Documents
	}
	sizes := make([]ingest.IndexRun, len(p.Runs), len(p.Runs)+1)
	for i, r := range p.Runs {
		for _, version := range r.Versions {
			covered[version] = true
			sizes[i].Entries += documents[version]
		}
	}
	p.Covers, p.MergeRuns = nil, 0
	var fresh ingest.IndexRun
	for _, v := range p.History {
		if !covered[v.Version] {
			p.Covers = append(p.Covers, v.Version)
			fresh.Entries += v.Documents
		}
	}
	if len(p.Covers) > 0 {
		p.MergeRuns = max(ingest.TierMerge(append(sizes, fresh))-1, 0)
	}
}

// Lacks says whether a version that no run covers has documents.
func (p *Plan) Lacks() bool {
	return slices.ContainsFunc(p.History, func(v ingest.IndexVersion) bool { return v.Documents > 0 && slices.Contains(p.Covers, v.Version) })
}

// kept are the runs that stay as they are.
func (p *Plan) kept() []ingest.IndexRun { return p.Runs[:len(p.Runs)-p.MergeRuns] }

// Index are the runs behind a job, whose version is made: without files.
func (p *Plan) Index(made int) (runs []ingest.IndexRun) {
	runs = slices.Clone(p.kept())
	if len(p.Covers) == 0 {
		return runs
	}
	fresh := ingest.IndexRun{Made: made}
	for _, r := range p.Runs[len(runs):] {
		fresh.Versions = append(fresh.Versions, r.Versions...)
	}
	fresh.Versions = append(fresh.Versions, p.Covers...)
	return append(runs, fresh)
}

// ground is what the tasks of a job have in common.
type ground struct {
	*Plan
	all    *tiers.Numbering // of all runs so far, and behind them the covered versions
	before uint64           // documents of the runs that stay: numbers of the new run begin here
	bases  []uint64         // of the splits, and behind the last: numbers in all of all
	mask   *withdrawn.Mask
}

// Of says what lines a job counts.
type Of = func(p *pipeline.Plan) (*Plan, error)

// grounds keeps that of the job whose tasks are done. It is safe for concurrent use.
type grounds struct {
	of   Of
	kept pipeline.OfJob[*ground]
}

func (g *grounds) get(ctx context.Context, job *pipeline.Job) (*ground, error) {
	return g.kept.Get(job, func() (*ground, error) { return newGround(ctx, job, g.of) })
}

func newGround(ctx context.Context, job *pipeline.Job, of Of) (*ground, error) {
	p, err := of(job.Plan)
	if err != nil {
		return nil, err
	}
	if p == nil || p.Partitions < 1 || p.MergeRuns < 0 || p.MergeRuns > len(p.Runs) {
		return nil, pipeline.Permanent(fmt.Errorf("the plan counts no lines, or merges more runs than there are"))
	}
	made := &ground{Plan: p}
	if made.mask, err = withdrawn.ReadMask(ctx, job.Corpus, p.Withdrawn...); err == nil {
		err = made.number()
	}
	return made, err
}

// number numbers the documents of the splits.
func (g *ground) number() (err error) {
	if g.all, err = tiers.Number(g.History, append(slices.Clone(g.Runs), ingest.IndexRun{Versions: g.Covers})...); err != nil {
		return err
	}
	kept, err := tiers.Number(g.History, g.kept()...)
	if err != nil {
		return err
	}
	g.before = kept.Documents()
	for i, pieces := range g.Splits {
		if len(pieces) == 0 || !slices.Contains(g.Covers, pieces[0].Version) {
			return pipeline.Permanent(fmt.Errorf("split %d of the plan has no piece, or one of a version that is covered", i))
		}
		base, err := g.all.First(pieces[0].Version)
		if err != nil {
			return err
		}
		if p := &pieces[0]; p.First > 0 { // before the first one of the version, withdrawn ones belong to the split
			base += uint64(g.mask.Rank(p.Version, p.First))
		}
		if i > 0 && base < g.bases[i-1] {
			return pipeline.Permanent(fmt.Errorf("split %d of the plan is out of order", i))
		}
		g.bases = append(g.bases, base)
	}
	g.bases = append(g.bases, g.all.Documents())
	return nil
}
