package manifest

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Counted returns the runs of counts of tokens, by kind.
func (v *View) Counted() []CountedRuns {
	if v.Newest == nil {
		return nil
	}
	return v.Newest.Counted
}

// Counts returns the files of the run of a kind that a version made.
func (v *View) Counts(kind string, made int) (files []dataset.File, err error) {
	m := v.Made[made]
	if m == nil {
		return nil, fmt.Errorf("%s names counts of version %d, which is not live", Name(v.Newest.Version), made)
	}
	for _, f := range m.Below(pipeline.CountsFolder) {
		if kindOfCounts(f) == kind {
			files = append(files, f)
		}
	}
	return files, nil
}

// kindOfCounts is the kind of a file of counts: <kind>-<partition>-of-<partitions>.counts.
func kindOfCounts(f dataset.File) string {
	base := path.Base(f.Path)
	if i := strings.LastIndex(base, "-of-"); i >= 0 {
		base = base[:i]
	}
	return base[:max(strings.LastIndexByte(base, '-'), 0)]
}

// MergedCounts returns the files of the runs of counts that are not among some runs, ascending by path.
func (v *View) MergedCounts(counted []CountedRuns) []string {
	return v.unnamed(pipeline.CountsFolder, func(made int, f dataset.File) bool {
		kind := kindOfCounts(f)
		return slices.ContainsFunc(counted, func(r CountedRuns) bool { return r.Kind == kind && slices.Contains(r.Made, made) })
	})
}
