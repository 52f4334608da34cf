package corpus

import (
	"context"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/ingest"
	"millrace/pipeline/withdrawn"
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
