package corpus

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Gone is a document that a later version withdrew, as far as the sums of the run that kept it go.
type Gone struct {
	ID                 [16]byte
	Rank, Chars, Bytes int64
}

// ReadGone reads what live versions withdrew of runs, by the run, ascending by rank. It takes 40 bytes a document.
func (c *Corpus) ReadGone(ctx context.Context, v *manifest.View, versions []int) (map[int][]Gone, error) {
	gone := map[int][]Gone{}
	for _, m := range v.Versions {
		wanted := func(w manifest.Withdrawal) bool { return slices.Contains(versions, w.Version) }
		f, ok := m.Find(pipeline.LedgerFolder, withdrawn.Table)
		if !ok || !slices.ContainsFunc(m.Withdraws, wanted) {
			continue
		}
		err := withdrawn.Read(ctx, c.store, f.Path, func(d *withdrawn.Document) error {
			if slices.Contains(versions, d.Version) {
				gone[d.Version] = append(gone[d.Version], Gone{d.ID, d.Rank, d.Chars, d.Bytes})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, list := range gone {
		SortGone(list)
	}
	return gone, nil
}

// SortGone puts what was withdrawn of a run in the order of the ranks.
func SortGone(list []Gone) {
	slices.SortFunc(list, func(a, b Gone) int { return cmp.Compare(a.Rank, b.Rank) })
}

// Kept is what a run kept, all of it: Rebuild makes it of what is live, and of what is not any more.
type Kept struct {
	Contents
	// Unknown says that shards with documents of the run could not be read, so that the sums are not those of all.
	Unknown bool

	pieces []manifest.Piece // to be read yet, in order
	gone   []Gone           // to be added yet, by rank
}

// withdrawn adds the documents that are next by their ranks, and are gone.
func (k *Kept) withdrawn() {
	for len(k.gone) > 0 && k.gone[0].Rank <= k.Rows {
		k.one(k.gone[0].ID, k.gone[0].Chars, k.gone[0].Bytes)
		k.gone = k.gone[1:]
	}
}

// Rebuild reads the narrow columns of the shards that are read of a view, and adds up what runs kept, by the run: in the order of the ranks
// their live documents, and those that are gone, which ascend by rank. It fails where a shard does not hold what its manifest says.
//
// look is called for each shard that is wanted, and calls read: it says what becomes of its error. If nothing does, the runs of the shard
// are Unknown.
func (c *Corpus) Rebuild(ctx context.Context, from pipeline.Store, v *manifest.View, versions []int, gone map[int][]Gone,
	look func(f dataset.File, read func() error) error,
) (map[int]*Kept, error) {
	runs := map[int]*Kept{}
	pieces := manifest.Pieces(v.Read)
	for _, version := range versions {
		runs[version] = &Kept{Contents: *NewContents(), pieces: pieces[version], gone: gone[version]}
	}
	shards := slices.DeleteFunc(slices.Clone(v.Read), func(s manifest.Shard) bool {
		return !slices.ContainsFunc(s.Holds, func(h manifest.Holding) bool { return runs[h.Version] != nil })
	})
	for left := shards; len(left) > 0; {
		var later []manifest.Shard
		stuck := true
		for _, s := range left {
			ready, more := due(runs, &s)
			if more { // a shard before it holds later documents, because a compaction left out what lies between
				later = append(later, s)
			}
			if len(ready) == 0 {
				continue
			}
			sound := false
			stuck = false
			err := look(s.File, func() error {
				err := c.rebuild(ctx, from, &s, ready, runs)
				sound = err == nil
				return err
			})
			if err != nil {
				return nil, err
			}
			for _, p := range ready {
				runs[p.Version].Unknown = runs[p.Version].Unknown || !sound
			}
		}
		if stuck {
			break // the manifests give no order, which view.Check says
		}
		left = later
	}
	for _, k := range runs {
		k.Unknown = k.Unknown || len(k.pieces) > 0
		for _, g := range k.gone {
			k.one(g.ID, g.Chars, g.Bytes)
		}
	}
	return runs, nil
}

// due takes the pieces that come next of their runs and lie in the shard, and says whether there are others for later.
func due(runs map[int]*Kept, s *manifest.Shard) (ready []manifest.Piece, more bool) {
	row := int64(0)
	for _, h := range s.Holds {
		k := runs[h.Version]
		switch {
		case k == nil || len(k.pieces) == 0:
		case k.pieces[0].Path == s.Path && k.pieces[0].Row == row:
			ready = append(ready, k.pieces[0])
			k.pieces = k.pieces[1:]
		case k.pieces[0].First < h.First:
			more = true
		}
		row += h.Rows
	}
	return ready, more
}

// rebuild adds the documents of some pieces of a shard to their runs.
func (c *Corpus) rebuild(ctx context.Context, from pipeline.Store, s *manifest.Shard, ready []manifest.Piece, runs map[int]*Kept) error {
	rows, row := int64(0), int64(0) // read; and the next of the piece
	has := func(p *manifest.Piece, first, n int64) bool { return p.Row < first+n && first < p.Row+p.Rows }
	want := func(g *columnar.RowGroup) bool {
		rows += g.Rows
		return slices.ContainsFunc(ready, func(p manifest.Piece) bool { return has(&p, g.First, g.Rows) })
	}
	columns := columnar.Selection{Text: []string{"id"}, Int: []string{"chars", "bytes", "version"}}
	err := c.formats.Of(s.Path).ReadTable(ctx, from, s.Path, columns, want, func(d *columnar.Frame) error {
		ids, chars, bytes, versions := d.Text("id"), d.Int("chars"), d.Int("bytes"), d.Int("version")
		for i := range chars {
			for len(ready) > 0 && d.First()+int64(i) >= ready[0].Row+ready[0].Rows {
				ready, row = ready[1:], 0
			}
			if len(ready) == 0 || d.First()+int64(i) < ready[0].Row {
				continue
			}
			p := &ready[0]
			id, err := ingest.ParseDocumentID(ids.At(i))
			if err != nil {
				return err
			}
			k := runs[p.Version]
			k.withdrawn()
			if versions[i] != int64(p.Version) {
				return fmt.Errorf("document %x is of version %d, its manifest says %d", id, versions[i], p.Version)
			}
			if row == 0 && k.Rows != p.First {
				return fmt.Errorf("document %x is number %d of version %d, its manifest says %d", id, k.Rows, p.Version, p.First)
			}
			k.one(id, chars[i], bytes[i])
			row++
		}
		return nil
	})
	if err == nil && rows != s.Rows {
		err = fmt.Errorf("%s has %d rows, it should have %d", s.Path, rows, s.Rows)
	}
	return err
}
