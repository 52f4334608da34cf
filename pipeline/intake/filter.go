package intake

import (
	"errors"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// unfinished are the names of files that somebody has not finished, by custom.
var unfinished = []string{"**/*.tmp", "**/*.part"}

// filter says what of a source a scan takes.
type filter struct{ include, exclude []pattern }

// filter compiles the patterns of a root. The error names every bad one.
func (r Root) filter() (f filter, err error) {
	for _, list := range []struct {
		written  []string
		compiled *[]pattern
	}{{r.Include, &f.include}, {r.Exclude, &f.exclude}} {
		for _, w := range list.written {
			p, bad := compilePattern(w)
			err = errors.Join(err, bad)
			*list.compiled = append(*list.compiled, p)
		}
	}
	return f, err
}

// keeps says whether a scan takes what it found. A folder that cannot be listed may hold what include names: only exclude
// leaves it out.
func (f filter) keeps(file *ingest.File) bool {
	if file.Reject == pipeline.ReasonUnreadable {
		return filter{exclude: f.exclude}.takes(file.Path)
	}
	return f.takes(file.Path)
}

// takes says whether a scan takes a path. Every pattern that has matched nothing yet is tried, so that those that never do
// can be told.
func (f filter) takes(path string) bool {
	taken := len(f.include) == 0
	for i := range f.include {
		if p := &f.include[i]; (!taken || !p.matched) && p.matches(path) {
			taken = true
		}
	}
	for i := range f.exclude {
		if p := &f.exclude[i]; (taken || !p.matched) && p.matches(path) {
			taken = false
		}
	}
	for _, u := range unfinished {
		if taken && doublestar.MatchUnvalidated(u, path) {
			return false
		}
	}
	return taken
}

// idle lists the patterns that matched nothing, and could have.
func idle(patterns []pattern) (idle []string) {
	for _, p := range patterns {
		if !p.matched && !p.hidden {
			idle = append(idle, p.written)
		}
	}
	return idle
}
