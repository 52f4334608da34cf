package dataset

import (
	"context"
	"errors"
	"io/fs"

	"github.com/millrace/millrace/pipeline"
)

// RetiredFolder holds files that a dataset was made of and is not any more, each below it at the path that it had.
const RetiredFolder = "retired"

// Placed reads the files of a dataset from their paths, or from RetiredFolder where they are not there. A file that moves from one
// to the other meanwhile is found: whoever moves it makes it exist in both places first. Only Open differs from the store itself.
func Placed(s pipeline.Store) pipeline.Store {
	if p, ok := s.(placedStore); ok {
		return p
	}
	return placedStore{s}
}

type placedStore struct{ pipeline.Store }

// Open implements pipeline.Store. The error is that of the path itself.
func (p placedStore) Open(ctx context.Context, name string) (pipeline.Object, error) {
	o, err := p.Store.Open(ctx, name)
	for range 2 { // between two looks it may have moved back
		if !errors.Is(err, fs.ErrNotExist) {
			return o, err
		}
		if o, again := p.Store.Open(ctx, RetiredFolder+"/"+name); !errors.Is(again, fs.ErrNotExist) {
			return o, again
		}
		o, err = p.Store.Open(ctx, name)
	}
	return o, err
}
