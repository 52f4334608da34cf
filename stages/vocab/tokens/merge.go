package tokens

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/counts"
	"millrace/pipeline/ingest"
	"millrace/pipeline/sorted"
)

// RankedFolder has the rows of tables that the tasks of merge leave.
const RankedFolder = "ranked"

// Merged is what the tokens of a kind add up to in all live documents, and of these what is new.
type Merged struct {
	Tokens, Count       int64 // different ones, and occurrences
	NewTokens, NewCount int64 // that no document had before, and occurrences in those of the version
}

// Add adds another part.
func (m *Merged) Add(n Merged) {
	m.Tokens, m.Count, m.NewTokens, m.NewCount = m.Tokens+n.Tokens, m.Count+n.Count, m.NewTokens+n.NewTokens, m.NewCount+n.NewCount
}

// Left are work files that stages of a job left of what they counted, of all kinds, by folder.
type Left map[string][]string

// LeftOf are those that a merge adds, from the ledger.
func LeftOf(ctx context.Context, job *pipeline.Job) (Left, error) {
	left := Left{}
	for _, folder := range []string{ingest.TokensFolder, ingest.LateFolder, ingest.UntokensFolder} {
		names, err := ingest.LeftIn(ctx, job, folder)
		if err != nil {
			return nil, err
		}
		left[folder] = names
	}
	return left, nil
}

// Merge merges a partition of the tokens of a kind, and returns the files. Rows are those of at least so many occurrences.
func Merge(ctx context.Context, job *pipeline.Job, p *ingest.Counting, k *ingest.Counted, left Left, partition int, least int64) (sum Merged, outputs []pipeline.Output, err error) {
	m := merging{
		work: sorted.NewHandles(ctx, job.Work), corpus: sorted.NewHandles(ctx, job.Corpus), kind: k, partition: partition, partitions: p.Partitions,
	}
	defer func() { err = errors.Join(err, m.work.Close(), m.corpus.Close()) }()
	groups, err := m.groups(left)
	if err != nil {
		return sum, nil, err
	}
	w, err := counts.Create(ctx, job, fmt.Sprintf("%s/%s/%s-%05d-of-%05d.counts", pipeline.CountsFolder, pipeline.VersionName(job.Plan.Version), k.Kind, partition, p.Partitions))
	if err != nil {
		return sum, nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	rows := counts.NewRanker(ctx, job, RankedFolder+"/"+k.Kind+"-", partition)
	all := counts.NewMerge(groups...)
	err = counts.Each(ctx, all, func(i *counts.Item) error {
		own, other := all.Of(groupOwn), all.Of(groupFresh)
		if i.Documents < 0 || i.Count < i.Documents || i.Documents == 0 && i.Count > 0 || i.Count < own.Count || i.Documents < own.Documents {
			return fmt.Errorf("%s: %.40q is there %d times in %d documents, of which %d in %d are new", k.Kind, i.Token, i.Count, i.Documents, own.Count, own.Documents)
		}
		fresh := counts.Item{Hash: i.Hash, Token: i.Token, Count: own.Count + other.Count, Documents: own.Documents + other.Documents}
		if fresh.Count != 0 || fresh.Documents != 0 {
			if err := w.Add(&fresh); err != nil {
				return err
			}
		}
		if i.Count > 0 {
			sum.Tokens, sum.Count, sum.NewCount = sum.Tokens+1, sum.Count+i.Count, sum.NewCount+own.Count
			if i.Count == own.Count {
				sum.NewTokens++
			}
		}
		if i.Count == 0 || i.Count < least {
			return nil
		}
		return rows.Add(counts.Row{Token: i.Token, Count: i.Count, Documents: i.Documents, NewCount: own.Count, NewDocuments: own.Documents})
	})
	if err != nil {
		return sum, nil, err
	}
	run, err := w.Commit()
	if err != nil {
		return sum, nil, err
	}
	outputs, err = rows.Commit()
	return sum, append(outputs, run), err
}

// Groups of what is merged: what the documents of the version have; what else goes into its run; and the runs that stay as they are.
const (
	groupOwn = iota
	groupFresh
	groupKept
	groups
)

type merging struct {
	work, corpus          *sorted.Handles
	kind                  *ingest.Counted
	partition, partitions int
}

func (m *merging) groups(left Left) (list [][]counts.Source, err error) {
	list = make([][]counts.Source, groups)
	for _, f := range []struct {
		folder string
		group  int
		taken  bool
	}{{ingest.TokensFolder, groupOwn, false}, {ingest.LateFolder, groupFresh, false}, {ingest.UntokensFolder, groupFresh, true}} {
		for _, name := range Of(left[f.folder], f.folder, m.kind.Kind) {
			file, err := counts.Open(m.work, name, m.partition, m.partitions)
			if err != nil {
				return nil, err
			}
			var s counts.Source = file
			if f.taken {
				s = &counts.Taken{Source: file}
			}
			list[f.group] = append(list[f.group], s)
		}
	}
	for _, r := range m.kind.Merged() {
		if list[groupFresh], err = m.run(list[groupFresh], r); err != nil {
			return nil, err
		}
	}
	for _, r := range m.kind.Kept() {
		if list[groupKept], err = m.run(list[groupKept], r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// run adds those files of a run, each of a partition among as many as there are, that may have tokens of the partition.
func (m *merging) run(list []counts.Source, r ingest.CountsRun) ([]counts.Source, error) {
	least, most := sorted.KeyRange(m.partition, m.partitions)
	for i := sorted.Partition(least, len(r.Files)); i < len(r.Files) && i <= sorted.Partition(most, len(r.Files)); i++ {
		f, err := counts.Open(m.corpus, r.Files[i], m.partition, m.partitions)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

// Of are those of some work files that are of a kind, and lie in a folder.
func Of(all []string, folder, kind string) (names []string) {
	for _, name := range all {
		if strings.HasPrefix(name, folder+"/"+kind+"-") {
			names = append(names, name)
		}
	}
	return names
}
