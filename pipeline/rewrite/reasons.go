package rewrite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Explain counts why the shards lose their documents, by the work tables of what a job withdraws. before is what was withdrawn when the live
// shards were listed.
func Explain(ctx context.Context, work pipeline.Store, tables []string, before *withdrawn.Mask, shards []Shard) error {
	type key struct {
		folder  string // of the format
		version int
	}
	type piece struct{ first, end, shard int64 } // positions
	pieces := map[key][]piece{}
	for i := range shards {
		folder, _, _ := strings.Cut(shards[i].Path, "/")
		for _, h := range shards[i].Holds {
			k := key{folder, h.Version}
			pieces[k] = append(pieces[k], piece{h.First, h.First + h.Rows, int64(i)})
		}
	}
	formats := map[string]bool{}
	for k, list := range pieces {
		formats[k.folder] = true
		slices.SortFunc(list, func(a, b piece) int { return cmp.Compare(a.first, b.first) })
	}
	for i := range shards {
		shards[i].Reasons = map[string]int64{}
	}
	columns := columnar.Selection{Text: []string{"reason"}, Int: []string{"version", "rank"}}
	for _, name := range tables {
		err := pipeline.ReadTable(ctx, work, name, columns, func(f *columnar.Frame) error {
			reasons, versions := f.Text("reason"), f.Int("version")
			for i, rank := range f.Int("rank") {
				version := int(versions[i])
				position := rank - before.Before(version, rank)
				for folder := range formats {
					list := pieces[key{folder, version}]
					at, _ := slices.BinarySearchFunc(list, position, func(p piece, position int64) int { return cmp.Compare(p.end, position+1) })
					if at < len(list) && list[at].first <= position {
						shards[list[at].shard].Reasons[string(reasons.At(i))]++
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i := range shards {
		sum := int64(0)
		for _, n := range shards[i].Reasons {
			sum += n
		}
		if sum != int64(len(shards[i].Gone)) {
			return fmt.Errorf("%s loses %d documents, of which %d are withdrawn", shards[i].Path, len(shards[i].Gone), sum)
		}
	}
	return nil
}
