package show

import (
	"context"
	"errors"
	"io/fs"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// removed adds to the documents that filters dropped where their texts are, if these are kept for people to read.
func (e *explainer) removed(ctx context.Context) error {
	documents, paths := map[fileVersion]map[string]*DocumentFate{}, map[string]bool{}
	versions := map[int]bool{}
	for i := range e.result.Documents {
		d := &e.result.Documents[i]
		if d.Fate != FateFiltered {
			continue
		}
		at := fileVersion{d.Version, d.Source, d.Path}
		if documents[at] == nil {
			documents[at] = map[string]*DocumentFate{}
		}
		documents[at][d.ID] = d
		paths[d.Path], versions[d.Version] = true, true
	}
	var tables []ledger
	for _, m := range e.list {
		for _, f := range e.Below(m, pipeline.RemovedFolder) {
			if versions[m.Version] {
				tables = append(tables, ledger{m.Version, f.Path, e.live(m.Version)})
			}
		}
	}
	found := make([][]removedRow, len(tables))
	err := inParallel(ctx, tables, func(ctx context.Context, n int, t ledger) (err error) {
		of := map[string]*DocumentFate{} // ids are unique within a version
		for at, list := range documents {
			for id, d := range list {
				if at.version == t.version {
					of[id] = d
				}
			}
		}
		found[n], err = e.removedIn(ctx, t, paths, of)
		return err
	})
	if err != nil {
		return err
	}
	for _, rows := range found {
		for _, r := range rows {
			r.of.Removed, r.of.Text = &r.place, r.text
		}
	}
	return nil
}

// removedRow is a document in a table of removed ones.
type removedRow struct {
	of    *DocumentFate
	place Place
	text  *Text
}

// removedIn finds documents by their ids in a table. Of those that are not of the paths no more is read than statistics.
func (e *explainer) removedIn(ctx context.Context, t ledger, paths map[string]bool, of map[string]*DocumentFate) (found []removedRow, err error) {
	want := func(g *columnar.RowGroup) bool {
		for path := range paths {
			if g.MayHold("path", path) {
				return true
			}
		}
		return false
	}
	var rows []int64
	err = pipeline.ParquetTable.ReadTable(ctx, e.store, t.path, columnar.Selection{Text: []string{"id"}}, want, func(f *columnar.Frame) error {
		ids := f.Text("id")
		for i := range f.Rows() {
			if d := of[string(ids.At(i))]; d != nil {
				row := f.First() + int64(i)
				rows = append(rows, row)
				found = append(found, removedRow{of: d, place: Place{Shard: t.path, Row: row}})
			}
		}
		return nil
	})
	if !t.live && errors.Is(err, fs.ErrNotExist) || err == nil && len(rows) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	columns := columnar.Selection{Int: []string{"chars"}}
	if e.options.Texts {
		columns.Text = []string{"text"}
	}
	return found, pipeline.ReadRows(ctx, e.store, t.path, columns, rows, func(i int, f *columnar.Frame, row int) error {
		found[i].place.Chars = f.Int("chars")[row]
		if e.options.Texts {
			text := f.Text("text").At(row)
			found[i].text = &Text{Text: pipeline.Excerpt(string(text), showBytes), Bytes: int64(len(text))}
		}
		return nil
	})
}
