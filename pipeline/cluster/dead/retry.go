package dead

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/cluster/publish"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
)

// Again says how files are tried again.
type Again struct {
	Roots   []intake.Root // the sources whose place is known
	Access  store.Access
	Request cluster.Request // of the run that does it
}

// Retry takes back that any of these was dropped, puts their files on the queue, each once, and asks for a run. It returns how many
// files these are. Without a cluster there is nobody to ask, and the next run takes the files where it finds them.
func (l *Letters) Retry(ctx context.Context, list []*Letter, a Again) (published int, err error) {
	for _, one := range list {
		if err := l.corpus.KeepDead(ctx, &one.Dead); err != nil {
			return 0, err
		}
	}
	if l.client == nil || len(list) == 0 {
		return 0, nil
	}
	refs, err := a.files(ctx, list)
	if err != nil {
		return 0, err
	}
	if err := l.client.Publish(ctx, refs...); err != nil {
		return 0, err
	}
	return len(refs), l.client.Start(ctx, a.Request)
}

// files are references of the files as they are now.
func (a *Again) files(ctx context.Context, list []*Letter) (refs []queue.FileRef, err error) {
	seen := map[[2]string]bool{}
	for _, one := range list {
		file := [2]string{one.Source, one.Path}
		if seen[file] {
			continue
		}
		seen[file] = true
		i := slices.IndexFunc(a.Roots, func(r intake.Root) bool { return r.Name == one.Source })
		if i < 0 {
			return nil, pipeline.WithHint(fmt.Errorf("%w: %s/%s: the config has no path for source %q", pipeline.ErrUsage, one.Source, one.Path,
				one.Source), "name it under sources, with its path")
		}
		f, err := store.StatBelow(ctx, a.Roots[i].Root, one.Path, a.Access)
		if err != nil {
			return nil, err
		}
		if f.Reason != "" {
			return nil, fmt.Errorf("%s/%s: %s", one.Source, one.Path, publish.Says(f.Reason))
		}
		refs = append(refs, queue.FileRef{Source: one.Source, Path: one.Path, Bytes: f.Bytes, ModTime: f.ModTime})
	}
	return refs, nil
}
