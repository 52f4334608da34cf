package corpus

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"millrace/pipeline"
)

// view is the corpus as one manifest says that it is.
type view struct {
	newest *Manifest   // nil: there is no version
	live   []*Manifest // runs whose documents make it up, oldest first
	units  []unit      // where these lie

	made map[int]*Manifest // every live version
}

// unit is Parquet shards that hold the documents of some runs, run by run.
type unit struct {
	maker    *Manifest // the run itself, or a compaction
	versions []int     // ascending; each has its rows together and in order
	shards   []File
}

// viewOf is the view of the last manifest of a list. What it names and the list has not is left out.
func viewOf(list []*Manifest) (v view) {
	v.made = map[int]*Manifest{}
	if len(list) == 0 {
		return v
	}
	v.newest = list[len(list)-1]
	compacted := map[int]*Manifest{} // by the version: the last compaction of it
	live := map[int]bool{}
	for _, version := range v.newest.Live {
		live[version] = true
	}
	for _, m := range list {
		if !live[m.Version] {
			continue
		}
		v.made[m.Version] = m
		if m.Kind != KindCompact {
			v.live = append(v.live, m)
			continue
		}
		for _, version := range m.Compacts {
			compacted[version] = m
		}
	}
	at := map[*Manifest]int{} // units of compactions
	for _, m := range v.live {
		c := compacted[m.Version]
		if c == nil {
			v.units = append(v.units, unit{m, []int{m.Version}, m.Shards()})
			continue
		}
		if _, ok := at[c]; !ok {
			at[c] = len(v.units)
			v.units = append(v.units, unit{maker: c, shards: c.Shards()})
		}
		u := &v.units[at[c]]
		u.versions = append(u.versions, m.Version)
	}
	return v
}

// shards returns where the documents lie, oldest first.
func (v *view) shards() (files []File) {
	for _, u := range v.units {
		files = append(files, u.shards...)
	}
	return files
}

// texts returns the rows in which the documents of the live runs lie, by version.
func (v *view) texts() map[int][]pipeline.TextRows {
	rows := map[int][]pipeline.TextRows{}
	for _, u := range v.units {
		shards, row := u.shards, int64(0) // what is left of them, and the next row of the first
		for _, version := range u.versions {
			for left := v.made[version].Totals.Documents.Kept; left > 0 && len(shards) > 0; {
				if n := min(left, shards[0].Rows-row); n > 0 {
					rows[version] = append(rows[version], pipeline.TextRows{Path: shards[0].Path, Row: row, Rows: n})
					row += n
					left -= n
				}
				if row == shards[0].Rows {
					shards, row = shards[1:], 0
				}
			}
		}
	}
	return rows
}

// index returns the runs of keys. Before format 2 every version had one of its own.
func (v *view) index() (runs []IndexRun) {
	if v.newest == nil {
		return nil
	}
	if v.newest.Format > 1 {
		return v.newest.Index
	}
	for _, m := range v.live {
		runs = append(runs, IndexRun{[]int{m.Version}, m.Version})
	}
	return runs
}

// keys returns the files of a run of keys.
func (v *view) keys(r IndexRun) (files []File, err error) {
	m := v.made[r.Made]
	if m == nil {
		return nil, fmt.Errorf("%s names keys of version %d, which is not live", ManifestName(v.newest.Version), r.Made)
	}
	for _, f := range m.Below(pipeline.IndexFolder) {
		if kindOfIndex(f) == r.kind() {
			files = append(files, f)
		}
	}
	return files, nil
}

// Kinds of files of the index.
const (
	indexKeys       = "keys"
	indexMerged     = "merged"
	indexSignatures = "signatures"
)

func (r *IndexRun) kind() string {
	if slices.Contains(r.Versions, r.Made) {
		return indexKeys
	}
	return indexMerged
}

// kindOfIndex is the kind of a file of the index, "" for none of ours.
func kindOfIndex(f File) string {
	for _, kind := range []string{indexKeys, indexMerged, indexSignatures} {
		if strings.HasPrefix(path.Base(f.Path), kind+"-") {
			return kind
		}
	}
	return ""
}

// files returns what the view is made of, oldest version first: all that its versions added but shards that a compaction
// took the place of, and keys that were merged.
func (v *view) files() (files []File) {
	type runKey struct {
		made int
		kind string
	}
	runs := map[runKey]bool{}
	for _, r := range v.index() {
		runs[runKey{r.Made, r.kind()}] = true
	}
	makers := map[*Manifest]bool{}
	for _, u := range v.units {
		makers[u.maker] = true
	}
	for _, version := range slices.Sorted(maps.Keys(v.made)) {
		m := v.made[version]
		for _, f := range m.Files {
			folder, _, _ := strings.Cut(f.Path, "/")
			switch kind := kindOfIndex(f); {
			case folder == pipeline.DataFolder && !makers[m]:
			case folder == pipeline.IndexFolder && (kind == indexKeys || kind == indexMerged) && !runs[runKey{m.Version, kind}]:
			default:
				files = append(files, f)
			}
		}
	}
	return files
}
