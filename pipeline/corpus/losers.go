package corpus

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Loser is a document that is not in the corpus because another one is.
type Loser struct {
	ID      string `json:"id"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"`
	Version int    `json:"version"` // that read it
	Kind    string `json:"kind"`    // exact, same_key, near
	Winner  string `json:"winner"`  // id of the one that stayed

	WinnerVersion int `json:"-"`
}

// Losers calls yield with the documents of the live versions that lost to one of the given ones, oldest version first. It reads the
// ledgers of duplicates from the oldest version of these on.
func (c *Corpus) Losers(ctx context.Context, to map[VersionedID]bool, yield func(Loser) error) error {
	if len(to) == 0 {
		return nil
	}
	live, err := c.liveRuns(ctx)
	if err != nil {
		return err
	}
	oldest := int32(1 << 30)
	for d := range to {
		oldest = min(oldest, d.Version)
	}
	columns := columnar.Selection{Text: []string{"id", "winner_id", "kind", "source", "path"}, Int: []string{"winner_version", "offset"}}
	for _, m := range live {
		if m.Version < int(oldest) {
			continue
		}
		err := pipeline.ReadTable(ctx, c.store, TableName(m.Version, DuplicatesTable), columns, func(t *columnar.Frame) error {
			ids, winners, kinds, sources, paths := t.Text("id"), t.Text("winner_id"), t.Text("kind"), t.Text("source"), t.Text("path")
			versions, offsets := t.Int("winner_version"), t.Int("offset")
			for i := range t.Rows() {
				id, err := ingest.ParseDocumentID(winners.At(i))
				if err != nil {
					return err
				}
				if !to[VersionedID{id, int32(versions[i])}] {
					continue
				}
				l := Loser{
					ID: string(ids.At(i)), Source: string(sources.At(i)), Path: string(paths.At(i)), Offset: offsets[i], Version: m.Version,
					Kind: string(kinds.At(i)), Winner: string(winners.At(i)), WinnerVersion: int(versions[i]),
				}
				if err := yield(l); err != nil {
					return err
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
