package corpus

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"millrace/pipeline"
	"millrace/pipeline/corpus/card"
)

// writeCard writes the card of the newest version unless it is there already. A corpus without a version has none.
func (c *Corpus) writeCard(ctx context.Context) error {
	list, err := c.Versions(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
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
