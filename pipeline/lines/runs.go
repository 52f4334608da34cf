package lines

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

// CountAll calls yield with every key of some runs that stands in live documents, ascending, and with how many these are. Memory is some blocks of each.
func CountAll(ctx context.Context, s pipeline.Store, history []ingest.IndexVersion, runs []ingest.IndexRun, mask *withdrawn.Mask, yield func(key uint64, documents int64) error) error {
	t := tally{yield: yield}
	err := eachEntry(ctx, s, history, runs, func(n *tiers.Numbering) func(sorted.Item[uint64]) error {
		live := tiers.Remaining(n, mask, func(d tiers.Document) bool { return mask.Has(d.Version, d.Rank) })
		return func(e sorted.Item[uint64]) error {
			if _, ok := live(e.Value); !ok {
				return nil
			}
			return t.add(e.Key)
		}
	})
	if err != nil {
		return err
	}
	return t.end()
}

// eachEntry calls what with makes with all entries of some runs.
func eachEntry(ctx context.Context, s pipeline.Store, history []ingest.IndexVersion, runs []ingest.IndexRun, with func(*tiers.Numbering) func(sorted.Item[uint64]) error) (err error) {
	files := sorted.NewHandles(ctx, s)
	defer func() { err = errors.Join(err, files.Close()) }()
	n, err := tiers.Number(history, runs...)
	if err != nil {
		return err
	}
	sources, err := tiers.Sources(files, history, runs, 0, 1)
	if err != nil {
		return err
	}
	return tiers.Each(ctx, sorted.NewMerge(sources), with(n))
}

// Check says what is wrong with a run: its entries ascend, and each document of its versions that is not withdrawn has one for its group. Memory is
// a bit a document.
func Check(ctx context.Context, s pipeline.Store, history []ingest.IndexVersion, run ingest.IndexRun, mask *withdrawn.Mask) error {
	if len(run.Keys) == 0 {
		return fmt.Errorf("the run of lines of version %d has no file", run.Made)
	}
	var of *tiers.Numbering
	var grouped []uint64
	var last sorted.Item[uint64]
	entries := int64(0)
	err := eachEntry(ctx, s, history, []ingest.IndexRun{run}, func(n *tiers.Numbering) func(sorted.Item[uint64]) error {
		of, grouped = n, make([]uint64, (n.Documents()+63)/64)
		return func(e sorted.Item[uint64]) error {
			if entries > 0 && (e.Key < last.Key || e.Key == last.Key && e.Value <= last.Value) {
				return fmt.Errorf("%s and its like: key %x of document %d does not come behind %x of %d", run.Keys[0], e.Key, e.Value, last.Key, last.Value)
			}
			entries, last = entries+1, e
			if !IsGroup(e.Key) {
				return nil
			}
			if grouped[e.Value/64]>>(e.Value%64)&1 == 1 {
				return fmt.Errorf("%s and its like: document %d is in two groups", run.Keys[0], e.Value)
			}
			grouped[e.Value/64] |= 1 << (e.Value % 64)
			return nil
		}
	})
	if err != nil {
		return err
	}
	if entries != run.Entries {
		return fmt.Errorf("%s and its like have %d entries, their manifest says %d", run.Keys[0], entries, run.Entries)
	}
	for number := range of.Documents() {
		if d := of.Document(number); grouped[number/64]>>(number%64)&1 == 0 && !mask.Has(d.Version, d.Rank) {
			return fmt.Errorf("%s and its like: document %d of version %d is in no group", run.Keys[0], d.Rank, d.Version)
		}
	}
	return nil
}

// Left says which of some runs have entries of withdrawn documents.
func Left(ctx context.Context, s pipeline.Store, history []ingest.IndexVersion, runs []ingest.IndexRun, mask *withdrawn.Mask) (list []string, err error) {
	for _, run := range runs {
		if len(run.Keys) == 0 {
			continue
		}
		found := 0
		err := eachEntry(ctx, s, history, []ingest.IndexRun{run}, func(n *tiers.Numbering) func(sorted.Item[uint64]) error {
			return func(e sorted.Item[uint64]) error {
				if d := n.Document(e.Value); mask.Has(d.Version, d.Rank) {
					found++
				}
				return nil
			}
		})
		if err != nil {
			return nil, err
		}
		if found > 0 {
			list = append(list, fmt.Sprintf("%s and its like have %d keys of lines of withdrawn documents", run.Keys[0], found))
		}
	}
	return list, nil
}
