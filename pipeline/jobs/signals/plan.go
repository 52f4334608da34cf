package signals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// body is what a plan says of the job. All of it is in the digest.
type body struct {
	Signals json.RawMessage `json:"signals"` // the list of the settings, with the digests of models and lists
	Columns []string        `json:"columns"` // the signals that these are
	Shards  []measured      `json:"shards"`  // one a task
	// Lines says that lines are counted first, and how. Without, the signals of lines that are there are as the corpus is.
	Lines *lines.Plan `json:"lines,omitempty"`
}

// measured is a shard whose documents are measured.
type measured struct {
	ingest.LiveShard
	Signals string `json:"signals,omitempty"` // the file that its documents' signals are in, if they have some
	Only    string `json:"only,omitempty"`    // which of the signals are measured, if not all are: the others are there
}

// Which signals are measured of a shard.
const (
	onlyOwn    = "own"    // those that follow from each document alone
	onlyCorpus = "corpus" // those that follow from all documents of the corpus
)

// families are those that are measured.
func (m *measured) families(all []signal.Family) (list []signal.Family) {
	for _, f := range all {
		if m.Only == "" || f.OfCorpus == (m.Only == onlyCorpus) {
			list = append(list, f)
		}
	}
	return list
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
	families, err := k.families()
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
	there, err := besides(ctx, c)
	if err != nil {
		return d, err
	}
	var shards []measured
	var columns [][]table.Column // that there are of each
	counted := true              // all have the signals that follow from the corpus
	for i := range live {
		if !live[i].Read {
			continue
		}
		m, has := measured{LiveShard: live[i], Signals: there[live[i].Path]}, []table.Column(nil)
		if m.Signals != "" {
			if has, err = table.Columns(ctx, c.Files(), m.Signals); err != nil {
				return d, err
			}
		}
		shards, columns = append(shards, m), append(columns, has)
		counted = counted && !lacks(has, families, true)
	}
	wanted := slices.ContainsFunc(families, ofCorpus)
	if wanted && len(shards) > 0 {
		if b.Lines, err = k.lines(ctx, c, newest, families, counted, &d); err != nil {
			return d, err
		}
	}
	for i, m := range shards {
		own := lacks(columns[i], families, false)
		switch {
		case !own && b.Lines == nil:
			continue
		case b.Lines == nil && wanted:
			m.Only = onlyOwn
		case !own:
			m.Only = onlyCorpus
		}
		b.Shards = append(b.Shards, m)
		d.Room += m.Rows * documentBytes * int64(len(b.Columns))
	}
	if len(b.Shards) == 0 {
		return engine.Draft{}, nil
	}
	d.Plan, err = corpus.PlanBehind(newest, Name, json.RawMessage("{}"), &b)
	return d, err
}

// ofCorpus says whether the signals of a family follow from all documents of the corpus.
func ofCorpus(f signal.Family) bool { return f.OfCorpus }

// lacks says whether some documents lack a signal of some families, with those columns: of those that follow from the corpus, or of the others.
func lacks(columns []table.Column, families []signal.Family, corpus bool) bool {
	for _, f := range families {
		for _, s := range f.Columns {
			if f.OfCorpus == corpus && !slices.ContainsFunc(columns, func(c table.Column) bool { return c.Name == s.Name && !c.Partial }) {
				return true
			}
		}
	}
	return false
}

// besides are the files of signals, by the path of the shard that has their documents.
func besides(ctx context.Context, c *corpus.Corpus) (map[string]string, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v, of := manifest.ViewOf(list), map[string]string{}
	for _, t := range v.Twins(&pipeline.SignalTable) {
		switch {
		case t.Documents == nil: // which cannot be read here
		case !t.Same:
			return nil, fmt.Errorf("%s does not hold the signals of the documents in %s, as it should", t.Path, t.Documents.Path)
		default:
			of[t.Documents.Path] = t.Path
		}
	}
	return of, nil
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
