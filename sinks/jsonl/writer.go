package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline/columnar"
)

// maxLine bounds a line, as written and as read. A document and its metadata have up to 512 MiB each, in UTF-8.
const maxLine = 1 << 30

// writer is columnar.TableWriter for JSON Lines. A file is one zstd frame with a checksum, made of blocks of 128 KiB: memory is a
// line and the window of the encoder, and where the calls end does not show. Several frames would gain nothing, and there are
// readers that stop at the end of the first.
type writer struct {
	schema []columnar.Column
	keys   [][]byte // what stands before each value: {"id":, ,"text":, …
	enc    *zstd.Encoder
	line   []byte
	object bytes.Buffer // a value that is JSON, without what stands between its parts
	rows   int64
	err    error
}

func newWriter(w io.Writer, schema []columnar.Column, o columnar.TableOptions) (columnar.TableWriter, error) {
	if err := o.Check(schema); err != nil {
		return nil, err
	}
	t := &writer{schema: slices.Clone(schema)}
	for i, c := range schema {
		if c.Type == columnar.Binary {
			return nil, fmt.Errorf("column %s: JSON Lines hold no bytes that are no text", c.Name)
		}
		key := []byte(",")
		if i == 0 {
			key = []byte("{")
		}
		key = appendString(key, []byte(c.Name))
		t.keys = append(t.keys, append(key, ':'))
	}
	enc, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(o.Level)), zstd.WithEncoderConcurrency(1),
		zstd.WithZeroFrames(true), zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, fmt.Errorf("start zstd: %w", err)
	}
	t.enc = enc
	return t, nil
}

// Write implements columnar.TableWriter.
func (w *writer) Write(columns ...any) error {
	if w.err == nil {
		w.err = w.write(columns)
	}
	return w.err
}

func (w *writer) write(columns []any) error {
	rows, err := columnar.CheckRows(w.schema, columns)
	if err != nil {
		return err
	}
	for row := range rows {
		if err := w.encode(columns, row); err != nil {
			return fmt.Errorf("row %d: %w", w.rows, err)
		}
		if len(w.line) > maxLine {
			return fmt.Errorf("row %d takes %d bytes, more than 1 GiB", w.rows, len(w.line))
		}
		if _, err := w.enc.Write(w.line); err != nil {
			return err
		}
		w.rows++
	}
	return nil
}

// encode makes the line of a row.
func (w *writer) encode(columns []any, row int) error {
	w.line = w.line[:0]
	for i, column := range columns {
		w.line = append(w.line, w.keys[i]...)
		switch v := column.(type) {
		case *columnar.Strings:
			if !w.schema[i].JSON {
				w.line = appendString(w.line, v.At(row))
				continue
			}
			w.object.Reset()
			if err := json.Compact(&w.object, v.At(row)); err != nil {
				return fmt.Errorf("column %s: %w", w.schema[i].Name, err)
			}
			if w.object.Bytes()[0] != '{' {
				return fmt.Errorf("column %s is no JSON object", w.schema[i].Name)
			}
			w.line = append(w.line, w.object.Bytes()...)
		case []int32:
			w.line = strconv.AppendInt(w.line, int64(v[row]), 10)
		case []int64:
			w.line = strconv.AppendInt(w.line, v[row], 10)
		}
	}
	w.line = append(w.line, "}\n"...)
	return nil
}

// Finish implements columnar.TableWriter.
func (w *writer) Finish() (int64, error) {
	if w.err == nil {
		w.err = w.enc.Close()
	}
	if w.err != nil {
		return 0, w.err
	}
	w.err = errors.New("the file is finished")
	return w.rows, nil
}

// Close implements columnar.TableWriter. The encoder works on the goroutine of the caller: there is nothing to stop.
func (w *writer) Close() error {
	if w.err == nil {
		w.err = errors.New("the file was given up")
	}
	w.line, w.object = nil, bytes.Buffer{}
	return nil
}
