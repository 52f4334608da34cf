package corpus_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/corpustest"
)

func TestManifestFindsEveryFlip(t *testing.T) {
	local, _ := corpustest.TwoNights(t)
	data, err := pipeline.ReadAll(t.Context(), local, corpus.ManifestName(1))
	if err != nil {
		t.Fatal(err)
	}
	m, err := corpus.DecodeManifest(data, corpustest.Tables)
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Encode()
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("encoded again it differs, %v", err)
	}
	for at := range data {
		for bit := range 8 {
			b := slices.Clone(data)
			b[at] ^= 1 << bit
			if _, err := corpus.DecodeManifest(b, corpustest.Tables); err == nil {
				t.Fatalf("byte %d, bit %d: not found", at, bit)
			}
		}
	}
	for n := range data {
		if _, err := corpus.DecodeManifest(data[:n], corpustest.Tables); err == nil {
			t.Fatalf("cut at %d: not found", n)
		}
	}
}

func FuzzDecodeManifest(f *testing.F) {
	m := &corpus.Manifest{Format: corpus.Format, Version: 1, Plan: strings.Repeat("0", 32), Digest: strings.Repeat("0", 64), Settings: []byte("{}")}
	data, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"checksum": "` + strings.Repeat("a", 64) + "\"\n}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := corpus.DecodeManifest(data, corpustest.Tables)
		if err == nil && m.Checksum == "" {
			t.Error("decoded without a checksum")
		}
	})
}
