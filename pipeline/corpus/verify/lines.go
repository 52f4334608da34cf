package verify

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// lines checks that the runs of keys of lines cover live versions, each once, and all documents of these.
func (v *verifier) lines(ctx context.Context, now *manifest.View) error {
	history, runs, err := v.corpus.LineRuns(ctx)
	if err != nil {
		v.find("%v", err)
		return nil
	}
	if len(runs) == 0 {
		return nil
	}
	last := 0
	for _, r := range runs {
		for _, version := range r.Versions {
			if version <= last || now.Made[version] == nil || now.Made[version].Kind != manifest.KindRun {
				v.find("%s names lines of version %d, which is no live run, or not behind version %d", manifest.Name(now.Newest.Version), version, last)
				return nil
			}
			last = version
		}
	}
	if len(v.unsure) > 0 {
		return nil // what is withdrawn is not known
	}
	mask, err := v.mask(ctx)
	if err != nil {
		return err
	}
	for i, r := range now.Lines() {
		files, err := now.LineKeys(r)
		if err != nil {
			return err // found above
		}
		if len(files) == 0 {
			v.find("%s names lines of version %d, which has no files of them", manifest.Name(now.Newest.Version), r.Made)
			continue
		}
		if slices.ContainsFunc(files, v.isBad) {
			continue
		}
		if err := v.content(ctx, files[0], func() error { return lines.Check(ctx, v.store, history, runs[i], mask) }); err != nil {
			return err
		}
	}
	return nil
}

// mask is what is withdrawn.
func (v *verifier) mask(ctx context.Context) (*withdrawn.Mask, error) {
	names, err := v.corpus.WithdrawnTables(ctx)
	if err != nil {
		return nil, err
	}
	return withdrawn.ReadMask(ctx, v.store, names...)
}

// leftLines finds keys of lines of withdrawn documents.
func (v *verifier) leftLines(ctx context.Context, mask *withdrawn.Mask) error {
	history, runs, err := v.corpus.LineRuns(ctx)
	if err != nil {
		return err
	}
	found, err := lines.Left(ctx, v.store, history, runs, mask)
	for _, what := range found {
		v.trace("%s", what)
	}
	return err
}

// leftCounts finds runs of counts that may have tokens of withdrawn documents.
func (v *verifier) leftCounts(now *manifest.View) {
	for _, r := range now.Counted() {
		if corpus.TellsWithdrawn(now, r) {
			v.trace("counts of %s may have tokens of withdrawn documents", r.Kind)
		}
	}
}
