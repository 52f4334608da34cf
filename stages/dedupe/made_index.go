package dedupe

import (
	"encoding/binary"
	"io"

	"github.com/zeebo/xxh3"
)

// WriteIndexSignatures writes a signature file of the index that no run has made, of documents that resemble nothing: all is
// drawn from word.
func WriteIndexSignatures(w io.Writer, documents int64, word func() uint64) error {
	head := binary.LittleEndian.AppendUint64([]byte(signaturesMagic), 0)
	head = binary.LittleEndian.AppendUint64(head, uint64(documents))
	head = binary.LittleEndian.AppendUint64(head, xxh3.Hash(head))
	if _, err := w.Write(head); err != nil {
		return err
	}
	var r record
	for range documents {
		for at := 0; at < recordSummed; at += 8 {
			binary.LittleEndian.PutUint64(r[at:], word())
		}
		r.setCounts(1000, 3000)
		r.seal()
		if _, err := w.Write(r[:]); err != nil {
			return err
		}
	}
	return nil
}
