package verify

import (
	"context"
	"maps"
	"slices"

	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
)

// movedRun is what the shards of a compaction hold of a run.
type movedRun struct {
	*corpus.Contents
	known bool // false: the shards are damaged
}

// compactions recomputes what the manifests of compactions say, and collects what their shards hold of each run: it must be
// what the run's own shards held.
func (v *verifier) compactions(ctx context.Context, now *manifest.View) error {
	v.moved = map[int]*movedRun{}
	for _, version := range slices.Sorted(maps.Keys(now.Made)) {
		if m := now.Made[version]; m.Kind == manifest.KindCompact && dataset.Digest(m.Files) != m.Digest {
			v.find("%s: run digest is %s, its files give %s", manifest.Name(version), m.Digest, dataset.Digest(m.Files))
		}
	}
	for _, u := range now.Units {
		if u.Maker.Kind != manifest.KindCompact {
			continue
		}
		name := manifest.Name(u.Maker.Version)
		if held := u.Maker.Runs(); !slices.Equal(held, u.Maker.Compacts) {
			v.find("%s compacts the versions %v, and holds documents of %v", name, u.Maker.Compacts, held)
		}
		for _, version := range u.Maker.Compacts {
			if now.Made[version] == nil {
				v.find("%s compacts version %d, which is not live", name, version)
			}
		}
		runs, sound := map[int]*corpus.Contents{}, len(v.report.Problems)
		for _, version := range u.Versions {
			runs[version] = corpus.NewContents()
		}
		all := corpus.NewContents()
		for _, f := range u.Shards {
			if err := v.content(ctx, f, func() error { return all.Add(ctx, v.store, v.corpus.Formats().Of(f.Path), f, runs) }); err != nil {
				return err
			}
		}
		known := len(v.report.Problems) == sound && !slices.ContainsFunc(u.Shards, v.isBad)
		if known && all.Digest() != u.Maker.KeptIDs {
			v.find("%s: kept_ids is %s, the shards give %s", name, u.Maker.KeptIDs, all.Digest())
		}
		if known && !slices.Equal(all.Holds, u.Maker.Holds) {
			v.find("%s: the shards do not hold %v, but %v", name, u.Maker.Holds, all.Holds)
		}
		for _, version := range u.Versions {
			v.moved[version] = &movedRun{runs[version], known}
		}
	}
	return nil
}
