package corpus

import (
	"time"

	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// kept is how many of the newest manifests keep what they name: what either Keep or KeepFor asks for, and all where neither does.
func (in *GCInput) kept(list []*manifest.Manifest) int {
	if in.Keep <= 0 && in.KeepFor <= 0 {
		return len(list)
	}
	keep := max(min(in.Keep, len(list)), 0)
	if in.KeepFor > 0 {
		now := in.Now
		if now.IsZero() {
			now = time.Now()
		}
		keep = max(keep, len(list)-newestAt(list, now.Add(-in.KeepFor), now))
	}
	return keep
}

// newestAt is the position of a version that was the newest at a time, or of one before it: a version has been so since its run ended,
// until the run of the next one did. Clocks of machines differ, and any of them may have been wrong. So a time that is later than now, or
// earlier than that of a version before, says nothing, and the version is taken for one that came after.
func newestAt(list []*manifest.Manifest, at, now time.Time) (position int) {
	var last time.Time
	for i, m := range list {
		ended, ok := m.Run.Ended()
		if !ok || ended.After(now) || ended.Before(last) {
			continue
		}
		last = ended
		if !ended.After(at) {
			position = i
		}
	}
	return position
}
