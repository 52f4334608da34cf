package manifest

import "github.com/millrace/millrace/pipeline/dataset"

// Droppable returns the live versions that can be dropped, with all behind them, ascending: those before which the corpus was made of files
// that are there. What a live version removed is needed to drop it, and to drop whatever came between it and the version of the file.
func (v *View) Droppable(there func(dataset.File) bool) (versions []int) {
	if v.Newest == nil {
		return nil
	}
	live := v.Newest.Live
	remover := map[string]int{} // position in live
	for i, version := range live {
		if m := v.Made[version]; m != nil {
			for _, path := range m.Removes {
				remover[path] = i
			}
		}
	}
	missing := make([]int, len(live)+1) // files that the state before each needs and that are not there: by how much it is more than before
	for i, version := range live {
		m := v.Made[version]
		if m == nil {
			missing[i+1]++
			continue
		}
		for _, f := range m.Files {
			last, removed := remover[f.Path]
			if !removed {
				last = len(live) - 1
			}
			if last > i && !there(f) {
				missing[i+1]++
				missing[last+1]--
			}
		}
	}
	sum := 0
	for i, version := range live {
		if sum += missing[i]; sum == 0 {
			versions = append(versions, version)
		}
	}
	return versions
}
