package compact

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/rewrite"
)

// body is what a plan says of a compaction. All of it is in the digest.
type body struct {
	Shards   []dataset.File `json:"shards"`   // that are read, in order
	Compacts []int          `json:"compacts"` // the runs whose documents they hold, ascending
	// Ledgers are those by which copies are counted, of documents whose shards do not say them: see corpus.UncountedOf.
	Ledgers []corpus.Ledger `json:"ledgers,omitempty"`
	Ends    []int64         `json:"ends"` // of each new shard: the number of the row behind its last one
	// Signals are, if any of the documents has some, where those of each new shard lie: rows of files of signals, and of shards whose documents
	// have none.
	Signals [][]rewrite.Rows `json:"signals,omitempty"`
	// Beside are shards that stay, and whose documents get rows of signals behind those of the new ones.
	Beside []string `json:"beside,omitempty"`
	// Replaces are the files of signals that new ones take the place of, ascending.
	Replaces []string       `json:"replaces,omitempty"`
	Codec    columnar.Codec `json:"codec,omitempty"` // empty: zstd
	Level    int            `json:"level"`
	Group    int64          `json:"group_bytes"`
}

// bodyOf returns what a plan says: see pipeline.BodyOf.
func bodyOf(p *pipeline.Plan) (*body, error) { return pipeline.BodyOf[body](p, Name) }

// plan plans a compaction, nil if there is nothing to gain.
func plan(ctx context.Context, c *corpus.Corpus, o Options) (*pipeline.Plan, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	shards, lengths, err := worthwhile(ctx, c.Files(), &v, o.ShardBytes)
	if err != nil || len(shards) == 0 {
		return nil, err
	}
	b := body{Level: o.Table.Level, Group: o.Table.GroupBytes, Ends: ends(lengths, o.ShardBytes)}
	if o.Table.Codec != columnar.Zstd {
		b.Codec = o.Table.Codec
	}
	for _, s := range shards {
		b.Shards = append(b.Shards, s.File)
		for _, h := range s.Holds {
			b.Compacts = append(b.Compacts, h.Version)
		}
	}
	slices.Sort(b.Compacts)
	b.Compacts = slices.Compact(b.Compacts)
	if b.Ledgers, err = corpus.UncountedOf(&v, shards); err != nil {
		return nil, err
	}
	if err := signals(ctx, c, &b); err != nil {
		return nil, err
	}
	return corpus.PlanBehind(v.Newest, Name, json.RawMessage("{}"), &b)
}

// signals says where the signals of the documents lie that are compacted. A file of signals has those of one shard, so it is replaced whole. Of
// a run all documents have signals, or none: where some without come together with others that have, those of the same run in other shards
// get rows without a signal, too.
func signals(ctx context.Context, c *corpus.Corpus, b *body) error {
	live, err := c.LiveShards(ctx)
	if err != nil {
		return err
	}
	beside := pipeline.SignalTable
	places := rewrite.PlacesIn(live, func(l *ingest.LiveShard) bool { return beside.Holds(l.Path) })
	if !slices.ContainsFunc(b.Compacts, func(run int) bool { return len(places[run]) > 0 }) {
		return nil
	}
	of, taken := map[string]*ingest.LiveShard{}, map[string]bool{}
	for i := range live {
		of[live[i].Path] = &live[i]
	}
	without := map[int]bool{} // runs
	add := func(rows []rewrite.Rows) error {
		var list []rewrite.Rows
		for _, r := range rows {
			taken[r.Path] = true
			more, err := places.Of(of[r.Path], []rewrite.Rows{r}, func(run int, rows rewrite.Rows) (rewrite.Rows, error) {
				without[run] = true
				return rows, nil
			})
			if err != nil {
				return err
			}
			list = append(list, more...)
		}
		b.Signals = append(b.Signals, list)
		for _, r := range list {
			if beside.Holds(r.Path) {
				b.Replaces = append(b.Replaces, r.Path)
			}
		}
		return nil
	}
	for shard := range b.Ends {
		if err := add(b.rows(shard)); err != nil {
			return err
		}
	}
	for found := true; found; {
		found = false
		for i := range live {
			l := &live[i]
			if l.Read && !taken[l.Path] && slices.ContainsFunc(l.Holds, func(h ingest.LiveRows) bool { return without[h.Version] }) {
				found = true
				b.Beside = append(b.Beside, l.Path)
				if err := add([]rewrite.Rows{{Path: l.Path, End: l.Rows}}); err != nil {
					return err
				}
			}
		}
	}
	slices.Sort(b.Replaces)
	b.Replaces = slices.Compact(b.Replaces)
	return nil
}

// ends returns the number of the row behind each new shard: as few shards as hold texts of these lengths on average, cut where it is
// nearest to equal parts.
func ends(lengths []int32, shardBytes int64) (ends []int64) {
	total := sum(lengths)
	n := shardsFor(total, shardBytes)
	bytes, last := int64(0), int64(0)
	for i, length := range lengths {
		// A document belongs to the shard in which its middle lies.
		if row := int64(i); int64(len(ends))+1 < n && row > last && bytes+int64(length)/2 >= total/n*int64(len(ends)+1) {
			ends, last = append(ends, row), row
		}
		bytes += int64(length)
	}
	return append(ends, int64(len(lengths)))
}

// worthwhile are the shards that are worth writing anew, in their order, and the lengths of the texts in their rows: those of formats whose
// columns are others than those of today, and the small ones, if there will be fewer.
func worthwhile(ctx context.Context, from pipeline.Store, v *manifest.View, shardBytes int64) (shards []manifest.Shard, lengths []int32, err error) {
	small, lengths, err := smallShards(ctx, from, v, shardBytes)
	isOld := func(s manifest.Shard) bool { return format.Holds(s.Path) && !corpus.SaysCopies(s.Maker) }
	if err != nil || !slices.ContainsFunc(v.Read, isOld) {
		return small, lengths, err
	}
	lengths = nil
	for _, s := range v.Read {
		if !isOld(s) && !slices.ContainsFunc(small, func(one manifest.Shard) bool { return one.Path == s.Path }) {
			continue
		}
		list, err := textLengths(ctx, from, &s)
		if err != nil {
			return nil, nil, err
		}
		shards, lengths = append(shards, s), append(lengths, list...)
	}
	return shards, lengths, nil
}

// smallShards are those that are worth writing anew, and the lengths of the texts in their rows: none unless there will be fewer shards.
func smallShards(ctx context.Context, from pipeline.Store, v *manifest.View, shardBytes int64) (small []manifest.Shard, lengths []int32, err error) {
	perhaps := []manifest.Shard{}
	bytes := int64(0)
	for _, s := range v.Read {
		if text := likely(v, &s); format.Holds(s.Path) && text < shardBytes/2 {
			perhaps = append(perhaps, s)
			bytes += text
		}
	}
	if shardsFor(bytes, shardBytes) >= int64(len(perhaps)) {
		return nil, nil, nil
	}
	for _, s := range perhaps {
		list, err := textLengths(ctx, from, &s)
		if err != nil {
			return nil, nil, err
		}
		if sum(list) < shardBytes/2 {
			small, lengths = append(small, s), append(lengths, list...)
		}
	}
	if shardsFor(sum(lengths), shardBytes) >= int64(len(small)) {
		return nil, nil, nil
	}
	return small, lengths, nil
}

// likely is how many bytes of text a shard has, if the documents of a run are of one size.
func likely(v *manifest.View, s *manifest.Shard) (bytes int64) {
	for _, h := range s.Holds {
		if m := v.Made[h.Version]; m != nil {
			live, gone := m.Totals.Documents.Kept, v.Withdrawn(h.Version)
			bytes += (m.Totals.KeptBytes - gone.Bytes) / max(live-gone.Documents, 1) * h.Rows
		}
	}
	return bytes
}

// textLengths are the lengths of the texts in the rows of a shard.
func textLengths(ctx context.Context, from pipeline.Store, s *manifest.Shard) (lengths []int32, err error) {
	err = pipeline.ReadTable(ctx, from, s.Path, columnar.Selection{Int: []string{"bytes"}}, func(d *columnar.Frame) error {
		for _, n := range d.Int("bytes") {
			lengths = append(lengths, int32(n)) // a text has less than 1 GiB
		}
		return nil
	})
	if err == nil && int64(len(lengths)) != s.Rows {
		err = fmt.Errorf("%s has %d rows, its manifest says %d", s.Path, len(lengths), s.Rows)
	}
	return lengths, err
}

func sum(lengths []int32) (bytes int64) {
	for _, n := range lengths {
		bytes += int64(n)
	}
	return bytes
}

func shardsFor(bytes, shardBytes int64) int64 { return max(1, (bytes+shardBytes-1)/shardBytes) }
