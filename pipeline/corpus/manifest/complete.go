package manifest

import (
	"slices"

	"github.com/millrace/millrace/pipeline/dataset"
)

// sayRemoves is the first format whose manifests say what they remove, and whose documents their shards hold.
const sayRemoves = 4

// Complete computes once, for each manifest of an earlier format that was just decoded, what it does not say: the index of format 1,
// the keys that a run merged, and of a compaction the shards that it took the place of and whose documents its own hold. The list is that
// of a corpus, oldest first; what is missing in it was freed, and is live in none of those that are there. Those that were completed
// before are only read, so they may be shared.
func Complete(list []*Manifest) {
	for i, m := range list {
		if m.completed {
			continue
		}
		if m.Format < sayRemoves {
			m.complete(list[:i])
		}
		m.completed = true
	}
}

func (m *Manifest) complete(earlier []*Manifest) {
	m.Removes, m.Holds, m.Withdraws = nil, nil, nil
	if m.Format == 1 { // every version had keys of its own
		m.Index = nil
		for _, version := range m.Live {
			m.Index = append(m.Index, IndexRun{[]int{version}, version})
		}
		return
	}
	switch m.Kind {
	case KindRun:
		if parent := len(earlier) - 1; parent < 0 || earlier[parent].Version != m.Parent || m.merges(earlier[parent]) {
			v := viewOf(earlier, m.Live)
			m.Removes = v.Merged(m.Index)
		}
	case KindCompact:
		v := viewOf(earlier, m.Live)
		m.replace(v.read(m.Tables))
	}
}

// merges says whether the index has fewer of the parent's runs of keys than the parent has.
func (m *Manifest) merges(parent *Manifest) bool {
	return slices.ContainsFunc(parent.Index, func(r IndexRun) bool {
		return !slices.ContainsFunc(m.Index, func(own IndexRun) bool { return own.Made == r.Made && own.kind() == r.kind() })
	})
}

// replace says what a compaction took the place of: it wrote all rows of some versions' shards anew, one version after the other by the
// oldest run that each held.
func (m *Manifest) replace(read []Shard) {
	oldest := map[int]int{} // run, by maker
	whole := map[int]bool{} // whether all that a maker's shards hold was compacted
	for _, s := range read {
		maker := s.Maker.Version
		if _, ok := oldest[maker]; !ok {
			oldest[maker], whole[maker] = s.Holds[0].Version, true // the shards are in the order of their first documents
		}
		whole[maker] = whole[maker] && !slices.ContainsFunc(s.Holds, func(h Holding) bool { return !slices.Contains(m.Compacts, h.Version) })
	}
	slices.SortStableFunc(read, func(a, b Shard) int { return oldest[a.Maker.Version] - oldest[b.Maker.Version] })
	var rows []Holding // in this order
	for _, s := range read {
		if whole[s.Maker.Version] {
			m.Removes = append(m.Removes, s.Path)
			rows = append(rows, s.Holds...)
		}
	}
	slices.Sort(m.Removes)
	m.Holds = Hold(m.Files, rows) // whose ranks are positions: nothing was withdrawn
}

// Hold says whose documents shards hold that have the rows of holdings, one behind the other. Where these begin with a rank, and where those
// of the result do, stands the position of the first document.
func Hold(shards []dataset.File, rows []Holding) (holds []Holding) {
	rows = slices.Clone(rows)
	for _, f := range shards {
		for left := f.Rows; left > 0 && len(rows) > 0; {
			h := Holding{f.Path, rows[0].Version, rows[0].First, min(left, rows[0].Rows)}
			left -= h.Rows
			rows[0].First += h.Rows
			if rows[0].Rows -= h.Rows; rows[0].Rows == 0 {
				rows = rows[1:]
			}
			n := len(holds) - 1
			if n >= 0 && holds[n].Path == h.Path && holds[n].Version == h.Version && holds[n].First+holds[n].Rows == h.First {
				holds[n].Rows += h.Rows
				continue
			}
			holds = append(holds, h)
		}
	}
	return holds
}
