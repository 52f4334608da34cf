package show

import (
	"cmp"
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
)

// FileDiff counts the input files that only one side has read, or that it read as another size or with another outcome.
type FileDiff struct {
	Added   int64 `json:"added"`
	Removed int64 `json:"removed"`
	Changed int64 `json:"changed"`

	AddedFirst   []FileName `json:"added_first"`
	RemovedFirst []FileName `json:"removed_first"`
	ChangedFirst []FileName `json:"changed_first"`
}

// FileName names an input file.
type FileName struct {
	Source string `json:"source"`
	Path   string `json:"path"`
}

// fileSeen is the last that a side's versions say of a file.
type fileSeen struct {
	bytes, documents int64
	status           string
}

// diffFiles compares the file ledgers. It holds the names of the files in memory, as a plan does; tables that both sides
// have are read as well, for a file may be in several versions.
func diffFiles(ctx context.Context, a, b *state, examples int) (d FileDiff, err error) {
	d = FileDiff{AddedFirst: []FileName{}, RemovedFirst: []FileName{}, ChangedFirst: []FileName{}}
	left, err := a.seen(ctx)
	if err != nil {
		return d, err
	}
	right, err := b.seen(ctx)
	if err != nil {
		return d, err
	}
	for f, now := range right {
		was, ok := left[f]
		switch {
		case !ok:
			d.Added++
			d.AddedFirst = append(d.AddedFirst, f)
		case was != now:
			d.Changed++
			d.ChangedFirst = append(d.ChangedFirst, f)
		}
	}
	for f := range left {
		if _, ok := right[f]; !ok {
			d.Removed++
			d.RemovedFirst = append(d.RemovedFirst, f)
		}
	}
	for _, list := range []*[]FileName{&d.AddedFirst, &d.RemovedFirst, &d.ChangedFirst} {
		slices.SortFunc(*list, func(a, b FileName) int { return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Path, b.Path)) })
		*list = slices.Clip((*list)[:min(len(*list), examples)])
	}
	return d, nil
}

func (s *state) seen(ctx context.Context) (map[FileName]fileSeen, error) {
	files := map[FileName]fileSeen{}
	for _, m := range s.Live { // a later version overrides an earlier one
		f, ok := m.Find(pipeline.LedgerFolder, corpus.FilesTable)
		if !ok {
			continue
		}
		columns := columnar.Selection{Text: []string{"source", "path", "status"}, Int: []string{"bytes", "documents"}}
		err := pipeline.ReadTable(ctx, s.store, f.Path, columns, func(t *columnar.Frame) error {
			sources, paths, statuses, documents := t.Text("source"), t.Text("path"), t.Text("status"), t.Int("documents")
			for i, size := range t.Int("bytes") {
				files[FileName{string(sources.At(i)), string(paths.At(i))}] = fileSeen{size, documents[i], string(statuses.At(i))}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}
