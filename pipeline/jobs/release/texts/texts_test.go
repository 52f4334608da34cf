package texts

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/dataset"
)

// Pieces have every row of every file once, in order, and no task much more than what it may have.
func TestPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var of Texts
		for range rapid.IntRange(1, 6).Draw(t, "files") {
			of.Files = append(of.Files, dataset.File{
				Path: string(rune('a' + len(of.Files))), Rows: rapid.Int64Range(0, 300).Draw(t, "rows"), Bytes: rapid.Int64Range(0, 9000).Draw(t, "bytes"),
			})
		}
		most := rapid.Int64Range(1, 20000).Draw(t, "most")
		var all []Piece
		for i, task := range of.Pieces(most) {
			sum := int64(0)
			for _, p := range task {
				if p.Rows < 1 {
					t.Fatalf("task %d: %+v has no rows", i, p)
				}
				all = append(all, p)
				sum += p.Rows * max(p.File.Bytes/p.File.Rows, 1)
			}
			if largest := max(most, 9000); len(task) == 0 || sum > 3*largest {
				t.Fatalf("task %d of %d bytes has %d pieces of %d", i, most, len(task), sum)
			}
		}
		for _, f := range of.Files {
			next := int64(0)
			for ; len(all) > 0 && all[0].File == f; all = all[1:] {
				if all[0].Row != next {
					t.Fatalf("%s: a piece begins at %d, not %d", f.Path, all[0].Row, next)
				}
				next += all[0].Rows
			}
			if next != f.Rows {
				t.Fatalf("%s: the pieces have %d rows of %d", f.Path, next, f.Rows)
			}
		}
		if len(all) > 0 {
			t.Fatalf("%+v is of no file, or out of order", all[0])
		}
	})
}
