package train

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Params are what a training is asked for by: the parameters of its request.
type Params struct {
	Settings
	// Out is DIR: a path of the machine that commits, or a URL.
	Out string `json:"out"`
}

// body is what a plan says of a training. All of it is in the digest.
type body struct {
	Settings Settings             `json:"settings"`
	Corpus   State                `json:"corpus"`
	Splits   [][]ingest.LivePiece `json:"splits"` // of the live documents; one a task of pretokens
	// Partitions are those of the hashes of pre-tokens; one a task of pretokenmerge.
	Partitions int `json:"partitions"`
}

// State is what a corpus was like.
type State struct {
	Version   int    `json:"version"`   // the newest one
	Documents int64  `json:"documents"` // that were live
	Digest    string `json:"digest"`    // sha256 over the numbers and digests of the live versions
}

// local is what has no part in the result.
type local struct {
	Out string `json:"out"`
}

// bodyOf returns what a plan says: see pipeline.BodyOf.
func bodyOf(p *pipeline.Plan) (*body, error) { return pipeline.BodyOf[body](p, Name) }

func localOf(p *pipeline.Plan) (l local, err error) {
	if err := json.Unmarshal(p.Local, &l); err != nil {
		return l, fmt.Errorf("decode what a plan says of this place: %w", err)
	}
	return l, nil
}

// How training is cut, unless options say otherwise.
const (
	splitBytes     = 64 << 20 // of shards, for a task of pretokens, and more where there were more than mostSplits
	mostSplits     = 512
	partitionBytes = 1 << 30 // of text
	mostPartitions = 256

	// pretokenShare is what counted pre-tokens take in the work folder: of the text, one byte in so many, about.
	pretokenShare = 8
)

// plan plans a training. There is no plan where the tokenizer is there.
func (k *Kind) plan(ctx context.Context, s *engine.Site, p Params) (d engine.Draft, err error) {
	c := k.Open(s)
	if err := p.settle(); err != nil {
		return d, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	list, err := c.Versions(ctx)
	if err != nil {
		return d, err
	}
	v := manifest.ViewOf(list)
	if v.Newest == nil {
		return d, fmt.Errorf("%w: the corpus has no version", pipeline.ErrUsage)
	}
	if err := c.Present(ctx); err != nil {
		return d, err
	}
	if err := c.CheckReadable(ctx, "nothing can be trained on them", corpus.WriteAnew); err != nil {
		return d, err
	}
	b := body{Settings: p.Settings, Corpus: State{Version: v.Newest.Version, Digest: manifest.DigestOf(v.Versions)}}
	text, err := c.LiveText(ctx)
	if err != nil {
		return d, err
	}
	if b.Splits, err = k.splits(ctx, c); err != nil {
		return d, err
	}
	for _, pieces := range b.Splits {
		for i := range pieces {
			b.Corpus.Documents += pieces[i].Rows
		}
	}
	if b.Corpus.Documents == 0 {
		return d, fmt.Errorf("%w: the corpus has no live document", pipeline.ErrUsage)
	}
	b.Partitions = int(min(max(1, (text+partitionBytes-1)/partitionBytes), mostPartitions))
	if n := k.options.Partitions; n > 0 {
		b.Partitions = n
	}
	d.Room = 2 * text / pretokenShare
	if d.Plan, err = folder.PlanOf(Name, &b, local{p.Out}); err != nil {
		return d, err
	}
	there, err := k.look(ctx, s, d.Plan, true)
	if err != nil {
		return d, err
	}
	if there != nil {
		if _, err := s.Load(ctx, d.Plan.Digest()); engine.IsGone(err) {
			return engine.Draft{}, nil
		} // else its work is left to be removed: the job ends with what is there
	}
	return d, nil
}

// splits are the live documents.
func (k *Kind) splits(ctx context.Context, c *corpus.Corpus) (splits [][]ingest.LivePiece, err error) {
	history, _, err := c.LineRuns(ctx)
	if err != nil {
		return nil, err
	}
	var versions []int
	for _, v := range history {
		if v.Documents > 0 {
			versions = append(versions, v.Version)
		}
	}
	per := k.options.SplitBytes
	if per == 0 {
		files, err := c.LiveFiles(ctx)
		if err != nil {
			return nil, err
		}
		bytes := int64(0)
		for _, f := range files {
			bytes += f.Bytes
		}
		per = max(splitBytes, bytes/mostSplits)
	}
	return c.LiveSplits(ctx, versions, per)
}
