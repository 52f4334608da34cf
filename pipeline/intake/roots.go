package intake

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Root is a source that is known by its name, wherever it is mounted on this host.
type Root struct {
	Name string
	Root string
	// Scan says that a run takes every file below it; without it only those that were published.
	Scan bool
	// Include and Exclude are patterns of paths below it, with ** for any number of folders, {a,b}, [a-z], * and ? within a
	// name; letter case matters. One that names a folder means all below it. A scan takes what matches one of Include, or
	// anything if there is none, and none of Exclude. Names that begin with a dot are not found at all, whatever these say.
	Include, Exclude []string
}

// Published is a file of one of the Roots that somebody asked a run to take.
type Published struct {
	Source, Path string
	// Digest is the SHA-256 that it had then, in hex, if somebody asked for it: with another one it is rejected.
	Digest string
}

// listRoots finds the files of sources that are known by name: what lies in those that are scanned, and the published files.
func (o *Options) listRoots(ctx context.Context) (Listing, error) {
	l := Listing{access: o.Access, counts: o.Planning, retry: o.RetryRejected, withdraw: o.Withdraw, digests: map[fileName]string{}}
	if err := l.checkRoots(o); err != nil {
		return l, err
	}
	seen := map[fileName]bool{}
	numbers := map[string]int{}
	for _, r := range o.Roots {
		numbers[r.Name] = l.source(pipeline.Source{Name: r.Name, Root: r.Root})
		if !r.Scan {
			continue
		}
		takes, err := r.filter()
		if err != nil {
			return l, fmt.Errorf("%w: source %s: %w", pipeline.ErrUsage, r.Name, err)
		}
		at := len(l.files)
		if err := l.addFolder(ctx, r.Name, r.Root, o.Exclude); err != nil {
			return l, err
		}
		found := len(l.files) - at
		taken := slices.DeleteFunc(l.files[at:], func(f ingest.File) bool { return !takes.keeps(&f) })
		l.files = l.files[:at+len(taken)]
		if found > 0 {
			o.warnIdle(r.Name, "include", takes.include)
			o.warnIdle(r.Name, "exclude", takes.exclude)
		}
	}
	for i := range l.files {
		seen[l.name(i)] = true
	}
	for _, p := range o.Published {
		source, ok := numbers[p.Source]
		if !ok {
			return l, pipeline.WithHint(fmt.Errorf("%w: %s/%s was published, but there is no source %q", pipeline.ErrUsage, p.Source, p.Path, p.Source),
				"name it under sources, with its path, or by millrace serve --source "+shellWord(p.Source+"=PATH"))
		}
		k := fileName{p.Source, p.Path}
		if p.Digest != "" {
			l.digests[k] = p.Digest
		}
		if seen[k] {
			continue
		}
		seen[k] = true
		found, err := store.StatBelow(ctx, l.sources[source].Root, p.Path, l.access)
		if err != nil {
			return l, err
		}
		l.counts.Found(found.Bytes)
		l.files = append(l.files, fileOf(source, found))
	}
	l.sort(o.Sources)
	l.number()
	return l, nil
}

// checkRoots says which of the sources that are read lie elsewhere than the corpus remembers them.
func (l *Listing) checkRoots(o *Options) error {
	held := newMemory(o.Held)
	read := map[string]bool{}
	for _, p := range o.Published {
		read[p.Source] = true
	}
	var taken []takenName
	for _, r := range o.Roots {
		if !r.Scan && !read[r.Name] && !slices.Contains(o.Moved, r.Name) {
			continue
		}
		place := ingest.Place{Source: r.Name, Root: r.Root}
		t, learn := held.check(place, o.Moved)
		if t != nil {
			taken = append(taken, *t)
		}
		if learn {
			l.learned = append(l.learned, place)
		}
	}
	if len(taken) > 0 {
		return takenError(taken)
	}
	return held.checkMoved(o.Moved, func(yield func(string) bool) {
		for _, r := range o.Roots {
			if !yield(r.Name) {
				return
			}
		}
	})
}
