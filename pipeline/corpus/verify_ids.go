package corpus

import (
	"context"
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// identities checks that no id is kept twice in a version, that no duplicate is kept, and that the winner of every
// duplicate is. It holds opts.IDs ids at a time: with more documents it reads the id columns several times, in each pass a
// fixed part of the id space.
func (v *verifier) identities(ctx context.Context, now *view) error {
	live := now.live
	documents := int64(0)
	present := map[int32]bool{}
	for _, m := range live {
		if v.anyBad(m) || len(m.Shards()) == 0 && m.Totals.Documents.Kept > 0 {
			return nil // its documents cannot be told
		}
		documents += m.Totals.Documents.Kept
		present[int32(m.Version)] = true
	}
	for _, f := range now.shards() {
		if !v.readable(f) {
			return nil
		}
	}
	parts := int(documents/int64(v.opts.IDs)) + 1
	for part := range parts {
		kept, err := v.keptIDs(ctx, now, part, parts)
		if err != nil {
			return err
		}
		for _, m := range live {
			f, _ := m.find(pipeline.LedgerFolder, duplicatesTable)
			err := v.content(ctx, f, func() error { return v.losers(ctx, m, f, kept, present, part, parts) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// keptIDs returns the ids of one part that the live versions hold, sorted.
func (v *verifier) keptIDs(ctx context.Context, now *view, part, parts int) (kept []versionedID, err error) {
	for _, u := range now.units {
		for _, f := range u.shards {
			err := v.content(ctx, f, func() error {
				return readTable(ctx, v.corpus.store, f.Path, []string{"id", "version"}, func(cols []any) error {
					ids := cols[0].(*columnar.Strings)
					for i, version := range cols[1].([]int32) {
						if !slices.Contains(u.versions, int(version)) {
							return fmt.Errorf("document %s is of version %d", ids.At(i), version)
						}
						id, err := parseID(ids.At(i))
						if err != nil {
							return err
						}
						if k := (versionedID{id, version}); k.part(parts) == part {
							kept = append(kept, k)
						}
					}
					return nil
				})
			})
			if err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(kept, compareIDs)
	for i := 1; i < len(kept); i++ {
		if kept[i] == kept[i-1] {
			v.find("id %x is kept twice in version %d", kept[i].id, kept[i].version)
		}
	}
	return kept, nil
}

// losers checks the duplicates of a version against the kept ids of one part.
func (v *verifier) losers(ctx context.Context, m *Manifest, f File, kept []versionedID, present map[int32]bool, part, parts int) error {
	isKept := func(k versionedID) bool {
		_, ok := slices.BinarySearchFunc(kept, k, compareIDs)
		return ok
	}
	return readTable(ctx, v.corpus.store, f.Path, []string{"id", "winner_id", "winner_version"}, func(cols []any) error {
		ids, winners := cols[0].(*columnar.Strings), cols[1].(*columnar.Strings)
		for i, version := range cols[2].([]int32) {
			id, err := parseID(ids.At(i))
			if err != nil {
				return err
			}
			winner, err := parseID(winners.At(i))
			if err != nil {
				return err
			}
			if k := (versionedID{id, int32(m.Version)}); k.part(parts) == part && isKept(k) {
				return fmt.Errorf("duplicate %x is kept as well", id)
			}
			k := versionedID{winner, version}
			switch {
			case k.part(parts) != part:
			case !present[version]:
				v.report.LostWinners++
			case !isKept(k):
				return fmt.Errorf("%x is said to be a duplicate of %x, which version %d does not hold", id, winner, version)
			}
		}
		return nil
	})
}
