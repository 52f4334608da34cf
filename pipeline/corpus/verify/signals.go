package verify

import (
	"context"
	"fmt"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
	"millrace/pipeline/ingest"
	"millrace/pipeline/signal/table"
)

// signals checks that each live file of signals has the ids of the documents of one shard, in its order, and says what its columns are.
func (v *verifier) signals(ctx context.Context, now *manifest.View) error {
	documents := map[ingest.LiveRows]placed{} // by where they begin
	for _, s := range manifest.Positions(now.Read) {
		p := placed{s.File, shardOf(&s)}
		documents[begins(p.at)] = p
	}
	for _, s := range manifest.Positions(now.In(&pipeline.SignalTable)) {
		if v.isBad(s.File) {
			continue
		}
		own := shardOf(&s)
		shard, ok := documents[begins(own)]
		if !ok || !shard.at.SameDocuments(own) {
			if v.unread(now, &s) {
				continue // its documents cannot be told
			}
			v.find("%s has the signals of no shard", s.Path)
			continue
		}
		if v.isBad(shard.file) {
			continue
		}
		err := v.content(ctx, s.File, func() error {
			if _, err := table.Columns(ctx, v.store, s.Path); err != nil {
				return err
			}
			is, err := v.idsOf(ctx, s.File)
			if err != nil {
				return err
			}
			want, err := v.idsOf(ctx, shard.file)
			if err == nil && is != want {
				err = fmt.Errorf("%s does not have the documents of %s in their order", s.Path, shard.file.Path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// placed is a shard, and where its documents are.
type placed struct {
	file dataset.File
	at   *ingest.LiveShard
}

// begins is the first document of a shard.
func begins(s *ingest.LiveShard) ingest.LiveRows {
	return ingest.LiveRows{Version: s.Holds[0].Version, First: s.Holds[0].First}
}

func shardOf(s *manifest.Shard) *ingest.LiveShard {
	l := &ingest.LiveShard{Path: s.Path, Rows: s.Rows}
	for _, h := range s.Holds {
		l.Holds = append(l.Holds, ingest.LiveRows{Version: h.Version, First: h.First, Rows: h.Rows})
	}
	return l
}

// unread says whether a shard has documents of a run that is in no format which can be read here.
func (v *verifier) unread(now *manifest.View, s *manifest.Shard) bool {
	for _, h := range s.Holds {
		if m := now.Made[h.Version]; m == nil || m.Unreadable() {
			return true
		}
	}
	return false
}

// idsOf is a hash of the ids in a file, in their order.
func (v *verifier) idsOf(ctx context.Context, f dataset.File) (sum xxh3.Uint128, err error) {
	h := xxh3.New128()
	err = v.corpus.Formats().Of(f.Path).ReadTable(ctx, v.store, f.Path, columnar.Selection{Text: []string{table.IDColumn}}, nil, func(d *columnar.Frame) error {
		ids := d.Text(table.IDColumn)
		for i := range d.Rows() {
			_, _ = h.Write(ids.At(i)) // a hash never fails
		}
		return nil
	})
	return h.Sum128(), err
}
