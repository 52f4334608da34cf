package manifest

import "slices"

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
	m.Removes, m.Holds = nil, nil
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
		m.replace(v.readUnits(m.Tables))
	}
}

// merges says whether the index has fewer of the parent's runs of keys than the parent has.
func (m *Manifest) merges(parent *Manifest) bool {
	return slices.ContainsFunc(parent.Index, func(r IndexRun) bool {
		return !slices.ContainsFunc(m.Index, func(own IndexRun) bool { return own.Made == r.Made && own.kind() == r.kind() })
	})
}

// replace says what a compaction took the place of: it wrote all rows of some units anew, one unit after the other.
func (m *Manifest) replace(units []Unit) {
	var rows []Holding // in this order
	for _, u := range units {
		if slices.ContainsFunc(u.Versions, func(version int) bool { return !slices.Contains(m.Compacts, version) }) {
			continue
		}
		for _, f := range u.Shards {
			m.Removes = append(m.Removes, f.Path)
			rows = append(rows, u.Maker.Held(f)...)
		}
	}
	slices.Sort(m.Removes)
	for _, f := range m.Files {
		for left := f.Rows; left > 0 && len(rows) > 0; {
			n := min(left, rows[0].Rows)
			m.Holds = Hold(m.Holds, Holding{f.Path, rows[0].Version, n})
			left -= n
			if rows[0].Rows -= n; rows[0].Rows == 0 {
				rows = rows[1:]
			}
		}
	}
}

// Hold adds rows behind the last ones.
func Hold(list []Holding, h Holding) []Holding {
	if n := len(list); n > 0 && list[n-1].Path == h.Path && list[n-1].Version == h.Version {
		list[n-1].Rows += h.Rows
		return list
	}
	return append(list, h)
}
