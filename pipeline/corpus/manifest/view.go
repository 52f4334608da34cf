package manifest

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/dataset"
	"millrace/pipeline/ingest"
)

// View is the corpus as one manifest says that it is: the files that its live versions added, without those that one of them removed.
// A version that is not live any more neither adds nor removes, so what a drop leaves out takes back what that had removed.
type View struct {
	Newest *Manifest   // nil: there is no version
	Live   []*Manifest // runs whose documents make it up, oldest first
	Units  []Unit      // where these lie, the one with the oldest first

	Made map[int]*Manifest // every live version

	made    []*Manifest // the same, oldest first
	removed map[string]bool
}

// Unit is the live shards of one version in one format.
type Unit struct {
	Maker    *Manifest
	Versions []int // whose documents they hold, in the order of their rows; each has its rows together and in order
	Shards   []dataset.File
}

// ViewOf is the view of the last manifest of a list, which was completed. What it names and the list has not is left out.
func ViewOf(list []*Manifest) View {
	if len(list) == 0 {
		return View{Made: map[int]*Manifest{}}
	}
	newest := list[len(list)-1]
	v := viewOf(list, newest.Live)
	v.Newest = newest
	v.Units = v.readUnits(newest.Tables)
	return v
}

// viewOf replays the versions that are live.
func viewOf(list []*Manifest, versions []int) View {
	v := View{Made: map[int]*Manifest{}, removed: map[string]bool{}}
	live := map[int]bool{}
	for _, version := range versions {
		live[version] = true
	}
	for _, m := range list {
		if !live[m.Version] {
			continue
		}
		v.Made[m.Version] = m
		v.made = append(v.made, m)
		if m.Kind == KindRun {
			v.Live = append(v.Live, m)
		}
		for _, path := range m.Removes {
			v.removed[path] = true
		}
	}
	return v
}

// Files returns what the view is made of, oldest version first, by path within one.
func (v *View) Files() (files []dataset.File) {
	for _, m := range v.made {
		for _, f := range m.Files {
			if !v.removed[f.Path] {
				files = append(files, f)
			}
		}
	}
	return files
}

// Check says what is wrong with what the live versions remove: each file must be of an earlier one, and be removed by one alone; of the
// keys that are left all must be in the index.
func (v *View) Check() (problems []error) {
	there := map[string]bool{}
	for _, m := range v.made {
		for _, path := range m.Removes {
			if !there[path] {
				problems = append(problems, fmt.Errorf("%s removes %s, which was not there", Name(m.Version), path))
			}
			delete(there, path)
		}
		for _, f := range m.Files {
			there[f.Path] = true
		}
	}
	for _, path := range v.Merged(v.Index()) {
		problems = append(problems, fmt.Errorf("%s: no run of keys names %s", Name(v.Newest.Version), path))
	}
	return problems
}

// units are the live shards in one format.
func (v *View) units(format *pipeline.TableFormat) (units []Unit) {
	for _, m := range v.made {
		u := Unit{Maker: m}
		for _, f := range m.In(format) {
			if v.removed[f.Path] {
				continue
			}
			u.Shards = append(u.Shards, f)
			for _, h := range m.Held(f) {
				if !slices.Contains(u.Versions, h.Version) {
					u.Versions = append(u.Versions, h.Version)
				}
			}
		}
		if len(u.Shards) > 0 {
			units = append(units, u)
		}
	}
	sortUnits(units)
	return units
}

func sortUnits(units []Unit) {
	slices.SortStableFunc(units, func(a, b Unit) int { return slices.Min(a.Versions) - slices.Min(b.Versions) })
}

// readUnits are the shards that are read: those of each run in the first of its formats that can be.
func (v *View) readUnits(formats pipeline.TableFormats) (units []Unit) {
	found := map[int]bool{} // runs whose documents are in a unit
	for _, format := range formats {
		if format.Read == nil {
			continue
		}
		more := slices.DeleteFunc(v.units(&format), func(u Unit) bool {
			return !slices.ContainsFunc(u.Versions, func(version int) bool { return !found[version] })
		})
		for _, u := range more {
			for _, version := range u.Versions {
				found[version] = true
			}
		}
		units = append(units, more...)
	}
	sortUnits(units)
	return units
}

// Shards returns where the documents lie, oldest first.
func (v *View) Shards() (files []dataset.File) { return shardsOf(v.Units) }

// In returns where the documents lie in one format, oldest first.
func (v *View) In(format *pipeline.TableFormat) (files []dataset.File) {
	return shardsOf(v.units(format))
}

func shardsOf(units []Unit) (files []dataset.File) {
	for _, u := range units {
		files = append(files, u.Shards...)
	}
	return files
}

// Texts returns the rows in which the documents of the live runs lie, by version, as far as they are in Parquet.
func (v *View) Texts() map[int][]ingest.TextRows {
	rows := map[int][]ingest.TextRows{}
	for _, u := range v.Units {
		if !pipeline.ParquetTable.Holds(u.Shards[0].Path) { // which dedupe reads for itself
			continue
		}
		for _, f := range u.Shards {
			row := int64(0)
			for _, h := range u.Maker.Held(f) {
				rows[h.Version] = append(rows[h.Version], ingest.TextRows{Path: f.Path, Row: row, Rows: h.Rows})
				row += h.Rows
			}
		}
	}
	return rows
}

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
	for _, m := range v.made {
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

// Kinds of files of the index.
const (
	indexKeys       = "keys"
	indexMerged     = "merged"
	IndexSignatures = "signatures"
)

func (r *IndexRun) kind() string {
	if slices.Contains(r.Versions, r.Made) {
		return indexKeys
	}
	return indexMerged
}

// KindOfIndex is the kind of a file of the index, "" for none of ours.
func KindOfIndex(f dataset.File) string {
	for _, kind := range []string{indexKeys, indexMerged, IndexSignatures} {
		if strings.HasPrefix(path.Base(f.Path), kind+"-") {
			return kind
		}
	}
	return ""
}
