package intake

import (
	"cmp"
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// How a plan is cut. The figures follow from the size of the input alone, never from workers or hosts (invariant 1).
const (
	splitBytes     = 16 << 20         // input of one map task, at least
	maxSplits      = 50_000           // larger inputs get larger splits
	bundleFiles    = 4096             // files in one split, at most
	partitionBytes = int64(128 << 20) // input to one dedupe partition
	maxPartitions  = 1024
	// ShardBytes is the kept text in one shard, unless set otherwise.
	ShardBytes = 128 << 20
)

// cutSplits cuts large files where their format allows it and bundles small ones, in plan order. It returns the input's
// size.
func cutSplits(ctx context.Context, p *ingest.Plan, cut []bool, o *Options) (total int64, err error) {
	for _, f := range p.Files {
		if f.Reject == "" {
			total += f.Bytes
		}
	}
	size := cmp.Or(o.SplitBytes, max(splitBytes, total/maxSplits))
	var bundle ingest.Split
	var bundled int64
	flush := func() {
		if len(bundle.Pieces) > 0 {
			p.Splits = append(p.Splits, bundle)
			bundle, bundled = ingest.Split{}, 0
		}
	}
	o.Planning.Begin(pipeline.PlanningStep{Name: stepCut, Total: int64(len(p.Files))})
	for i, f := range p.Files {
		o.Planning.Done()
		if f.Reject != "" {
			continue
		}
		if cut[i] && f.Bytes > size {
			pieces, err := cutFile(ctx, p, i, size, o)
			if err != nil {
				return 0, err
			}
			if len(pieces) > 1 {
				flush()
				for _, piece := range pieces {
					p.Splits = append(p.Splits, ingest.Split{Pieces: []ingest.Piece{piece}})
				}
				continue
			}
		}
		if bundled > 0 && bundled+f.Bytes > size || len(bundle.Pieces) == bundleFiles {
			flush()
		}
		bundle.Pieces = append(bundle.Pieces, ingest.Piece{File: i, End: f.Bytes})
		bundled += f.Bytes
	}
	flush()
	return total, nil
}

// cutFile cuts one file into pieces of about a size. One piece means that it cannot be cut after all.
func cutFile(ctx context.Context, p *ingest.Plan, file int, size int64, o *Options) (pieces []ingest.Piece, err error) {
	f := &p.Files[file]
	if f.Compression == "" {
		n := (f.Bytes + size - 1) / size
		for k := range n {
			pieces = append(pieces, ingest.Piece{File: file, Start: f.Bytes * k / n, End: f.Bytes * (k + 1) / n})
		}
		return pieces, nil
	}
	sources, err := store.OpenSources(p.Sources, o.Access)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	pieces, err = o.Formats.Cut(ctx, ingest.Input{Plan: p, Sources: sources}, file, size)
	if _, ok := errors.AsType[*pipeline.RejectError](err); ok { // whoever reads it finds the same
		return nil, nil
	}
	return pieces, err
}
