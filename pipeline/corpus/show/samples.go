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

// Location is where a document lies.
type Location struct {
	Shard dataset.File
	Row   int64
}

// At returns the documents at places, in their order, their texts cut to a number of bytes; 0 leaves them out.
func (c *Corpus) At(ctx context.Context, places []Location, textBytes int) ([]Document, error) {
	return c.documents(ctx, places, textBytes)
}

// samples returns n documents at equal distances over all shards.
func (c *Corpus) samples(ctx context.Context, shards []dataset.File, n int) ([]Document, error) {
	_, all := dataset.Sum(shards)
	wanted := min(int64(max(n, 0)), all)
	var places []Location
	base, next := int64(0), int64(0)
	for _, f := range shards {
		for ; next < wanted; next++ {
			number := (2*next + 1) * all / (2 * wanted) // the middle of its part
			if number >= base+f.Rows {
				break
			}
			places = append(places, Location{f, number - base})
		}
		base += f.Rows
	}
	return c.documents(ctx, places, excerptBytes)
}

// documents reads the documents at the given places, their texts cut to a number of bytes; 0 leaves them out. It reads the
// row groups that they lie in.
func (c *Corpus) documents(ctx context.Context, places []Location, textBytes int) ([]Document, error) {
	result := make([]Document, len(places))
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(places[a].Shard.Path, places[b].Shard.Path), cmp.Compare(places[a].Row, places[b].Row))
	})
	for len(order) > 0 {
		n := 1
		for n < len(order) && places[order[n]].Shard.Path == places[order[0]].Shard.Path {
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
func (c *Corpus) shardRows(ctx context.Context, places []Location, order []int, textBytes int, result []Document) error {
	shard := places[order[0]].Shard
	columns := columnar.Selection{Text: []string{"id", "source", "path"}, Int: []string{"offset", "chars", "bytes", "version"}}
	if textBytes > 0 {
		columns.Text = append(columns.Text, "text")
	}
	rows := make([]int64, len(order))
	for i, n := range order {
		rows[i] = places[n].Row
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
func (c *Corpus) find(ctx context.Context, shards []dataset.File, wanted map[corpus.VersionedID]bool) (map[corpus.VersionedID]Location, error) {
	found := map[corpus.VersionedID]Location{}
	for _, f := range shards {
		if len(found) == len(wanted) {
			return found, nil
		}
		row := int64(0)
		err := c.corpus.EachID(ctx, f, func(k corpus.VersionedID) error {
			if wanted[k] {
				found[k] = Location{f, row}
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
