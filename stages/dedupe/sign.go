package dedupe

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// NewSign returns the stage that fills the Sketch of a batch. It drops nothing and changes no other column. cfg must be
// valid.
func NewSign(cfg Config) pipeline.Stage {
	return &sign{shingle.NewSigner(cfg.Threshold, cfg.MinShingles)}
}

type sign struct{ signer *shingle.Signer }

// Process implements pipeline.Stage.
func (s *sign) Process(ctx context.Context, in *columnar.Batch) (*columnar.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in.Sketch.Reset()
	for i := range in.Len() {
		s.signer.Append(&in.Sketch, in.Text.At(i))
	}
	return in, nil
}
