package manifest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/dataset"
	"millrace/pipeline/ingest"
)

// View is the corpus as one manifest says that it is.
type View struct {
	Newest *Manifest   // nil: there is no version
	Live   []*Manifest // runs whose documents make it up, oldest first
	Units  []Unit      // where these lie

	Made map[int]*Manifest // every live version
}

// Unit is shards that hold the documents of some runs, run by run, in one format that can be read.
type Unit struct {
	Maker    *Manifest // the run itself, or a compaction
	Versions []int     // ascending; each has its rows together and in order
	Shards   []dataset.File
}

// ViewOf is the view of the last manifest of a list. What it names and the list has not is left out.
func ViewOf(list []*Manifest) (v View) {
	v.Made = map[int]*Manifest{}
	if len(list) == 0 {
		return v
	}
	v.Newest = list[len(list)-1]
	compacted := map[int]*Manifest{} // by the version: the last compaction of it
	live := map[int]bool{}
	for _, version := range v.Newest.Live {
		live[version] = true
	}
	for _, m := range list {
		if !live[m.Version] {
			continue
		}
		v.Made[m.Version] = m
		if m.Kind != KindCompact {
			v.Live = append(v.Live, m)
			continue
		}
		for _, version := range m.Compacts {
			compacted[version] = m
		}
	}
	at := map[*Manifest]int{} // units of compactions
	for _, m := range v.Live {
		c := compacted[m.Version]
		if c == nil {
			v.Units = append(v.Units, Unit{m, []int{m.Version}, m.Shards()})
			continue
		}
		if _, ok := at[c]; !ok {
			at[c] = len(v.Units)
			v.Units = append(v.Units, Unit{Maker: c, Shards: c.Shards()})
		}
		u := &v.Units[at[c]]
		u.Versions = append(u.Versions, m.Version)
	}
	return v
}

// Shards returns where the documents lie, oldest first.
func (v *View) Shards() (files []dataset.File) {
	for _, u := range v.Units {
		files = append(files, u.Shards...)
	}
	return files
}

// In returns where the documents lie in one format, oldest first: in the shards that are read, or in those that the runs brought.
func (v *View) In(format *pipeline.TableFormat) (files []dataset.File) {
	for _, u := range v.Units {
		if len(u.Shards) > 0 && format.Holds(u.Shards[0].Path) {
			files = append(files, u.Shards...)
			continue
		}
		for _, version := range u.Versions {
			files = append(files, v.Made[version].In(format)...)
		}
	}
	return files
}

// Texts returns the rows in which the documents of the live runs lie, by version, as far as they are in Parquet.
func (v *View) Texts() map[int][]ingest.TextRows {
	rows := map[int][]ingest.TextRows{}
	for _, u := range v.Units {
		if len(u.Shards) == 0 || !pipeline.ParquetTable.Holds(u.Shards[0].Path) { // which dedupe reads for itself
			continue
		}
		shards, row := u.Shards, int64(0) // what is left of them, and the next row of the first
		for _, version := range u.Versions {
			for left := v.Made[version].Totals.Documents.Kept; left > 0 && len(shards) > 0; {
				if n := min(left, shards[0].Rows-row); n > 0 {
					rows[version] = append(rows[version], ingest.TextRows{Path: shards[0].Path, Row: row, Rows: n})
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

// Index returns the runs of keys. Before format 2 every version had one of its own.
func (v *View) Index() (runs []IndexRun) {
	if v.Newest == nil {
		return nil
	}
	if v.Newest.Format > 1 {
		return v.Newest.Index
	}
	for _, m := range v.Live {
		runs = append(runs, IndexRun{[]int{m.Version}, m.Version})
	}
	return runs
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

// Files returns what the view is made of, oldest version first: all that its versions added but shards that a compaction
// took the place of, and keys that were merged.
func (v *View) Files() (files []dataset.File) {
	type runKey struct {
		made int
		kind string
	}
	runs := map[runKey]bool{}
	for _, r := range v.Index() {
		runs[runKey{r.Made, r.kind()}] = true
	}
	makers := map[*Manifest]bool{}
	for _, u := range v.Units {
		makers[u.Maker] = true
	}
	for _, version := range slices.Sorted(maps.Keys(v.Made)) {
		m := v.Made[version]
		for _, f := range m.Files {
			folder, _, _ := strings.Cut(f.Path, "/")
			switch kind := KindOfIndex(f); {
			case pipeline.ParquetTable.Holds(f.Path) && !makers[m]:
			case folder == pipeline.IndexFolder && (kind == indexKeys || kind == indexMerged) && !runs[runKey{m.Version, kind}]:
			default:
				files = append(files, f)
			}
		}
	}
	return files
}
