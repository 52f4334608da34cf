package corpus

import (
	"bytes"
	"cmp"
	"encoding/binary"
)

// VersionedID is an id in a version: the same file may be read again by a later version, so the id alone can name several
// documents.
type VersionedID struct {
	ID      [16]byte
	Version int32
}

// Part is which of several passes an id belongs to. Ids are hashes, so any of their bits will do.
func (v VersionedID) Part(parts int) int {
	return int(binary.BigEndian.Uint64(v.ID[:]) % uint64(parts))
}

// CompareIDs orders ids, and versions of one id.
func CompareIDs(a, b VersionedID) int {
	return cmp.Or(bytes.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Version, b.Version))
}
