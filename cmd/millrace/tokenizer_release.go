package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/release/texts"
	"github.com/millrace/millrace/pipeline/jobs/train"
	"github.com/millrace/millrace/pipeline/store"
)

// splitUsage is what --split is, of train, eval and start.
const splitUsage = "of a release: the split `NAME` has the documents (default " + texts.DefaultSplit + ")"

// isRelease says whether a place holds a release, or what is left of one, rather than a corpus.
func (a *app) isRelease(ctx context.Context, at string) (is bool, err error) {
	err = a.withPlace(ctx, at, func(s pipeline.Store) error {
		is, err = texts.Is(ctx, s)
		return err
	})
	return is, err
}

// trainOnRelease trains on the texts of a release, which stays as it is. A job has to lie somewhere while it is done: this one in a folder of its own, which is
// there until it has ended, and by which the same command goes on with one that was interrupted.
func (a *app) trainOnRelease(ctx context.Context, from, work string, p *train.Params) (err error) {
	c, err := a.load()
	if err != nil {
		return err
	}
	if p.From, err = store.Absolute(from); err != nil {
		return err
	}
	var o ingest.Options
	if o, err = engineOptions(c); err != nil {
		return err
	}
	if o.Log, err = a.logger(); err != nil {
		return err
	}
	if work == "" && !store.IsRemote(c.Work) {
		work = c.Work
	}
	if o.Out, err = besideTokenizer(p.Out, work); err != nil {
		return err
	}
	var r train.Result
	r, err = shown(ctx, a, &o, train.Name, func(e engine.Options) (train.Result, error) { return train.Run(ctx, e, *p) })
	if !errors.Is(err, store.ErrLocked) { // by another process, whose folder it is
		err = errors.Join(err, removeUnlessBegun(o.Out))
	}
	if err != nil {
		return err
	}
	return a.printTrained(&r)
}

// besideTokenizer is where the work of a training lies that is done beside no corpus: beside the tokenizer, in the folder that is named for work, or in one of
// the user's where the tokenizer is made in a bucket.
func besideTokenizer(out, work string) (string, error) {
	digest := xxh3.HashString128(out).Bytes()
	name := path.Base(filepath.ToSlash(out)) + "-" + hex.EncodeToString(digest[:4])
	switch {
	case store.IsRemote(work):
		return "", usageError("name a folder by --work", "work %s: a training in one process keeps its work on this machine", work)
	case work != "":
		return filepath.Join(work, "tokenizer-"+name), nil
	case !store.IsRemote(out):
		return filepath.Join(filepath.Dir(out), "."+filepath.Base(out)+".work"), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", pipeline.WithHint(fmt.Errorf("%w: no folder for work files: %w", pipeline.ErrUsage, err), "name one by --work")
	}
	return filepath.Join(cache, "millrace", "tokenizer-"+name), nil
}

// removeUnlessBegun removes the folder of a training, unless it can be gone on with.
func removeUnlessBegun(folder string) error {
	begun, err := filepath.Glob(filepath.Join(folder, pipeline.WorkFolder, "runs", "*", pipeline.PlanName))
	if err != nil || len(begun) > 0 {
		return err
	}
	return os.RemoveAll(folder)
}

// tokensOfRelease compares tokenizers on the texts of a release.
func (a *app) tokensOfRelease(ctx context.Context, at, split string, list []show.NamedTokenizer, o show.TokensOptions) (t *show.Tokens, err error) {
	err = a.withPlace(ctx, at, func(s pipeline.Store) error {
		of, err := texts.Open(ctx, s, at, split, documentTables())
		if err != nil {
			return err
		}
		t, err = show.TokensOf(ctx, list, o, func(ctx context.Context, n int64, yield func(string, []byte) error) (int64, error) {
			return of.Sample(ctx, s, documentTables(), n, yield)
		})
		return err
	})
	return t, err
}
