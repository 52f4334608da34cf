package beside

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// write writes a table of n rows whose row groups hold so many bytes: its integers are the numbers of the rows and factor times that.
func write(t *testing.T, s pipeline.Store, name string, n int, factor int64, groupBytes int64) {
	t.Helper()
	var b bytes.Buffer
	schema := []columnar.Column{{Name: "text", Type: columnar.String}, {Name: "number", Type: columnar.Int64}}
	w, err := columnar.NewParquetWriter(&b, schema, columnar.TableOptions{GroupBytes: groupBytes})
	if err != nil {
		t.Fatal(err)
	}
	texts, numbers := &columnar.Strings{}, []int64(nil)
	for i := range n {
		texts.Append([]byte(strings.Repeat("x", i%50) + strconv.Itoa(i)))
		numbers = append(numbers, int64(i)*factor)
	}
	if err := w.Write(texts, numbers); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := pipeline.WriteAll(context.Background(), s, name, b.Bytes()); err != nil {
		t.Fatal(err)
	}
}

// Tables that are cut otherwise give the same rows side by side, from any row on.
func TestEach(t *testing.T) {
	s := pipelinetest.NewMemory()
	const n = 20_000
	write(t, s, "a", n, 1, 4<<10)
	write(t, s, "b", n, 3, 64<<10)
	for _, rows := range []Rows{{0, n}, {0, 1}, {n - 1, 1}, {77, 0}, {4321, 9876}, {1, n - 1}} {
		next := rows.First
		err := Each(context.Background(), s, rows, []Table{
			{&pipeline.ParquetTable, "a", columnar.Selection{Text: []string{"text"}, Int: []string{"number"}}},
			{&pipeline.ParquetTable, "missing", columnar.Selection{}},
			{&pipeline.ParquetTable, "b", columnar.Selection{Int: []string{"number"}}},
		}, func(b *Block) error {
			texts, first := b.Text(0, "text")
			for i := range b.Len {
				row := b.First + int64(i)
				if row != next || b.Int(0, "number")[i] != row || b.Int(2, "number")[i] != 3*row || !strings.HasSuffix(string(texts.At(first+i)), strconv.FormatInt(row, 10)) {
					t.Fatalf("row %d of %v is %d, %d, %q; wanted row %d", row, rows, b.Int(0, "number")[i], b.Int(2, "number")[i], texts.At(first+i), next)
				}
				next++
			}
			return nil
		})
		if err != nil || next != rows.First+rows.Rows {
			t.Errorf("%v ended at row %d: %v", rows, next, err)
		}
	}
}

// A table that is too short is an error that names it, and so is what the caller says.
func TestEachErrors(t *testing.T) {
	s := pipelinetest.NewMemory()
	write(t, s, "a", 100, 1, 1<<10)
	write(t, s, "b", 99, 1, 1<<10)
	tables := []Table{
		{&pipeline.ParquetTable, "a", columnar.Selection{Int: []string{"number"}}},
		{&pipeline.ParquetTable, "b", columnar.Selection{Int: []string{"number"}}},
	}
	err := Each(context.Background(), s, Rows{0, 100}, tables, func(*Block) error { return nil })
	if err == nil || !strings.HasPrefix(err.Error(), "b has fewer rows") {
		t.Errorf("the error is %v", err)
	}
	wrong := errors.New("wrong")
	if err := Each(context.Background(), s, Rows{0, 99}, tables, func(*Block) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("the error is %v", err)
	}
}
