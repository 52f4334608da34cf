package verify

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// others recomputes what the manifests of versions say that brought no documents.
func (v *verifier) others(ctx context.Context, now *manifest.View) error {
	for _, m := range now.Versions {
		if m.Kind == manifest.KindRun {
			continue
		}
		name := manifest.Name(m.Version)
		if digest := dataset.Digest(m.Files); digest != m.Digest {
			v.find("%s: run digest is %s, its files give %s", name, m.Digest, digest)
		}
		if m.Kind != manifest.KindCompact {
			continue
		}
		if held := m.Runs(); !slices.Equal(held, m.Compacts) {
			v.find("%s compacts the versions %v, and holds documents of %v", name, m.Compacts, held)
		}
		if err := v.compaction(ctx, now, m); err != nil {
			return err
		}
	}
	return nil
}

// compaction reads the ids of the shards of a compaction, if all of them are live yet: later versions may have written some of them anew.
func (v *verifier) compaction(ctx context.Context, now *manifest.View, m *manifest.Manifest) error {
	shards := m.Shards()
	live := now.Shards()
	if slices.ContainsFunc(shards, func(f dataset.File) bool { return v.isBad(f) || !slices.Contains(live, f) }) {
		return nil
	}
	all, sound := corpus.NewContents(), len(v.report.Problems)
	for _, f := range shards {
		if err := v.content(ctx, f, func() error { return all.Add(ctx, v.store, v.corpus.Formats().Of(f.Path), f) }); err != nil {
			return err
		}
	}
	if len(v.report.Problems) == sound && all.Digest() != m.KeptIDs {
		v.find("%s: kept_ids is %s, the shards give %s", manifest.Name(m.Version), m.KeptIDs, all.Digest())
	}
	return nil
}

// rebuild adds up what each run kept, by the shards that are live and the tables of what was withdrawn.
func (v *verifier) rebuild(ctx context.Context, now *manifest.View) (err error) {
	var runs []int
	for _, m := range now.Live {
		if (m.Totals.Documents.Kept == 0 || !m.Unreadable()) && !v.unsure[m.Version] {
			runs = append(runs, m.Version)
		}
	}
	v.kept, err = v.corpus.Rebuild(ctx, v.store, now, runs, v.gone, func(f dataset.File, read func() error) error {
		return v.content(ctx, f, read)
	})
	return err
}
