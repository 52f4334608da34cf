package show

import (
	"cmp"
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/dataset"
)

// excerptBytes bounds the text of a document that Inspect shows.
const excerptBytes = 1200

// location is where a document lies.
type location struct {
	shard dataset.File
	row   int64
}

// samples returns n documents at equal distances over all shards.
func (c *Corpus) samples(ctx context.Context, shards []dataset.File, n int) ([]Document, error) {
	_, all := dataset.Sum(shards)
	wanted := min(int64(max(n, 0)), all)
	var places []location
	base, next := int64(0), int64(0)
	for _, f := range shards {
		for ; next < wanted; next++ {
			number := (2*next + 1) * all / (2 * wanted) // the middle of its part
			if number >= base+f.Rows {
				break
			}
			places = append(places, location{f, number - base})
		}
		base += f.Rows
	}
	return c.documents(ctx, places, excerptBytes)
}

// documents reads the documents at the given places, their texts cut to a number of bytes; 0 leaves them out. It reads the
// row groups that they lie in.
func (c *Corpus) documents(ctx context.Context, places []location, textBytes int) ([]Document, error) {
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
		if err := c.shardRows(ctx, places, order[:n], textBytes, result); err != nil {
			return nil, err
		}
		order = order[n:]
	}
	return result, nil
}

// shardRows reads the rows of one shard that order names, ascending.
func (c *Corpus) shardRows(ctx context.Context, places []location, order []int, textBytes int, result []Document) error {
	shard := places[order[0]].shard
	columns := columnar.Selection{Text: []string{"id", "source", "path"}, Int: []string{"offset", "chars", "bytes", "version"}}
	if textBytes > 0 {
		columns.Text = append(columns.Text, "text")
	}
	rows := make([]int64, len(order))
	for i, n := range order {
		rows[i] = places[n].row
	}
	return c.format(shard).ReadRows(ctx, c.store, shard.Path, columns, rows, func(i int, f *columnar.Frame, row int) error {
		text := func(column string) string { return string(f.Text(column).At(row)) }
		d := Document{
			ID: text("id"), Source: text("source"), Path: text("path"), Offset: f.Int("offset")[row], Chars: f.Int("chars")[row],
			Version: int(f.Int("version")[row]), Shard: shard.Path, row: rows[i], bytes: f.Int("bytes")[row],
		}
		if textBytes > 0 {
			whole := f.Text("text").At(row)
			d.Text = pipeline.Excerpt(string(whole[:min(len(whole), textBytes+8)]), textBytes) // of a huge text, no more than that
		}
		result[order[i]] = d
		return nil
	})
}

// find returns where the documents of these ids lie, as far as they do.
func (c *Corpus) find(ctx context.Context, shards []dataset.File, wanted map[corpus.VersionedID]bool) (map[corpus.VersionedID]location, error) {
	found := map[corpus.VersionedID]location{}
	for _, f := range shards {
		if len(found) == len(wanted) {
			return found, nil
		}
		row := int64(0)
		err := c.corpus.EachID(ctx, f, func(k corpus.VersionedID) error {
			if wanted[k] {
				found[k] = location{f, row}
			}
			row++
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
