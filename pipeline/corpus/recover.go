package corpus

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Recover makes the corpus fit for a start: it removes temporary files, the folders of versions that were never
// committed, and the staging folders of abandoned plans, brings the files of documents to their places, and rebuilds the card if it is
// not that of the newest version.
// What belongs to livePlan, which may be nil, stays, because its run will be taken up again. The caller must hold the
// corpus. A damaged or missing manifest is an error before anything is removed.
func (c *Corpus) Recover(ctx context.Context, livePlan *pipeline.Plan) error {
	versions, err := c.Versions(ctx)
	if err != nil {
		return err
	}
	if s, ok := c.store.(pipeline.Sweeper); ok {
		if err := s.RemoveTemporaries(ctx); err != nil {
			return err
		}
	}
	found, err := c.strays(ctx, versions, livePlan)
	if err != nil {
		return err
	}
	for _, folder := range found {
		if err := c.store.Remove(ctx, folder); err != nil {
			return err
		}
	}
	if len(versions) > 0 { // a staging folder whose content was moved away is in no list
		s := c.staging(versions[len(versions)-1].Plan)
		if err := s.Clear(ctx); err != nil {
			return err
		}
	}
	return c.settle(ctx, orNothing(nil))
}

// strays are the folders of versions that no manifest names, and staging folders, but for those of the live plan.
func (c *Corpus) strays(ctx context.Context, versions []*manifest.Manifest, livePlan *pipeline.Plan) (list []string, err error) {
	var live home // of no plan: holds nothing
	staged := ""
	if livePlan != nil {
		live = c.homeOf(livePlan)
		staged = live.Folder()
	}
	named := map[string]bool{}
	for _, m := range versions {
		for _, f := range m.Files {
			named[dataset.FolderOf(f.Path)] = true
		}
	}
	for _, kind := range c.Folders() {
		present, err := dataset.FoldersBelow(ctx, c.store, kind)
		if err != nil {
			return nil, err
		}
		for _, folder := range present {
			if !named[folder] && isVersionFolder(folder) && !live.holds(folder) {
				list = append(list, folder)
			}
		}
		if present, err = dataset.FoldersBelow(ctx, c.store.Sub(dataset.RetiredFolder), kind); err != nil {
			return nil, err
		}
		for _, folder := range present {
			if !named[folder] && isVersionFolder(folder) {
				list = append(list, retiredPath(folder))
			}
		}
	}
	staging, err := dataset.FoldersBelow(ctx, c.store, pipeline.WorkFolder)
	if err != nil {
		return nil, err
	}
	for _, folder := range staging {
		if dataset.IsStaging(folder) && folder != staged {
			list = append(list, folder)
		}
	}
	return list, nil
}
