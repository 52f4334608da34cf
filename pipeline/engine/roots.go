package engine

import (
	"context"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// Root is a source that is known by its name, wherever it is mounted on this host.
type Root struct {
	Name string
	Root string
	// Scan says that a run takes every file below it; without it only those that were published.
	Scan bool
}

// Published is a file of one of the Roots that somebody asked a run to take.
type Published struct {
	Source, Path string
}

// list finds the files of a run.
func (o *Options) list(ctx context.Context, exclude string) (listed, error) {
	if o.Roots != nil {
		return o.listRoots(ctx, exclude)
	}
	return list(ctx, o.Paths, o.Wiring.Access, exclude, o.Sources)
}

// listRoots is list for sources that are known by name: what lies in those that are scanned, and the published files.
func (o *Options) listRoots(ctx context.Context, exclude string) (listed, error) {
	l := listed{access: o.Wiring.Access}
	type key struct {
		source int
		path   string
	}
	seen := map[key]bool{}
	numbers := map[string]int{}
	for _, r := range o.Roots {
		numbers[r.Name] = l.source(r.Name, r.Root)
		if !r.Scan {
			continue
		}
		if err := l.addFolder(ctx, r.Name, r.Root, exclude); err != nil {
			return l, err
		}
	}
	for i := range l.files {
		seen[key{l.files[i].Source, l.files[i].Path}] = true
	}
	for _, p := range o.Published {
		source, ok := numbers[p.Source]
		if !ok {
			return l, pipeline.WithHint(fmt.Errorf("%w: %s/%s was published, but there is no source %q", pipeline.ErrUsage, p.Source, p.Path, p.Source),
				"name it under sources, with its path")
		}
		k := key{source, p.Path}
		if seen[k] {
			continue
		}
		seen[k] = true
		found, err := store.StatBelow(ctx, l.sources[source].Root, p.Path, l.access)
		if err != nil {
			return l, err
		}
		l.files = append(l.files, fileOf(source, found))
	}
	l.sort(o.Sources)
	l.number()
	return l, nil
}
