package corpus

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// writeCard writes the card of the newest version, and what lies beside it, unless they are there already.
func (c *Corpus) writeCard(ctx context.Context, list []*manifest.Manifest) error {
	for _, d := range Describe(list) {
		old, err := pipeline.ReadAll(ctx, c.store, d.Name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if bytes.Equal(old, d.Data) {
			continue
		}
		if err := pipeline.WriteAll(ctx, c.store, d.Name, d.Data); err != nil {
			return err
		}
	}
	return nil
}
