package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/sinks/jsonl"
)

// recordNumbers are the columns of documents that hold integers, in corpora and releases.
var recordNumbers = []string{"offset", "chars", "bytes", "version", "copies", "repeat", "token_count"}

// appendRecord appends the columns of a row as a line of JSON, as the sink jsonl writes them: metadata is an object in it.
func appendRecord(dst []byte, columns []string, f *columnar.Frame, row int) ([]byte, error) {
	for i, c := range columns {
		if i == 0 {
			dst = append(dst, '{')
		} else {
			dst = append(dst, ',')
		}
		dst = append(jsonl.AppendString(dst, []byte(c)), ':')
		switch {
		case slices.Contains(recordNumbers, c):
			dst = strconv.AppendInt(dst, f.Int(c)[row], 10)
		case c == "metadata":
			var object bytes.Buffer
			if err := json.Compact(&object, f.Text(c).At(row)); err != nil {
				return dst, fmt.Errorf("metadata: %w", err)
			}
			dst = append(dst, object.Bytes()...)
		default:
			dst = jsonl.AppendString(dst, f.Text(c).At(row))
		}
	}
	return append(dst, '}', '\n'), nil
}
