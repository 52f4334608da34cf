package corpus

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// LiveShards returns where the live documents lie, in all formats, one after the other: those of a version stand in their order.
func (c *Corpus) LiveShards(ctx context.Context) (shards []ingest.LiveShard, err error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	read := map[string]bool{}
	for _, s := range v.Read {
		read[s.Path] = true
	}
	for i := range c.formats {
		for _, at := range manifest.Positions(v.In(&c.formats[i])) {
			s := ingest.LiveShard{Path: at.Path, Rows: at.Rows, Read: read[at.Path], Uncounted: !SaysCopies(at.Maker)}
			for _, h := range at.Holds {
				s.Holds = append(s.Holds, ingest.LiveRows{Version: h.Version, First: h.First, Rows: h.Rows})
			}
			shards = append(shards, s)
		}
	}
	return shards, nil
}

// LivePieces are the live documents of some versions, in the order of these and of their own, and a piece of none for a version that has
// none. Those of versions that cannot be read here are missing: see Unreadable.
func (c *Corpus) LivePieces(ctx context.Context, versions []int) (list []ingest.LivePiece, err error) {
	shards, err := c.LiveShards(ctx)
	if err != nil {
		return nil, err
	}
	of := map[int][]ingest.LivePiece{}
	for _, s := range shards {
		row := int64(0)
		for _, h := range s.Holds {
			if s.Read {
				of[h.Version] = append(of[h.Version], ingest.LivePiece{LiveRows: h, Path: s.Path, Row: row})
			}
			row += h.Rows
		}
	}
	for _, version := range versions {
		next := int64(0)
		slices.SortStableFunc(of[version], func(a, b ingest.LivePiece) int { return cmp.Compare(a.First, b.First) })
		for _, p := range of[version] {
			if p.First < next {
				continue // the same documents in another format
			}
			list, next = append(list, p), p.First+p.Rows
		}
		if next == 0 {
			list = append(list, ingest.LivePiece{LiveRows: ingest.LiveRows{Version: version}})
		}
	}
	return list, nil
}

// LiveSplits are the same pieces in tasks: each has at most so many bytes of shards, about.
func (c *Corpus) LiveSplits(ctx context.Context, versions []int, bytes int64) (splits [][]ingest.LivePiece, err error) {
	pieces, err := c.LivePieces(ctx, versions)
	if err != nil {
		return nil, err
	}
	files, err := c.LiveFiles(ctx)
	if err != nil {
		return nil, err
	}
	perRow := map[string]int64{}
	for _, f := range files {
		perRow[f.Path] = f.Bytes / max(f.Rows, 1)
	}
	sum := int64(0)
	for _, p := range pieces {
		n := len(splits) - 1
		if n < 0 || sum >= bytes {
			splits, sum, n = append(splits, nil), 0, n+1
		}
		splits[n] = append(splits[n], p)
		sum += p.Rows * perRow[p.Path]
	}
	return splits, nil
}

// LineRuns returns the live runs with how many documents each has kept, and the runs of keys of lines, oldest first: see package lines.
func (c *Corpus) LineRuns(ctx context.Context) (history []ingest.IndexVersion, runs []ingest.IndexRun, err error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, nil, err
	}
	return LineRunsOf(&v)
}

// LineRunsOf returns the same of the corpus as it was at a version.
func LineRunsOf(v *manifest.View) (history []ingest.IndexVersion, runs []ingest.IndexRun, err error) {
	for _, m := range v.Live {
		history = append(history, ingest.IndexVersion{Version: m.Version, Documents: m.Totals.Documents.Kept})
	}
	runs, err = runsOf(v.Lines(), v.LineKeys)
	return history, runs, err
}

// LiveText is how many bytes of text the live documents have, in UTF-8.
func (c *Corpus) LiveText(ctx context.Context) (bytes int64, err error) {
	v, err := c.view(ctx)
	if err != nil {
		return 0, err
	}
	t := v.Totals()
	return t.KeptBytes - t.Withdrawn.Bytes, nil
}

// WithdrawnTables returns the tables of what the live versions have withdrawn, oldest first: see package withdrawn.
func (c *Corpus) WithdrawnTables(ctx context.Context) (names []string, err error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range v.Tables(withdrawn.Table) {
		names = append(names, f.Path)
	}
	return names, nil
}

// Unreadable returns the versions that have documents in no format that can be read here, ascending.
func (c *Corpus) Unreadable(ctx context.Context) (versions []int, err error) {
	if !slices.ContainsFunc(c.formats, func(f pipeline.TableFormat) bool { return f.Read == nil }) {
		return nil, nil
	}
	shards, err := c.LiveShards(ctx)
	if err != nil {
		return nil, err
	}
	readable := map[int]bool{}
	for _, s := range shards {
		for _, h := range s.Holds {
			readable[h.Version] = readable[h.Version] || s.Read
		}
	}
	for version, read := range readable {
		if !read {
			versions = append(versions, version)
		}
	}
	slices.Sort(versions)
	return versions, nil
}

// WriteAnew is what can be done about documents that cannot be read here.
const WriteAnew = "write the corpus anew with parquet among sinks.use"

// CheckReadable is a pipeline.ErrUsage if versions have documents in no format that can be read here: so says what cannot be done for that, and instead
// what to do beside dropping them.
func (c *Corpus) CheckReadable(ctx context.Context, so, instead string) error {
	versions, err := c.Unreadable(ctx)
	if err != nil || len(versions) == 0 {
		return err
	}
	return pipeline.WithHint(fmt.Errorf("%w: the documents of versions %s are in no format that can be read here, so %s",
		pipeline.ErrUsage, manifest.VersionRange(versions), so), "drop these versions, or "+instead)
}
