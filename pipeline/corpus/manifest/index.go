package manifest

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/dataset"
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
func (v *View) Merged(index []IndexRun) (paths []string) {
	for _, m := range v.Versions {
		for _, f := range m.Below(pipeline.IndexFolder) {
			kind := KindOfIndex(f)
			named := func(r IndexRun) bool { return r.Made == m.Version && r.kind() == kind }
			if (kind == indexKeys || kind == indexMerged) && !v.removed[f.Path] && !slices.ContainsFunc(index, named) {
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
func (v *View) MergedLines(lines []IndexRun) (paths []string) {
	for _, m := range v.Versions {
		for _, f := range m.Below(pipeline.LinesFolder) {
			if !v.removed[f.Path] && !slices.ContainsFunc(lines, func(r IndexRun) bool { return r.Made == m.Version }) {
				paths = append(paths, f.Path)
			}
		}
	}
	slices.Sort(paths)
	return paths
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
