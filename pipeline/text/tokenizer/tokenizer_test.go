package tokenizer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"millrace/pipeline/text/bpe"
	"millrace/pipeline/text/tokenizer"
)

const folder = "../bpe/testdata/"

// Files of all models are read, and cut texts into tokens that there are.
func TestModels(t *testing.T) {
	for name, unknown := range map[string]bool{
		"../bpe/testdata/gpt2.json": false, "../unigram/testdata/first.json": true, "../unigram/testdata/spm.model": true, "../wordpiece/testdata/bert.json": true,
		"../wordpiece/testdata/chars.json": true,
	} {
		tok, err := tokenizer.Open(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ids := tok.Encoder().Encode(nil, []byte("the news 荆楚 \U0001f9ff"))
		for _, id := range ids {
			if id < 0 || int(id) >= tok.Size() {
				t.Errorf("%s: id %d of %d", name, id, tok.Size())
			}
		}
		if len(ids) < 3 || tok.Unknown() >= 0 != unknown || slices.Contains(ids, tok.Unknown()) != unknown {
			t.Errorf("%s: %v, unknown is %d", name, ids, tok.Unknown())
		}
	}
}

// A file is read as the package of its model reads it, by itself and by its folder.
func TestOpen(t *testing.T) {
	data, err := os.ReadFile(folder + "qwen2.json")
	if err != nil {
		t.Fatal(err)
	}
	want, err := bpe.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	in := t.TempDir()
	if err := os.WriteFile(filepath.Join(in, tokenizer.JSONName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	text := []byte("荆楚大地 2026 Don't")
	for _, name := range []string{folder + "qwen2.json", in} {
		got, err := tokenizer.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if got.Size() != want.Size() || got.Unknown() != -1 {
			t.Errorf("%s: size %d, unknown %d", name, got.Size(), got.Unknown())
		}
		var back []byte
		ids := got.Encoder().Encode(nil, text)
		for i, id := range want.Encoder().Encode(nil, text) {
			if ids[i] != id {
				t.Fatalf("%s: %v", name, ids)
			}
			back = append(back, got.Bytes(id)...)
		}
		if !bytes.Equal(back, text) {
			t.Errorf("%s: %q", name, back)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	in := t.TempDir()
	for name, text := range map[string]string{
		"a.json": "{}", "b.json": "[1]", "c.json": `{"model": {"type": "Markov"}}`, "d.json": `{"model": {"type": "BPE", "dropout": 0.5}}`, "e.model": "\x0a\x05",
	} {
		if err := os.WriteFile(filepath.Join(in, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"": "neither", "none": "no such file", "a.json": "no model", "b.json": "neither a tokenizer.json", "c.json": `"Markov" is not read`, "d.json": "dropout",
		"e.model": "neither a tokenizer.json nor a model of sentencepiece",
	} {
		_, err := tokenizer.Open(filepath.Join(in, name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

// Whatever a file holds, it is read or refused.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"../bpe/testdata/gpt2.json", "../unigram/testdata/first.json", "../unigram/testdata/spm.model", "../wordpiece/testdata/bert.json"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"model": {"type": "WordPiece"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := tokenizer.Read(data)
		if err != nil {
			return
		}
		for _, id := range tok.Encoder().Encode(nil, []byte("a 荆楚 1")) {
			if id < 0 || int(id) >= tok.Size() {
				t.Fatalf("the id %d of %d", id, tok.Size())
			}
		}
	})
}
