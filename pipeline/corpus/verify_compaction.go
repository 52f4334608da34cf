package corpus

import (
	"context"
	"maps"
	"slices"
)

// movedRun is what the shards of a compaction hold of a run.
type movedRun struct {
	*contents
	known bool // false: the shards are damaged
}

// compactions recomputes what the manifests of compactions say, and collects what their shards hold of each run: it must be
// what the run's own shards held.
func (v *verifier) compactions(ctx context.Context, now *view) error {
	v.moved = map[int]*movedRun{}
	for _, version := range slices.Sorted(maps.Keys(now.made)) {
		if m := now.made[version]; m.Kind == KindCompact && runDigest(m.Files) != m.Digest {
			v.find("%s: run digest is %s, its files give %s", ManifestName(version), m.Digest, runDigest(m.Files))
		}
	}
	for _, u := range now.units {
		if u.maker.Kind != KindCompact {
			continue
		}
		name := ManifestName(u.maker.Version)
		if !slices.Equal(u.versions, u.maker.Compacts) {
			v.find("%s compacts the versions %v, of which %v are live and there", name, u.maker.Compacts, u.versions)
		}
		runs, sound := map[int]*contents{}, len(v.report.Problems)
		for _, version := range u.versions {
			runs[version] = newContents()
		}
		all := newContents()
		for _, f := range u.shards {
			if err := v.content(ctx, f, func() error { return all.add(ctx, v.corpus.store, f, runs) }); err != nil {
				return err
			}
		}
		known := len(v.report.Problems) == sound
		for _, f := range u.shards {
			known = known && v.readable(f)
		}
		if known && all.digest() != u.maker.KeptIDs {
			v.find("%s: kept_ids is %s, the shards give %s", name, u.maker.KeptIDs, all.digest())
		}
		for _, version := range u.versions {
			v.moved[version] = &movedRun{runs[version], known}
		}
	}
	return nil
}
