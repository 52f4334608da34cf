package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

var tableSchema = []columnar.Column{{Name: "word", Type: columnar.String}, {Name: "n", Type: columnar.Int64}}

// fillTable writes n rows: the word for a number, and the number.
func fillTable(n int) func(columnar.TableWriter) (int64, error) {
	return func(w columnar.TableWriter) (int64, error) {
		for i := range n {
			var word columnar.Strings
			word.Append(fmt.Appendf(nil, "word %d", i))
			if err := w.Write(&word, []int64{int64(i)}); err != nil {
				return 0, err
			}
		}
		return int64(n), nil
	}
}

func TestWriteTable(t *testing.T) {
	for _, format := range []pipeline.TableFormat{pipeline.ParquetTable, pipeline.ArrowTable} {
		t.Run(format.Name, func(t *testing.T) {
			m := pipelinetest.NewMemory()
			job := &pipeline.Job{Out: m}
			name := "words." + format.Extension
			options := columnar.TableOptions{Metadata: pipeline.Lineage(&pipeline.Plan{Version: 7})}
			var out pipeline.Output
			pipelinetest.EachFault(t, m, func() (err error) {
				out, err = pipeline.WriteTable(t.Context(), job, name, format, tableSchema, options, fillTable(10))
				return err
			}, func(failed string) {
				if m.Get(name) != nil {
					t.Errorf("a file is left after %s failed", failed)
				}
			})
			if data := m.Get(name); out.Rows != 10 || out.Bytes != int64(len(data)) || !out.Out || !strings.Contains(string(data), "millrace.version") {
				t.Errorf("output %+v of a file of %d bytes", out, len(data))
			}

			bad := errors.New("no more words")
			tests := map[string]struct { // by what the error says
				fill   func(columnar.TableWriter) (int64, error)
				damage func([]byte) []byte
			}{
				"no more words": {func(columnar.TableWriter) (int64, error) { return 0, bad }, nil},
				"were written":  {func(w columnar.TableWriter) (int64, error) { n, err := fillTable(3)(w); return n + 1, err }, nil},
				"bytes, ":       {fillTable(3), func(data []byte) []byte { return data[1:] }},
				"check words.":  {fillTable(3), func(data []byte) []byte { return slices.Repeat([]byte{'x'}, len(data)) }},
			}
			for want, tt := range tests {
				m := pipelinetest.NewMemory()
				job := &pipeline.Job{Out: liar{m, tt.damage}}
				out, err := pipeline.WriteTable(t.Context(), job, name, format, tableSchema, options, tt.fill)
				if err == nil || !strings.Contains(err.Error(), want) || out.Name != "" {
					t.Errorf("%+v, %v, want an error that says %q", out, err, want)
				}
				if m.Get(name) != nil {
					t.Errorf("%s: a file is left", want)
				}
			}
		})
	}
}

// liar is a disk that keeps other bytes than it was given, and says that all is well.
type liar struct {
	*pipelinetest.Memory
	damage func([]byte) []byte
}

type lie struct {
	pipeline.Writer
	l    liar
	ctx  context.Context
	name string
}

func (l liar) Create(ctx context.Context, name string) (pipeline.Writer, error) {
	w, err := l.Memory.Create(ctx, name)
	if l.damage == nil {
		return w, err
	}
	return lie{w, l, ctx, name}, err
}

func (w lie) Commit() error {
	if err := w.Writer.Commit(); err != nil {
		return err
	}
	data := w.l.Get(w.name)
	return pipeline.WriteAll(w.ctx, w.l.Memory, w.name, w.l.damage(slices.Clone(data)))
}

// TestReadTable: rows come as they were written, as many as are asked for.
func TestReadTable(t *testing.T) {
	m := pipelinetest.NewMemory()
	options := columnar.TableOptions{GroupBytes: 64} // a few rows a group
	if _, err := pipeline.WriteTable(t.Context(), &pipeline.Job{Out: m}, "words", pipeline.ParquetTable, tableSchema, options, fillTable(20)); err != nil {
		t.Fatal(err)
	}
	columns := columnar.SelectionOf(tableSchema)
	next := int64(0)
	err := pipeline.ReadTable(t.Context(), m, "words", columns, func(f *columnar.Frame) error {
		for i, n := range f.Int("n") {
			if n != next || string(f.Text("word").At(i)) != fmt.Sprintf("word %d", n) {
				t.Errorf("row %d is %d, %s", next, n, f.Text("word").At(i))
			}
			next++
		}
		return nil
	})
	if next != 20 || err != nil {
		t.Errorf("%d rows, %v", next, err)
	}

	var got []int64
	err = pipeline.ReadRows(t.Context(), m, "words", columns, []int64{3, 4, 17}, func(i int, f *columnar.Frame, row int) error {
		got = append(got, int64(i), f.Int("n")[row])
		return nil
	})
	if diff := cmp.Diff([]int64{0, 3, 1, 4, 2, 17}, got); diff != "" || err != nil {
		t.Errorf("%v, index and row (-want +got):\n%s", err, diff)
	}

	frames := 0
	err = pipeline.ReadTable(t.Context(), m, "words", columns, func(*columnar.Frame) error { frames++; return pipeline.ErrEnough })
	if frames != 1 || err != nil {
		t.Errorf("%d frames after enough, %v", frames, err)
	}

	bad := errors.New("bad row")
	err = pipeline.ReadRows(t.Context(), m, "words", columns, []int64{1, 2}, func(int, *columnar.Frame, int) error { return bad })
	if !errors.Is(err, bad) || !strings.HasPrefix(err.Error(), "words: ") {
		t.Errorf("error %v", err)
	}
	if err := pipeline.ReadTable(t.Context(), m, "none", columns, nil); err == nil {
		t.Error("a file that is not there was read")
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = pipeline.ReadTable(ctx, m, "words", columns, func(*columnar.Frame) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("told to stop: %v", err)
	}
}
