package release

import (
	"bytes"
	"cmp"
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// place is where a document stands in the order of its split: by Major, then by Minor, then by its id and the number of the copy. Which numbers these
// are is the order's: see orderOf.
type place struct{ Major, Minor uint64 }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.Major, q.Major), cmp.Compare(p.Minor, q.Minor))
}

// shuffled is the place of a copy in a shuffle.
func shuffled(seed uint64, id *[16]byte, number int) uint64 {
	var b [20]byte
	n := binary.PutUvarint(b[:4], uint64(number))
	return xxh3.HashSeed(append(b[:n], id[:]...), seed)
}

// numbered is a copy of a document in a partition, which is sorted in memory.
type numbered struct {
	place
	id   [16]byte
	copy int
	at   int // of its record, in bytes
}

func (a *numbered) compare(b *numbered) int {
	if n := a.place.compare(b.place); n != 0 {
		return n
	}
	if n := bytes.Compare(a.id[:], b.id[:]); n != 0 {
		return n
	}
	return cmp.Compare(a.copy, b.copy)
}

// maxCopies is how often a document is in a release at most.
const maxCopies = 1 << 16
