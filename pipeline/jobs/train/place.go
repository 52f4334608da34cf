package train

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
)

// place is where the tokenizer of a plan is made.
func place(s *engine.Site, p *pipeline.Plan) (*folder.Place, error) {
	l, err := localOf(p)
	if err != nil {
		return nil, err
	}
	return folder.At(s, l.Out, "tokenizer")
}

// look returns what the training of a plan has made, nil if it has made nothing yet. With planning, something else in its place is an error of the user's.
func (k *Kind) look(ctx context.Context, s *engine.Site, p *pipeline.Plan, planning bool) (o *engine.Outcome, err error) {
	at, err := place(s, p)
	if err != nil {
		return nil, err
	}
	var m Manifest
	_, err = at.Look(ctx, p, &m, planning, func(in pipeline.Store) error {
		r, err := m.result(ctx, in, at.At)
		o = &engine.Outcome{Result: r, Plan: m.Plan}
		return err
	})
	return o, err
}
