package corpus

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/delta"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// writeLog makes the Delta log that of the manifests, so that whoever reads it meanwhile finds each version that there is as it is, and a
// log without a gap. An entry that is there and changes is written twice, for it may come to be read with what earlier ones said before, or
// with what they will say: when manifests are freed the files of their versions are no more named, and the next entry can remove but what is.
//
//	newest first    entries that are there, each removing beside what it is to remove what it removed before
//	oldest first    all entries as they are to be, and those that are not there yet
//
// A crash at any point leaves such a mixture, and the next call goes on from it.
func (c *Corpus) writeLog(ctx context.Context, list []*manifest.Manifest) error {
	entries, there, differ, err := c.logDiffers(ctx, list)
	if err != nil {
		return err
	}
	var last []int // versions of entries that are not as they are to be behind the first step
	for _, version := range slices.Backward(differ) {
		name := delta.Name(version)
		if there[version] == nil {
			last = append(last, version)
			continue
		}
		between := delta.Between(there[version], entries[version])
		if !bytes.Equal(between, entries[version]) {
			last = append(last, version)
		}
		if err := pipeline.WriteAll(ctx, c.store, name, between); err != nil {
			return err
		}
	}
	for _, version := range slices.Backward(last) {
		if err := pipeline.WriteAll(ctx, c.store, delta.Name(version), entries[version]); err != nil {
			return err
		}
	}
	return nil
}

// LogBehind says whether the Delta log is not that of the manifests of a list: whatever is done next to the corpus writes it.
func (c *Corpus) LogBehind(ctx context.Context, list []*manifest.Manifest) (bool, error) {
	_, _, differ, err := c.logDiffers(ctx, list)
	return len(differ) > 0, err
}

// logDiffers returns the entries of the log, what lies there for them, nil for nothing, and the versions for which that is something else,
// ascending.
func (c *Corpus) logDiffers(ctx context.Context, list []*manifest.Manifest) (entries, there [][]byte, differ []int, err error) {
	first, err := pipeline.ReadAll(ctx, c.store, delta.Name(0))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil, err
	}
	entries = delta.Log(list, delta.IDOf(first))
	sizes, err := dataset.Sizes(ctx, c.store, delta.Folder)
	if err != nil {
		return nil, nil, nil, err
	}
	there = make([][]byte, len(entries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(moves)
	for version := range entries {
		name := delta.Name(version)
		if _, ok := sizes[name]; !ok {
			continue
		}
		g.Go(func() (err error) {
			there[version], err = pipeline.ReadAll(ctx, c.store, name)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, nil, err
	}
	for version, entry := range entries {
		if !bytes.Equal(there[version], entry) {
			differ = append(differ, version)
		}
	}
	return entries, there, differ, nil
}
