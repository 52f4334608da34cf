package litdata

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/tokens"
)

func TestFormat(t *testing.T) {
	pipelinetest.TestTokens(t, pipelinetest.TokenFormat{Format: Format, Read: read})
}

func BenchmarkFormat(b *testing.B) { pipelinetest.BenchmarkTokens(b, &Format) }

// read is a reader by the description of the format, that begins with the index.
func read(t rapid.TB, files map[string][]byte, _ []tokens.Shard, spec tokens.Spec) (r pipelinetest.TokensRead) {
	var index struct {
		Chunks []struct {
			Bytes    int    `json:"chunk_bytes"`
			Items    int    `json:"chunk_size"`
			Dim      int    `json:"dim"`
			Filename string `json:"filename"`
		} `json:"chunks"`
		Config map[string]any `json:"config"`
	}
	if err := json.Unmarshal(files["index.json"], &index); err != nil {
		t.Fatal(err)
	}
	width := 4
	if index.Config["data_format"].([]any)[0] == "no_header_tensor:20" {
		width = 2
	}
	if width != spec.TokenBytes() || len(index.Chunks)+1 != len(files) {
		t.Fatalf("%d files, index %+v", len(files), index)
	}
	r.Lengths = []int{}
	for _, c := range index.Chunks {
		data := files[c.Filename]
		at := func(i int) int { return int(binary.LittleEndian.Uint32(data[4*i:])) }
		if n := at(0); len(data) != c.Bytes || n != c.Items || at(1) != 4*(n+2) || at(n+1) != len(data) || len(data) > tokens.ChunkBytes && n > 1 {
			t.Fatalf("chunk %+v of %d bytes and %d items", c, len(data), n)
		}
		dim := 0
		for i := range c.Items {
			ids := pipelinetest.DecodeTokens(data[at(i+1):at(i+2)], width)
			r.Tokens, r.Lengths = append(r.Tokens, ids...), append(r.Lengths, len(ids))
			dim += len(ids)
		}
		if dim != c.Dim {
			t.Fatalf("%d tokens of %d", dim, c.Dim)
		}
	}
	return r
}

// A chunk ends before the item that would make it too large; one that is too large by itself has its own.
func TestChunks(t *testing.T) {
	const limit = 1000
	const most = (limit - 12) / 2 // tokens of a chunk of one item
	var sequences []tokens.Sequence
	for i, n := range []int{10, most + 1, most, 3, most / 2, most/2 - 9, 1} { // the last but one fills a chunk of three
		sequences = append(sequences, pipelinetest.TokenSequence(1<<16, n, i))
	}
	f := pipelinetest.TokenFormat{Format: formatOf(limit), Read: read}
	pipelinetest.CompareTokens(t, f, tokens.Spec{Vocabulary: 1 << 16, EOS: -1, Pad: -1}, [][]tokens.Sequence{sequences}, 5+1)
}
