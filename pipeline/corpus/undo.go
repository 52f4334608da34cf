package corpus

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// present says whether a file is there, by its size, unless it is among some.
func present(sizes map[string]int64, without map[string]bool) func(dataset.File) bool {
	return func(f dataset.File) bool {
		size, ok := sizes[f.Path]
		return ok && size == f.Bytes && !without[f.Path]
	}
}

// lostDrops returns the live versions that can be dropped as things are, and those of them that cannot be without some files.
func lostDrops(v *manifest.View, sizes map[string]int64, without map[string]bool) (can, lost []int) {
	can = v.Droppable(present(sizes, nil))
	left := v.Droppable(present(sizes, without))
	return can, slices.DeleteFunc(slices.Clone(can), func(version int) bool { return slices.Contains(left, version) })
}

// LostOnceFreed returns the live versions that can be dropped now, and cannot be any more when a GC has freed what a version removed, which
// is the newest: the shards that a compaction took the place of, keys that became one run. It is what people are told before they
// free them.
func (c *Corpus) LostOnceFreed(ctx context.Context, m *manifest.Manifest) ([]int, error) {
	if len(m.Removes) == 0 {
		return nil, nil
	}
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	_, sizes, err := c.absent(ctx, &v)
	if err != nil {
		return nil, err
	}
	removed := map[string]bool{}
	for _, path := range m.Removes {
		removed[path] = true
	}
	_, lost := lostDrops(&v, sizes, removed)
	return lost, nil
}
