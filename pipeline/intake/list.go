package intake

import (
	"context"

	"millrace/pipeline"
)

// List finds the files that a plan with these options would look at. One that names what is not there is an error.
func List(ctx context.Context, o Options) (Listing, error) { return o.list(ctx) }

// RootsOf are the roots of a source, in the order of their first files.
func (l *Listing) RootsOf(source string) (roots []string) {
	for _, s := range l.sources {
		if s.Name == source {
			roots = append(roots, s.Root)
		}
	}
	return roots
}

// Beside counts the files that are neither in a plan nor in a version.
func (l *Listing) Beside(plan *pipeline.Plan, parent Parent) (n int64) {
	planned := filesOf(plan)
	for i := range l.files {
		f := &l.files[i]
		name := l.sources[f.Source].Name
		if planned[fileName{name, f.Path}] == nil && (parent.Known == nil || !parent.Known(name, f.Path, f.Bytes, f.ModTime)) {
			n++
		}
	}
	return n
}
