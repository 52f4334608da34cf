package intake

import (
	"context"
	"errors"

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// Detected is what a run would take a file for.
type Detected struct {
	Source string `json:"source"`
	pipeline.File
	Why string `json:"why,omitempty"` // the format was chosen
	// First is the beginning of the first document as it would be kept, "" if the first record gives none.
	First string `json:"first,omitempty"`
	// Detail is what there is to say of Reject, where reading found it.
	Detail string `json:"detail,omitempty"`
}

// Detect looks at every file below the paths, in the order of a plan, and hands it to yield with the beginning of its first
// document. It makes no folder and takes no lock.
func Detect(ctx context.Context, o Options, yield func(Detected) error) (err error) {
	found, err := o.listPaths(ctx)
	if err != nil {
		return err
	}
	o.warnUnused(found.sources)
	if err := found.detect(ctx, o.Formats); err != nil {
		return err
	}
	plan := &pipeline.Plan{Code: pipeline.CodeVersion, Sources: found.sources, Files: found.files, Settings: o.Settings}
	sources, err := store.OpenSources(plan.Sources, o.Access)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	for i := range plan.Files {
		d := Detected{Source: plan.SourceName(int32(i)), File: plan.Files[i], Why: found.why[i]}
		if d.Reject == "" {
			s, err := o.sample(ctx, plan, sources, i)
			if err != nil {
				return err
			}
			d.First, d.Reject, d.Detail = s.after, s.reject, s.detail
		}
		if err := yield(d); err != nil {
			return err
		}
	}
	return nil
}
