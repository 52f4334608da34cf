package show

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// DocumentDiff counts the kept documents that only one side has. What both have under one id and with another text is
// changed, not added and removed.
type DocumentDiff struct {
	// Known is false where a side has shards only that cannot be read here, nor compared; then Why says so, and nothing else is
	// said.
	Known   bool   `json:"known"`
	Why     string `json:"why,omitempty"`
	Added   int64  `json:"added"`
	Removed int64  `json:"removed"`
	Changed int64  `json:"changed"`

	AddedFirst   []DiffDocument `json:"added_first"`
	RemovedFirst []DiffDocument `json:"removed_first"`
	ChangedFirst []DiffDocument `json:"changed_first"`
}

// DiffDocument is one of the documents that differ.
type DiffDocument struct {
	ID      string `json:"id"`
	Version int    `json:"version"` // of a changed one in B
	Source  string `json:"source"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"`
	Chars   int64  `json:"chars"`
}

// compareAtOnce is how many documents are held in memory, at 40 bytes each; with more of them the shards are read several
// times, each time for a fixed part of the ids.
const compareAtOnce = 4 << 20

// compared is a document in a comparison.
type compared struct {
	id    [16]byte
	text  uint64 // hash of the text
	shard int32
	row   int32 // a shard has fewer rows than that
}

func compareDocuments(a, b compared) int {
	return cmp.Or(bytes.Compare(a.id[:], b.id[:]), cmp.Compare(a.text, b.text))
}

// comparison is the shards that only one side has, and the documents that differ by what they hold.
type comparison struct {
	states  [2]*state
	shards  [2][]dataset.File
	partial map[string]bool     // shards of which a side has some documents only
	runs    [2]map[string][]int // by shard: whose documents a side has in it
	atOnce  int
	result  DocumentDiff
	example [3][]compared // added, removed, changed: those that come first in the shards
	limit   int
}

// Indices of comparison.example.
const (
	added = iota
	removed
	changed
)

func diffDocuments(ctx context.Context, a, b *state, examples, atOnce int) (DocumentDiff, error) {
	c := &comparison{states: [2]*state{a, b}, limit: examples, atOnce: atOnce, partial: map[string]bool{}}
	c.result = DocumentDiff{AddedFirst: []DiffDocument{}, RemovedFirst: []DiffDocument{}, ChangedFirst: []DiffDocument{}}
	for side, s := range c.states {
		for _, m := range s.Live {
			if m.Unreadable() {
				c.result.Why = "one side has " + titles(m.Formats()) + " shards only"
				return c.result, nil
			}
		}
		c.shards[side] = s.Shards()
		c.runs[side] = map[string][]int{}
		for _, shard := range s.Read {
			if partial(&shard) {
				c.partial[shard.Path] = true
			}
			for _, h := range shard.Holds {
				c.runs[side][shard.Path] = append(c.runs[side][shard.Path], h.Version)
			}
		}
	}
	c.result.Known = true
	c.withoutShared()
	var rows [2]int64
	for side, shards := range c.shards {
		_, rows[side] = dataset.Sum(shards)
	}
	if (rows[0] == 0 || rows[1] == 0) && len(c.partial) == 0 { // all of the other side differs, and needs no reading
		c.result.Removed, c.result.Added = rows[0], rows[1]
		c.example[removed], c.example[added] = c.head(0), c.head(1)
	} else {
		parts := int((rows[0]+rows[1])/int64(c.atOnce)) + 1
		for part := range parts {
			if err := c.part(ctx, part, parts); err != nil {
				return c.result, err
			}
		}
	}
	return c.result, c.examples(ctx)
}

// withoutShared leaves out the shards that both sides have all of, by name, rows and digest: whatever the rest holds, these
// match.
func (c *comparison) withoutShared() {
	left := map[dataset.File]bool{}
	for _, s := range c.shards[0] {
		left[s] = true
	}
	shared := map[dataset.File]bool{}
	for _, s := range c.shards[1] {
		shared[s] = left[s] && !c.partial[s.Path]
	}
	for side := range c.shards {
		c.shards[side] = slices.DeleteFunc(c.shards[side], func(f dataset.File) bool { return shared[f] })
	}
}

// head names the first documents of a side.
func (c *comparison) head(side int) (list []compared) {
	for n, s := range c.shards[side] {
		for row := int64(0); row < s.Rows && len(list) < c.limit; row++ {
			list = append(list, compared{shard: int32(n), row: int32(row)})
		}
	}
	return list
}

// part compares the documents of one part of the ids.
func (c *comparison) part(ctx context.Context, part, parts int) error {
	var sides [2][]compared
	for side := range sides {
		list, err := c.read(ctx, side, part, parts)
		if err != nil {
			return err
		}
		slices.SortFunc(list, compareDocuments)
		sides[side] = list
	}
	a, b := sides[0], sides[1]
	for len(a) > 0 || len(b) > 0 {
		id := b
		if len(b) == 0 || len(a) > 0 && bytes.Compare(a[0].id[:], b[0].id[:]) < 0 {
			id = a
		}
		left, right := sameID(a, id[0].id), sameID(b, id[0].id)
		a, b = a[len(left):], b[len(right):]
		c.group(left, right)
	}
	return nil
}

// sameID is the beginning of a sorted list that has the id.
func sameID(list []compared, id [16]byte) []compared {
	n := 0
	for n < len(list) && list[n].id == id {
		n++
	}
	return list[:n]
}

// group counts the documents of one id, of which there are as many as versions that read it. Equal texts match; of what is
// left, one against one is changed.
func (c *comparison) group(left, right []compared) {
	var onlyLeft, onlyRight []compared
	for len(left) > 0 && len(right) > 0 {
		switch cmp.Compare(left[0].text, right[0].text) {
		case 0:
			left, right = left[1:], right[1:]
		case -1:
			onlyLeft, left = append(onlyLeft, left[0]), left[1:]
		default:
			onlyRight, right = append(onlyRight, right[0]), right[1:]
		}
	}
	onlyLeft, onlyRight = append(onlyLeft, left...), append(onlyRight, right...)
	for i := range max(len(onlyLeft), len(onlyRight)) {
		switch {
		case i >= len(onlyLeft):
			c.result.Added++
			c.keep(added, onlyRight[i])
		case i >= len(onlyRight):
			c.result.Removed++
			c.keep(removed, onlyLeft[i])
		default:
			c.result.Changed++
			c.keep(changed, onlyRight[i])
		}
	}
}

// keep holds an example if it comes before those that there are.
func (c *comparison) keep(kind int, d compared) {
	list := c.example[kind]
	i, _ := slices.BinarySearchFunc(list, d, func(a, b compared) int {
		return cmp.Or(cmp.Compare(a.shard, b.shard), cmp.Compare(a.row, b.row))
	})
	if i < c.limit {
		list = slices.Insert(list, i, d)
		c.example[kind] = list[:min(len(list), c.limit)]
	}
}

// read reads the documents of one part of the ids of one side.
func (c *comparison) read(ctx context.Context, side, part, parts int) ([]compared, error) {
	s := c.states[side]
	found := make([][]compared, len(c.shards[side]))
	err := inParallel(ctx, c.shards[side], func(ctx context.Context, n int, shard dataset.File) error {
		runs := c.runs[side][shard.Path]
		columns := columnar.Selection{Text: []string{"id", "text"}, Int: []string{"version"}}
		return s.format(shard).ReadTable(ctx, s.store, shard.Path, columns, nil, func(f *columnar.Frame) error {
			ids, texts := f.Text("id"), f.Text("text")
			for i, version := range f.Int("version") {
				if !slices.Contains(runs, int(version)) {
					continue
				}
				id, err := ingest.ParseDocumentID(ids.At(i))
				if err != nil {
					return err
				}
				if int(binary.BigEndian.Uint64(id[:])%uint64(parts)) != part { // ids are hashes: any of their bits will do
					continue
				}
				found[n] = append(found[n], compared{id: id, text: xxh3.Hash(texts.At(i)), shard: int32(n), row: int32(f.First()) + int32(i)})
			}
			return nil
		})
	})
	return slices.Concat(found...), err
}

// examples reads what the first documents of each kind are.
func (c *comparison) examples(ctx context.Context) error {
	for kind, list := range map[int]*[]DiffDocument{
		added: &c.result.AddedFirst, removed: &c.result.RemovedFirst, changed: &c.result.ChangedFirst,
	} {
		side := 1
		if kind == removed {
			side = 0
		}
		var places []Location
		for _, d := range c.example[kind] {
			places = append(places, Location{c.shards[side][d.shard], int64(d.row)})
		}
		documents, err := c.states[side].documents(ctx, places, 0)
		if err != nil {
			return err
		}
		for i := range documents {
			d := &documents[i]
			*list = append(*list, DiffDocument{
				ID: d.ID, Version: d.Version, Source: d.Source, Path: d.Path, Offset: d.Offset, Chars: d.Chars,
			})
		}
	}
	return nil
}
