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
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Verified is what was found in a release.
type Verified struct {
	Digest   string   `json:"digest"`
	Files    int      `json:"files"`
	Bytes    int64    `json:"bytes"`
	Released int64    `json:"released"` // documents
	LeftOut  int64    `json:"left_out"`
	Problems []string `json:"problems,omitempty"`
}

// ErrDamaged says that a release is not what its manifest says.
var ErrDamaged = errors.New("release is damaged")

// Err is an ErrDamaged if there are problems.
func (v *Verified) Err() error {
	if len(v.Problems) == 0 {
		return nil
	}
	return pipeline.WithHint(fmt.Errorf("%w: %s", ErrDamaged, pipeline.Counted(int64(len(v.Problems)), "problem")),
		"make it again: the same recipe on the same version of the corpus gives the same release")
}

// Inspect says what a release has: what its manifest says.
func Inspect(ctx context.Context, at string, access store.Access) (*Result, error) {
	m, err := readRelease(ctx, access, at, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	r := m.result(at)
	return &r, nil
}

// Verify reads every file of a release: their digests are those of the manifest and make up its digest, nothing else is there, every document of the corpus
// is released or left out, once, and those that are released add up to what the manifest says. It takes 16 bytes a document.
func Verify(ctx context.Context, at string, access store.Access) (*Verified, error) {
	v := &Verified{}
	_, err := readRelease(ctx, access, at, func(s pipeline.Store, m *Manifest) error { return v.all(ctx, s, m) })
	if errors.Is(err, folder.ErrManifest) { // whatever else is there, nothing says what it should be
		v.problem("%v", err)
		return v, nil
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	return v, err
}

func (v *Verified) problem(format string, args ...any) {
	v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
}

func (v *Verified) all(ctx context.Context, s pipeline.Store, m *Manifest) error {
	v.Digest, v.Files = m.Digest, len(m.Files)
	v.Bytes, _ = dataset.Sum(m.Files)
	if d := dataset.Digest(m.Files); d != m.Digest {
		v.problem("the digest of the files is %s, the manifest says %s", d, m.Digest)
	}
	there, err := dataset.Sizes(ctx, s, "")
	if err != nil {
		return err
	}
	delete(there, folder.ManifestName)
	bad := map[string]bool{}
	for _, f := range m.Files {
		delete(there, f.Path)
		if err := dataset.CheckFile(ctx, s, f, nil); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			bad[f.Path] = true
			v.problem("%v", err)
		}
	}
	for path := range there {
		if !strings.HasPrefix(path, ".") {
			v.problem("%s is no file of the release", path)
		}
	}
	slices.Sort(v.Problems)
	return v.documents(ctx, s, m, bad)
}

// documents counts those that are released and left out.
func (v *Verified) documents(ctx context.Context, s pipeline.Store, m *Manifest, bad map[string]bool) error {
	var ids [][16]byte
	copies, reasons := int64(0), map[string]int64{}
	for _, f := range m.Files {
		out := strings.HasPrefix(f.Path, leftOutFolder+"/")
		if !out && !strings.HasPrefix(f.Path, releasedFolder+"/") || bad[f.Path] {
			continue
		}
		columns := columnar.Selection{Text: []string{"id"}, Int: []string{"copies"}}
		if out {
			columns = columnar.Selection{Text: []string{"id", "reason"}}
		}
		err := pipeline.ParquetTable.ReadTable(ctx, s, f.Path, columns, nil, func(t *columnar.Frame) error {
			for i := range t.Rows() {
				id, err := ingest.ParseDocumentID(t.Text("id").At(i))
				if err != nil {
					return err
				}
				ids = append(ids, id)
				if out {
					v.LeftOut++
					reasons[string(t.Text("reason").At(i))]++
				} else {
					v.Released++
					copies += t.Int("copies")[i]
				}
			}
			return nil
		})
		if err != nil {
			v.problem("%v", err)
		}
	}
	if len(bad) > 0 {
		return nil
	}
	slices.SortFunc(ids, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	for i := 1; i < len(ids); i++ {
		if ids[i] == ids[i-1] {
			v.problem("document %x is there twice", ids[i])
		}
	}
	t := &m.Totals
	if v.Released != t.Released || v.Released+v.LeftOut != t.Documents || copies != t.Copies {
		v.problem("%d documents are released, %d with repeats, and %d are left out; the manifest says %d, %d and %d", v.Released, copies, v.LeftOut,
			t.Released, t.Copies, t.Documents-t.Released)
	}
	for reason, n := range t.LeftOut {
		if reasons[reason] != n {
			v.problem("%d documents are left out for %s, the manifest says %d", reasons[reason], reason, n)
		}
	}
	return nil
}
