package counts

import (
	"bytes"
	"cmp"

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
