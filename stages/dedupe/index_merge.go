package dedupe

import (
	"context"
	"errors"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/ingest"
	"millrace/pipeline/sorted"
	"millrace/pipeline/withdrawn"
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
	numbered, err := remaining(plan, indexes, mask)
	if err != nil {
		return nil, err
	}
	for p := partition * each; p < (partition+1)*each; p++ {
		sources, err := indexSources(corpus, plan, indexes, p, all)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s/%s/merged-%05d-of-%05d.idx", pipeline.IndexFolder, pipeline.VersionName(plan.Version), p, all)
		o, err := writeIndexKeys(ctx, job, name, sorted.NewMerge(sources), numbered, p, all)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// remaining says of the documents of some indexes, numbered through all of them, which are not gone. Numbers stay as they are.
func remaining(plan *ingest.Plan, indexes []ingest.IndexRun, mask *withdrawn.Mask) (func(uint64) (uint64, bool), error) {
	var versions []coveredVersion
	first, some := uint64(0), false
	for _, x := range indexes {
		covered, documents, err := coveredBy(plan, x)
		if err != nil {
			return nil, err
		}
		for _, v := range covered {
			some = some || mask.Count(int(v.version)) > 0
			versions = append(versions, coveredVersion{v.version, first + v.first})
		}
		first += documents
	}
	return func(number uint64) (uint64, bool) { return number, !some || !gone(mask, refIn(versions, number)) }, nil
}

// indexSources returns the entries that some indexes have of one partition, numbered through all documents of the indexes.
func indexSources(files *sorted.Handles, plan *ingest.Plan, indexes []ingest.IndexRun, partition, partitions int,
) (list []sorted.Source[uint64], err error) {
	first := uint64(0)
	for _, x := range indexes {
		_, documents, err := coveredBy(plan, x)
		if err != nil {
			return nil, err
		}
		if len(x.Keys) > 0 {
			list = append(list, sorted.NewRange(files, x.Keys, partition, partitions, first, documents))
		}
		first += documents
	}
	return list, nil
}
