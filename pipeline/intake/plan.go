package intake

import (
	"cmp"
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Parent is the state of the corpus that a plan builds on.
type Parent struct {
	Version   int
	Live      []int
	History   []ingest.IndexVersion
	Runs      []ingest.IndexRun
	BaseVocab string
	Counted   []ingest.Counted // kinds of tokens that are counted beside characters
	Text      int64            // bytes of the live documents
	Tabled    map[string]int64 // these, when the newest table of each kind of Counted was written
	// Splits returns all live documents, in tasks, for kinds of tokens that were not counted so far.
	Splits    func() ([][]ingest.LivePiece, error)
	Withdrawn []string // tables of what live versions have withdrawn, oldest first
	Known     Known    // nil: there is no version, or none that holds a file
	// Shards returns where the live documents lie, in all formats, and Unreadable are the versions some of whose documents lie in none that
	// can be read here: what they hold cannot be replaced.
	Shards     func() ([]ingest.LiveShard, error)
	Unreadable []int
	// Moved says whether what a version has read may lie at other offsets today. It is asked only of versions that Known names.
	Moved func(version int) bool
}

// held is what the parent holds of files, for runs that take rejects again and for others.
func (p *Parent) held(retry bool) Known {
	switch {
	case p.Known == nil:
		return nothing{}
	case retry:
		return retried{p.Known}
	}
	return p.Known
}

// Draft is a plan and what the planner saw beside it.
type Draft struct {
	Plan    *ingest.Plan
	Sealed  *pipeline.Plan
	Skipped int64 // files that a version holds already
	Spill   int64 // bytes of disk that the spills and outputs of the run may take
	// Learned are places of sources that the corpus has, and did not know, or knew elsewhere: from now on it is to remember them.
	Learned []ingest.Place
}

// Plan lists the files, leaves out what the parent holds, and cuts the work. A plan without files means that there is nothing new.
func Plan(ctx context.Context, o Options, parent Parent) (d Draft, err error) {
	defer o.Planning.End()
	found, err := List(ctx, o)
	if err != nil {
		return d, err
	}
	d.Learned = found.learned
	o.warnUnused(found.sources)
	found.warnOutside(&o)
	asked := o.Replace
	if len(parent.Unreadable) > 0 {
		o.Replace, o.Withdraw = false, false
	}
	o.Planning.Begin(pipeline.PlanningStep{Name: stepKnown})
	vanished, err := found.vanished(ctx, &o, parent.held(false))
	if err != nil {
		return d, err
	}
	d.Skipped = found.skipKnown(&o, &parent)
	if asked && !o.Replace {
		found.warnUnreadable(&o, parent.Unreadable)
	}
	if o.Roots != nil {
		if err := found.settle(ctx); err != nil {
			return d, err
		}
	}
	if err := found.rejectOthers(ctx); err != nil {
		return d, err
	}
	if o.ByContent {
		equal, err := found.skipEqual(ctx, parent.held(o.RetryRejected))
		if err != nil {
			return d, err
		}
		d.Skipped += equal
	}
	found.number()
	if err := found.detect(ctx, o.Formats); err != nil {
		return d, err
	}
	told := found.skipTold(parent.held(o.RetryRejected))
	o.warnTold(found.sources, told)
	d.Skipped += int64(len(told))
	found.number()
	d.Plan = &ingest.Plan{
		Version: parent.Version + 1, Parent: parent.Version, Live: parent.Live,
		History: parent.History, Runs: parent.Runs, MergeRuns: ingest.TierMerge(parent.Runs), BaseVocab: parent.BaseVocab,
		ShardBytes: cmp.Or(o.ShardBytes, ShardBytes), ByTime: o.ByTime, Sources: found.sources, Files: found.files, Vanished: vanished,
		Withdrawn: parent.Withdrawn,
	}
	d.Plan.Sources = append(d.Plan.Sources, found.sourcesOf(vanished, d.Plan.Sources)...)
	for i := range d.Plan.Files {
		if f := &d.Plan.Files[i]; f.Reject != "" {
			f.Replaces = false // nothing is known of its new state
		}
	}
	if d.Plan.Revises() && parent.Shards != nil {
		if d.Plan.Shards, err = parent.Shards(); err != nil {
			return d, err
		}
	}
	total, err := cutSplits(ctx, d.Plan, found.cut, &o)
	if err != nil {
		return d, err
	}
	per := cmp.Or(o.PartitionBytes, partitionBytes)
	d.Plan.Partitions = int(min(max(1, (total+per-1)/per), maxPartitions))
	per = cmp.Or(o.PartitionBytes, ingest.CountPartitionBytes)
	d.Plan.Counting = ingest.PlanCounting(o.Count, parent.Counted, total, (total+parent.Text+per-1)/per)
	d.Plan.Counting.Untable(o.TableGrowth, parent.Tabled, total+parent.Text)
	if c := d.Plan.Counting; c != nil && c.Late() && parent.Splits != nil {
		if c.Splits, err = parent.Splits(); err != nil {
			return d, err
		}
	}
	sizes, err := expectedSizes(ctx, d.Plan, &o)
	if err != nil {
		return d, err
	}
	d.Spill = spillEstimate(sizes) + d.Plan.Counting.Room(total, parent.Text)
	if err := tooLargeDocuments(d.Plan, sizes, o.MaxDocumentBytes); err != nil {
		return d, err
	}
	d.Sealed, err = ingest.Seal(d.Plan, o.Settings)
	return d, err
}
