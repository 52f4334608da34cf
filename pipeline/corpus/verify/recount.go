package verify

import (
	"context"

	"golang.org/x/sync/errgroup"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/ingest"
)

// Counter counts texts again.
type Counter interface {
	// Count adds the documents of a shard that some pieces of it hold. It is called from several goroutines.
	Count(ctx context.Context, s pipeline.Store, format *pipeline.TableFormat, path string, pieces []ingest.LivePiece) error
	// Compare returns an error that says where a table does not count what was added.
	Compare(ctx context.Context, s pipeline.Store, table string) error
}

// recount reads the texts of all live documents and holds the newest table of characters against them.
func (v *verifier) recount(ctx context.Context, now *manifest.View) error {
	if len(v.report.Problems) > 0 {
		v.report.Uncounted = "what is damaged says nothing"
		return nil
	}
	table, ok := now.Find(pipeline.VocabFolder, corpus.CharsTable)
	if !ok {
		v.report.Uncounted = "no version has a table of characters"
		return nil
	}
	behind := false // a version behind the table has documents, or withdraws some
	for _, m := range now.Versions {
		if m.Unreadable() {
			v.report.Uncounted = "the documents of version " + pipeline.VersionName(m.Version) + " are in no format that can be read here"
			return nil
		}
		own, ok := now.FindOf(m, pipeline.VocabFolder, corpus.CharsTable)
		if ok && own.Path == table.Path {
			behind = false
		} else {
			behind = behind || m.Totals.Documents.Kept > 0 || len(m.Withdraws) > 0
		}
	}
	if behind {
		v.report.Uncounted = table.Path + " is of an earlier state"
		return nil
	}
	g, working := errgroup.WithContext(ctx)
	g.SetLimit(v.opts.Workers)
	shards := now.Read
	findings := make([]error, len(shards)) // in the order of the shards, whoever is first
	for i := range shards {
		s := &shards[i]
		var pieces []ingest.LivePiece
		row := int64(0)
		for _, h := range s.Holds {
			if now.Made[h.Version] != nil {
				pieces = append(pieces, ingest.LivePiece{LiveRows: ingest.LiveRows{Version: h.Version, First: h.First, Rows: h.Rows}, Path: s.Path, Row: row})
				v.report.Recounted += h.Rows
			}
			row += h.Rows
		}
		g.Go(func() error {
			findings[i] = v.opts.Recount.Count(working, v.store, v.corpus.Formats().Of(s.Path), s.Path, pieces)
			v.progress(s.Bytes)
			return working.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, s := range shards {
		if err := v.content(ctx, s.File, func() error { return findings[i] }); err != nil {
			return err
		}
	}
	if len(v.report.Problems) > 0 {
		return nil
	}
	return v.content(ctx, table, func() error { return v.opts.Recount.Compare(ctx, v.store, table.Path) })
}
