package dedupe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"millrace/pipeline"
)

// mergedEntries is the most entries of one file of a merged run, about: 300 MB.
const mergedEntries = 32 << 20

// mergeRuns writes the share of index.<partition> in the merge of the plan's last runs: their entries of the partition, in
// one file or more. The runs are those of earlier versions; this version's own is not among them, so leaving the version
// out of the corpus again leaves the index of the version before as it was. Memory is some blocks of every run.
func mergeRuns(ctx context.Context, files *pipeline.Files, partition int) (list []pipeline.Output, err error) {
	plan := files.Plan
	if plan.MergeRuns == 0 {
		return nil, nil
	}
	if plan.MergeRuns < 0 || plan.MergeRuns > len(plan.Runs) {
		return nil, pipeline.Permanent(fmt.Errorf("the plan merges %d of %d runs", plan.MergeRuns, len(plan.Runs)))
	}
	corpus := newHandles(ctx, files.Corpus)
	defer func() { err = errors.Join(err, corpus.Close()) }()
	runs := plan.Runs[len(plan.Runs)-plan.MergeRuns:]
	entries := int64(0)
	for _, r := range runs {
		entries += r.Entries
	}
	each := max(1, int((entries/int64(plan.Partitions)+mergedEntries-1)/mergedEntries)) // files of a partition
	all := each * plan.Partitions
	for p := partition * each; p < (partition+1)*each; p++ {
		sources, err := runSources(corpus, plan, runs, p, all)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s/%s/merged-%05d-of-%05d.idx", pipeline.IndexFolder, pipeline.VersionName(plan.Version), p, all)
		o, err := writeIndexKeys(ctx, files, name, newMerge(sources), nil, p, all)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// runSources returns the runs' entries of one partition, numbered through all documents of the runs.
func runSources(files *handles, plan *pipeline.Plan, runs []pipeline.IndexRun, partition, partitions int) (list []source[uint64], err error) {
	first := uint64(0)
	for _, r := range runs {
		_, documents, err := coveredBy(plan, r)
		if err != nil {
			return nil, err
		}
		if len(r.Keys) > 0 {
			s := &runSource{
				files: files, names: r.Keys, least: leastKey(partition, partitions), most: math.MaxUint64, first: first, documents: documents,
			}
			if partition+1 < partitions {
				s.most = leastKey(partition+1, partitions) - 1
			}
			s.number = partitionOf(s.least, len(r.Keys))
			list = append(list, s)
		}
		first += documents
	}
	return list, nil
}

// leastKey is the least key of a partition.
func leastKey(partition, partitions int) uint64 {
	q, rest := bits.Div64(uint64(partition), 0, uint64(partitions))
	if rest > 0 {
		q++
	}
	return q
}

// runSource reads the entries of a run whose keys are least to most. Its partitions may be others than those.
type runSource struct {
	files       *handles
	names       []string
	least, most uint64
	first       uint64 // number of the run's first document
	documents   uint64
	number      int // of the file
	file        *indexKeysFile
	block       int // the next one
	buf         []byte
}

func (s *runSource) fill(items []item[uint64]) ([]item[uint64], error) {
	for {
		if s.file == nil {
			if s.number == len(s.names) || partitionOf(s.most, len(s.names)) < s.number {
				return items, nil
			}
			name := s.names[s.number]
			o, err := s.files.get(name)
			if err != nil {
				return nil, err
			}
			if s.file, err = openPartition(o, name, s.number, len(s.names)); err != nil {
				return nil, err
			}
			s.block = s.file.find(0, s.least)
		}
		if s.block == len(s.file.blocks) || s.file.blocks[s.block].first > s.most {
			s.file, s.number = nil, s.number+1
			continue
		}
		n := s.file.groupEnd(s.block) - s.block // read at once: some 150 KB
		var err error
		if items, s.buf, err = s.file.read(s.files, s.block, n, items, s.buf); err != nil {
			return nil, err
		}
		s.block += n
		if items, err = s.within(items); err != nil || len(items) > 0 {
			return items, err
		}
	}
}

// within keeps the items of the range, which lie together, and numbers them.
func (s *runSource) within(items []item[uint64]) ([]item[uint64], error) {
	kept := items[:0]
	for _, i := range items {
		if i.key < s.least || i.key > s.most {
			continue
		}
		if i.value >= s.documents {
			return nil, damaged(s.file.name, "document %d of %d", i.value, s.documents)
		}
		i.value += s.first
		kept = append(kept, i)
	}
	return kept, nil
}
