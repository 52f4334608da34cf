package corpus

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// A drop, step by step, and what a crash behind each step leaves. The names are those of DropInput.Crash.
//
//	step             what is there afterwards                     what the next command does
//	drop:checked     nothing new                                  starts over
//	drop:manifest    the corpus is without the versions           brings files to their places, and writes the card: see settle
//	drop:card        files and card are those of the newest       nothing
//
// No file is removed: documents of the dropped versions are retired until GC frees them, and those that a dropped compaction had
// taken the place of come back.

// DropInput says what Drop leaves out.
type DropInput struct {
	// Version is left out, and everything behind it.
	Version int
	// Later must be set if live versions lie behind it: they go as well.
	Later bool
	Run   manifest.RunInfo
	// Lead and Crash are as in CommitInput.
	Lead  func(context.Context) error
	Crash func(point string)
}

// Drop leaves the newest versions out of the corpus, by a new version that makes it what it was before them: their files are
// eligible again, their documents are no history of later runs. The error is a pipeline.ErrUsage if the version is not live
// or others lie behind it, and names what was freed if the state before cannot be had back, and the versions of which it can. Manifests
// of versions that are not live are not needed for it. The caller must hold the corpus.
func (c *Corpus) Drop(ctx context.Context, in DropInput) (*manifest.Manifest, error) {
	crash := orNothing(in.Crash)
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	m, err := c.dropOf(ctx, list, in)
	if err != nil {
		return nil, err
	}
	crash("drop:checked")
	if err := c.create(ctx, m, in.Lead); err != nil {
		return nil, err
	}
	crash("drop:manifest")
	if err := c.settle(ctx, crash); err != nil {
		return nil, err
	}
	crash("drop:card")
	return m, nil
}

// dropOf makes the manifest of a drop.
func (c *Corpus) dropOf(ctx context.Context, list []*manifest.Manifest, in DropInput) (*manifest.Manifest, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: the corpus has no version", pipeline.ErrUsage)
	}
	newest := list[len(list)-1]
	at := slices.Index(newest.Live, in.Version)
	if at < 0 {
		live := "none"
		if len(newest.Live) > 0 {
			live = manifest.VersionRange(newest.Live)
		}
		return nil, pipeline.WithHint(fmt.Errorf("%w: version %d is not live: %s", pipeline.ErrUsage, in.Version, live),
			"millrace log tells what became of every version")
	}
	drops := newest.Live[at:]
	if len(drops) > 1 && !in.Later {
		behind := "version %s lies"
		if len(drops) > 2 {
			behind = "versions %s lie"
		}
		return nil, pipeline.WithHint(fmt.Errorf("%w: "+behind+" behind version %d", pipeline.ErrUsage, manifest.VersionRange(drops[1:]), in.Version),
			"only the newest versions can be dropped; --later drops all of them")
	}
	m := newest.Successor(manifest.KindDrop, in.Run)
	m.Drops, m.Live, m.Index, m.Lines, m.Counted = slices.Clone(drops), []int{}, nil, nil, nil
	m.Plan = manifest.PlanOf(m)
	if at == 0 {
		return m, nil
	}
	// What is live was added one by one, so the last that stays knows what there was with it.
	last := slices.IndexFunc(list, func(m *manifest.Manifest) bool { return m.Version == newest.Live[at-1] })
	v := manifest.ViewOf(list[:last+1])
	if !slices.Equal(v.Newest.Live, newest.Live[:at]) {
		return nil, fmt.Errorf("version %d was made on the live versions %v, but they are %v", v.Newest.Version, v.Newest.Live, newest.Live[:at])
	}
	absent, sizes, err := c.absent(ctx, &v)
	if err != nil {
		return nil, err
	}
	if len(absent) > 0 {
		now := manifest.ViewOf(list)
		err := fmt.Errorf("version %d cannot be dropped: what the corpus was before is gone: %s is missing, or has another size", in.Version, absent[0].Path)
		return nil, pipeline.WithHint(err, "what can be dropped, each with all behind it: versions "+manifest.VersionRange(now.Droppable(present(sizes, nil))))
	}
	m.Live, m.Index, m.Lines, m.Counted, m.KeyText = append(m.Live, v.Newest.Live...), v.Index(), v.Lines(), v.Counted(), v.Newest.KeyText
	return m, nil
}

// create makes a version exist (invariant 6): by one exclusive create of its manifest, which fails if another one was first.
func (c *Corpus) create(ctx context.Context, m *manifest.Manifest, lead func(context.Context) error) error {
	data, err := m.Encode()
	if err != nil {
		return err
	}
	return dataset.Create(ctx, c.store, manifest.Name(m.Version), fmt.Sprintf("version %d", m.Version), data, lead)
}
