package ingest

import "slices"

// NamedFile is an input file by its source and path.
type NamedFile struct {
	Source string `json:"source"`
	Path   string `json:"path"`
}

// LiveShard is a shard of documents that earlier versions hold.
type LiveShard struct {
	Path string `json:"path"`
	Rows int64  `json:"rows"`
	// Read says that its documents are looked at here: those of each version are in one format that is, and may be in others.
	Read bool `json:"read,omitempty"`
	// Uncounted says that it is of a format that does not say how many documents each of its own stands for.
	Uncounted bool `json:"uncounted,omitempty"`

	Holds []LiveRows `json:"holds"` // in the order of its rows
}

// LiveRows are documents of one version that lie one behind the other in a shard.
type LiveRows struct {
	Version int   `json:"version"`
	First   int64 `json:"first"` // position of the first: its number among the live documents of its version
	Rows    int64 `json:"rows"`
}

// Cursor returns what tells of the rows of the shard which documents they are.
func (s *LiveShard) Cursor() *LiveCursor { return &LiveCursor{holds: s.Holds} }

// LiveCursor is asked for rows of one shard, ascending. It is for one goroutine.
type LiveCursor struct {
	holds []LiveRows
	first int64 // row of the first document of holds
}

// At is the version of a row, and the position of its document there; not ok behind the last row.
func (c *LiveCursor) At(row int64) (version int, position int64, ok bool) {
	for len(c.holds) > 0 && row >= c.first+c.holds[0].Rows {
		c.first += c.holds[0].Rows
		c.holds = c.holds[1:]
	}
	if len(c.holds) == 0 {
		return 0, 0, false
	}
	return c.holds[0].Version, c.holds[0].First + row - c.first, true
}

// SameDocuments says whether two shards hold the same documents in the same rows, however that is put.
func (s *LiveShard) SameDocuments(t *LiveShard) bool {
	return slices.Equal(joined(s.Holds), joined(t.Holds))
}

// joined are the same rows without a break between two pieces that follow each other.
func joined(holds []LiveRows) (list []LiveRows) {
	for _, h := range holds {
		if n := len(list) - 1; n >= 0 && list[n].Version == h.Version && list[n].First+list[n].Rows == h.First {
			list[n].Rows += h.Rows
			continue
		}
		list = append(list, h)
	}
	return list
}
