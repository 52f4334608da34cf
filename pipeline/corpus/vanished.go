package corpus

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// VanishedTable lists the files that a version found gone, and LostTable the documents that had lost to some that it withdrew: their
// files are read again, since a fresh corpus would keep one of them. A version has each only if there are any.
const (
	VanishedTable = "vanished.parquet"
	LostTable     = "lost.parquet"
)

var vanishedSchema = []columnar.Column{
	{Name: "source", Type: columnar.String, Dictionary: true},
	{Name: "path", Type: columnar.String},
}

// writeVanished writes the table of files that the plan found gone, and returns no file if there are none.
func (c *Corpus) writeVanished(ctx context.Context, job *pipeline.Job, plan *ingest.Plan) (file dataset.File, err error) {
	if len(plan.Vanished) == 0 {
		return file, nil
	}
	return writeTable(ctx, job, VanishedTable, vanishedSchema, func(t *table) error {
		for _, f := range plan.Vanished {
			t.text(f.Source)
			t.text(f.Path)
			if err := t.end(); err != nil {
				return err
			}
		}
		return nil
	})
}

var lostSchema = []columnar.Column{
	{Name: "id", Type: columnar.String},
	{Name: "source", Type: columnar.String, Dictionary: true},
	{Name: "path", Type: columnar.String, Dictionary: true},
	{Name: "offset", Type: columnar.Int64},
	{Name: "version", Type: columnar.Int32}, // in which it lost
	{Name: "winner_id", Type: columnar.String},
	{Name: "winner_version", Type: columnar.Int32},
}

// lostAtOnce is how many withdrawn documents losers are looked for of in one pass over the tables of duplicates.
const lostAtOnce = 1 << 20

// writeLost writes the table of documents that had lost to some which a job withdraws, by its work tables, and returns no file if there are
// none. What lost to its own earlier state is no loser, nor what is of a file that is passed over, by its key.
func (c *Corpus) writeLost(ctx context.Context, job *pipeline.Job, tables []string, pass func(key [16]byte) bool) (file dataset.File, err error) {
	all := 0
	each := func(yield func(VersionedID)) error {
		for _, name := range tables {
			err := withdrawn.Read(ctx, job.Work, name, func(d *withdrawn.Document) error {
				yield(VersionedID{d.ID, int32(d.Version)})
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := each(func(VersionedID) { all++ }); err != nil || all == 0 {
		return file, err
	}
	parts := (all + lostAtOnce - 1) / lostAtOnce
	file, err = writeTable(ctx, job, LostTable, lostSchema, func(t *table) error {
		for part := range parts {
			winners := map[VersionedID]bool{}
			err := each(func(v VersionedID) {
				if v.Part(parts) == part {
					winners[v] = true
				}
			})
			if err != nil {
				return err
			}
			err = c.Losers(ctx, winners, func(l Loser) error {
				if key, _ := ingest.FileKey(nil, l.Source, l.Path); l.ID == l.Winner || pass(key) {
					return nil
				}
				for _, v := range []string{l.ID, l.Source, l.Path} {
					t.text(v)
				}
				t.number(l.Offset)
				t.number(int64(l.Version))
				t.text(l.Winner)
				t.number(int64(l.WinnerVersion))
				return t.end()
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && file.Rows == 0 {
		return dataset.File{}, job.Out.Remove(ctx, file.Path)
	}
	return file, err
}

// addWithdrawn reads which files a version found gone, and which it made eligible again by what it withdrew.
func (k *Known) addWithdrawn(ctx context.Context, s pipeline.Store, m *manifest.Manifest) error {
	for base, note := range map[string]func(*knownFile){
		VanishedTable: func(f *knownFile) { f.gone, f.holds, f.stale, f.part, f.lost = true, false, false, false, false },
		LostTable:     func(f *knownFile) { f.lost = !f.gone },
	} {
		table, ok := m.Find(pipeline.LedgerFolder, base)
		if !ok {
			continue
		}
		columns := columnar.Selection{Text: []string{"source", "path"}}
		err := pipeline.ReadTable(ctx, s, table.Path, columns, func(t *columnar.Frame) error {
			for _, key := range fileKeys(t) {
				if f, ok := k.files[key]; ok {
					note(&f)
					k.files[key] = f
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Unlisted lists the files of the sources that live versions hold documents of, as far as listed, which is given the key of each, does
// not know them: by source and path. It reads ledgers only if there are any.
func (k *Known) Unlisted(ctx context.Context, sources []string, listed func(key [16]byte) bool) (list []ingest.NamedFile, err error) {
	missing := map[[16]byte]bool{}
	for key, f := range k.files {
		if f.holds && slices.Contains(sources, f.source) && !listed(key) {
			missing[key] = true
		}
	}
	columns := columnar.Selection{Text: []string{"source", "path"}}
	for _, m := range k.live {
		if len(missing) == 0 {
			break
		}
		err := pipeline.ReadTable(ctx, k.corpus.store, TableName(m.Version, FilesTable), columns, func(t *columnar.Frame) error {
			paths, names := t.Text("path"), t.Text("source")
			for i, key := range fileKeys(t) {
				if missing[key] {
					delete(missing, key)
					list = append(list, ingest.NamedFile{Source: string(names.At(i)), Path: string(paths.At(i))})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b ingest.NamedFile) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Path, b.Path))
	})
	return list, nil
}
