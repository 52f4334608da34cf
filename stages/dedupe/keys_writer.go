package dedupe

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"millrace/pipeline/columnar"
)

// keysKind is the runs file of a split's keys: key uint64, number of the document in the split uint32. Its rows are the
// documents.
var keysKind = runsKind{magic: "MRKEYS_1", width: 12}

// runEntries is the most entries that are sorted in memory, and so the longest run.
const runEntries = 512 << 10

// keyEntry says that a document has a key.
type keyEntry struct {
	key      uint64
	document uint32
}

// keysWriter writes the keys of a split in sorted runs. A run ends where the next document might not fit, so the cuts
// follow from the documents alone (invariant 1).
type keysWriter struct {
	runs        *runsWriter
	partitions  int
	minShingles int
	bands       int // of a document that has some
	most        int // entries of a run
	sorter      *keySorter
	documents   int64
	total       int64
}

func newKeysWriter(w io.Writer, cfg Config, partitions int) *keysWriter {
	bands, _ := cfg.bands()
	return &keysWriter{
		runs: newRunsWriter(w, keysKind, partitions), partitions: partitions, minShingles: cfg.MinShingles, bands: bands, most: runEntries,
		sorter: keySorters.Get().(*keySorter),
	}
}

// batch appends the keys of a batch's documents.
func (k *keysWriter) batch(s *columnar.Sketch) error {
	if k.documents+int64(len(s.Shingles)) > math.MaxUint32 {
		return fmt.Errorf("more than %d documents in one split", uint32(math.MaxUint32))
	}
	bands := s.Bands
	entries := k.sorter.entries
	ofDocument := 2 + k.bands // at most
	for i, shingles := range s.Shingles {
		if len(entries) > k.most-ofDocument {
			k.sorter.entries = entries
			k.flush()
			entries = k.sorter.entries
		}
		d := uint32(k.documents)
		k.documents++
		entries = append(entries, keyEntry{hashKey(&s.Exact[i]), d})
		if s.Key[i] != noKey {
			entries = append(entries, keyEntry{hashKey(&s.Key[i]), d})
		}
		if int(shingles) < k.minShingles {
			continue
		}
		for _, band := range bands[:k.bands] {
			entries = append(entries, keyEntry{band, d})
		}
		bands = bands[k.bands:]
	}
	k.sorter.entries = entries
	return nil
}

// hashKey is the key of a 128-bit hash.
func hashKey(hash *[16]byte) uint64 { return binary.LittleEndian.Uint64(hash[:]) }

// flush writes one run.
func (k *keysWriter) flush() {
	if len(k.sorter.entries) == 0 {
		return
	}
	k.sorter.sort()
	k.runs.start()
	for _, e := range k.sorter.entries {
		b := k.runs.add(partitionOf(e.key, k.partitions))
		binary.LittleEndian.PutUint64(b, e.key)
		binary.LittleEndian.PutUint32(b[8:], e.document)
	}
	k.runs.end()
	k.total += int64(len(k.sorter.entries))
	k.sorter.entries = k.sorter.entries[:0]
}

// finish writes what is left and returns the first error.
func (k *keysWriter) finish() error {
	k.flush()
	return k.runs.finish(k.documents)
}

// close gives the memory back. It may be called twice.
func (k *keysWriter) close() {
	if k.sorter != nil {
		k.sorter.entries = k.sorter.entries[:0]
		keySorters.Put(k.sorter)
		k.sorter = nil
	}
}
