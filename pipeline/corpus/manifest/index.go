package manifest

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Index returns the runs of keys.
func (v *View) Index() []IndexRun {
	if v.Newest == nil {
		return nil
	}
	return v.Newest.Index
}

// Keys returns the files of a run of keys.
func (v *View) Keys(r IndexRun) (files []dataset.File, err error) {
	m := v.Made[r.Made]
	if m == nil {
		return nil, fmt.Errorf("%s names keys of version %d, which is not live", Name(v.Newest.Version), r.Made)
	}
	for _, f := range m.Below(pipeline.IndexFolder) {
		if KindOfIndex(f) == r.kind() {
			files = append(files, f)
		}
	}
	return files, nil
}

// Merged returns the files of the runs of keys that another index has not any more, ascending by path: they were merged.
func (v *View) Merged(index []IndexRun) []string {
	return v.unnamed(pipeline.IndexFolder, func(made int, f dataset.File) bool {
		kind := KindOfIndex(f)
		return kind != indexKeys && kind != indexMerged || slices.ContainsFunc(index, func(r IndexRun) bool { return r.Made == made && r.kind() == kind })
	})
}

// unnamed returns the files of a folder that are not named, by the version that made one, and were not removed, ascending by path.
func (v *View) unnamed(folder string, named func(made int, f dataset.File) bool) (paths []string) {
	for _, m := range v.Versions {
		for _, f := range m.Below(folder) {
			if !v.removed[f.Path] && !named(m.Version, f) {
				paths = append(paths, f.Path)
			}
		}
	}
	slices.Sort(paths)
	return paths
}

// Lines returns the runs of keys of lines.
func (v *View) Lines() []IndexRun {
	if v.Newest == nil {
		return nil
	}
	return v.Newest.Lines
}

// LineKeys returns the files of a run of keys of lines.
func (v *View) LineKeys(r IndexRun) ([]dataset.File, error) {
	m := v.Made[r.Made]
	if m == nil {
		return nil, fmt.Errorf("%s names keys of lines of version %d, which is not live", Name(v.Newest.Version), r.Made)
	}
	return m.Below(pipeline.LinesFolder), nil
}

// MergedLines returns the files of the runs of keys of lines that are not among some runs, ascending by path.
func (v *View) MergedLines(lines []IndexRun) []string {
	return v.unnamed(pipeline.LinesFolder, func(made int, _ dataset.File) bool {
		return slices.ContainsFunc(lines, func(r IndexRun) bool { return r.Made == made })
	})
}

// Kinds of files of the index.
const (
	indexKeys       = "keys"
	indexMerged     = "merged"
	IndexSignatures = "signatures"
	IndexCompared   = "compared"
)

func (r *IndexRun) kind() string {
	if slices.Contains(r.Versions, r.Made) {
		return indexKeys
	}
	return indexMerged
}

// KindOfIndex is the kind of a file of the index, "" for none of ours.
func KindOfIndex(f dataset.File) string {
	for _, kind := range []string{indexKeys, indexMerged, IndexSignatures, IndexCompared} {
		if strings.HasPrefix(path.Base(f.Path), kind+"-") {
			return kind
		}
	}
	return ""
}
