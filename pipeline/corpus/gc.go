package corpus

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"sort"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// GC, step by step, and what a crash behind each step leaves. The names are those of GCInput.Crash.
//
//	step            what is there afterwards                          what the next GC does
//	gc:recovered    what Recover removes is gone                      goes on
//	gc:file         a file is gone that no kept manifest names        removes the rest
//	gc:files        all of them are gone                              goes on with the manifests
//	gc:manifest     a manifest is gone, oldest first                  removes the rest
//	gc:done         nothing more is to be freed, and the Delta log    nothing
//	                says so
//
// What is kept is decided by manifests alone, before anything is removed, and no kept file is touched: the corpus reads the
// same at every step.

// GCInput says what is kept.
type GCInput struct {
	// Keep is how many of the newest manifests keep what they name; 0 keeps whatever any manifest names.
	Keep int
	// KeepFor has the manifests of the versions keep what they name that were the newest at some time of it, up to Now: see newestAt. 0
	// asks for none; with Keep, what either keeps is kept. The times are those that the manifests tell.
	KeepFor time.Duration
	Now     time.Time // zero: the present
	// LivePlan is that of an unfinished run, whose files stay; nil for none.
	LivePlan *pipeline.Plan
	// DryRun finds out, and removes nothing.
	DryRun bool
	// Tell, which may be nil, is called with what will be removed, before anything is; its error ends the GC.
	Tell func(*GCReport) error
	// Crash is as in CommitInput.
	Crash func(point string)
}

// GCReport is what GC removed, or would remove.
type GCReport struct {
	Freed []Freed `json:"freed"`
	Bytes int64   `json:"bytes"`
	// Oldest is the oldest version whose state is kept, by this GC and those before it: the corpus can be read as it was then. 0 if it has
	// no version.
	Oldest int `json:"oldest"`
	// Droppable are the live versions that can be dropped afterwards, each with all behind it, and Lost those that could be dropped
	// before.
	Droppable []int `json:"droppable"`
	Lost      []int `json:"not_droppable_any_more"`
}

// Freed is something that GC removed.
type Freed struct {
	Path  string `json:"path"` // a file, or a folder with all it holds
	Bytes int64  `json:"bytes"`
	Why   string `json:"why"`
}

// Reasons of Freed.
const (
	FreedOrphan   = "no version" // a folder that no manifest names
	FreedStaging  = "given up"   // what a run or compaction was building
	FreedFile     = "not needed" // that only older manifests name than those kept
	FreedManifest = "old manifest"
)

// GC removes what the corpus does not need: what belongs to no version, and of versions what no manifest names that Keep or KeepFor
// keeps. A manifest that a kept one needs stays, however old. Files in the folders of the corpus that are not
// ours stay. The caller must hold the corpus.
func (c *Corpus) GC(ctx context.Context, in GCInput) (*GCReport, error) {
	crash := orNothing(in.Crash)
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	report := &GCReport{Freed: []Freed{}}
	if err := c.orphans(ctx, list, in.LivePlan, report); err != nil {
		return nil, err
	}
	keep := in.kept(list)
	sizes, err := c.Sizes(ctx)
	if err != nil {
		return nil, err
	}
	manifestSizes, err := dataset.Sizes(ctx, c.store, pipeline.ManifestsFolder)
	if err != nil {
		return nil, err
	}
	maps.Copy(sizes, manifestSizes)
	report.Oldest = oldest(list, keep, sizes)
	files, manifests := unneeded(list, keep, sizes)
	for _, f := range files { // settle has moved them by then
		f.Path = c.placesOf(f.Path)[len(c.placesOf(f.Path))-1]
		report.Freed = append(report.Freed, f)
	}
	report.Freed = append(report.Freed, manifests...)
	for _, f := range report.Freed {
		report.Bytes += f.Bytes
	}
	report.undo(list, sizes, files)
	if in.DryRun {
		return report, nil
	}
	if in.Tell != nil {
		if err := in.Tell(report); err != nil {
			return nil, err
		}
	}
	if err := c.Recover(ctx, in.LivePlan); err != nil {
		return nil, err
	}
	crash("gc:recovered")
	emptied := map[string]bool{}
	for _, f := range files {
		for _, at := range c.placesOf(f.Path) {
			if err := c.store.Remove(ctx, at); err != nil {
				return nil, err
			}
			emptied[path.Dir(at)] = true
		}
		crash("gc:file")
	}
	if err := c.removeEmpty(ctx, emptied); err != nil {
		return nil, err
	}
	crash("gc:files")
	for _, f := range manifests {
		if err := c.store.Remove(ctx, f.Path); err != nil {
			return nil, err
		}
		crash("gc:manifest")
	}
	if list, err = c.Versions(ctx); err != nil {
		return nil, err
	}
	if err := c.writeLog(ctx, list); err != nil {
		return nil, err
	}
	crash("gc:done")
	return report, nil
}

// oldest returns the oldest of the newest keep versions whose state is still there: earlier GCs may have kept fewer. They free
// the oldest states, so those that are there lie together.
func oldest(list []*manifest.Manifest, keep int, sizes map[string]int64) (version int) {
	if len(list) == 0 {
		return 0
	}
	from := len(list) - keep
	from += sort.Search(keep-1, func(i int) bool { // the newest is kept in any case
		v := manifest.ViewOf(list[:from+i+1])
		return len(v.Made) == len(v.Newest.Live) && !slices.ContainsFunc(v.Files(), func(f dataset.File) bool {
			_, ok := sizes[f.Path]
			return !ok
		})
	})
	return list[from].Version
}

// undo says which versions can be dropped once some files are freed, and which only before.
func (r *GCReport) undo(list []*manifest.Manifest, sizes map[string]int64, files []Freed) {
	freed := map[string]bool{}
	for _, f := range files {
		freed[f.Path] = true
	}
	v := manifest.ViewOf(list)
	can, lost := lostDrops(&v, sizes, freed)
	r.Droppable, r.Lost = []int{}, append([]int{}, lost...)
	for _, version := range can {
		if !slices.Contains(lost, version) {
			r.Droppable = append(r.Droppable, version)
		}
	}
}

// unneeded returns the files, and the manifests, that only manifests older than the newest keep name, oldest first.
func unneeded(list []*manifest.Manifest, keep int, sizes map[string]int64) (files, manifests []Freed) {
	from := len(list) - keep
	if from == 0 {
		return nil, nil
	}
	needed := map[string]bool{}
	for i, m := range list[from:] {
		v := manifest.ViewOf(list[:from+i+1])
		if len(v.Made) < len(m.Live) {
			// A GC that did not end has freed some of what it stood on. What it brought itself is still its own.
			for _, f := range m.Files {
				needed[f.Path] = true
			}
		}
		needed[manifest.Name(m.Version)] = true
		for version := range v.Made {
			needed[manifest.Name(version)] = true
		}
		for _, f := range v.Files() {
			needed[f.Path] = true
		}
	}
	for i, m := range list {
		for _, f := range m.Files {
			if size, ok := sizes[f.Path]; ok && !needed[f.Path] {
				files = append(files, Freed{f.Path, size, FreedFile})
			}
		}
		if name := manifest.Name(m.Version); i < from && !needed[name] {
			manifests = append(manifests, Freed{name, sizes[name], FreedManifest})
		}
	}
	return files, manifests
}

// orphans finds what Recover removes.
func (c *Corpus) orphans(ctx context.Context, list []*manifest.Manifest, livePlan *pipeline.Plan, report *GCReport) error {
	found, err := c.strays(ctx, list, livePlan)
	if err != nil {
		return err
	}
	for _, folder := range found {
		infos, err := c.store.List(ctx, folder)
		if err != nil {
			return err
		}
		f := Freed{Path: folder, Why: FreedOrphan}
		if dataset.IsStaging(folder) {
			f.Why = FreedStaging
		}
		for _, info := range infos {
			f.Bytes += info.Bytes
		}
		report.Freed = append(report.Freed, f)
	}
	slices.SortStableFunc(report.Freed, func(a, b Freed) int { return cmp.Compare(a.Path, b.Path) })
	return nil
}
