package remove

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// mostNamed is how many documents a preview or a result names.
const mostNamed = 1000

// Preview is what a removal would do.
type Preview struct {
	Found
	Shards int   `json:"shards"` // that would be written anew, in all formats
	Bytes  int64 `json:"bytes"`  // of these
	// Untold is of how many documents the expression cannot be told: they would stay.
	Untold int64 `json:"untold,omitempty"`
	// Kept of the corpus.
	Documents int64 `json:"documents_of_corpus"`
}

// Found are documents that go, or would go.
type Found struct {
	Removed int64 `json:"removed"`
	Chars   int64 `json:"chars"`
	Text    int64 `json:"text_bytes"`
	// Removes names them, the first 1000.
	Removes []Named `json:"removes"`
	// Missing are the ids that were asked for and no live document has.
	Missing []string `json:"missing,omitempty"`
	// Lost is how many documents lost to those that go, and are not in the corpus for that; Losers names them, the first 1000.
	Lost   int64          `json:"lost"`
	Losers []corpus.Loser `json:"losers,omitempty"`
}

// Named is a document that goes.
type Named struct {
	ID      string `json:"id"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"`
	Version int    `json:"version"`
}

// DryRun says what a removal would do, and changes nothing: no folder is made, nothing is locked.
func DryRun(ctx context.Context, o engine.Options, p Params) (v Preview, err error) {
	k, err := kindIn(&o)
	if err != nil {
		return v, err
	}
	if o.Out, err = store.Absolute(o.Out); err != nil {
		return v, err
	}
	out, err := store.Open(ctx, o.Out, store.Options{Access: o.Access})
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	c := corpus.Open(out, k.options.Tables, k.options.Folders...)
	plan, err := k.plan(ctx, c, p)
	if err != nil {
		return v, err
	}
	b, err := bodyOf(plan)
	if err != nil {
		return v, err
	}
	before, err := withdrawn.ReadMask(ctx, out, b.Withdrawn...)
	if err != nil {
		return v, err
	}
	found, untold, err := k.lookThrough(ctx, c.Files(), b, before)
	if err != nil {
		return v, err
	}
	v.Untold = untold
	var goes withdrawn.Mask
	for _, d := range found {
		goes.Add(d.Version, d.Rank, d.Blocks)
	}
	if err := goes.Seal(); err != nil {
		return v, err
	}
	for _, s := range b.read() {
		v.Documents += s.Rows
	}
	files, err := c.LiveFiles(ctx)
	if err != nil {
		return v, err
	}
	for _, s := range ingest.ShortenedShards(b.Shards, &goes, before) {
		v.Shards++
		at := slices.IndexFunc(files, func(f dataset.File) bool { return f.Path == s.Path })
		v.Bytes += files[at].Bytes // the plan is made of these
	}
	v.Found, err = foundOf(ctx, c, b, found)
	return v, err
}

// lookThrough does what the tasks of find do.
func (k *Kind) lookThrough(ctx context.Context, s pipeline.Store, b *body, before *withdrawn.Mask) (found []withdrawn.Document, untold int64, err error) {
	shards := b.read()
	looks := make([]look, len(shards))
	lists := make([][]withdrawn.Document, len(shards))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range shards {
		group.Go(func() (err error) {
			looks[i] = look{finder: finder{k.options.Tables, k.options.Like}, body: b, store: s, shard: &shards[i], mask: before}
			lists[i], err = looks[i].find(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, 0, err
	}
	for i := range lists {
		found = append(found, lists[i]...)
		untold += looks[i].untold
	}
	return found, untold, nil
}

// foundOf sums and names documents that go, and those that lost to them.
func foundOf(ctx context.Context, c *corpus.Corpus, b *body, found []withdrawn.Document) (f Found, err error) {
	f.Removes = []Named{}
	to := map[corpus.VersionedID]bool{}
	has := map[string]bool{}
	for i := range found {
		d := &found[i]
		f.Removed++
		f.Chars += d.Chars
		f.Text += d.Bytes
		id := fmt.Sprintf("%x", d.ID)
		if len(f.Removes) < mostNamed {
			f.Removes = append(f.Removes, Named{id, d.Source, d.Path, d.Offset, d.Version})
		}
		to[corpus.VersionedID{ID: d.ID, Version: int32(d.Version)}] = true
		if len(b.IDs) > 0 {
			has[id] = true
		}
	}
	for _, id := range b.IDs {
		if !has[id] {
			f.Missing = append(f.Missing, id)
		}
	}
	err = c.Losers(ctx, to, func(l corpus.Loser) error {
		f.Lost++
		if len(f.Losers) < mostNamed {
			f.Losers = append(f.Losers, l)
		}
		return nil
	})
	return f, err
}
