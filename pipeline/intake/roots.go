package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"millrace/pipeline"
	"millrace/pipeline/store"
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

// unfinished are the names of files that somebody has not finished, by custom.
var unfinished = []string{"**/*.tmp", "**/*.part"}

// Check says what is wrong with the patterns, all of it.
func (r Root) Check() error {
	var errs []error
	for _, p := range r.Include {
		errs = append(errs, CheckPattern(p, true))
	}
	for _, p := range r.Exclude {
		errs = append(errs, CheckPattern(p, false))
	}
	return errors.Join(errs...)
}

// Published is a file of one of the Roots that somebody asked a run to take.
type Published struct {
	Source, Path string
	// Digest is the SHA-256 that it had then, in hex, if somebody asked for it: with another one it is rejected.
	Digest string
}

// list finds the files of a run.
func (o *Options) list(ctx context.Context) (Listing, error) {
	if o.Roots != nil {
		return o.listRoots(ctx)
	}
	return list(ctx, o.Paths, o.Access, o.Exclude, o.Sources)
}

// listRoots is list for sources that are known by name: what lies in those that are scanned, and the published files.
func (o *Options) listRoots(ctx context.Context) (Listing, error) {
	l := Listing{access: o.Access, digests: map[fileName]string{}}
	seen := map[fileName]bool{}
	numbers := map[string]int{}
	for _, r := range o.Roots {
		numbers[r.Name] = l.source(r.Name, r.Root)
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
		taken := slices.DeleteFunc(l.files[at:], func(f pipeline.File) bool { return !takes.keeps(&f) })
		l.files = l.files[:at+len(taken)]
		if found > 0 {
			o.warnIdle(r.Name, takes)
		}
	}
	for i := range l.files {
		seen[fileName{l.sources[l.files[i].Source].Name, l.files[i].Path}] = true
	}
	for _, p := range o.Published {
		source, ok := numbers[p.Source]
		if !ok {
			return l, pipeline.WithHint(fmt.Errorf("%w: %s/%s was published, but there is no source %q", pipeline.ErrUsage, p.Source, p.Path, p.Source),
				"name it under sources, with its path")
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
		l.files = append(l.files, fileOf(source, found))
	}
	l.sort(o.Sources)
	l.number()
	return l, nil
}

const (
	// freshFor is how long a file counts as one that somebody may still be writing, and stillFor how long it then has to stay
	// as it is to be taken. An object in a bucket appears whole.
	freshFor = 10 * time.Second
	stillFor = time.Second
)

// settle takes out the files that are still being written: those of the last seconds whose size or time moves while it waits.
// They are for the next run. It returns how many.
func (l *Listing) settle(ctx context.Context) (waiting int64, err error) {
	after := time.Now().Add(-freshFor).UnixNano()
	suspect := func(f *pipeline.File) bool {
		return f.Reject == "" && f.ModTime > after && !store.IsRemote(l.sources[f.Source].Root)
	}
	if !slices.ContainsFunc(l.files, func(f pipeline.File) bool { return suspect(&f) }) {
		return 0, nil
	}
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(stillFor):
	}
	kept := l.files[:0]
	for _, f := range l.files {
		if suspect(&f) {
			now, err := store.StatBelow(ctx, l.sources[f.Source].Root, f.Path, l.access)
			if err != nil {
				return 0, err
			}
			if now.Bytes != f.Bytes || now.ModTime != f.ModTime || now.Reason != "" {
				waiting++
				continue
			}
		}
		kept = append(kept, f)
	}
	l.files = kept
	return waiting, nil
}
