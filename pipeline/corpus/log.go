package corpus

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"golang.org/x/sync/errgroup"

	"millrace/pipeline"
	"millrace/pipeline/corpus/delta"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
)

// writeLog makes the Delta log that of the manifests: what differs is written, the oldest first, so that a reader always finds a log
// without a gap.
func (c *Corpus) writeLog(ctx context.Context, list []*manifest.Manifest) error {
	entries, differ, err := c.logDiffers(ctx, list)
	for _, version := range differ {
		if err == nil {
			err = pipeline.WriteAll(ctx, c.store, delta.Name(version), entries[version])
		}
	}
	return err
}

// LogBehind says whether the Delta log is not that of the manifests of a list: whatever is done next to the corpus writes it.
func (c *Corpus) LogBehind(ctx context.Context, list []*manifest.Manifest) (bool, error) {
	_, differ, err := c.logDiffers(ctx, list)
	return len(differ) > 0, err
}

// logDiffers returns the entries of the log, and the versions whose entry is not what it should be, ascending.
func (c *Corpus) logDiffers(ctx context.Context, list []*manifest.Manifest) (entries [][]byte, differ []int, err error) {
	first, err := pipeline.ReadAll(ctx, c.store, delta.Name(0))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	entries = delta.Log(list, delta.IDOf(first))
	sizes, err := dataset.Sizes(ctx, c.store, delta.Folder)
	if err != nil {
		return nil, nil, err
	}
	same := make([]bool, len(entries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(moves)
	for version, entry := range entries {
		name := delta.Name(version)
		if size, ok := sizes[name]; !ok || size != int64(len(entry)) {
			continue
		}
		g.Go(func() error {
			there, err := pipeline.ReadAll(ctx, c.store, name)
			same[version] = bytes.Equal(there, entry)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	for version := range entries {
		if !same[version] {
			differ = append(differ, version)
		}
	}
	return entries, differ, nil
}
