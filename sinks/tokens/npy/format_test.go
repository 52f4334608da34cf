package npy

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/tokens"
)

func TestFormat(t *testing.T) {
	pipelinetest.TestTokens(t, pipelinetest.TokenFormat{Format: Format, Read: read})
}

func BenchmarkFormat(b *testing.B) { pipelinetest.BenchmarkTokens(b, &Format) }

// read is a reader by the description of the format.
func read(t rapid.TB, files map[string][]byte, shards []tokens.Shard, spec tokens.Spec) (r pipelinetest.TokensRead) {
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	r.Documents = []pipelinetest.TokenDocument{}
	for _, s := range shards {
		z, err := gzip.NewReader(bytes.NewReader(files[s.Name()+".csv.gz"]))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(z).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if len(row) != 5 || row[3] != "" || number(row[4]) != i {
				t.Fatalf("row %d: %q", i, row)
			}
			r.Documents = append(r.Documents, pipelinetest.TokenDocument{Start: len(r.Tokens) + number(row[0]), End: len(r.Tokens) + number(row[1]), ID: row[2]})
		}
		r.Tokens = append(r.Tokens, pipelinetest.DecodeTokens(files[s.Name()+".npy"], spec.TokenBytes())...)
	}
	return r
}
