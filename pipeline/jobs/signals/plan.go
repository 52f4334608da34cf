package signals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/engine"
	"millrace/pipeline/ingest"
	"millrace/pipeline/signal/table"
)

// body is what a plan says of the job. All of it is in the digest.
type body struct {
	Signals json.RawMessage `json:"signals"` // the list of the settings, with the digests of models and lists
	Columns []string        `json:"columns"` // the signals that these are
	Shards  []measured      `json:"shards"`  // one a task
}

// measured is a shard whose documents are measured.
type measured struct {
	ingest.LiveShard
	Signals string `json:"signals,omitempty"` // the file that its documents' signals are in, if they have some
}

// bodyOf returns what a plan says: see pipeline.BodyOf.
func bodyOf(p *pipeline.Plan) (*body, error) { return pipeline.BodyOf[body](p, Name) }

// documentBytes is what a signal takes in a file, at most: about, of a document.
const documentBytes = 8

// plan plans the job. There is no plan where all documents have all signals.
func (k *Kind) plan(ctx context.Context, c *corpus.Corpus) (d engine.Draft, err error) {
	newest, err := c.Newest(ctx)
	if err != nil {
		return d, err
	}
	if newest == nil {
		return d, fmt.Errorf("%w: the corpus has no version", pipeline.ErrUsage)
	}
	families, err := k.options.Families()
	if err != nil {
		return d, err
	}
	if len(families) == 0 {
		return d, pipeline.WithHint(fmt.Errorf("%w: no signal is asked for", pipeline.ErrUsage), "name some: --add text,repetition, or signals in the config")
	}
	b := body{Signals: k.options.Signals, Columns: table.Names(table.ColumnsOf(families))}
	if err := c.Present(ctx); err != nil {
		return d, err
	}
	live, err := c.LiveShards(ctx)
	if err != nil {
		return d, err
	}
	there := besides(live)
	complete := true
	for i := range live {
		if !live[i].Read {
			continue
		}
		m := measured{LiveShard: live[i]}
		if m.Signals, err = there.of(&m.LiveShard); err != nil {
			return d, err
		}
		lacks := true
		if m.Signals != "" {
			columns, err := table.Columns(ctx, c.Files(), m.Signals)
			if err != nil {
				return d, err
			}
			lacks = slices.ContainsFunc(b.Columns, func(name string) bool {
				return !slices.ContainsFunc(columns, func(c table.Column) bool { return c.Name == name && !c.Partial })
			})
		}
		if lacks {
			b.Shards, complete = append(b.Shards, m), false
			d.Room += m.Rows * documentBytes * int64(len(b.Columns))
		}
	}
	if complete {
		return d, nil
	}
	d.Plan, err = corpus.PlanBehind(newest, Name, json.RawMessage("{}"), &b)
	return d, err
}

// beside are the files of signals by the first document that they hold.
type beside map[ingest.LiveRows]*ingest.LiveShard

func besides(live []ingest.LiveShard) beside {
	b := beside{}
	for i := range live {
		if s := &live[i]; pipeline.SignalTable.Holds(s.Path) {
			b[ingest.LiveRows{Version: s.Holds[0].Version, First: s.Holds[0].First}] = s
		}
	}
	return b
}

// of is the file of the signals of a shard's documents, "" if there is none. One that holds others is an error.
func (b beside) of(s *ingest.LiveShard) (string, error) {
	f := b[ingest.LiveRows{Version: s.Holds[0].Version, First: s.Holds[0].First}]
	switch {
	case f == nil:
		return "", nil
	case !f.SameDocuments(s):
		return "", fmt.Errorf("%s does not hold the signals of the documents in %s, as it should", f.Path, s.Path)
	}
	return f.Path, nil
}

// holds says whose documents the new files hold: those of their shards.
func holds(ctx context.Context, c *corpus.Corpus, v *manifest.View, b *body, files []string) (list []manifest.Holding, err error) {
	of := map[string][]manifest.Holding{}
	for i := range c.Formats() {
		for _, s := range v.In(&c.Formats()[i]) {
			of[s.Path] = s.Holds
		}
	}
	for i, s := range b.Shards {
		if len(of[s.Path]) == 0 {
			return nil, fmt.Errorf("%s is not live any more", s.Path)
		}
		for _, h := range of[s.Path] {
			h.Path = files[i]
			list = append(list, h)
		}
	}
	return list, ctx.Err()
}
