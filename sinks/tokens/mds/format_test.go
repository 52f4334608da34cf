package mds

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/tokens"
)

func TestFormat(t *testing.T) {
	pipelinetest.TestTokens(t, pipelinetest.TokenFormat{Format: Format, Read: read})
}

func BenchmarkFormat(b *testing.B) { pipelinetest.BenchmarkTokens(b, &Format) }

type indexed struct {
	Encodings []string `json:"column_encodings"`
	Names     []string `json:"column_names"`
	Sizes     []*int   `json:"column_sizes"`
	Format    string   `json:"format"`
	Version   int      `json:"version"`
	Samples   int      `json:"samples"`
	Raw       struct {
		Basename string            `json:"basename"`
		Bytes    int               `json:"bytes"`
		Hashes   map[string]string `json:"hashes"`
	} `json:"raw_data"`
}

// read is a reader by the description of the format, that begins with the index.
func read(t rapid.TB, files map[string][]byte, _ []tokens.Shard, _ tokens.Spec) (r pipelinetest.TokensRead) {
	var index struct {
		Version int       `json:"version"`
		Shards  []indexed `json:"shards"`
	}
	if err := json.Unmarshal(files["index.json"], &index); err != nil {
		t.Fatal(err)
	}
	if index.Version != 2 || len(index.Shards)+1 != len(files) {
		t.Fatalf("%d files, index %s", len(files), files["index.json"])
	}
	r.Lengths, r.Texts, r.Documents = []int{}, []int{}, []pipelinetest.TokenDocument{}
	for _, s := range index.Shards {
		data := files[s.Raw.Basename]
		at := func(i int) int { return int(binary.LittleEndian.Uint32(data[4*i:])) }
		sum := sha256.Sum256(data)
		switch n := at(0); {
		case s.Format != "mds" || s.Version != 2 || s.Raw.Bytes != len(data) || s.Samples != n || s.Raw.Hashes["sha256"] != hex.EncodeToString(sum[:]):
			t.Fatalf("shard %+v of %d bytes and %d samples", s, len(data), n)
		case at(n+1) != len(data) || !json.Valid(data[4*(n+2):at(1)]) || len(data) > tokens.ChunkBytes && n > 1:
			t.Fatalf("samples from %d to %d of %d", at(1), at(n+1), len(data))
		}
		for i := range s.Samples {
			c := columns(t, data[at(i+1):at(i+2)], s)
			bounds, ids := array(t, c["cu_seqlens"], s.Encodings[0]), array(t, c["tokens"], s.Encodings[2])
			names := strings.Fields(string(c["ids"]))
			if len(bounds) != len(names)+1 {
				t.Fatalf("%d ids, documents at %d", len(names), bounds)
			}
			for k, id := range names {
				r.Documents = append(r.Documents, pipelinetest.TokenDocument{Start: len(r.Tokens) + int(bounds[k]), End: len(r.Tokens) + int(bounds[k+1]), ID: id})
			}
			r.Tokens, r.Lengths, r.Texts = append(r.Tokens, ids...), append(r.Lengths, len(ids)), append(r.Texts, int(bounds[len(names)]))
		}
	}
	return r
}

// columns cuts a sample: the sizes of the columns that vary stand before them all.
func columns(t rapid.TB, data []byte, s indexed) map[string][]byte {
	var sizes []int
	for _, size := range s.Sizes {
		if size != nil {
			sizes = append(sizes, *size)
			continue
		}
		sizes = append(sizes, int(binary.LittleEndian.Uint32(data)))
		data = data[4:]
	}
	c := map[string][]byte{}
	for i, name := range s.Names {
		c[name], data = data[:sizes[i]], data[sizes[i]:]
	}
	if len(data) > 0 {
		t.Fatalf("%d bytes behind the columns", len(data))
	}
	return c
}

// array decodes an array of one dimension: ndarray:uint16, with its shape before it, or ndarray:uint16:2048.
func array(t rapid.TB, data []byte, encoding string) []int32 {
	parts := strings.Split(encoding, ":")
	n := 0
	if len(parts) == 3 {
		n, _ = strconv.Atoi(parts[2])
	} else {
		width := 1 << (data[0] & 3)
		if data[0]>>2 != 1 {
			t.Fatalf("%d dimensions", data[0]>>2)
		}
		for i := width; i > 0; i-- {
			n = n<<8 | int(data[i])
		}
		data = data[1+width:]
	}
	bits, _ := strconv.Atoi(parts[1][strings.Index(parts[1], "int")+3:])
	if len(data) != n*bits/8 {
		t.Fatalf("%d bytes of %s with %d values", len(data), encoding, n)
	}
	return pipelinetest.DecodeTokens(data, bits/8)
}

// A chunk has at most 64 MiB, here 4096 bytes, unless a single sample has more.
func TestChunks(t *testing.T) {
	f := pipelinetest.TokenFormat{Format: formatOf(4096), Read: func(t rapid.TB, files map[string][]byte, shards []tokens.Shard, spec tokens.Spec) pipelinetest.TokensRead {
		large := 0
		for name, data := range files {
			if name != "index.json" && len(data) > 4096 {
				large++
			}
		}
		if large != 1 {
			t.Errorf("%d chunks are too large", large)
		}
		return read(t, files, shards, spec)
	}}
	var sequences []tokens.Sequence
	for i, n := range []int{400, 400, 1000, 3, 3} { // of 4 bytes: two, one, two to a chunk
		sequences = append(sequences, pipelinetest.TokenSequence(1<<17, n, i))
	}
	pipelinetest.CompareTokens(t, f, tokens.Spec{Vocabulary: 1 << 17, EOS: -1, Pad: -1}, [][]tokens.Sequence{sequences}, 4)
}

// What stands in a chunk before the samples, as MDSWriter of mosaicml-streaming 0.7.6 writes it.
func TestConfig(t *testing.T) {
	for spec, want := range map[tokens.Spec]string{
		{Vocabulary: 1 << 16}:              `"column_encodings": ["ndarray:int32", "str", "ndarray:uint16"], "column_names": ["cu_seqlens", "ids", "tokens"], "column_sizes": [null, null, null]`,
		{Vocabulary: 1<<16 + 1, Length: 8}: `"column_encodings": ["ndarray:int32", "str", "ndarray:uint32:8"], "column_names": ["cu_seqlens", "ids", "tokens"], "column_sizes": [null, null, 32]`,
	} {
		got, err := encode(layout{tokens.ChunkBytes}.config(spec))
		want = fmt.Sprintf(`{%s, "compression": null, "format": "mds", "hashes": ["sha256"], "size_limit": 67108864, "version": 2}`, want)
		if err != nil || string(got) != want {
			t.Errorf("%s, want %s, %v", got, want, err)
		}
	}
}
