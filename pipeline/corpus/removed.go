package corpus

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
)

// RemovedBy is which of the documents that filters drop the settings of a version keep for people to read.
func RemovedBy(m *manifest.Manifest) (ingest.Removed, error) {
	settings := struct{ Removed ingest.Removed }{ingest.RemovedNone} // as of versions before the setting
	if err := json.Unmarshal(m.Settings, &settings); err != nil {
		return "", fmt.Errorf("settings of version %d: %w", m.Version, err)
	}
	return settings.Removed, nil
}

// SuspectRemoved are the files of a view with documents that filters dropped, of which one may be like a document that was withdrawn: nothing
// compares these, so it is told by their version. It is one up to the last that withdrew documents, or has rejected some as withdrawn, whose
// source still has them.
func SuspectRemoved(v *manifest.View) (paths []string) {
	last := 0
	for _, m := range v.Versions {
		if len(m.Withdraws) > 0 {
			last = m.Version
		}
	}
	if last == 0 {
		return nil
	}
	return removedOf(v, func(m *manifest.Manifest) bool {
		return m.Version <= last || m.Reasons.Rejected[ingest.ReasonWithdrawn] > 0
	})
}

// AllRemoved are all files of a view with documents that filters dropped.
func AllRemoved(v *manifest.View) []string {
	return removedOf(v, func(*manifest.Manifest) bool { return true })
}

// removedOf are those of some versions.
func removedOf(v *manifest.View, of func(*manifest.Manifest) bool) (paths []string) {
	for _, m := range v.Versions {
		if !of(m) {
			continue
		}
		for _, f := range v.Below(m, pipeline.RemovedFolder) {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// forgetDead removes what tasks over splits that were given up may have left in the folders of the version: they may have come to the end
// of their files before they died, and no entry names these.
func forgetDead(ctx context.Context, job *pipeline.Job, splits []pipeline.Entry) error {
	for split, e := range splits {
		if e.Verdict != pipeline.VerdictDead {
			continue
		}
		if err := job.Out.Remove(ctx, ingest.RemovedName(job.Plan.Version, split, len(splits))); err != nil {
			return err
		}
	}
	return nil
}
