package counts

import (
	"bytes"
	"cmp"
	"context"

	"github.com/zeebo/xxh3"
)

// MaxToken is how many bytes a token has at most.
const MaxToken = 32 << 10

// Item is a token with how often it occurs, and in how many documents.
type Item struct {
	Hash             uint64 // Hash of Token
	Token            []byte
	Count, Documents int64
}

// Hash is what items are in the order of.
func Hash(token []byte) uint64 { return xxh3.Hash(token) }

// compare compares two items by their order.
func (i *Item) compare(j *Item) int {
	if i.Hash != j.Hash {
		return cmp.Compare(i.Hash, j.Hash)
	}
	return bytes.Compare(i.Token, j.Token)
}

// Source is items in their order. What Item returns is valid until the next call of Next.
type Source interface {
	Next() bool
	Item() *Item
	Err() error
}

// Each calls yield with all items of a source, until its first error.
func Each(ctx context.Context, s Source, yield func(*Item) error) error {
	for n := 0; s.Next(); n++ {
		if err := yield(s.Item()); err != nil {
			return err
		}
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return s.Err()
}
