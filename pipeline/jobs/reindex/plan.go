package reindex

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Params are what a reindex is asked for by: the parameters of its request.
type Params struct {
	// Dedupe withdraws documents that equal or resemble an earlier one by the settings.
	Dedupe bool `json:"dedupe,omitempty"`
	// Reason is told of each of these in the ledger, behind the id of the one that it resembles.
	Reason string `json:"reason,omitempty"`
}

// body is what a plan says of a reindex. All of it is in the digest.
type body struct {
	ingest.Reindexing
	Same      bool               `json:"same,omitempty"`       // without documents that go there is nothing to do
	Shards    []ingest.LiveShard `json:"shards,omitempty"`     // of the parent, in all formats, if documents may be withdrawn
	BaseVocab string             `json:"base_vocab,omitempty"` // chars.parquet of the parent, likewise
	// Counting is how tokens are counted that are counted already.
	Counting *ingest.Counting `json:"counting,omitempty"`
}

// How a plan is cut, unless options say otherwise.
const (
	splitBytes     = 64 << 20  // of shards, for a task of sign
	partitionBytes = 128 << 20 // of text
	maxPartitions  = 1024
)

// bodyOf returns what a plan says: see pipeline.BodyOf.
func bodyOf(p *pipeline.Plan) (*body, error) { return pipeline.BodyOf[body](p, Name) }

// Of is what a plan says of the index.
func Of(p *pipeline.Plan) (*ingest.Reindexing, error) {
	b, err := bodyOf(p)
	if err != nil {
		return nil, err
	}
	return &b.Reindexing, nil
}

// plan plans a reindex. There is no plan where the index is what it would become.
func (k *Kind) plan(ctx context.Context, c *corpus.Corpus, p Params) (d engine.Draft, err error) {
	newest, err := c.Newest(ctx)
	if err != nil {
		return d, err
	}
	if newest == nil {
		return d, fmt.Errorf("%w: the corpus has no version", pipeline.ErrUsage)
	}
	stored, err := c.FixedSettings(ctx)
	if err != nil {
		return d, err
	}
	o := &k.options
	others := slices.DeleteFunc(slices.Clone(o.Fixed), corpus.Reindexable)
	if err := o.Changed.CheckFixed(stored, others, "keep them: texts that are there stay as they are, and a reindex changes settings of dedupe alone", ""); err != nil {
		return d, err
	}
	if p.Reason != "" && !p.Dedupe {
		return d, pipeline.WithHint(fmt.Errorf("%w: a reason is given, but no document goes", pipeline.ErrUsage), "--reason TEXT is for --dedupe")
	}
	changed, err := o.Changed.Among(stored, o.Fixed)
	if err != nil {
		return d, err
	}
	b := body{Same: len(changed) == 0 && newest.KeyText == ingest.KeyText}
	if b.Same && !p.Dedupe {
		return d, nil
	}
	if err := c.Present(ctx); err != nil {
		return d, err
	}
	b.KeyText, b.Dedupe, b.Reason = newest.KeyText, p.Dedupe, p.Reason
	if p.Dedupe {
		if b.Shards, err = c.LiveShards(ctx); err != nil {
			return d, err
		}
		if b.BaseVocab, err = c.BaseVocab(ctx); err != nil {
			return d, err
		}
		if b.Counting, err = c.SameCounting(ctx, o.TableGrowth); err != nil {
			return d, err
		}
	}
	if err := k.index(ctx, c, stored, &b); err != nil {
		return d, err
	}
	if d.Plan, err = corpus.PlanBehind(newest, Name, o.Settings, &b); err != nil {
		return d, err
	}
	for _, v := range b.History {
		d.Room += v.Documents * keyBytes * int64(o.KeysOfDocument)
		if p.Dedupe {
			d.Room += v.Documents * recordBytes
		}
	}
	return d, nil
}

// What a key takes in the work folder, and a document beside its keys, about.
const (
	keyBytes    = 13
	recordBytes = 360
)

// index says in a plan what is read, and how it is cut.
func (k *Kind) index(ctx context.Context, c *corpus.Corpus, stored json.RawMessage, b *body) (err error) {
	if err := c.CheckReadable(ctx, "they cannot be signed again", corpus.WriteAnew); err != nil {
		return err
	}
	history, runs, err := c.History(ctx)
	if err != nil {
		return err
	}
	for _, h := range history {
		b.History = append(b.History, ingest.SignedVersion{Version: h.Version, Documents: h.Documents, Signatures: h.Signatures})
	}
	if b.Withdrawn, err = c.WithdrawnTables(ctx); err != nil {
		return err
	}
	same, err := k.options.SameKeys(stored)
	if err != nil {
		return err
	}
	if same && b.KeyText == ingest.KeyText && len(b.Withdrawn) > 0 {
		b.Runs = runs
	}
	all := make([]int, len(b.History))
	for i := range b.History {
		all[i] = b.History[i].Version
	}
	if b.Splits, err = c.LiveSplits(ctx, all, cmp.Or(k.options.SplitBytes, splitBytes)); err != nil {
		return err
	}
	text, err := c.LiveText(ctx)
	if err != nil || len(history) == 0 {
		return err // everything was dropped: there are only settings to change
	}
	per := cmp.Or(k.options.PartitionBytes, partitionBytes)
	b.Partitions = int(min(max(1, (text+per-1)/per), maxPartitions))
	return err
}
