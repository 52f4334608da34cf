package columnar

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/parquet/file"
	"pgregory.net/rapid"
)

// Two libraries read the values that were written as differences: of any width, with overflow, over blocks and pages.
func TestDelta(t *testing.T) {
	falling, noise, extremes := make([]int64, pageBytes/8*2+77), make([]int64, 5000), make([]int64, 1000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range falling {
		falling[i] = int64(len(falling) - i)
	}
	for i := range noise {
		noise[i] = int64(r.Uint64())
	}
	for i := range extremes {
		extremes[i] = []int64{math.MinInt64, math.MaxInt64, 0, -1}[r.IntN(4)]
	}
	tests := map[string][]int64{"falling, of some pages": falling, "noise": noise, "extremes": extremes, "one value": {math.MinInt64}, "two": {-1, math.MaxInt64}}
	for _, n := range []int{32, 33, 128, 129, 130, 161, 257} {
		tests[fmt.Sprintf("one value %d times", n)] = slices.Repeat([]int64{7}, n)
	}
	for name, values := range tests {
		t.Run(name, func(t *testing.T) { checkDelta(t, values) })
	}
}

func TestDeltaOfAnyWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var values []int64
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			width := rapid.IntRange(0, 64).Draw(t, "width")
			run := rapid.SliceOfN(rapid.Uint64(), 0, 200).Draw(t, "run")
			for _, v := range run {
				values = append(values, int64(v>>(64-width)))
			}
		}
		checkDelta(t, values)
	})
}

func checkDelta(t rapid.TB, values []int64) {
	t.Helper()
	schema := []Column{{Name: "number", Type: Int64, Delta: true, Statistics: true}}
	var out bytes.Buffer
	w, err := NewParquetWriter(&out, schema, TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(values); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	read, err := readTable(out.Bytes(), "number")
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	if len(read) > 0 {
		got = read[0].([]int64)
	}
	if !slices.Equal(got, values) {
		t.Errorf("read %v, want %v", got, values)
	}
	other, err := file.NewParquetReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	got = nil
	for g := range other.NumRowGroups() {
		column, err := other.RowGroup(g).Column(0)
		if err != nil {
			t.Fatal(err)
		}
		for column.HasNext() {
			part := make([]int64, 1000)
			_, n, err := column.(*file.Int64ColumnChunkReader).ReadBatch(int64(len(part)), part, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, part[:n]...)
		}
	}
	if !slices.Equal(got, values) {
		t.Errorf("arrow read %v, want %v", got, values)
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}
