package corpustest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// Tables are the formats of the corpora that tests make: those of the sinks, and two that no package but this one knows.
var Tables = pipeline.TableFormats{pipeline.ParquetTable, Pages, pipeline.ArrowTable, Lines}

// ArrowAlone is a choice of formats of which none can be read here.
var ArrowAlone = pipeline.TableFormats{pipeline.ArrowTable}

// Lines is JSON lines, which loaders read, without being told the types, and this program does not.
var Lines = pipeline.TableFormat{
	Name: "lines", Title: "JSON lines", Folder: "jsonlines", Extension: "jsonl", Loaded: true, Inferred: true, Note: "Each line is a document.",
	Writer: newLineWriter, Check: func(pipeline.Object, int64) error { return nil },
}

// Pages is the same in a folder of its own, which this program reads again, and no loader does.
var Pages = pipeline.TableFormat{
	Name: "pages", Title: "pages", Folder: "pages", Extension: "txt", Note: "The documents are pages.",
	Writer: newLineWriter, Check: func(pipeline.Object, int64) error { return nil }, Read: readLines,
}

// lineWriter writes a JSON object a row.
type lineWriter struct {
	w      *bufio.Writer
	schema []columnar.Column
	rows   int64
}

func newLineWriter(w io.Writer, schema []columnar.Column, _ columnar.TableOptions) (columnar.TableWriter, error) {
	return &lineWriter{w: bufio.NewWriter(w), schema: schema}, nil
}

// Write implements columnar.TableWriter.
func (w *lineWriter) Write(columns ...any) error {
	rows, err := columnar.CheckRows(w.schema, columns)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w.w)
	for i := range rows {
		row := map[string]any{}
		for k, c := range w.schema {
			switch v := columns[k].(type) {
			case *columnar.Strings:
				row[c.Name] = string(v.At(i))
			case []int32:
				row[c.Name] = v[i]
			case []int64:
				row[c.Name] = v[i]
			}
		}
		w.rows++
		if err := enc.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// Finish implements columnar.TableWriter.
func (w *lineWriter) Finish() (int64, error) { return w.rows, w.w.Flush() }

// Close implements columnar.TableWriter.
func (w *lineWriter) Close() error { return nil }

// readLines is the Read of a format of lines. It gives the rows in frames of two.
func readLines(r io.ReaderAt, size int64, columns columnar.Selection, want func(*columnar.RowGroup) bool, yield func(*columnar.Frame) error) error {
	const group = 2
	dec := json.NewDecoder(io.NewSectionReader(r, 0, size))
	for first := int64(0); ; first += group {
		text, ints, rows := map[string]*columnar.Strings{}, map[string][]int64{}, 0
		for ; rows < group; rows++ {
			var row map[string]any
			dec.UseNumber()
			if err := dec.Decode(&row); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return err
			}
			for _, name := range columns.Text {
				if text[name] == nil {
					text[name] = &columnar.Strings{}
				}
				text[name].Append([]byte(row[name].(string)))
			}
			for _, name := range columns.Int {
				n, err := row[name].(json.Number).Int64()
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				ints[name] = append(ints[name], n)
			}
			for name, n := range columns.IntOr {
				if there, ok := row[name].(json.Number); ok {
					var err error
					if n, err = there.Int64(); err != nil {
						return fmt.Errorf("%s: %w", name, err)
					}
				}
				ints[name] = append(ints[name], n)
			}
		}
		if rows == 0 {
			return nil
		}
		if want != nil && !want(&columnar.RowGroup{First: first, Rows: int64(rows)}) {
			continue
		}
		if err := yield(columnar.NewFrame(first, rows, text, ints)); err != nil {
			return err
		}
	}
}
