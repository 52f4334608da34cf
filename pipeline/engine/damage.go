package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// damage says what is wrong with a file that a ledger entry names, nil if nothing is. With whole, all of it is read; without, only
// what its readers would not notice themselves. err is of a store that does not answer, which is no damage.
func damage(ctx context.Context, chain pipeline.Chain, job *pipeline.Job, o pipeline.Output, whole bool) (why, err error) {
	ctx = withPulse(ctx, &pulse{}) // a file that is gone is no failure of the store here
	f, err := openOutput(ctx, job, o)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("it is missing"), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	switch {
	case isSpill(o):
		why = spillDamage(ctx, f, o, whole)
	case f.Size() != o.Bytes:
		why = fmt.Errorf("it has %d bytes, %d were written", f.Size(), o.Bytes)
	case whole || !checksItself(chain, o.Name):
		why = contentDamage(f, o)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if errors.Is(why, pipeline.ErrUnreachable) {
		return nil, why
	}
	return why, nil
}

// openOutput opens a file where the task left it, or where a commit that was interrupted has moved it.
func openOutput(ctx context.Context, job *pipeline.Job, o pipeline.Output) (pipeline.Object, error) {
	if !o.Out {
		return job.Work.Open(ctx, o.Name)
	}
	f, err := job.Out.Open(ctx, o.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return job.Corpus.Open(ctx, o.Name)
	}
	return f, err
}

func isSpill(o pipeline.Output) bool { return !o.Out && strings.HasSuffix(o.Name, ".arrow") }

// checksItself says that the readers of a work file verify what they read of it by checksums in the file.
func checksItself(chain pipeline.Chain, name string) bool {
	for _, m := range makers(chain, path.Dir(name)) {
		if m.plain {
			return false
		}
	}
	return true
}

func spillDamage(ctx context.Context, f pipeline.Object, o pipeline.Output, whole bool) error {
	spill, err := columnar.OpenSpill(f, f.Size())
	if err != nil {
		return err
	}
	if spill.Digest() != o.Digest {
		return errors.New("its digest is another")
	}
	var b columnar.Batch
	for i := range spill.Blocks() {
		if !whole || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := spill.Read(i, &b); err != nil {
			return err
		}
	}
	return nil
}

func contentDamage(f pipeline.Object, o pipeline.Output) error {
	var h hash.Hash = xxh3.New128()
	if o.Out {
		h = sha256.New()
	}
	if _, err := io.CopyBuffer(h, io.NewSectionReader(f, 0, f.Size()), make([]byte, 1<<18)); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != o.Digest {
		return errors.New("its digest is another")
	}
	return nil
}
