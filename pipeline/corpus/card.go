package corpus

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// writeCard writes the card of the newest version unless it is there already.
func (c *Corpus) writeCard(ctx context.Context, list []*manifest.Manifest) error {
	now := card.Render(list)
	old, err := pipeline.ReadAll(ctx, c.store, card.Name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if bytes.Equal(old, now) {
		return nil
	}
	return pipeline.WriteAll(ctx, c.store, card.Name, now)
}
