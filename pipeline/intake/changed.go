package intake

import (
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// HoldsFirst says whether a root holds the first file that a plan reads of a source, unchanged. The error is that of the root.
func HoldsFirst(ctx context.Context, plan *ingest.Plan, source int, root string, access store.Access) (bool, error) {
	sources := append([]pipeline.Source(nil), plan.Sources...)
	sources[source].Root = root
	opened, err := store.OpenSources(sources, access)
	if err != nil {
		return false, err
	}
	defer func() { _ = opened.Close() }() // read only
	for i := range plan.Files {
		if f := &plan.Files[i]; f.Source == source && f.Reject == "" {
			reason, err := openable(ctx, opened, f)
			return reason == "" && err == nil, err
		}
	}
	return true, nil
}

// ChangedFile says which file of a plan is not what it was, "" if all are.
func ChangedFile(ctx context.Context, plan *ingest.Plan, access store.Access) (string, error) {
	opened, err := store.OpenSources(plan.Sources, access)
	if err != nil {
		return "", err
	}
	defer func() { _ = opened.Close() }() // read only
	changed := make([]string, len(plan.Files))
	err = forEach(len(plan.Files), func() func(i int) error {
		return func(i int) error {
			f := &plan.Files[i]
			if f.Reject == pipeline.ReasonName {
				return nil // what it is called in the plan opens nothing
			}
			reason, err := openable(ctx, opened, f)
			switch {
			case err != nil || reason == f.Reject || reason == "" && !ofPlace(f.Reject):
			case reason == pipeline.ReasonMissing:
				changed[i] = "is gone"
			default:
				changed[i] = "has changed"
			}
			return err
		}
	})
	for i, what := range changed {
		if what != "" {
			return plan.SourceName(int32(i)) + "/" + plan.Files[i].Path + " " + what, err
		}
	}
	for _, f := range plan.Vanished {
		if err != nil {
			return "", err
		}
		var missing bool
		if missing, err = isMissing(ctx, plan.Sources, f, access); !missing && err == nil {
			return f.Source + "/" + f.Path + " has come back", nil
		}
	}
	return "", err
}

// ofPlace says whether a file was rejected for where and what it is, and not for its content.
func ofPlace(reason string) bool {
	switch reason {
	case pipeline.ReasonMissing, pipeline.ReasonUnreadable, pipeline.ReasonChanged, pipeline.ReasonOutside, pipeline.ReasonLink, pipeline.ReasonSpecial:
		return true
	}
	return false
}

// openable says why a file of a plan cannot be opened as it was planned, "" if it can.
func openable(ctx context.Context, sources *store.Sources, f *ingest.File) (reason string, err error) {
	o, err := sources.Open(ctx, f.Planned())
	if reject, ok := errors.AsType[*pipeline.RejectError](err); ok {
		return reject.Reason, nil
	}
	if err != nil {
		return "", err
	}
	return "", o.Close()
}
