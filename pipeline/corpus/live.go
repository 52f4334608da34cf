package corpus

import (
	"context"
	"maps"
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
	makers, read := makersOf(&v), map[string]bool{}
	for _, f := range v.Shards() {
		read[f.Path] = true
	}
	for i := range c.formats {
		next := map[int]int64{} // by version: the position of its next document in this format
		for _, f := range v.In(&c.formats[i]) {
			s := ingest.LiveShard{Path: f.Path, Rows: f.Rows, Read: read[f.Path]}
			for _, h := range makers[f.Path].Held(f) {
				s.Holds = append(s.Holds, ingest.LiveRows{Version: h.Version, First: next[h.Version], Rows: h.Rows})
				next[h.Version] += h.Rows
			}
			shards = append(shards, s)
		}
	}
	return shards, nil
}

// makersOf are the versions that wrote the files of a view.
func makersOf(v *manifest.View) map[string]*manifest.Manifest {
	makers := map[string]*manifest.Manifest{}
	for _, m := range v.Made {
		for _, f := range m.Files {
			makers[f.Path] = m
		}
	}
	return makers
}

// WithdrawnTables returns the tables of what the live versions have withdrawn, oldest first: see package withdrawn.
func (c *Corpus) WithdrawnTables(ctx context.Context) (names []string, err error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	for _, version := range slices.Sorted(maps.Keys(v.Made)) {
		if f, ok := v.Made[version].Find(pipeline.LedgerFolder, withdrawn.Table); ok {
			names = append(names, f.Path)
		}
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
