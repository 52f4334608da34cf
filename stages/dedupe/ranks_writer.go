package dedupe

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"

	"millrace/pipeline/columnar"
)

// ranksKind is the runs file of a split's ranks: number of the document in the split uint32, then the rank, cut or filled with zeros.
// The greater ranks come first, equal ones in order of the documents. Its rows are the documents.
func ranksKind(field bool) runsKind {
	if field {
		return runsKind{magic: "MRRANKF1", width: 4 + fieldRank}
	}
	return runsKind{magic: "MRRANKS1", width: 4 + 8}
}

// fieldRank is how many bytes of a rank by field are compared: 123 of a string.
const fieldRank = 124

// runRanks is the most ranks that are sorted in memory, and so the longest run: 8 MiB.
const runRanks = 64 << 10

// ranksWriter writes the ranks of a split in sorted runs. The cuts follow from the documents alone (invariant 1).
type ranksWriter struct {
	ranker  *ranker
	runs    *runsWriter
	most    int // ranks of a run
	records []byte
	sorted  []int // where they lie
	rows    int64
}

func newRanksWriter(w io.Writer, ranker *ranker) *ranksWriter {
	return &ranksWriter{ranker: ranker, runs: newRunsWriter(w, ranker.kind(), 1), most: runRanks}
}

// batch appends the ranks of a batch's documents.
func (w *ranksWriter) batch(b *columnar.Batch) error {
	width := w.runs.kind.width
	for row := range b.Len() {
		if len(w.sorted) == w.most {
			w.flush()
		}
		at := len(w.records)
		w.records = binary.LittleEndian.AppendUint32(w.records, uint32(w.rows))
		rank := w.ranker.of(b, row)
		w.records = append(w.records, rank[:min(len(rank), width-4)]...)
		w.records = append(w.records, make([]byte, at+width-len(w.records))...)
		w.sorted = append(w.sorted, at)
		w.rows++
	}
	return w.runs.err
}

// flush writes one run.
func (w *ranksWriter) flush() {
	if len(w.sorted) == 0 {
		return
	}
	width := w.runs.kind.width
	slices.SortStableFunc(w.sorted, func(a, b int) int { return bytes.Compare(w.records[b+4:b+width], w.records[a+4:a+width]) })
	w.runs.start()
	for _, at := range w.sorted {
		copy(w.runs.add(0), w.records[at:at+width])
	}
	w.runs.end()
	w.records, w.sorted = w.records[:0], w.sorted[:0]
}

// finish writes what is left and returns the first error.
func (w *ranksWriter) finish() error {
	w.flush()
	return w.runs.finish(w.rows)
}
