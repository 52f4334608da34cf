package corpus

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Present says whether the files of the corpus are all there, by name and size: no version is built on documents that are gone. The
// error is an ErrDamaged that names the first and the way out. It lists the corpus, and reads manifests alone.
func (c *Corpus) Present(ctx context.Context) error {
	v, err := c.view(ctx)
	if err != nil || v.Newest == nil {
		return err
	}
	absent, sizes, err := c.absent(ctx, &v)
	if err != nil || len(absent) == 0 {
		return err
	}
	first := absent[0].Path + " is missing"
	if size, ok := sizes[absent[0].Path]; ok {
		first = fmt.Sprintf("%s has %d bytes, its manifest says %d", absent[0].Path, size, absent[0].Bytes)
	}
	if n := len(absent); n > 1 {
		first += fmt.Sprintf(" (and %s more)", pipeline.Thousands(int64(n-1)))
	}
	bad := map[string]bool{}
	for _, f := range absent {
		bad[f.Path] = true
	}
	return pipeline.WithHint(fmt.Errorf("%w: %s", ErrDamaged, first), WayOut(&v, bad))
}

// absent returns the files of a view that are not there, or have another size, and the sizes of all that lie in the folders of versions.
func (c *Corpus) absent(ctx context.Context, v *manifest.View) (files []dataset.File, sizes map[string]int64, err error) {
	sizes, err = c.Sizes(ctx)
	there := func(f dataset.File) bool {
		size, ok := sizes[f.Path]
		return ok && size == f.Bytes
	}
	return slices.DeleteFunc(v.Files(), there), sizes, err
}

// WayOut says what to do about files that are not what their manifests say.
func WayOut(v *manifest.View, bad map[string]bool) string {
	const copied = "bring them back from a copy of the corpus"
	if v.Newest == nil {
		return copied
	}
	for i, version := range v.Newest.Live {
		m := v.Made[version]
		if m == nil {
			continue
		}
		for _, f := range m.Files {
			if !bad[f.Path] {
				continue
			}
			later := ""
			if i < len(v.Newest.Live)-1 {
				later = " --later"
			}
			return fmt.Sprintf("%s, or take out what needs them: millrace drop OUT %d%s; the next run reads its files again", copied, version, later)
		}
	}
	return copied
}

// ErrDamaged says that a corpus is not what its manifests say.
var ErrDamaged = errors.New("corpus is damaged")
