package corpus

import (
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
