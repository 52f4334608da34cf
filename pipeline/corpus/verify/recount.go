package verify

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Counter counts texts again, or what they have of one part of all tokens.
type Counter interface {
	// Count adds the documents of a shard that some pieces of it hold. It is called from several goroutines.
	Count(ctx context.Context, s pipeline.Store, format *pipeline.TableFormat, path string, pieces []ingest.LivePiece) error
	// Compare returns an error that says where a table does not count what was added. It is the last call.
	Compare(ctx context.Context, s pipeline.Store, table string) error
}

// recount reads the texts of all live documents and holds the newest tables of the vocabulary against them.
func (v *verifier) recount(ctx context.Context, now *manifest.View) error {
	if len(v.report.Problems) > 0 {
		v.report.Uncounted = "what is damaged says nothing"
		return nil
	}
	for _, m := range now.Versions {
		if m.Unreadable() {
			v.report.Uncounted = "the documents of version " + pipeline.VersionName(m.Version) + " are in no format that can be read here"
			return nil
		}
	}
	if _, ok := now.Find(pipeline.VocabFolder, corpus.CharsTable); !ok {
		v.report.Uncounted = "no version has a table of characters"
		return nil
	}
	written := map[string]bool{}
	for _, table := range newestVocabulary(now) {
		if !countsAll(now, table) {
			if strings.HasSuffix(table.Path, "/"+corpus.CharsTable) {
				v.report.Uncounted = table.Path + " is of an earlier state"
			}
			continue // tokens that are not counted any more, or of which there are counts alone
		}
		kind := strings.TrimSuffix(table.Path[strings.LastIndexByte(table.Path, '/')+1:], ".parquet")
		written[kind] = true
		if err := v.recountTable(ctx, now, v.store, kind, table, table.Path); err != nil {
			return err
		}
	}
	for _, counted := range now.Counted() {
		if !written[counted.Kind] && v.opts.Table != nil {
			if err := v.recountRuns(ctx, now, counted.Kind); err != nil {
				return err
			}
		}
	}
	return nil
}

// recountRuns counts what the runs of a kind count, of which there is no table.
func (v *verifier) recountRuns(ctx context.Context, now *manifest.View, kind string) (err error) {
	all, err := corpus.CountedOf(now)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(k ingest.Counted) bool { return k.Kind == kind })
	if i < 0 || len(all[i].Runs) == 0 {
		return nil
	}
	last := all[i].Runs[len(all[i].Runs)-1]
	of := dataset.File{Path: last.Files[0]} // what is wrong is told of it
	var in pipeline.Store
	var table dataset.File
	closing := func() error { return nil }
	err = v.content(ctx, of, func() (err error) {
		in, table, closing, err = v.opts.Table(ctx, v.store, all[i], last.Made)
		return err
	})
	if err != nil || v.isBad(of) {
		return err
	}
	defer func() { err = errors.Join(err, closing()) }()
	return v.recountTable(ctx, now, in, kind, of, table.Path)
}

// newestVocabulary are the newest tables of each kind of tokens, characters first.
func newestVocabulary(now *manifest.View) (tables []dataset.File) {
	kinds := []string{corpus.CharsTable, ingest.KindWords + ".parquet"}
	for n := counts.LeastGram; n <= counts.MostGram; n++ {
		kinds = append(kinds, ingest.GramsKind(n)+".parquet")
	}
	for _, base := range kinds {
		if f, ok := now.Find(pipeline.VocabFolder, base); ok {
			tables = append(tables, f)
		}
	}
	return tables
}

// countsAll says whether no version behind the one of a table has documents, or withdraws some.
func countsAll(now *manifest.View, table dataset.File) bool {
	all := false
	for _, m := range now.Versions {
		if f, ok := now.FindOf(m, pipeline.VocabFolder, table.Path[strings.LastIndexByte(table.Path, '/')+1:]); ok && f.Path == table.Path {
			all = true
		} else {
			all = all && m.Totals.Documents.Kept == 0 && len(m.Withdraws) == 0
		}
	}
	return all
}

// recountTable counts what a table of a store counts, part by part. What is wrong is told of a file.
func (v *verifier) recountTable(ctx context.Context, now *manifest.View, in pipeline.Store, kind string, table dataset.File, path string) error {
	var parts []Counter
	err := v.content(ctx, table, func() (err error) {
		parts, err = v.opts.Recount(ctx, in, kind, path)
		return err
	})
	if err != nil {
		return err
	}
	v.counting(len(parts), now)
	for i, c := range parts {
		parts[i] = nil // what it holds is of no use any more
		if err := v.count(ctx, now, c); err != nil || len(v.report.Problems) > 0 {
			return err
		}
		if err := v.content(ctx, table, func() error { return c.Compare(ctx, in, path) }); err != nil || v.isBad(table) {
			return err
		}
	}
	if len(parts) > 0 {
		v.report.Recounted = append(v.report.Recounted, kind)
	}
	return nil
}

// counting says that all texts are to be read so often.
func (v *verifier) counting(times int, now *manifest.View) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range now.Read {
		v.total += int64(times) * s.Bytes
	}
}

// count has the live documents counted.
func (v *verifier) count(ctx context.Context, now *manifest.View, c Counter) error {
	g, working := errgroup.WithContext(ctx)
	g.SetLimit(v.opts.Workers)
	findings := make([]error, len(now.Read)) // in the order of the shards, whoever is first
	for i := range now.Read {
		s := &now.Read[i]
		pieces := livePieces(now, s)
		g.Go(func() error {
			findings[i] = c.Count(working, v.store, v.corpus.Formats().Of(s.Path), s.Path, pieces)
			v.progress(s.Bytes)
			return working.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, s := range now.Read {
		if err := v.content(ctx, s.File, func() error { return findings[i] }); err != nil {
			return err
		}
	}
	return nil
}

// livePieces are the documents of a shard that are live, in the order of its rows.
func livePieces(now *manifest.View, s *manifest.Shard) (pieces []ingest.LivePiece) {
	row := int64(0)
	for _, h := range s.Holds {
		if now.Made[h.Version] != nil {
			pieces = append(pieces, ingest.LivePiece{LiveRows: ingest.LiveRows{Version: h.Version, First: h.First, Rows: h.Rows}, Path: s.Path, Row: row})
		}
		row += h.Rows
	}
	return pieces
}
