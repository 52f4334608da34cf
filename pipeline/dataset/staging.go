package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// The making of a dataset, step by step, and what a crash behind each step leaves. The names are those that Place calls crash with,
// or whoever calls it.
//
//	step                 what is there afterwards                      what the next try does
//	commit:moved:<name>  some folders in place that no document names: accepts those that hold exactly the files expected, by
//	                     no reader sees them                           size and digest; moves the rest
//	commit:placed        all folders in place                          accepts them all
//	commit:manifest      the dataset exists (invariant 6)              finds its own document; the staging folder is left
//
// On a store that cannot move folders the files are written where they stay; the steps are the same without the moves.

// Staging is where the files of a plan are until the dataset that they are of exists.
type Staging struct {
	Store   pipeline.Store // that the dataset is in
	Plan    string         // digest of the plan
	Folders []string       // each has a folder for every dataset, as FolderOf tells it; in the order in which these are moved
}

const stagingPrefix = pipeline.WorkFolder + "/staging-"

// IsStaging says whether a folder of a store is the staging folder of any plan.
func IsStaging(folder string) bool { return strings.HasPrefix(folder, stagingPrefix) }

// Folder is the staging folder of the plan, where the store can move folders.
func (s *Staging) Folder() string { return stagingPrefix + s.Plan[:8] }

// Out is the store for Job.Out: the staging folder where the store can move folders, the store itself where it cannot.
func (s *Staging) Out() pipeline.Store {
	if _, ok := s.Store.(pipeline.Mover); ok {
		return s.Store.Sub(s.Folder())
	}
	return s.Store
}

// Clear removes the staging folder.
func (s *Staging) Clear(ctx context.Context) error { return s.Store.Remove(ctx, s.Folder()) }

// Place brings the folders of a dataset from Out to where readers will look for them, and checks that each holds exactly the files
// of the list. A folder that is in place already, from a try before a crash, is accepted if it holds these files by size and
// digest; a foreign one is never touched: the error is a pipeline.ErrExists. crash, which may be nil, is for tests that stop behind a step.
func (s *Staging) Place(ctx context.Context, list []File, crash func(point string)) error {
	mover, moves := s.Store.(pipeline.Mover)
	byFolder := map[string][]File{}
	for _, f := range list {
		folder := FolderOf(f.Path)
		if folder == "" || !slices.Contains(s.Folders, path.Dir(folder)) {
			return fmt.Errorf("%s is in none of the folders %s", f.Path, strings.Join(s.Folders, ", "))
		}
		byFolder[folder] = append(byFolder[folder], f)
	}
	for _, kind := range s.Folders {
		for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
			if path.Dir(folder) != kind {
				continue
			}
			want := byFolder[folder]
			if !moves {
				if err := sameFiles(ctx, s.Store, folder, want); err != nil {
					return err
				}
				continue
			}
			if err := s.move(ctx, mover, folder, want); err != nil {
				return err
			}
			if crash != nil {
				crash("commit:moved:" + kind)
			}
		}
	}
	return nil
}

func (s *Staging) move(ctx context.Context, mover pipeline.Mover, folder string, want []File) error {
	there, err := s.Store.List(ctx, folder)
	if err != nil {
		return err
	}
	if len(there) == 0 {
		if err := sameFiles(ctx, s.Out(), folder, want); err != nil {
			return err
		}
		// An empty folder gives way to the move. Removing it first could remove what another coordinator moved here meanwhile.
		return mover.Move(ctx, s.Folder()+"/"+folder, folder)
	}
	err = sameFiles(ctx, s.Store, folder, want)
	for _, f := range want {
		if err == nil {
			err = CheckFile(ctx, s.Store, f, nil)
		}
	}
	if _, ok := errors.AsType[*DamageError](err); ok {
		return fmt.Errorf("%w: %s is of another run: %w", pipeline.ErrExists, folder, err)
	}
	return err
}

// Create makes a dataset exist (invariant 6): by one exclusive create of the document that names its files. If there is one of the
// name, the error is a pipeline.ErrExists that calls it what. lead, which may be nil, is asked right before whether the caller still
// has the store.
func Create(ctx context.Context, s pipeline.Store, name, what string, document []byte, lead func(context.Context) error) error {
	if lead != nil {
		if err := lead(ctx); err != nil {
			return err
		}
	}
	err := s.PutNew(ctx, name, document)
	if errors.Is(err, pipeline.ErrExists) {
		return fmt.Errorf("another %s was made meanwhile: %w", what, err)
	}
	return err
}

// Either reads the files of a dataset that is being made: from out, where its tasks wrote them, or from their places in the store,
// to which they move meanwhile.
func Either(out, store pipeline.Store) pipeline.Store { return eitherStore{out, store} }

type eitherStore struct {
	pipeline.Store
	second pipeline.Store
}

func (e eitherStore) Open(ctx context.Context, name string) (pipeline.Object, error) {
	o, err := e.Store.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return e.second.Open(ctx, name)
	}
	return o, err
}

// FolderOf returns the folder that belongs to one dataset: the first two elements of a path, "" if there are no three.
func FolderOf(path string) string {
	first, rest, _ := strings.Cut(path, "/")
	second, _, ok := strings.Cut(rest, "/")
	if !ok {
		return ""
	}
	return first + "/" + second
}

// FoldersBelow lists the folders directly below one, as far as they hold files.
func FoldersBelow(ctx context.Context, s pipeline.Store, kind string) (list []string, err error) {
	infos, err := s.List(ctx, kind)
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		folder := FolderOf(info.Name)
		if folder != "" && (len(list) == 0 || list[len(list)-1] != folder) {
			list = append(list, folder)
		}
	}
	return list, nil
}
