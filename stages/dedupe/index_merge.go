package dedupe

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/tiers"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// mergedEntries is the most entries of one file of a merged index, about: 300 MB.
const mergedEntries = 32 << 20

// mergeEarlier writes the share of index.<partition> in the merge of the last indexes of the plan: their entries of the
// partition, in one file or more. These are indexes of earlier versions; this version's own is not among them, so leaving
// the version out of the corpus again leaves the index of the version before as it was. Documents keep their numbers, also where others
// before them are gone. Memory is some blocks of every one.
func mergeEarlier(ctx context.Context, job *pipeline.Job, plan *ingest.Plan, partition int, mask *withdrawn.Mask) (list []pipeline.Output, err error) {
	if plan.MergeRuns == 0 {
		return nil, nil
	}
	if plan.MergeRuns < 0 || plan.MergeRuns > len(plan.Runs) {
		return nil, pipeline.Permanent(fmt.Errorf("the plan merges %d of %d earlier indexes", plan.MergeRuns, len(plan.Runs)))
	}
	corpus := sorted.NewHandles(ctx, job.Corpus)
	defer func() { err = errors.Join(err, corpus.Close()) }()
	indexes := plan.Runs[len(plan.Runs)-plan.MergeRuns:]
	entries := int64(0)
	for _, x := range indexes {
		entries += x.Entries
	}
	each := max(1, int((entries/int64(plan.Partitions)+mergedEntries-1)/mergedEntries)) // files of a partition
	all := each * plan.Partitions
	documents, err := tiers.Number(plan.History, indexes...)
	if err != nil {
		return nil, err
	}
	numbered := tiers.Remaining(documents, mask, func(d tiers.Document) bool { return gone(mask, refOf(d)) })
	for p := partition * each; p < (partition+1)*each; p++ {
		sources, err := tiers.Sources(corpus, plan.History, indexes, p, all)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s/%s/merged-%05d-of-%05d.idx", pipeline.IndexFolder, pipeline.VersionName(plan.Version), p, all)
		o, err := tiers.Write(ctx, job, name, sorted.NewMerge(sources), numbered, p, all)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}
