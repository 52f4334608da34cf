package webdataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
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

// read is a reader by the description of the format, that begins with the manifest.
func read(t rapid.TB, files map[string][]byte, _ []tokens.Shard, _ tokens.Spec) (r pipelinetest.TokensRead) {
	r.Lengths = []int{}
	keys := map[string]bool{}
	tars := 0
	for d := json.NewDecoder(bytes.NewReader(files["manifest.jsonl"])); ; tars++ {
		var line struct {
			Shard string `json:"shard"`
			N     int    `json:"num_sequences"`
		}
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		contexts := readTar(t, files[line.Shard+".tar"], keys)
		if len(contexts) != line.N || line.N > 8192 {
			t.Fatalf("%d contexts of %+v", len(contexts), line)
		}
		for _, ids := range contexts {
			r.Tokens, r.Lengths = append(r.Tokens, ids...), append(r.Lengths, len(ids))
		}
	}
	if tars+1 != len(files) {
		t.Fatalf("%d files with %d tars in the manifest", len(files), tars)
	}
	return r
}

func readTar(t rapid.TB, data []byte, keys map[string]bool) (contexts [][]int32) {
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return contexts
		}
		if err != nil {
			t.Fatal(err)
		}
		key, extension, _ := strings.Cut(h.Name, ".")
		if extension != "json.gz" || keys[key] || h.Mode != 0o644 || h.Format != tar.FormatUSTAR || h.ModTime.Unix() != 0 {
			t.Fatalf("member %+v", h)
		}
		keys[key] = true
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int32
		if err := json.NewDecoder(z).Decode(&ids); err != nil {
			t.Fatal(err)
		}
		contexts = append(contexts, ids)
	}
}

// A name in a tar has at most 100 bytes.
func TestLongSplit(t *testing.T) {
	spec := tokens.Spec{Vocabulary: 10, EOS: -1, Pad: -1, Length: 2}
	for n, ok := range map[int]bool{66: true, 67: false} {
		w, err := Format.New(t.Context(), pipelinetest.TokenJob(pipelinetest.NewMemory()), "w", tokens.Shard{Split: strings.Repeat("s", n), Of: 1}, spec)
		if (err == nil) != ok {
			t.Errorf("a name of %d bytes: %v", n, err)
		}
		if err == nil {
			pipelinetest.Must(t, w.Close())
		}
	}
}
