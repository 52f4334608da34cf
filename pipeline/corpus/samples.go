package corpus

import (
	"cmp"
	"context"
	"slices"

	"millrace/pipeline/columnar"
)

// excerptBytes bounds the text of a document that Inspect shows.
const excerptBytes = 1200

// location is where a document lies.
type location struct {
	version int
	shard   File
	row     int64
}

// samples returns n documents at equal distances over all that the live versions hold.
func (c *Corpus) samples(ctx context.Context, live []*Manifest, n int) ([]Document, error) {
	all := int64(0)
	for _, m := range live {
		for _, f := range m.Shards() {
			all += f.Rows
		}
	}
	wanted := min(int64(max(n, 0)), all)
	var places []location
	base, next := int64(0), int64(0)
	for _, m := range live {
		for _, f := range m.Shards() {
			for ; next < wanted; next++ {
				number := (2*next + 1) * all / (2 * wanted) // the middle of its part
				if number >= base+f.Rows {
					break
				}
				places = append(places, location{m.Version, f, number - base})
			}
			base += f.Rows
		}
	}
	return c.documents(ctx, places)
}

// documents reads the documents at the given places. It reads each shard once, to the last row wanted.
func (c *Corpus) documents(ctx context.Context, places []location) ([]Document, error) {
	result := make([]Document, len(places))
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(places[a].shard.Path, places[b].shard.Path), cmp.Compare(places[a].row, places[b].row))
	})
	for len(order) > 0 {
		n := 1
		for n < len(order) && places[order[n]].shard.Path == places[order[0]].shard.Path {
			n++
		}
		if err := c.shardRows(ctx, places, order[:n], result); err != nil {
			return nil, err
		}
		order = order[n:]
	}
	return result, nil
}

// shardRows reads the rows of one shard that order names, ascending.
func (c *Corpus) shardRows(ctx context.Context, places []location, order []int, result []Document) error {
	shard, base := places[order[0]].shard, int64(0)
	columns := []string{"id", "text", "source", "path", "offset", "chars"}
	err := readTable(ctx, c.store, shard.Path, columns, func(cols []any) error {
		rows := int64(rowsOf(cols[0]))
		for len(order) > 0 && places[order[0]].row < base+rows {
			row := int(places[order[0]].row - base)
			text := func(col int) []byte { return cols[col].(*columnar.Strings).At(row) }
			result[order[0]] = Document{
				ID: string(text(0)), Version: places[order[0]].version, Shard: shard.Path, Source: string(text(2)), Path: string(text(3)),
				Offset: cols[4].([]int64)[row], Chars: cols[5].([]int32)[row], Text: excerpt(string(head(text(1))), excerptBytes),
			}
			order = order[1:]
		}
		base += rows
		if len(order) == 0 {
			return errEnough
		}
		return nil
	})
	return ignoreEnough(err)
}

// head is more of a text than an excerpt takes, and not all of a huge one.
func head(text []byte) []byte { return text[:min(len(text), excerptBytes+8)] }

// find returns where the documents of these ids lie, as far as they do.
func (c *Corpus) find(ctx context.Context, live []*Manifest, ids map[versionedID]bool) (map[versionedID]location, error) {
	found := map[versionedID]location{}
	for _, m := range live {
		for _, f := range m.Shards() {
			if len(found) == len(ids) {
				return found, nil
			}
			row := int64(0)
			err := readTable(ctx, c.store, f.Path, []string{"id"}, func(cols []any) error {
				column := cols[0].(*columnar.Strings)
				for i := range column.Len() {
					id, err := parseID(column.At(i))
					if err != nil {
						return err
					}
					if k := (versionedID{id, int32(m.Version)}); ids[k] {
						found[k] = location{m.Version, f, row}
					}
					row++
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}
