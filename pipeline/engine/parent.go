package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
)

// parent reads the state of the corpus that a new plan builds on, and the settings that its first version fixed.
func (r *run) parent(ctx context.Context) (p Parent, fixed json.RawMessage, err error) {
	newest, err := r.corpus.Newest(ctx)
	if err != nil || newest == nil {
		return p, nil, err
	}
	if err := checkKeyText(newest); err != nil {
		return p, nil, err
	}
	if err := r.corpus.Present(ctx); err != nil {
		return p, nil, err
	}
	known, err := r.corpus.Known(ctx)
	if err != nil {
		return p, nil, err
	}
	p = Parent{Version: newest.Version, Live: newest.Live, Known: known.Has, Changed: known.Changed, Content: known.Holds}
	if p.History, p.Runs, err = r.corpus.History(ctx); err != nil {
		return p, nil, err
	}
	if p.BaseVocab, err = r.corpus.BaseVocab(ctx); err != nil {
		return p, nil, err
	}
	fixed, err = r.corpus.FirstSettings(ctx)
	return p, fixed, err
}

// checkKeyText refuses to add to a corpus whose documents cannot be compared with new ones.
func checkKeyText(newest *corpus.Manifest) error {
	if newest.KeyText == pipeline.KeyText || len(newest.Live) == 0 {
		return nil
	}
	return pipeline.WithHint(fmt.Errorf("%w: the index of the corpus was made from key text %d, this millrace compares documents by key text %d: "+
		"new ones cannot be compared with those that are there", pipeline.ErrUsage, newest.KeyText, pipeline.KeyText),
		"make a new corpus in another folder by --out; this one is read, verified, compacted and dropped from as before, and a later "+
			"version of millrace brings reindex")
}

// checkFixed refuses settings that the first version of the corpus fixed for all later ones.
func (r *run) checkFixed(fixed json.RawMessage) error {
	if fixed == nil {
		return nil
	}
	changed, err := Changed(fixed, r.Settings)
	if err != nil {
		return err
	}
	changed = slices.DeleteFunc(changed, func(line string) bool {
		key, _, _ := strings.Cut(line, ":")
		return !slices.ContainsFunc(r.Fixed, func(fixed string) bool {
			return key == fixed || strings.HasPrefix(key, fixed+".")
		})
	})
	if len(changed) == 0 {
		return nil
	}
	return pipeline.WithHint(fmt.Errorf("%w: the corpus was made with other settings:\n  %s", pipeline.ErrUsage,
		strings.Join(changed, "\n  ")), "keep them, or make a new corpus in another folder by --out")
}
