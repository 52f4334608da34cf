package ingest

import (
	"encoding/hex"
	"fmt"

	"github.com/zeebo/xxh3"
)

// KeyText is the number of what documents are compared by: the key text, its shingles and their sketches. An index holds hashes of
// it, so only documents of one number can be compared. 1, which no manifest names, is that of code versions up to 6: letters
// and digits alone.
const KeyText = 2

// DocumentID is the identity of a document: 128 bits over source name, path and offset; never of split, host or run.
// scratch may be nil; it saves an allocation.
func DocumentID(scratch []byte, source, path string, offset int64) (id [16]byte, buf []byte) {
	b := append(scratch[:0], source...)
	b = append(b, 0)
	b = append(b, path...)
	b = append(b, 0)
	for i := range 8 {
		b = append(b, byte(offset>>(8*i)))
	}
	return xxh3.Hash128(b).Bytes(), b
}

// FileKey names an input file by a hash of its source and path. scratch is as in DocumentID.
func FileKey(scratch []byte, source, path string) (key [16]byte, buf []byte) {
	return DocumentID(scratch, source, path, 0)
}

// ParseDocumentID reads the 32 hexadecimal digits of an id.
func ParseDocumentID(digits []byte) (id [16]byte, err error) {
	if len(digits) != 2*len(id) {
		return id, fmt.Errorf("id %q has not 32 digits", digits)
	}
	if _, err := hex.Decode(id[:], digits); err != nil {
		return id, fmt.Errorf("id %q: %w", digits, err)
	}
	return id, nil
}
