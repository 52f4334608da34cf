package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// skipEqual reads the files that are left once, several at once, for the digests of their contents, and leaves out those
// that a live version holds with the same content: they were copied, or mounted anew, and have other times. It says how many.
// What cannot be read has no digest: whoever reads it finds out why.
func (l *Listing) skipEqual(ctx context.Context, held Known) (skipped int64, err error) {
	equal := make([]bool, len(l.files))
	all := func(int) bool { return true }
	err = l.hash(ctx, func() hash.Hash { return xxh3.New128() }, all, func(i int, sum []byte) {
		f, name := &l.files[i], l.name(i)
		f.Content = hex.EncodeToString(sum)
		equal[i] = held.Holds(name.source, name.path, f.Bytes, [16]byte(sum))
	})
	if err != nil {
		return 0, err
	}
	return l.keep(func(i int) bool { return !equal[i] }), nil
}

// rejectOthers reads the files that were published with a digest, and rejects those whose content is another now, though
// they may have the size and time of before.
func (l *Listing) rejectOthers(ctx context.Context) error {
	if len(l.digests) == 0 {
		return nil
	}
	want := func(i int) string { return l.digests[l.name(i)] }
	return l.hash(ctx, sha256.New, func(i int) bool { return want(i) != "" }, func(i int, sum []byte) {
		if hex.EncodeToString(sum) != want(i) {
			l.files[i].Reject = pipeline.ReasonChanged
		}
	})
}

// hash reads the files that are wanted, several at once. A file that cannot be read is passed over.
func (l *Listing) hash(ctx context.Context, algorithm func() hash.Hash, wanted func(i int) bool, yield func(i int, sum []byte)) (err error) {
	sources, err := store.OpenSources(l.sources, l.access)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	l.counts.Begin(pipeline.PlanningStep{Name: stepCompare, Total: int64(len(l.files))})
	return forEach(len(l.files), func() func(i int) error {
		buf := make([]byte, contentBuffer)
		return func(i int) error {
			defer l.counts.Done()
			if l.files[i].Reject != "" || !wanted(i) {
				return nil
			}
			h := algorithm()
			err := sources.Feed(ctx, h, l.files[i].Planned(), buf)
			if _, ok := errors.AsType[*pipeline.RejectError](err); ok {
				return nil
			} else if err != nil {
				return fmt.Errorf("digest of %s: %w", l.files[i].Path, err)
			}
			yield(i, h.Sum(nil))
			return nil
		}
	})
}

// contentBuffer is what is read of a file at once.
const contentBuffer = 1 << 20
