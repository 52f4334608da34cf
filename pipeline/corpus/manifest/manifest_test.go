package manifest_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

func TestManifestFindsEveryFlip(t *testing.T) {
	local, _ := corpustest.TwoNights(t)
	data, err := pipeline.ReadAll(t.Context(), local, manifest.Name(1))
	if err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Decode(data, corpustest.Tables)
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
			if _, err := manifest.Decode(b, corpustest.Tables); err == nil {
				t.Fatalf("byte %d, bit %d: not found", at, bit)
			}
		}
	}
	for n := range data {
		if _, err := manifest.Decode(data[:n], corpustest.Tables); err == nil {
			t.Fatalf("cut at %d: not found", n)
		}
	}
}

func FuzzDecodeManifest(f *testing.F) {
	m := &manifest.Manifest{Format: manifest.Format, Version: 1, Plan: strings.Repeat("0", 32), Digest: strings.Repeat("0", 64), Settings: []byte("{}")}
	data, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"checksum": "` + strings.Repeat("a", 64) + "\"\n}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := manifest.Decode(data, corpustest.Tables)
		if err == nil && m.Checksum == "" {
			t.Error("decoded without a checksum")
		}
	})
}
