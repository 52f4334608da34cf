package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// frozen is where the documents of an earlier release are: they stay there. nil has none.
type frozen struct {
	ids   [][16]byte
	sides []uint8
}

// mostFrozen documents of an earlier release are held in memory.
const mostFrozen = 200 << 20

// find returns the number of the split of a document that the earlier release has.
func (f *frozen) find(id *[16]byte) (side uint8, ok bool) {
	if f == nil {
		return 0, false
	}
	i, ok := slices.BinarySearchFunc(f.ids, id, func(a [16]byte, b *[16]byte) int { return bytes.Compare(a[:], b[:]) })
	if !ok {
		return 0, false
	}
	return f.sides[i], true
}

// freeze finds the earlier release that a recipe names.
func (b *body) freeze(ctx context.Context, access store.Access, files *recipeFiles) error {
	s := b.Recipe.Split
	if s == nil || s.Frozen == "" {
		return nil
	}
	at := files.path(s.Frozen)
	m, err := readRelease(ctx, access, at, nil)
	if err != nil {
		return unreadable("split.frozen", err)
	}
	split := *s
	split.Frozen, split.FrozenDigest = "", m.Digest
	b.Recipe.Split = &split
	files.note(m.Digest, at)
	for _, t := range m.Totals.Splits {
		if !slices.Contains(splitNames(&split), t.Name) {
			return fmt.Errorf("%w: split.frozen: %s has a split %s, which the recipe has not", pipeline.ErrUsage, s.Frozen, t.Name)
		}
	}
	return nil
}

// readRelease reads the manifest of a release, and has use read its files.
func readRelease(ctx context.Context, access store.Access, at string, use func(s pipeline.Store, m *Manifest) error) (m *Manifest, err error) {
	in, err := store.Open(ctx, at, store.Options{Access: access})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	m = &Manifest{}
	there, err := folder.ReadManifest(ctx, in, m)
	if err == nil && (!there || m.Format == 0 || m.Totals.Splits == nil) {
		err = fmt.Errorf("%s holds no release", at)
	}
	if err == nil && use != nil {
		err = use(in, m)
	}
	return m, err
}

// frozenOf reads where the documents of the earlier release are. It is read once a process, by the first task that needs it.
func (k *Kind) frozenOf(ctx context.Context, job *pipeline.Job, b *body) (*frozen, error) {
	digest := b.Recipe.Split.FrozenDigest
	if digest == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	k.earlier.mu.Lock()
	defer k.earlier.mu.Unlock()
	if k.earlier.digest == digest {
		return k.earlier.of, nil
	}
	l, err := localOf(job.Plan)
	if err != nil {
		return nil, err
	}
	type row struct {
		id   [16]byte
		side uint8
	}
	var list []row
	names := splitNames(b.Recipe.Split)
	_, err = readRelease(ctx, k.options.Access, l.Files[digest], func(s pipeline.Store, m *Manifest) error {
		if m.Digest != digest {
			return pipeline.Permanent(fmt.Errorf("%w: %s is not the release any more that this one was planned with", pipeline.ErrUsage, l.Files[digest]))
		}
		for _, f := range m.Files {
			if !strings.HasPrefix(f.Path, releasedFolder+"/") {
				continue
			}
			err := pipeline.ParquetTable.ReadTable(ctx, s, f.Path, columnar.Selection{Text: []string{"id", "split"}}, nil, func(t *columnar.Frame) error {
				for i := range t.Rows() {
					id, err := ingest.ParseDocumentID(t.Text("id").At(i))
					if err != nil {
						return err
					}
					side := slices.Index(names, string(t.Text("split").At(i)))
					if side < 0 {
						return fmt.Errorf("%s: there is no split %s", f.Path, t.Text("split").At(i))
					}
					list = append(list, row{id, uint8(side)})
				}
				if len(list) > mostFrozen {
					return pipeline.Permanent(fmt.Errorf("%w: split.frozen has more than %d documents", pipeline.ErrUsage, mostFrozen))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b row) int { return bytes.Compare(a.id[:], b.id[:]) })
	f := &frozen{}
	for _, r := range list {
		f.ids, f.sides = append(f.ids, r.id), append(f.sides, r.side)
	}
	k.earlier.digest, k.earlier.of = digest, f
	return f, nil
}
