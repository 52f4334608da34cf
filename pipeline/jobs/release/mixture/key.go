package mixture

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/zeebo/xxh3"
)

// keySeed tells the keys of sampling from other hashes of ids.
var keySeed = xxh3.HashString("millrace mixture")

// Key is the place of a document in the order by which parts of a stratum are taken. It follows from id and seed alone.
func Key(seed uint64, id *[16]byte) uint64 { return xxh3.HashSeed(id[:], keySeed^seed) }

// Bound says which documents are below it: those whose key is, or whose id, where the key is the same. The zero value has none below it.
type Bound struct {
	Key uint64
	ID  [16]byte
	// All says that every document is below it.
	All bool
}

// Below says whether a document is below the bound.
func (b *Bound) Below(key uint64, id *[16]byte) bool {
	return b.All || key < b.Key || key == b.Key && bytes.Compare(id[:], b.ID[:]) < 0
}

const allText = "all"

// MarshalText writes key and id as 48 hex digits, or all.
func (b Bound) MarshalText() ([]byte, error) {
	if b.All {
		return []byte(allText), nil
	}
	return fmt.Appendf(nil, "%016x%x", b.Key, b.ID), nil
}

// UnmarshalText reads what MarshalText writes.
func (b *Bound) UnmarshalText(text []byte) error {
	*b = Bound{}
	if string(text) == allText {
		b.All = true
		return nil
	}
	var raw [24]byte
	if len(text) != 2*len(raw) {
		return fmt.Errorf("%q is no bound", text)
	}
	if _, err := hex.Decode(raw[:], text); err != nil {
		return fmt.Errorf("%q is no bound: %w", text, err)
	}
	for _, c := range raw[:8] {
		b.Key = b.Key<<8 | uint64(c)
	}
	copy(b.ID[:], raw[8:])
	return nil
}
