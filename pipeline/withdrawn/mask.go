package withdrawn

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// Mask says which documents of which versions are withdrawn. The nil Mask has none. It takes 9 bytes a document. Add and Seal are not safe
// for concurrent use; behind Seal all other methods are.
type Mask struct{ versions map[int]*ranks }

// ranks are those of one version, ascending behind Seal.
type ranks struct {
	list   []int64
	blocks []bool
}

// Len implements sort.Interface.
func (r *ranks) Len() int { return len(r.list) }

// Less implements sort.Interface.
func (r *ranks) Less(i, j int) bool { return r.list[i] < r.list[j] }

// Swap implements sort.Interface.
func (r *ranks) Swap(i, j int) {
	r.list[i], r.list[j] = r.list[j], r.list[i]
	r.blocks[i], r.blocks[j] = r.blocks[j], r.blocks[i]
}

// of are the ranks of a version, of none if nothing of it is withdrawn.
func (m *Mask) of(version int) ranks {
	if m == nil || m.versions[version] == nil {
		return ranks{}
	}
	return *m.versions[version]
}

// Add adds a document. Seal must follow the last one.
func (m *Mask) Add(version int, rank int64, blocks bool) {
	if m.versions == nil {
		m.versions = map[int]*ranks{}
	}
	r := m.versions[version]
	if r == nil {
		r = &ranks{}
		m.versions[version] = r
	}
	r.list, r.blocks = append(r.list, rank), append(r.blocks, blocks)
}

// Seal puts what was added in order. A document that was added twice is an error: it can leave but once.
func (m *Mask) Seal() error {
	for _, version := range m.Versions() {
		r := m.versions[version]
		if !slices.IsSorted(r.list) {
			sort.Sort(r)
		}
		for i := 1; i < len(r.list); i++ {
			if r.list[i] == r.list[i-1] {
				return fmt.Errorf("document %d of version %d is withdrawn twice", r.list[i], version)
			}
		}
	}
	return nil
}

// Versions are those of which documents are withdrawn, ascending.
func (m *Mask) Versions() []int {
	if m == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(m.versions))
}

// Has says whether a document is withdrawn.
func (m *Mask) Has(version int, rank int64) bool {
	_, found := slices.BinarySearch(m.of(version).list, rank)
	return found
}

// Blocks says whether a document is withdrawn, and what resembles it is to stay out.
func (m *Mask) Blocks(version int, rank int64) bool {
	r := m.of(version)
	at, found := slices.BinarySearch(r.list, rank)
	return found && r.blocks[at]
}

// Count is how many documents of a version are withdrawn.
func (m *Mask) Count(version int) int64 { return int64(len(m.of(version).list)) }

// Ranks are those of the withdrawn documents of a version, ascending. They are shared, and must not be changed.
func (m *Mask) Ranks(version int) []int64 { return m.of(version).list }

// Before is how many documents of a version before the given one are withdrawn: what its rank is more than its position, if it is not
// withdrawn itself.
func (m *Mask) Before(version int, rank int64) int64 {
	at, _ := slices.BinarySearch(m.of(version).list, rank)
	return int64(at)
}

// Rank is that of the document of a version at a position: see the package.
func (m *Mask) Rank(version int, position int64) int64 {
	list := m.of(version).list
	// The withdrawn one at i has list[i]-i others, which are not, before it: those with as many as position, or fewer, come before.
	n := sort.Search(len(list), func(i int) bool { return list[i]-int64(i) > position })
	return position + int64(n)
}

// ReadMask reads the tables of these names and returns what all of them together withdraw.
func ReadMask(ctx context.Context, s pipeline.Store, names ...string) (*Mask, error) {
	m := &Mask{}
	for _, name := range names {
		if err := m.Read(ctx, s, name); err != nil {
			return nil, err
		}
	}
	return m, m.Seal()
}

// Read adds what a table withdraws. Seal must follow the last one.
func (m *Mask) Read(ctx context.Context, s pipeline.Store, name string) error {
	columns := columnar.Selection{Int: []string{"version", "rank", "blocks"}}
	return pipeline.ReadTable(ctx, s, name, columns, func(f *columnar.Frame) error {
		versions, list, blocks := f.Int("version"), f.Int("rank"), f.Int("blocks")
		for i, rank := range list {
			if versions[i] < 1 || rank < 0 {
				return fmt.Errorf("document %d of version %d cannot be", rank, versions[i])
			}
			m.Add(int(versions[i]), rank, blocks[i] != 0)
		}
		return nil
	})
}
