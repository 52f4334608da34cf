package verify

import (
	"context"
	"fmt"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// signals checks that each live file of signals has the ids of the documents of one shard, in its order, and says what its columns are.
func (v *verifier) signals(ctx context.Context, now *manifest.View) error {
	for _, s := range now.Twins(&pipeline.SignalTable) {
		if v.isBad(s.File) {
			continue
		}
		if !s.Same {
			if v.unread(now, s.Holds) {
				continue // its documents cannot be told
			}
			v.find("%s has the signals of no shard", s.Path)
			continue
		}
		if v.isBad(*s.Documents) {
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
			want, err := v.idsOf(ctx, *s.Documents)
			if err == nil && is != want {
				err = fmt.Errorf("%s does not have the documents of %s in their order", s.Path, s.Documents.Path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unread says whether documents are of a run that is in no format which can be read here.
func (v *verifier) unread(now *manifest.View, holds []manifest.Holding) bool {
	for _, h := range holds {
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
