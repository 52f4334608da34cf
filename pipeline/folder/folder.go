// Package folder is what jobs make beside a corpus: a folder DIR, in a file system or a bucket, which is there whole or not at all. A manifest names its
// files, and the plan that it was made by. A kind of job that makes one has its own manifest; what is the same of all stands here. It is no kind.
//
// What a crash behind each step leaves:
//
//	Staging    beside DIR the folder .NAME.tmp-<plan>; in a bucket .unfinished-<plan> in DIR, and files without a manifest. The same plan goes on with them
//	Finish     DIR whole, by one rename; in a bucket by the create of its manifest. The same request finds it by the digest of the plan in that
//	Ended      nothing else
package folder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/store"
)

// ManifestName is the file of DIR that names all others.
const ManifestName = "manifest.json"

// Place is where a folder is made. Safe for concurrent use.
type Place struct {
	At   string // a path of this machine, or a URL
	what string
	site *engine.Site
}

// At is the place of a folder, which must not lie in the corpus. what says what the folder is, as "release".
func At(s *engine.Site, out, what string) (*Place, error) {
	if out == "" {
		return nil, fmt.Errorf("%w: no folder for the %s is named", pipeline.ErrUsage, what)
	}
	at, err := store.Absolute(out)
	if err != nil {
		return nil, err
	}
	if err := Apart(at, s.Options().Out, "corpus"); err != nil {
		return nil, err
	}
	return &Place{at, what, s}, nil
}

// Apart says that a folder that is to be made lies in another one, which is what it is made of and stays as it is: what says what that is.
func Apart(out, of, what string) error {
	at, err := store.Absolute(out)
	if err != nil {
		return err
	}
	if of, err = store.Absolute(of); err != nil {
		return err
	}
	if inside(of, at) {
		return pipeline.WithHint(fmt.Errorf("%w: %s lies in the %s", pipeline.ErrUsage, at, what), "name a folder beside it")
	}
	return nil
}

func inside(corpus, at string) bool {
	switch {
	case store.IsRemote(at) != store.IsRemote(corpus):
		return false
	case store.IsRemote(at):
		return strings.HasPrefix(strings.TrimSuffix(at, "/")+"/", strings.TrimSuffix(corpus, "/")+"/")
	}
	rel, err := filepath.Rel(resolved(corpus), resolved(at))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// resolved is a path without links, as far as it is there.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolved(parent), filepath.Base(path))
}

// Manifest is what a manifest says of the folder itself.
type Manifest interface {
	// Made is the digest of the plan that it was made by, and the files that it names.
	Made() (plan string, files []dataset.File)
}

// ErrManifest says that the manifest of a folder is not what was written.
var ErrManifest = errors.New(ManifestName + " is damaged")

// ReadManifest decodes the manifest of a folder into m, and says whether there is one.
func ReadManifest(ctx context.Context, s pipeline.Store, m any) (bool, error) {
	data, err := pipeline.ReadAll(ctx, s, ManifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := dataset.Decode(data, m); err != nil {
		return false, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	return true, nil
}

// Look says whether a plan has made the folder: then its manifest is in m, and use is called with a store in the folder. With planning, something else in
// its place is an error of the user's.
func (p *Place) Look(ctx context.Context, plan *pipeline.Plan, m Manifest, planning bool, use func(in pipeline.Store) error) (made bool, err error) {
	empty, err := p.empty(ctx)
	if empty || err != nil {
		return false, err
	}
	in, err := store.Open(ctx, p.At, store.Options{Access: p.site.Options().Access})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	there, err := ReadManifest(ctx, in, m)
	if there {
		by, files := m.Made()
		if made = by == plan.Digest(); made {
			err = whole(ctx, in, files)
		}
	}
	switch {
	case made && err == nil:
		return true, use(in)
	case !planning:
		return false, err
	case !there && err == nil && p.begun(ctx, in, plan):
		return false, nil
	case err != nil:
		err = fmt.Errorf("%w: %s: %w", pipeline.ErrUsage, p.At, err)
	case there:
		err = fmt.Errorf("%w: %s holds another %s", pipeline.ErrUsage, p.At, p.what)
	default:
		err = fmt.Errorf("%w: %s is not empty, and holds no %s", pipeline.ErrUsage, p.At, p.what)
	}
	return false, pipeline.WithHint(err, "name another folder, or remove it")
}

// whole says which file is not there as it was written, by its size.
func whole(ctx context.Context, s pipeline.Store, files []dataset.File) error {
	sizes, err := dataset.Sizes(ctx, s, "")
	if err != nil {
		return err
	}
	for _, f := range files {
		if n, ok := sizes[f.Path]; !ok || n != f.Bytes {
			return fmt.Errorf("%s is missing, or has not the %d bytes that %s says", f.Path, f.Bytes, ManifestName)
		}
	}
	return nil
}

// empty says whether nothing lies in the place.
func (p *Place) empty(ctx context.Context) (bool, error) {
	if store.IsRemote(p.At) {
		in, err := store.Open(ctx, p.At, store.Options{Access: p.site.Options().Access})
		if err != nil {
			return false, err
		}
		list, err := in.List(ctx, "")
		return len(list) == 0, errors.Join(err, in.Close())
	}
	list, err := os.ReadDir(p.At)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	return len(list) == 0, nil
}

// begunName is the object that is in a bucket as long as a folder is made there: it tells what was left there from what others have.
func begunName(plan *pipeline.Plan) string { return ".unfinished-" + plan.Digest()[:8] }

func (p *Place) begun(ctx context.Context, s pipeline.Store, plan *pipeline.Plan) bool {
	o, err := s.Open(ctx, begunName(plan))
	return err == nil && o.Close() == nil
}

// temporary is the folder beside DIR, by its name, that it is made in.
func (p *Place) temporary(plan *pipeline.Plan) string {
	return "." + filepath.Base(p.At) + ".tmp-" + plan.Digest()[:8]
}

// Staging is a store for the files of the folder, until closing is called. The same plan has the same files there, whoever opens it and how often.
func (p *Place) Staging(ctx context.Context, plan *pipeline.Plan) (files pipeline.Store, closing func() error, err error) {
	o := store.Options{Write: true, Sync: true, Access: p.site.Options().Access}
	if store.IsRemote(p.At) {
		out, err := store.Open(ctx, p.At, o)
		if err != nil {
			return nil, nil, err
		}
		if !p.begun(ctx, out, plan) {
			if err := pipeline.WriteAll(ctx, out, begunName(plan), nil); err != nil {
				return nil, nil, errors.Join(err, out.Close())
			}
		}
		return out, out.Close, nil
	}
	parent, err := store.Open(ctx, filepath.Dir(p.At), o)
	if err != nil {
		return nil, nil, err
	}
	return parent.Sub(p.temporary(plan)), parent.Close, nil
}

// Made is a store for the files of the folder where it is made, until closing is called.
func (p *Place) Made(ctx context.Context) (files pipeline.Store, closing func() error, err error) {
	out, err := store.Open(ctx, p.At, store.Options{Write: true, Sync: true, Access: p.site.Options().Access})
	if err != nil {
		return nil, nil, err
	}
	return out, out.Close, nil
}

// Clear removes what was staged in a file system; in a bucket files are written again.
func (p *Place) Clear(ctx context.Context, plan *pipeline.Plan) (err error) {
	if store.IsRemote(p.At) {
		return nil
	}
	parent, err := store.Open(ctx, filepath.Dir(p.At), store.Options{Write: true, Sync: true})
	if err != nil {
		return err
	}
	return errors.Join(parent.Remove(ctx, p.temporary(plan)), parent.Close())
}

// Finish writes the manifest, and gives the folder its name. lead, which may be nil, is asked right before that whether this process is still the one to do
// so, and written is called before that.
func (p *Place) Finish(ctx context.Context, plan *pipeline.Plan, manifest []byte, written func(), lead func(context.Context) error) (err error) {
	files, closing, err := p.Staging(ctx, plan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closing()) }()
	remote := store.IsRemote(p.At)
	if !remote {
		if err := pipeline.WriteAll(ctx, files, ManifestName, manifest); err != nil {
			return err
		}
	}
	written()
	if lead != nil {
		if err := lead(ctx); err != nil {
			return err
		}
	}
	if remote {
		if err := files.PutNew(ctx, ManifestName, manifest); err != nil && !errors.Is(err, pipeline.ErrExists) {
			return err
		}
		return nil // whose it is the look behind it says
	}
	parent, err := store.Open(ctx, filepath.Dir(p.At), store.Options{Write: true, Sync: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parent.Close()) }()
	return parent.(pipeline.Mover).Move(ctx, p.temporary(plan), filepath.Base(p.At))
}

// Ended removes from a bucket what said that the folder is made there.
func (p *Place) Ended(ctx context.Context, plan *pipeline.Plan) (err error) {
	if !store.IsRemote(p.At) {
		return nil
	}
	out, err := store.Open(ctx, p.At, store.Options{Write: true, Access: p.site.Options().Access})
	if err != nil {
		return err
	}
	return errors.Join(out.Remove(ctx, begunName(plan)), out.Close())
}

// MadeBy is engine.Kind's Made of a kind that makes folders, for a plan that is there still: without one nothing says where the folder is. Asked for again, it
// is found when it is planned. look is asked of the plan.
func MadeBy(ctx context.Context, s *engine.Site, plan string, look func(*pipeline.Plan) (*engine.Outcome, error)) (*engine.Outcome, error) {
	if plan == "" {
		return nil, nil //nolint:nilnil // see above
	}
	p, err := s.Load(ctx, plan)
	if engine.IsGone(err) {
		return nil, nil //nolint:nilnil // it is planned again
	}
	if err != nil {
		return nil, err
	}
	return look(p)
}

// Unmade is what planning a job comes to whose plan is drafted: the draft, or an empty one where look finds what it would make and none of its work is left.
// Work that is left is still to be removed: then the job ends with what is there.
func Unmade(ctx context.Context, s *engine.Site, d engine.Draft, look func(*pipeline.Plan) (*engine.Outcome, error)) (engine.Draft, error) {
	there, err := look(d.Plan)
	if err != nil || there == nil {
		return d, err
	}
	if _, err := s.Load(ctx, d.Plan.Digest()); engine.IsGone(err) {
		return engine.Draft{}, nil
	}
	return d, nil
}

// PlanOf is a plan of such a kind. It makes no version, so it names none.
func PlanOf(kind string, body, local any) (*pipeline.Plan, error) {
	what, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	where, err := json.Marshal(local)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return &pipeline.Plan{Kind: kind, Code: pipeline.CodeVersion, Settings: json.RawMessage("{}"), Body: what, Local: where}, nil
}

// Sort puts files in the order of their paths.
func Sort(files []dataset.File) {
	slices.SortFunc(files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
}
