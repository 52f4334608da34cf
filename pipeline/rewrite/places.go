package rewrite

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
)

// Places say by version and position in which rows of some shards documents lie.
type Places map[int][]place

type place struct {
	ingest.LiveRows
	path string
	row  int64
}

// PlacesIn are those of the live shards that are wanted, in which no document may lie twice.
func PlacesIn(live []ingest.LiveShard, wanted func(*ingest.LiveShard) bool) Places {
	p := Places{}
	for i := range live {
		l, row := &live[i], int64(0)
		for _, h := range l.Holds {
			if wanted(l) {
				p[h.Version] = append(p[h.Version], place{h, l.Path, row})
			}
			row += h.Rows
		}
	}
	for _, of := range p {
		slices.SortFunc(of, func(a, b place) int { return cmp.Compare(a.First, b.First) })
	}
	return p
}

// Of are the rows in which the documents of given rows of a shard lie, in their order. In place of documents of a version that lie in none of
// the places stand the rows that missing gives for those rows of the shard.
func (p Places) Of(s *ingest.LiveShard, rows []Rows, missing func(version int, of Rows) (Rows, error)) (list []Rows, err error) {
	row := int64(0) // of the shard: the first of a holding
	for _, h := range s.Holds {
		for _, r := range rows {
			// The positions of the rows that are in the holding.
			from, end := max(r.From-row, 0)+h.First, min(r.End-row, h.Rows)+h.First
			until := func(to int64) error {
				if from >= to {
					return nil
				}
				one, err := missing(h.Version, Rows{s.Path, from - h.First + row, to - h.First + row})
				list = append(list, one)
				return err
			}
			for _, at := range p[h.Version] {
				a, b := max(from, at.First), min(end, at.First+at.Rows)
				if a >= b {
					continue
				}
				if err := until(a); err != nil {
					return nil, err
				}
				list = append(list, Rows{at.path, at.row + a - at.First, at.row + b - at.First})
				from = b
			}
			if err := until(end); err != nil {
				return nil, err
			}
		}
		row += h.Rows
	}
	return list, nil
}
