package corpus

import (
	"context"
	"errors"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/corpus/manifest"
)

// Present says whether the files of the corpus are all there, by name and size: no version is built on documents that are gone. The
// error is an ErrDamaged that names the first and the way out. It lists the corpus, and reads manifests alone.
func (c *Corpus) Present(ctx context.Context) error {
	list, err := c.Versions(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	sizes, err := c.sizes(ctx)
	if err != nil {
		return err
	}
	v := manifest.ViewOf(list)
	bad := map[string]bool{}
	first := ""
	for _, f := range v.Files() {
		size, ok := sizes[f.Path]
		if ok && size == f.Bytes {
			continue
		}
		if bad[f.Path] = true; first == "" {
			first = f.Path + " is missing"
			if ok {
				first = fmt.Sprintf("%s has %d bytes, its manifest says %d", f.Path, size, f.Bytes)
			}
		}
	}
	if first == "" {
		return nil
	}
	if n := len(bad); n > 1 {
		first += fmt.Sprintf(" (and %s more)", pipeline.Thousands(int64(n-1)))
	}
	return pipeline.WithHint(fmt.Errorf("%w: %s", ErrDamaged, first), WayOut(&v, bad))
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
