package order

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// ranksKind is the file of a split's ranks: number of the document in the split uint32, then the rank, cut or filled with zeros.
// The greater ranks come first, equal ones in order of the documents. Its rows are the documents.
func ranksKind(field bool) sorted.Kind {
	if field {
		return sorted.Kind{Magic: "MRRANKF1", Width: 4 + fieldRank}
	}
	return sorted.Kind{Magic: "MRRANKS1", Width: 4 + 8}
}

// fieldRank is how many bytes of a rank by field are compared: 123 of a string.
const fieldRank = 124

// mostRanks is the most ranks that are sorted in memory: 8 MiB.
const mostRanks = 64 << 10

// Writer writes the ranks of a split in sorted runs. The cuts follow from the documents alone (invariant 1). It holds 8 MiB of
// ranks, and is used by one goroutine.
type Writer struct {
	ranker  *ranker
	runs    *sorted.Writer
	most    int // ranks of a sorted run
	records []byte
	sorted  []int // where they lie
	rows    int64
}

// NewWriter starts the ranks of a split, for a winner other than First.
func NewWriter(w io.Writer, winner string, plan *ingest.Plan) *Writer {
	ranker := newRanker(winner, plan)
	return &Writer{ranker: ranker, runs: sorted.NewWriter(w, ranker.kind(), 1), most: mostRanks}
}

// Batch appends the ranks of a batch's documents.
func (w *Writer) Batch(b *columnar.Batch) error {
	width := w.runs.Kind().Width
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
	return w.runs.Err()
}

// flush writes one sorted run.
func (w *Writer) flush() {
	if len(w.sorted) == 0 {
		return
	}
	width := w.runs.Kind().Width
	slices.SortStableFunc(w.sorted, func(a, b int) int { return bytes.Compare(w.records[b+4:b+width], w.records[a+4:a+width]) })
	w.runs.Start()
	for _, at := range w.sorted {
		copy(w.runs.Add(0), w.records[at:at+width])
	}
	w.runs.End()
	w.records, w.sorted = w.records[:0], w.sorted[:0]
}

// Rows is how many documents have their ranks.
func (w *Writer) Rows() int64 { return w.rows }

// Finish writes what is left and returns the first error.
func (w *Writer) Finish() error {
	w.flush()
	return w.runs.Finish(w.rows)
}
