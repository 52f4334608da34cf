package dataset_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/dataset"
)

// A sample has as many rows as were asked for, each once, however the corpus is cut into shards.
func TestSampleRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shards := rapid.SliceOfN(rapid.Int64Range(0, 500), 1, 8).Draw(t, "shards")
		n := rapid.Int64Range(1, 600).Draw(t, "n")
		total := int64(0)
		for _, rows := range shards {
			total += rows
		}
		base, got, last := int64(0), int64(0), int64(-1)
		for _, rows := range shards {
			for _, row := range dataset.SampleRows(total, base, rows, n) {
				if row < 0 || row >= rows || base+row <= last {
					t.Fatalf("row %d of %d at %d, behind %d", row, rows, base, last)
				}
				last = base + row
				got++
			}
			base += rows
		}
		if got != min(n, total) {
			t.Fatalf("%d of %d rows, want %d", got, total, n)
		}
	})
}
