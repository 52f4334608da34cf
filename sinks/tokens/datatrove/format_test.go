package datatrove

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	r.Ends = []int{}
	for _, s := range shards {
		name, count, ok := strings.Cut(string(files[s.Name()+".ds.metadata"]), "\n")
		_, width, _ := strings.Cut(name, "|")
		if !ok || width != strconv.Itoa(spec.TokenBytes()) {
			t.Fatalf("metadata %q", files[s.Name()+".ds.metadata"])
		}
		ids := pipelinetest.DecodeTokens(files[s.Name()+".ds"], spec.TokenBytes())
		if !strings.HasPrefix(count, fmt.Sprintf("%d\n", len(ids))) {
			t.Fatalf("metadata %q of %d tokens", files[s.Name()+".ds.metadata"], len(ids))
		}
		ends := endsOf(files[s.Name()+".ds.index"])
		for i, end := range ends {
			if i > 0 && end <= ends[i-1] || end > len(ids) {
				t.Fatalf("documents end at %d", ends)
			}
		}
		if len(ids) > 0 && (len(ends) == 0 || ends[len(ends)-1] != len(ids)) {
			t.Fatalf("the last document of %d tokens ends at %d", len(ids), ends)
		}
		for _, end := range ends {
			r.Ends = append(r.Ends, len(r.Tokens)+end)
		}
		r.Tokens = append(r.Tokens, ids...)
	}
	return r
}

func endsOf(index []byte) (ends []int) {
	for ; len(index) > 0; index = index[8:] {
		ends = append(ends, int(binary.LittleEndian.Uint64(index)))
	}
	return ends
}

// Where documents end: with the next one, with the text, with the sequence, and nowhere twice.
func TestEnds(t *testing.T) {
	spec := tokens.Spec{Vocabulary: 9, EOS: -1, Pad: 0, Length: 8}
	sequences := []tokens.Sequence{
		{Tokens: []int32{1, 1, 1, 1, 1, 1, 0, 0}, Starts: []int32{0, 3, 3}, IDs: make([][16]byte, 3), Padded: 2},
		{Tokens: []int32{1, 1, 1, 1, 1, 1, 1, 1}, Starts: []int32{0, 0, 8}, IDs: make([][16]byte, 3)},
		{Tokens: make([]int32, 8), Padded: 8},
	}
	files, _, err := pipelinetest.WriteTokens(t.Context(), pipelinetest.NewMemory(), &Format, spec, [][]tokens.Sequence{sequences})
	if err != nil {
		t.Fatal(err)
	}
	got := endsOf(files["train-00000-of-00001.ds.index"])
	if diff := cmp.Diff([]int{3, 6, 8, 16, 24}, got); diff != "" {
		t.Error(diff)
	}
}

// The numbers are those of humanize.metric(n, unit="T"), of humanize 4.17.
func TestMetric(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0.00 T", 1: "1.00 T", 12: "12.0 T", 999: "999 T", 1000: "1.00 kT", 1234567: "1.23 MT", 9_999: "10.0 kT", 99_999: "100 kT", 999_999: "1.00 MT",
		123_456_789_012: "123 GT", 15_000_000_000_000: "15.0 TT", 1<<64 - 1: "18.4 ET",
	} {
		if got := metric(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
