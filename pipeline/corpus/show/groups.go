package show

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Group is a kept document with those that lost to it.
type Group struct {
	WinnerID      string           `json:"winner_id"`
	WinnerVersion int              `json:"winner_version"`
	Size          int64            `json:"size"`  // duplicates, the winner not among them
	Kinds         map[string]int64 `json:"kinds"` // the same by kind
	// Winner is nil if its version is not live any more, or has no shards that can be read.
	Winner *Document `json:"winner"`
}

// maxWinners bounds how many winners are counted at the same time.
const maxWinners = 1 << 20

// groups returns the n largest groups of duplicates. With more than maxWinners different winners it finds every group
// that has more than one in maxWinners of all duplicates: the frequent items of Misra and Gries (1982), counted exactly
// in a second pass.
func (c *Corpus) groups(ctx context.Context, v *manifest.View, n int) ([]Group, error) {
	list := []Group{}
	if n <= 0 {
		return list, nil
	}
	frequent := map[corpus.VersionedID]int64{}
	err := c.scanDuplicates(ctx, v.Live, func(winner corpus.VersionedID, _ []byte) {
		if _, ok := frequent[winner]; ok || len(frequent) < maxWinners {
			frequent[winner]++
			return
		}
		for k, count := range frequent {
			if count == 1 {
				delete(frequent, k)
			} else {
				frequent[k] = count - 1
			}
		}
	})
	if err != nil {
		return nil, err
	}
	candidates := make([]corpus.VersionedID, 0, len(frequent))
	for k := range frequent {
		candidates = append(candidates, k)
	}
	slices.SortFunc(candidates, func(a, b corpus.VersionedID) int {
		return cmp.Or(cmp.Compare(frequent[b], frequent[a]), corpus.CompareIDs(a, b))
	})
	// The first counts are low by the same amount at most, so many more than n are counted again.
	candidates = candidates[:min(len(candidates), 16*n+1024)]
	exact := map[corpus.VersionedID]*Group{}
	for _, k := range candidates {
		exact[k] = &Group{WinnerID: fmt.Sprintf("%x", k.ID), WinnerVersion: int(k.Version), Kinds: map[string]int64{}}
	}
	err = c.scanDuplicates(ctx, v.Live, func(winner corpus.VersionedID, kind []byte) {
		if g, ok := exact[winner]; ok {
			g.Size++
			g.Kinds[string(kind)]++
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(candidates, func(a, b corpus.VersionedID) int {
		return cmp.Or(cmp.Compare(exact[b].Size, exact[a].Size), corpus.CompareIDs(a, b))
	})
	candidates = candidates[:min(len(candidates), n)]
	if err := c.winners(ctx, v.Shards(), candidates, exact); err != nil {
		return nil, err
	}
	for _, k := range candidates {
		list = append(list, *exact[k])
	}
	return list, nil
}

// winners sets the winners of groups.
func (c *Corpus) winners(ctx context.Context, shards []dataset.File, ids []corpus.VersionedID, groups map[corpus.VersionedID]*Group) error {
	wanted := map[corpus.VersionedID]bool{}
	for _, k := range ids {
		wanted[k] = true
	}
	found, err := c.find(ctx, shards, wanted)
	if err != nil {
		return err
	}
	var keys []corpus.VersionedID
	var places []Location
	for _, k := range ids {
		if place, ok := found[k]; ok {
			keys, places = append(keys, k), append(places, place)
		}
	}
	documents, err := c.documents(ctx, places, excerptBytes)
	if err != nil {
		return err
	}
	for i, k := range keys {
		groups[k].Winner = &documents[i]
	}
	return nil
}

func (c *Corpus) scanDuplicates(ctx context.Context, live []*manifest.Manifest, yield func(winner corpus.VersionedID, kind []byte)) error {
	for _, m := range live {
		name := corpus.TableName(m.Version, corpus.DuplicatesTable)
		columns := columnar.Selection{Text: []string{"winner_id", "kind"}, Int: []string{"winner_version"}}
		err := pipeline.ReadTable(ctx, c.store, name, columns, func(t *columnar.Frame) error {
			winners, kinds := t.Text("winner_id"), t.Text("kind")
			for i, version := range t.Int("winner_version") {
				id, err := ingest.ParseDocumentID(winners.At(i))
				if err != nil {
					return err
				}
				yield(corpus.VersionedID{ID: id, Version: int32(version)}, kinds.At(i))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
