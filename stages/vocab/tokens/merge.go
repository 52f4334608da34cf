package tokens

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
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
		work: sorted.NewHandles(ctx, job.Work), corpus: sorted.NewHandles(ctx, job.Corpus), kind: k, partition: partition, partitions: p.Partitions, least: least,
	}
	defer func() { err = errors.Join(err, m.work.Close(), m.corpus.Close()) }()
	files := m.files(left)
	name := fmt.Sprintf("%s/%s/%s-%05d-of-%05d.counts", pipeline.CountsFolder, pipeline.VersionName(job.Plan.Version), k.Kind, partition, p.Partitions)
	if n := numbered(k.Kind); n > 0 {
		outputs, err = m.grams(ctx, job, files, name, n)
	} else {
		outputs, err = m.items(ctx, job, files, name)
	}
	return m.sum, outputs, err
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
	least                 int64
	sum                   Merged
}

// mergedFile is a file of counts in one of the groups. What it has is taken away if it is of documents that leave.
type mergedFile struct {
	from  *sorted.Handles
	name  string
	group int
	taken bool
}

// files are those that may have tokens of the partition.
func (m *merging) files(left Left) (list []mergedFile) {
	for _, f := range []struct {
		folder string
		group  int
		taken  bool
	}{{ingest.TokensFolder, groupOwn, false}, {ingest.LateFolder, groupFresh, false}, {ingest.UntokensFolder, groupFresh, true}} {
		for _, name := range Of(left[f.folder], f.folder, m.kind.Kind) {
			list = append(list, mergedFile{m.work, name, f.group, f.taken})
		}
	}
	for i, r := range m.kind.Runs {
		group := groupKept
		if i >= len(m.kind.Kept()) {
			group = groupFresh
		} else if m.kind.Untabled {
			continue // what it has is not asked for
		}
		for _, name := range m.run(r) {
			list = append(list, mergedFile{m.corpus, name, group, false})
		}
	}
	return list
}

// run are those files of a run, each of a partition among as many as there are, that may have tokens of the partition.
func (m *merging) run(r ingest.CountsRun) []string {
	least, most := sorted.KeyRange(m.partition, m.partitions)
	from := sorted.Partition(least, len(r.Files))
	return r.Files[from:min(sorted.Partition(most, len(r.Files))+1, len(r.Files))]
}

// add adds what is there of a token: in all, in documents of the version, and in what else goes into its run. It returns what its run has of it, and
// whether it stands in the table. Without a table nothing is known of what is there in all: a merge that writes one finds what cannot be.
func (m *merging) add(all, own, other counts.Sum) (fresh counts.Sum, row, sound bool) {
	fresh = counts.Sum{Count: own.Count + other.Count, Documents: own.Documents + other.Documents}
	if m.kind.Untabled { // of what is there in all nothing is known
		m.sum.NewCount += own.Count
		return fresh, false, own.Count >= own.Documents && own.Documents >= 0
	}
	if all.Documents < 0 || all.Count < all.Documents || all.Documents == 0 && all.Count > 0 || all.Count < own.Count || all.Documents < own.Documents {
		return counts.Sum{}, false, false
	}
	if all.Count > 0 {
		m.sum.Tokens, m.sum.Count, m.sum.NewCount = m.sum.Tokens+1, m.sum.Count+all.Count, m.sum.NewCount+own.Count
		if all.Count == own.Count {
			m.sum.NewTokens++
		}
	}
	return fresh, all.Count > 0 && all.Count >= m.least, true
}

// unsound is the error of a token that cannot be there so often.
func (m *merging) unsound(token string, all, own counts.Sum) error {
	return fmt.Errorf("%s: %.40q is there %d times in %d documents, of which %d in %d are new", m.kind.Kind, token, all.Count, all.Documents, own.Count, own.Documents)
}

func (m *merging) items(ctx context.Context, job *pipeline.Job, files []mergedFile, name string) (outputs []pipeline.Output, err error) {
	sources := make([][]counts.Source, groups)
	for _, f := range files {
		file, err := counts.Open(f.from, f.name, m.partition, m.partitions)
		if err != nil {
			return nil, err
		}
		var s counts.Source = file
		if f.taken {
			s = &counts.Taken{Source: file}
		}
		sources[f.group] = append(sources[f.group], s)
	}
	w, err := counts.Create(ctx, job, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	rows := counts.NewRanker(ctx, job, RankedFolder+"/"+m.kind.Kind+"-", m.partition)
	merged := counts.NewMerge(sources...)
	err = counts.Each(ctx, merged, func(i *counts.Item) error {
		all, own := counts.Sum{Count: i.Count, Documents: i.Documents}, merged.Of(groupOwn)
		fresh, row, sound := m.add(all, own, merged.Of(groupFresh))
		if !sound {
			return m.unsound(string(i.Token), all, own)
		}
		if fresh != (counts.Sum{}) {
			if err := w.Add(&counts.Item{Hash: i.Hash, Token: i.Token, Count: fresh.Count, Documents: fresh.Documents}); err != nil {
				return err
			}
		}
		if !row {
			return nil
		}
		return rows.Add(counts.Row{Token: i.Token, Count: i.Count, Documents: i.Documents, NewCount: own.Count, NewDocuments: own.Documents})
	})
	if err != nil {
		return nil, err
	}
	run, err := w.Commit()
	if err != nil {
		return nil, err
	}
	outputs, err = rows.Commit()
	return append(outputs, run), err
}

// numbered is the length of the n-grams of a kind if they are numbers, which have files of their own; else 0.
func numbered(kind string) int {
	if n := ingest.GramsOf(kind); n <= counts.MostNumbered {
		return n
	}
	return 0
}

func (m *merging) grams(ctx context.Context, job *pipeline.Job, files []mergedFile, name string, n int) (outputs []pipeline.Output, err error) {
	var sources []counts.GramSource
	for _, f := range files {
		file, err := counts.OpenGrams(f.from, f.name, n, m.partition, m.partitions)
		if err != nil {
			return nil, err
		}
		sources = append(sources, counts.GramSource{GramFile: file, Group: f.group, Taken: f.taken})
	}
	w, err := counts.CreateGrams(ctx, job, name, n)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	rows := counts.NewGramRanker(ctx, job, RankedFolder+"/"+m.kind.Kind+"-", m.partition, n)
	err = counts.MergeGrams(ctx, groups, sources, func(g *counts.Gram, sums []counts.Sum) error {
		all, own := counts.Sum{Count: g.Count, Documents: g.Documents}, sums[groupOwn]
		fresh, row, sound := m.add(all, own, sums[groupFresh])
		if !sound {
			return m.unsound(counts.GramToken(n, g.Key), all, own)
		}
		if fresh != (counts.Sum{}) {
			if err := w.Add(g.Key, fresh.Count, fresh.Documents); err != nil {
				return err
			}
		}
		if !row {
			return nil
		}
		return rows.Add(counts.GramRow{Code: counts.GramCode(n, g.Key), Count: g.Count, Documents: g.Documents, NewCount: own.Count, NewDocuments: own.Documents})
	})
	if err != nil {
		return nil, err
	}
	run, err := w.Commit()
	if err != nil {
		return nil, err
	}
	outputs, err = rows.Commit()
	return append(outputs, run), err
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
