package corpus

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// appendHex appends the digits of an id.
func appendHex(b []byte, id [16]byte) []byte { return hex.AppendEncode(b, id[:]) }

// parseID reads the digits of an id.
func parseID(digits []byte) (id [16]byte, err error) {
	if len(digits) != 2*len(id) {
		return id, fmt.Errorf("id %q has not 32 digits", digits)
	}
	if _, err := hex.Decode(id[:], digits); err != nil {
		return id, fmt.Errorf("id %q: %w", digits, err)
	}
	return id, nil
}

// versionedID is an id in a version: the same file may be read again by a later version, so the id alone can name several
// documents.
type versionedID struct {
	id      [16]byte
	version int32
}

// part is which of several passes an id belongs to. Ids are hashes, so any of their bits will do.
func (v versionedID) part(parts int) int {
	return int(binary.BigEndian.Uint64(v.id[:]) % uint64(parts))
}

func compareIDs(a, b versionedID) int {
	return cmp.Or(bytes.Compare(a.id[:], b.id[:]), cmp.Compare(a.version, b.version))
}
