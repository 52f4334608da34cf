package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

// planner plans ingests on what a corpus is.
type planner struct {
	Options
	corpus *corpus.Corpus // nil: there is none yet
}

// draft plans one.
func (r *planner) draft(ctx context.Context) (d intake.Draft, err error) {
	defer r.Planning.End()
	var parent intake.Parent
	if r.corpus != nil {
		r.Planning.Restart(intake.StepParent)
		var fixed json.RawMessage
		if parent, fixed, err = r.parent(ctx); err != nil {
			return d, err
		}
		if err := r.checkFixed(fixed); err != nil {
			return d, err
		}
	}
	return intake.Plan(ctx, r.intake(), parent)
}

// parent reads the state of the corpus that a new plan builds on, with what it remembers of its sources, and the settings that its first
// version fixed.
func (r *planner) parent(ctx context.Context) (p intake.Parent, fixed json.RawMessage, err error) {
	newest, err := r.corpus.Newest(ctx)
	if err != nil || newest == nil {
		return p, nil, err
	}
	if err := checkKeyText(newest, r.Out); err != nil {
		return p, nil, err
	}
	if err := r.corpus.Present(ctx); err != nil {
		return p, nil, err
	}
	if r.Held, err = Held(ctx, r.corpus); err != nil {
		return p, nil, err
	}
	known, err := r.corpus.Known(ctx)
	if err != nil {
		return p, nil, err
	}
	p = intake.Parent{Version: newest.Version, Live: newest.Live, Known: known}
	if p.Moved, err = r.moved(ctx); err != nil {
		return p, nil, err
	}
	if p.History, p.Runs, err = r.corpus.History(ctx); err != nil {
		return p, nil, err
	}
	if p.BaseVocab, err = r.corpus.BaseVocab(ctx); err != nil {
		return p, nil, err
	}
	if p.Counted, err = r.corpus.Counted(ctx); err != nil {
		return p, nil, err
	}
	if p.Text, err = r.corpus.LiveText(ctx); err != nil {
		return p, nil, err
	}
	if r.TableGrowth > 0 {
		if p.Tabled, err = r.corpus.Tabled(ctx); err != nil {
			return p, nil, err
		}
	}
	p.Splits = func() ([][]ingest.LivePiece, error) { return r.corpus.AllSplits(ctx) }
	if p.Withdrawn, err = r.corpus.WithdrawnTables(ctx); err != nil {
		return p, nil, err
	}
	p.Shards = func() ([]ingest.LiveShard, error) { return r.corpus.LiveShards(ctx) }
	if p.Unreadable, err = r.corpus.Unreadable(ctx); err != nil {
		return p, nil, err
	}
	fixed, err = r.corpus.FixedSettings(ctx)
	return p, fixed, err
}

// checkKeyText refuses to add to a corpus whose documents cannot be compared with new ones.
func checkKeyText(newest *manifest.Manifest, out string) error {
	if newest.KeyText == ingest.KeyText || len(newest.Live) == 0 {
		return nil
	}
	return pipeline.WithHint(fmt.Errorf("%w: the index of the corpus was made from key text %d, this millrace compares documents by key text %d: "+
		"new ones cannot be compared with those that are there", pipeline.ErrUsage, newest.KeyText, ingest.KeyText),
		"make its index anew by millrace reindex "+out+", or a new corpus in another folder by --out")
}

// moved says of versions whether their settings, or their code, may have put the records of a file at other offsets than these.
func (r *planner) moved(ctx context.Context) (func(version int) bool, error) {
	versions, err := r.corpus.Versions(ctx)
	if err != nil {
		return nil, err
	}
	moved := map[int]bool{}
	for _, m := range versions {
		changed, err := r.Changed(m.Settings)
		if err != nil {
			return nil, err
		}
		moved[m.Version] = m.Code != pipeline.CodeVersion || slices.ContainsFunc(changed, func(line string) bool {
			key, _, _ := strings.Cut(line, ":")
			reading := strings.HasPrefix(key, "parse.") || strings.HasPrefix(key, "sources")
			return reading && !strings.HasSuffix(key, "text_field") && key != "parse.max_document_bytes"
		})
	}
	return func(version int) bool { return moved[version] }, nil
}

// addStanding says which rejects stand that this run might not make.
func (r *planner) addStanding(ctx context.Context, result *Result) error {
	known, err := r.corpus.Known(ctx)
	if err != nil {
		return err
	}
	standing := known.Standing()
	versions, err := r.corpus.Versions(ctx)
	if err != nil {
		return err
	}
	for _, m := range versions {
		n := standing[m.Version]
		if n == 0 {
			continue
		}
		changed, err := r.Changed(m.Settings)
		if err != nil {
			return err
		}
		if len(changed) == 0 && m.Code == pipeline.CodeVersion {
			continue
		}
		result.Standing += n
		result.Settings = append(result.Settings, changed...)
	}
	slices.Sort(result.Settings)
	result.Settings = slices.Compact(result.Settings)
	return nil
}

// checkFixed refuses settings that the first version of the corpus fixed for all later ones.
func (r *planner) checkFixed(fixed json.RawMessage) error {
	return corpus.Changed(r.Changed).CheckFixed(fixed, r.Fixed, "keep them, or make a new corpus in another folder by --out", r.Out)
}
