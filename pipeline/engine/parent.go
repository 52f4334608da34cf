package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"millrace/pipeline"
)

// parent reads the state of the corpus that a new plan builds on, and the settings that its first version fixed.
func (r *run) parent(ctx context.Context) (p Parent, fixed json.RawMessage, err error) {
	newest, err := r.corpus.Newest(ctx)
	if err != nil || newest == nil {
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
