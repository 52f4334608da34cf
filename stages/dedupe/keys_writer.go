package dedupe

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/sorted"
)

// keysKind is the file of a split's keys, each with the number of its document in the split. Its rows are the documents.
var keysKind = sorted.KeysKind("MRKEYS_1")

// mostKeys is the most keys that are sorted in memory.
const mostKeys = 512 << 10

// keySorters keeps the memory of sorters, 16 MiB each, from one split to the next.
var keySorters = sync.Pool{New: func() any { return new(sorted.Sorter[uint32]) }}

// keysWriter writes the keys of a split in sorted runs. A run ends where the next document might not fit, so the cuts
// follow from the documents alone (invariant 1).
type keysWriter struct {
	runs        *sorted.Writer
	minShingles int
	bands       int // of a document that has some
	most        int // keys of a sorted run
	sorter      *sorted.Sorter[uint32]
	documents   int64
	total       int64
}

func newKeysWriter(w io.Writer, cfg Config, partitions int) *keysWriter {
	return &keysWriter{
		runs: sorted.NewWriter(w, keysKind, partitions), minShingles: cfg.MinShingles, bands: cfg.bands(), most: mostKeys,
		sorter: keySorters.Get().(*sorted.Sorter[uint32]),
	}
}

// batch appends the keys of a batch's documents.
func (k *keysWriter) batch(s *columnar.Sketch) error {
	if k.documents+int64(len(s.Shingles)) > math.MaxUint32 {
		return fmt.Errorf("more than %d documents in one split", uint32(math.MaxUint32))
	}
	bands := s.Bands
	items := k.sorter.Items
	ofDocument := 2 + k.bands // at most
	for i, shingles := range s.Shingles {
		if len(items) > k.most-ofDocument {
			k.sorter.Items = items
			k.flush()
			items = k.sorter.Items
		}
		d := uint32(k.documents)
		k.documents++
		items = append(items, sorted.Item[uint32]{Key: hashKey(&s.Exact[i]), Value: d})
		if s.Key[i] != noKey {
			items = append(items, sorted.Item[uint32]{Key: hashKey(&s.Key[i]), Value: d})
		}
		if int(shingles) < k.minShingles {
			continue
		}
		for _, band := range bands[:k.bands] {
			items = append(items, sorted.Item[uint32]{Key: band, Value: d})
		}
		bands = bands[k.bands:]
	}
	k.sorter.Items = items
	return nil
}

// hashes appends the keys of a document of which nothing is known but its hashes.
func (k *keysWriter) hashes(exact, key *[16]byte) {
	if len(k.sorter.Items) > k.most-2 {
		k.flush()
	}
	k.sorter.Items = append(k.sorter.Items, sorted.Item[uint32]{Key: hashKey(exact), Value: uint32(k.documents)})
	if *key != noKey {
		k.sorter.Items = append(k.sorter.Items, sorted.Item[uint32]{Key: hashKey(key), Value: uint32(k.documents)})
	}
	k.documents++
}

// skip goes past a document that has no keys.
func (k *keysWriter) skip() { k.documents++ }

// hashKey is the key of a 128-bit hash.
func hashKey(hash *[16]byte) uint64 { return binary.LittleEndian.Uint64(hash[:]) }

// flush writes one sorted run.
func (k *keysWriter) flush() {
	k.sorter.Sort()
	k.runs.WriteKeys(k.sorter.Items)
	k.total += int64(len(k.sorter.Items))
	k.sorter.Items = k.sorter.Items[:0]
}

// finish writes what is left and returns the first error.
func (k *keysWriter) finish() error {
	k.flush()
	return k.runs.Finish(k.documents)
}

// close gives the memory back. It may be called twice.
func (k *keysWriter) close() {
	if k.sorter != nil {
		k.sorter.Items = k.sorter.Items[:0]
		keySorters.Put(k.sorter)
		k.sorter = nil
	}
}
