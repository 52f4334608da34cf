package manifest

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Shard is a live shard, and whose documents it holds.
type Shard struct {
	dataset.File
	Maker *Manifest // the version that wrote it
	Holds []Holding // in the order of its rows; one at least
}

// Piece is the documents of a holding, and where the first of them is: in its shard, and among the live ones of its run.
type Piece struct {
	Holding
	Row, Position int64
}

// shards are those that a version wrote in one format, in the order of their names.
func (m *Manifest) shards(format *pipeline.TableFormat) (list []Shard) {
	first := int64(0) // of the next shard of documents that it brought itself
	for _, f := range m.In(format) {
		s := Shard{f, m, m.holdings(f.Path)}
		if s.Holds == nil {
			s.Holds = []Holding{{Path: f.Path, Version: m.Version, First: first, Rows: f.Rows}}
			first += f.Rows
		}
		list = append(list, s)
	}
	return list
}

// shards are the live ones in one format, by the version and the rank of their first document.
func (v *View) shards(format *pipeline.TableFormat) (list []Shard) {
	for _, m := range v.Versions {
		for _, s := range m.shards(format) {
			if !v.removed[s.Path] {
				list = append(list, s)
			}
		}
	}
	sortShards(list)
	return list
}

func sortShards(list []Shard) {
	slices.SortStableFunc(list, func(a, b Shard) int {
		return cmp.Or(cmp.Compare(a.Holds[0].Version, b.Holds[0].Version), cmp.Compare(a.Holds[0].First, b.Holds[0].First))
	})
}

// read are the shards that are read: those of each run in the first of its formats that can be.
func (v *View) read(formats pipeline.TableFormats) (list []Shard) {
	found := map[int]bool{} // runs whose documents are in one of them
	for _, format := range formats {
		if !format.Readable() {
			continue
		}
		more := slices.DeleteFunc(v.shards(&format), func(s Shard) bool {
			return !slices.ContainsFunc(s.Holds, func(h Holding) bool { return !found[h.Version] })
		})
		for _, s := range more {
			for _, h := range s.Holds {
				found[h.Version] = true
			}
		}
		list = append(list, more...)
	}
	sortShards(list)
	return list
}

// In returns where the documents lie in one format, by the version and the rank of the first of each.
func (v *View) In(format *pipeline.TableFormat) []Shard { return v.shards(format) }

// FormatOf is the newest corpus format that the live shards in one format are of: the one by which their columns are named together. Where
// there are none it is that of the newest version.
func (v *View) FormatOf(format *pipeline.TableFormat) (newest int) {
	for _, s := range v.shards(format) {
		newest = max(newest, s.Maker.Format)
	}
	if newest == 0 {
		return v.Newest.Format
	}
	return newest
}

// Shards returns where the documents lie that are read, by the version and the rank of the first of each.
func (v *View) Shards() []dataset.File { return FilesOf(v.Read) }

// FilesOf are the files of shards.
func FilesOf(shards []Shard) (files []dataset.File) {
	for _, s := range shards {
		files = append(files, s.File)
	}
	return files
}

// Pieces says of each run where its documents lie in shards, which are all that hold any of it in one format: piece by piece in their
// order.
func Pieces(shards []Shard) map[int][]Piece {
	pieces := map[int][]Piece{}
	for _, s := range shards {
		row := int64(0)
		for _, h := range s.Holds {
			pieces[h.Version] = append(pieces[h.Version], Piece{Holding: h, Row: row})
			row += h.Rows
		}
	}
	for _, list := range pieces {
		slices.SortFunc(list, func(a, b Piece) int { return cmp.Compare(a.First, b.First) })
		for i := range list[1:] {
			list[i+1].Position = list[i].Position + list[i].Rows
		}
	}
	return pieces
}

// Positions are the same shards with holdings that have the position of their first document in the place of its rank. The shards must be
// all that hold any of a run in one format.
func Positions(shards []Shard) []Shard {
	type place struct {
		path string
		row  int64
	}
	at := map[place]int64{}
	for _, list := range Pieces(shards) {
		for _, p := range list {
			at[place{p.Path, p.Row}] = p.Position
		}
	}
	list := slices.Clone(shards)
	for i := range list {
		s, row := &list[i], int64(0)
		s.Holds = slices.Clone(s.Holds)
		for k := range s.Holds {
			s.Holds[k].First = at[place{s.Path, row}]
			row += s.Holds[k].Rows
		}
	}
	return list
}

// live is a shard, which Positions has returned, as tasks are told of it.
func (s *Shard) live() *ingest.LiveShard {
	l := &ingest.LiveShard{Path: s.Path, Rows: s.Rows}
	for _, h := range s.Holds {
		l.Holds = append(l.Holds, ingest.LiveRows{Version: h.Version, First: h.First, Rows: h.Rows})
	}
	return l
}

// Twin is a live file in a format that stands beside the documents, and the shard of those.
type Twin struct {
	dataset.File
	Holds     []Holding     // by positions
	Documents *dataset.File // nil if no shard that is read begins with the same document
	Same      bool          // it has the same documents as that, in the same rows
}

// Twins are the files in such a format, each with its shard.
func (v *View) Twins(format *pipeline.TableFormat) (list []Twin) {
	documents := map[ingest.LiveRows]*Shard{} // by the first of each
	first := func(s *Shard) ingest.LiveRows {
		return ingest.LiveRows{Version: s.Holds[0].Version, First: s.Holds[0].First}
	}
	read := Positions(v.Read)
	for i := range read {
		documents[first(&read[i])] = &read[i]
	}
	for _, s := range Positions(v.In(format)) {
		t := Twin{File: s.File, Holds: s.Holds}
		if d := documents[first(&s)]; d != nil {
			t.Documents, t.Same = &d.File, d.live().SameDocuments(s.live())
		}
		list = append(list, t)
	}
	return list
}

// Texts returns the rows in which the live documents of the live runs lie, by version, as far as they are in Parquet. What they are
// counted by is their position: their number among the live ones of their version.
func (v *View) Texts() map[int][]ingest.TextRows {
	shards := slices.DeleteFunc(slices.Clone(v.Read), func(s Shard) bool {
		return !pipeline.ParquetTable.Holds(s.Path) // which dedupe reads for itself
	})
	rows := map[int][]ingest.TextRows{}
	for version, list := range Pieces(shards) {
		for _, p := range list {
			rows[version] = append(rows[version], ingest.TextRows{Path: p.Path, Row: p.Row, Rows: p.Rows})
		}
	}
	return rows
}
