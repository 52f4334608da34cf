package verify

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
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
		gone, sound := v.goneIDs(part, parts), len(v.report.Problems)
		for _, m := range live {
			f, _ := m.Find(pipeline.LedgerFolder, corpus.DuplicatesTable)
			err := v.content(ctx, f, func() error { return v.losers(ctx, m, f, kept, gone, present, part, parts) })
			if err != nil {
				return err
			}
		}
		if len(v.report.Problems) == sound {
			v.copies(kept)
		}
	}
	return nil
}

// keptDocument is one that is live, and how many documents it says to stand for that no ledger has named yet.
type keptDocument struct {
	corpus.VersionedID
	left int32
}

// mostCopies is the left of documents that stand for as many as can be said, or for more.
var mostCopies = ingest.CopiesOf(math.MaxInt64) - 1

// untold is the left of documents in shards that do not say it.
const untold = math.MinInt32

func find(kept []keptDocument, id corpus.VersionedID) (at int, ok bool) {
	return slices.BinarySearchFunc(kept, id, func(k keptDocument, id corpus.VersionedID) int { return corpus.CompareIDs(k.VersionedID, id) })
}

// copies names documents that stand for more or fewer than lost to them in their own version.
func (v *verifier) copies(kept []keptDocument) {
	wrong := 0
	for i := range kept {
		left := kept[i].left
		if left == 0 || left == untold || left == mostCopies {
			continue
		}
		if wrong++; wrong == 1 {
			v.find("copies of document %x of version %d are off by %+d: others lost to it, by the ledger", kept[i].ID, kept[i].Version, left)
		}
	}
	if wrong > 1 {
		v.find("copies of %d documents are other than the ledger says", wrong)
	}
}

// lastAdding is the last corpus format in which every run added the documents of a changed file beside those of its earlier states, without
// a word of it.
const lastAdding = 3

// keptIDs returns the documents of one part that the live versions hold, by their ids.
func (v *verifier) keptIDs(ctx context.Context, now *manifest.View, part, parts int) (kept []keptDocument, err error) {
	columns := columnar.Selection{Text: []string{"id"}, Int: []string{"version"}, IntOr: map[string]int64{ingest.CopiesColumn: ingest.UnknownCopies}}
	for _, f := range now.Shards() {
		err := v.content(ctx, f, func() error {
			return v.corpus.Formats().Of(f.Path).ReadTable(ctx, v.store, f.Path, columns, nil, func(d *columnar.Frame) error {
				ids, copies := d.Text("id"), d.Int(ingest.CopiesColumn)
				for i, version := range d.Int("version") {
					id, err := ingest.ParseDocumentID(ids.At(i))
					if err != nil {
						return err
					}
					k := keptDocument{corpus.VersionedID{ID: id, Version: int32(version)}, untold}
					if copies[i] != ingest.UnknownCopies {
						k.left = int32(copies[i] - 1)
					}
					if k.Part(parts) == part {
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
	slices.SortFunc(kept, func(a, b keptDocument) int { return corpus.CompareIDs(a.VersionedID, b.VersionedID) })
	for i := 1; i < len(kept); i++ {
		if kept[i].VersionedID == kept[i-1].VersionedID {
			v.find("id %x is kept twice in version %d", kept[i].ID, kept[i].Version)
		} else if kept[i].ID == kept[i-1].ID {
			if m := now.Made[int(kept[i].Version)]; m.Format > lastAdding && !m.AddedBeside {
				v.find("id %x is that of live documents of versions %d and %d", kept[i].ID, kept[i-1].Version, kept[i].Version)
			} else if i == 1 || kept[i].ID != kept[i-2].ID {
				v.report.RepeatedIDs++
			}
		}
	}
	return kept, nil
}

// losers checks the duplicates of a version against the ids of one part: of what is kept, and of what was kept and is withdrawn.
func (v *verifier) losers(
	ctx context.Context, m *manifest.Manifest, f dataset.File, kept []keptDocument, gone []corpus.VersionedID, present map[int32]bool, part, parts int,
) error {
	isKept := func(k corpus.VersionedID) bool {
		_, ok := find(kept, k)
		if !ok {
			_, ok = slices.BinarySearchFunc(gone, k, corpus.CompareIDs)
		}
		return ok
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
			if at, ok := find(kept, k); ok && int(version) == m.Version && kept[at].left != untold && kept[at].left != mostCopies {
				kept[at].left--
			}
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
