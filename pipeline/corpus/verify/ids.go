package verify

import (
	"context"
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
	"millrace/pipeline/ingest"
)

// identities checks that no id is kept twice in a version, that no duplicate is kept, and that the winner of every
// duplicate is. It holds opts.IDs ids at a time: with more documents it reads the id columns several times, in each pass a
// fixed part of the id space.
func (v *verifier) identities(ctx context.Context, now *manifest.View) error {
	live := now.Live
	documents := int64(0)
	present := map[int32]bool{}
	for _, m := range live {
		if v.anyBad(now, m) || m.Unreadable() {
			return nil // its documents cannot be told
		}
		documents += m.Totals.Documents.Kept
		present[int32(m.Version)] = true
	}
	if slices.ContainsFunc(now.Shards(), v.isBad) {
		return nil
	}
	parts := int(documents/int64(v.opts.IDs)) + 1
	for part := range parts {
		kept, err := v.keptIDs(ctx, now, part, parts)
		if err != nil {
			return err
		}
		gone := v.goneIDs(part, parts)
		for _, m := range live {
			f, _ := m.Find(pipeline.LedgerFolder, corpus.DuplicatesTable)
			err := v.content(ctx, f, func() error { return v.losers(ctx, m, f, [2][]corpus.VersionedID{kept, gone}, present, part, parts) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// keptIDs returns the ids of one part that the live versions hold, sorted.
func (v *verifier) keptIDs(ctx context.Context, now *manifest.View, part, parts int) (kept []corpus.VersionedID, err error) {
	for _, f := range now.Shards() {
		err := v.content(ctx, f, func() error {
			return v.corpus.EachID(ctx, f, func(k corpus.VersionedID) error {
				if k.Part(parts) == part {
					kept = append(kept, k)
				}
				return nil
			})
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(kept, corpus.CompareIDs)
	for i := 1; i < len(kept); i++ {
		if kept[i] == kept[i-1] {
			v.find("id %x is kept twice in version %d", kept[i].ID, kept[i].Version)
		} else if kept[i].ID == kept[i-1].ID && (i == 1 || kept[i].ID != kept[i-2].ID) {
			v.report.RepeatedIDs++
		}
	}
	return kept, nil
}

// losers checks the duplicates of a version against the ids of one part: of what is kept, and of what was kept and is withdrawn.
func (v *verifier) losers(ctx context.Context, m *manifest.Manifest, f dataset.File, known [2][]corpus.VersionedID, present map[int32]bool, part, parts int) error {
	isKept := func(k corpus.VersionedID) bool {
		return slices.ContainsFunc(known[:], func(list []corpus.VersionedID) bool {
			_, ok := slices.BinarySearchFunc(list, k, corpus.CompareIDs)
			return ok
		})
	}
	columns := columnar.Selection{Text: []string{"id", "winner_id"}, Int: []string{"winner_version"}}
	return pipeline.ReadTable(ctx, v.store, f.Path, columns, func(d *columnar.Frame) error {
		ids, winners := d.Text("id"), d.Text("winner_id")
		for i, version := range d.Int("winner_version") {
			id, err := ingest.ParseDocumentID(ids.At(i))
			if err != nil {
				return err
			}
			winner, err := ingest.ParseDocumentID(winners.At(i))
			if err != nil {
				return err
			}
			if k := (corpus.VersionedID{ID: id, Version: int32(m.Version)}); k.Part(parts) == part && isKept(k) {
				return fmt.Errorf("duplicate %x is kept as well", id)
			}
			k := corpus.VersionedID{ID: winner, Version: int32(version)}
			switch {
			case k.Part(parts) != part:
			case !present[k.Version]:
				v.report.LostWinners++
			case !isKept(k) && !v.unsure[int(version)]:
				return fmt.Errorf("%x is said to be a duplicate of %x, which version %d does not hold", id, winner, version)
			}
		}
		return nil
	})
}
