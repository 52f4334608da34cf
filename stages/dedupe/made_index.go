package dedupe

import (
	"encoding/binary"
	"io"
	"iter"

	"github.com/zeebo/xxh3"
)

// WriteIndexKeys writes a key file of the index that no run has made, for measurements of large ones: the entries of one
// partition, keys ascending, with the numbers of their documents. It returns how many there were.
func WriteIndexKeys(w io.Writer, partition, partitions int, entries iter.Seq2[uint64, uint64]) (int64, error) {
	k := newIndexKeysWriter(w)
	for key, number := range entries {
		k.add(key, number)
	}
	return k.entries, k.finish(partition, partitions)
}

// KeyRange is the least and the largest key of a partition.
func KeyRange(partition, partitions int) (least, most uint64) {
	least, most = leastKey(partition, partitions), ^uint64(0)
	if partition+1 < partitions {
		most = leastKey(partition+1, partitions) - 1
	}
	return least, most
}

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
