package megatron

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/tokens"
)

func TestFormat(t *testing.T) {
	pipelinetest.TestTokens(t, pipelinetest.TokenFormat{Format: Format, Read: read})
}

func BenchmarkFormat(b *testing.B) { pipelinetest.BenchmarkTokens(b, &Format) }

// read is a reader by the description of the format, which asks the index for everything.
func read(t rapid.TB, files map[string][]byte, shards []tokens.Shard, spec tokens.Spec) (r pipelinetest.TokensRead) {
	le := binary.LittleEndian
	for _, s := range shards {
		bin, idx := files[s.Name()+".bin"], files[s.Name()+".idx"]
		if string(idx[:9]) != "MMIDIDX\x00\x00" || le.Uint64(idx[9:]) != 1 {
			t.Fatalf("the index begins with %q", idx[:17])
		}
		width := map[byte]int{4: 4, 8: 2}[idx[17]]
		if want := 2 + 2*min(spec.Vocabulary/(1<<16+1), 1); width != want {
			t.Fatalf("type %d of a vocabulary of %d", idx[17], spec.Vocabulary)
		}
		n, documents := int(le.Uint64(idx[18:])), int(le.Uint64(idx[26:]))
		if len(idx) != 42+20*n || documents != n+1 {
			t.Fatalf("%d bytes, %d sequences, %d documents", len(idx), n, documents)
		}
		lengths, offsets, ends := idx[34:], idx[34+4*n:], idx[34+12*n:]
		total := 0
		for i := range n {
			length, at := int(int32(le.Uint32(lengths[4*i:]))), int(le.Uint64(offsets[8*i:]))
			r.Tokens = append(r.Tokens, pipelinetest.DecodeTokens(bin[at:at+length*width], width)...)
			r.Lengths = append(r.Lengths, length)
			total += length
		}
		for i := range documents {
			if int(le.Uint64(ends[8*i:])) != i {
				t.Fatalf("document %d ends behind %d sequences", i, le.Uint64(ends[8*i:]))
			}
		}
		if len(bin) != total*width {
			t.Fatalf("%d bytes of %d tokens", len(bin), total)
		}
	}
	return r
}
