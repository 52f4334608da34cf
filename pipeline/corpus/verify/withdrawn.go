package verify

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// withdrawals reads the tables of what live versions withdrew, and holds them against what the manifests say.
func (v *verifier) withdrawals(ctx context.Context, now *manifest.View) error {
	v.gone, v.unsure = map[int][]corpus.Gone{}, map[int]bool{}
	for _, m := range now.Versions {
		f, ok := m.Find(pipeline.LedgerFolder, withdrawn.Table)
		if !ok {
			if len(m.Withdraws) > 0 {
				v.find("%s names no %s", manifest.Name(m.Version), withdrawn.Name(m.Version))
				v.doubt(m)
			}
			continue
		}
		sound := false
		err := v.content(ctx, f, func() error {
			err := v.withdrawn(ctx, now, m, f)
			sound = err == nil
			return err
		})
		if err != nil {
			return err
		}
		if !sound {
			v.doubt(m)
		}
	}
	for version, list := range v.gone {
		corpus.SortGone(list)
		for i := 1; i < len(list); i++ {
			if list[i].Rank == list[i-1].Rank {
				v.find("document %x of version %d is withdrawn twice", list[i].ID, version)
				v.unsure[version] = true
			}
		}
	}
	return nil
}

// doubt notes that what a version withdrew is not known.
func (v *verifier) doubt(m *manifest.Manifest) {
	for _, w := range m.Withdraws {
		v.unsure[w.Version] = true
	}
}

// withdrawn reads one table.
func (v *verifier) withdrawn(ctx context.Context, now *manifest.View, m *manifest.Manifest, f dataset.File) error {
	var sums []manifest.Withdrawal
	var scratch []byte
	rows := int64(0)
	err := withdrawn.Read(ctx, v.store, f.Path, func(d *withdrawn.Document) error {
		rows++
		run := now.Made[d.Version]
		if run == nil || run.Kind != manifest.KindRun || d.Version >= m.Version || d.Rank >= run.Totals.Documents.Kept {
			return fmt.Errorf("document %x is number %d of version %d, which kept no such one", d.ID, d.Rank, d.Version)
		}
		var id [16]byte
		if id, scratch = ingest.DocumentID(scratch, d.Source, d.Path, d.Offset); id != d.ID {
			return fmt.Errorf("document %x is at %d of %s/%s, where %x is", d.ID, d.Offset, d.Source, d.Path, id)
		}
		n := len(sums)
		if n == 0 || sums[n-1].Version != d.Version {
			sums = append(sums, manifest.Withdrawal{Version: d.Version})
			n++
		}
		sums[n-1].Documents++
		sums[n-1].Chars += d.Chars
		sums[n-1].Bytes += d.Bytes
		v.gone[d.Version] = append(v.gone[d.Version], corpus.Gone{ID: d.ID, Rank: d.Rank, Chars: d.Chars, Bytes: d.Bytes})
		return nil
	})
	switch {
	case err != nil:
		return err
	case rows != f.Rows:
		return fmt.Errorf("%s has %d rows, its manifest says %d", f.Path, rows, f.Rows)
	case !slices.Equal(sums, m.Withdraws):
		return fmt.Errorf("it withdraws %v, %s says %v", sums, manifest.Name(m.Version), m.Withdraws)
	}
	return nil
}

// goneIDs are the ids of one part of the documents that were withdrawn, sorted: they were kept when others lost to them.
func (v *verifier) goneIDs(part, parts int) (gone []corpus.VersionedID) {
	for version, list := range v.gone {
		for _, d := range list {
			if id := (corpus.VersionedID{ID: d.ID, Version: int32(version)}); id.Part(parts) == part {
				gone = append(gone, id)
			}
		}
	}
	slices.SortFunc(gone, corpus.CompareIDs)
	return gone
}
