package purge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Params are what a purge is asked for by: the parameters of its request.
type Params struct {
	// Removed says that all documents go that filters dropped and that are kept for people to read, whatever was withdrawn.
	Removed bool `json:"removed,omitempty"`
}

// body is what a plan says of a purge. All of it is in the digest.
type body struct {
	Rejects    []corpus.Excerpts      `json:"rejects,omitempty"`    // tables that are written without excerpts
	Signatures []ingest.SignatureFile `json:"signatures,omitempty"` // files that are written without records
	History    []ingest.IndexVersion  `json:"history,omitempty"`    // the live runs, if keys are written anew
	Runs       []ingest.IndexRun      `json:"runs,omitempty"`       // of their keys, oldest first
	MergeRuns  int                    `json:"merge_runs,omitempty"` // how many of the last of them become one
	Partitions int                    `json:"partitions,omitempty"` // of that one
	Withdrawn  []string               `json:"withdrawn,omitempty"`  // tables of what live versions have withdrawn, oldest first
	Drops      []string               `json:"drops,omitempty"`      // files that are left out, with nothing in their place; ascending
}

// bodyOf returns what a plan says: see pipeline.BodyOf.
func bodyOf(p *pipeline.Plan) (*body, error) { return pipeline.BodyOf[body](p, Name) }

// nothing says that no file has to be written or left out.
func (b *body) nothing() bool {
	return len(b.Rejects)+len(b.Signatures)+b.MergeRuns+len(b.Drops) == 0
}

// Forgetting is what the plan of a purge says of the index.
func Forgetting(p *pipeline.Plan) (*ingest.Forgetting, error) {
	b, err := bodyOf(p)
	if err != nil {
		return nil, err
	}
	f := &ingest.Forgetting{Signatures: b.Signatures}
	f.Plan = &ingest.Plan{
		Version: p.Version, Parent: p.Parent, Live: p.Live, Partitions: b.Partitions, History: b.History, Runs: b.Runs, MergeRuns: b.MergeRuns,
		Withdrawn: b.Withdrawn,
	}
	return f, nil
}

// plan plans a purge.
func (k *Kind) plan(ctx context.Context, c *corpus.Corpus, p Params) (*pipeline.Plan, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	if v.Newest == nil {
		return nil, fmt.Errorf("%w: the corpus has no version", pipeline.ErrUsage)
	}
	if err := c.Present(ctx); err != nil {
		return nil, err
	}
	b := body{Drops: corpus.OldVocabularies(&v)}
	if p.Removed {
		b.Drops = append(b.Drops, corpus.AllRemoved(&v)...)
	} else {
		b.Drops = append(b.Drops, corpus.SuspectRemoved(&v)...)
	}
	if b.Withdrawn, err = c.WithdrawnTables(ctx); err != nil {
		return nil, err
	}
	if b.Rejects, err = c.Excerpts(ctx); err != nil {
		return nil, err
	}
	if err := k.index(ctx, c, &v, &b); err != nil {
		return nil, err
	}
	if err := leaveLines(&v, &b); err != nil {
		return nil, err
	}
	if b.Drops, err = leaveCounts(&v, b.Drops); err != nil {
		return nil, err
	}
	slices.Sort(b.Drops)
	return corpus.PlanBehind(v.Newest, Name, json.RawMessage("{}"), &b)
}

// leaveLines plans that the runs of lines are left out, from the first on that was made before documents which it covers were withdrawn: what
// counts lines next counts those documents anew that are left.
func leaveLines(v *manifest.View, b *body) error {
	for i, r := range v.Lines() {
		made := slices.ContainsFunc(v.Versions, func(m *manifest.Manifest) bool {
			return m.Version > r.Made && slices.ContainsFunc(m.Withdraws, func(w manifest.Withdrawal) bool { return slices.Contains(r.Versions, w.Version) })
		})
		if !made {
			continue
		}
		for _, r := range v.Lines()[i:] {
			files, err := v.LineKeys(r)
			if err != nil {
				return err
			}
			for _, f := range files {
				b.Drops = append(b.Drops, f.Path)
			}
		}
		return nil
	}
	return nil
}

// leaveCounts adds the runs of counts that are left out: of each kind whose oldest run was not made behind the last version that withdrew documents,
// for a token may be in it that no other document has. The next run counts the kind anew.
func leaveCounts(v *manifest.View, drops []string) ([]string, error) {
	for _, r := range v.Counted() {
		if !corpus.TellsWithdrawn(v, r) {
			continue
		}
		for _, made := range r.Made {
			files, err := v.Counts(r.Kind, made)
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				drops = append(drops, f.Path)
			}
		}
	}
	return drops, nil
}

// index plans what of the index is written anew. What was written behind the last version that withdrew a document without a trace of it
// knows nothing of it: a merge leaves its keys out, a purge its record.
func (k *Kind) index(ctx context.Context, c *corpus.Corpus, v *manifest.View, b *body) error {
	history, runs, err := c.History(ctx)
	if err != nil {
		return err
	}
	mask, err := withdrawn.ReadMask(ctx, c.Files(), b.Withdrawn...)
	if err != nil {
		return err
	}
	var compared []string
	for i := range history {
		compared = append(compared, history[i].Compared...)
	}
	held, err := k.options.Compared(ctx, c.Files(), compared, mask)
	if err != nil {
		return err
	}
	b.Drops = append(b.Drops, held...)
	last, err := c.LastGone(ctx)
	if err != nil {
		return err
	}
	for i, r := range runs {
		if slices.ContainsFunc(r.Versions, func(version int) bool { return last[version] >= r.Made }) {
			b.MergeRuns = max(b.MergeRuns, len(runs)-i) // those behind it go on, for their order
		}
	}
	if b.MergeRuns > 0 {
		b.Runs = runs
		for _, r := range runs[len(runs)-b.MergeRuns:] {
			b.Partitions = max(b.Partitions, len(r.Keys))
		}
		for _, h := range history {
			b.History = append(b.History, ingest.IndexVersion{Version: h.Version, Documents: h.Documents})
		}
	}
	for _, m := range v.Live {
		for _, f := range v.Below(m, pipeline.IndexFolder) {
			if manifest.KindOfIndex(f) == manifest.IndexSignatures && last[m.Version] >= pipeline.MadeBy(f.Path) {
				b.Signatures = append(b.Signatures, ingest.SignatureFile{Version: m.Version, Path: f.Path})
			}
		}
	}
	return nil
}
