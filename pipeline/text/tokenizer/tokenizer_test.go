package tokenizer_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/text/bpe"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

const folder = "../bpe/testdata/"

// Files of all models are read, and cut texts into tokens that there are.
func TestModels(t *testing.T) {
	for name, unknown := range map[string]bool{
		"../bpe/testdata/gpt2.json": false, "../unigram/testdata/first.json": true, "../unigram/testdata/spm.model": true, "../wordpiece/testdata/bert.json": true,
		"../wordpiece/testdata/chars.json": true, "../charbpe/testdata/plain.model": true, "../charbpe/testdata/metaspace.json": true,
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
		"e.model": "neither a tokenizer.json, ranks of tiktoken, nor a model of sentencepiece",
	} {
		_, err := tokenizer.Open(filepath.Join(in, name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

// A file of ranks is read by options that lie beside it or are given, else it is refused with the way out. The digest is of the file and of the options.
func TestRanks(t *testing.T) {
	data, err := os.ReadFile(folder + "small.tiktoken")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "small.tiktoken")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tokenizer.Open(name); err == nil || !strings.Contains(err.Error(), "qwen.tiktoken (151643)") || !strings.Contains(err.Error(), "with .json behind its name") {
		t.Errorf("without options: %v", err)
	}
	o := tokenizer.Options{Pattern: "cl100k", Special: map[string]int32{"<|endoftext|>": 2000}, NFC: true}
	given, err := tokenizer.OpenWith(name, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+tokenizer.RanksSuffix, []byte(`{"nfc": true, "pattern": "cl100k", "special": {"<|endoftext|>": 2000}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	beside, err := tokenizer.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("I'm 2026e\u0301<|endoftext|>")
	ids := beside.Encoder().Encode(nil, text)
	if !slices.Equal(ids, given.Encoder().Encode(nil, text)) || ids[len(ids)-1] != 2000 || beside.Size() != 2001 {
		t.Errorf("%v of %d", ids, beside.Size())
	}
	other, err := tokenizer.OpenWith(name, tokenizer.Options{Pattern: "cl100k"})
	if err != nil {
		t.Fatal(err)
	}
	if beside.Digest != given.Digest || other.Digest == given.Digest || len(given.Digest) != 64 {
		t.Errorf("digests %s, %s, %s", beside.Digest, given.Digest, other.Digest)
	}
	for options, want := range map[string]string{`{"patern": "gpt2"}`: "small.tiktoken.json", `{"nfc": true}`: "name no pattern", `{"pattern": "x"}`: `"x" is not known`} {
		if err := os.WriteFile(name+tokenizer.RanksSuffix, []byte(options), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := tokenizer.Open(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", options, err, want)
		}
	}
	if _, err := tokenizer.OpenWith(folder+"gpt2.json", o); err == nil || !strings.Contains(err.Error(), "only a file of ranks") {
		t.Errorf("options of a tokenizer.json: %v", err)
	}
}

// A file of as many ranks as a known one has is read with the pattern and the special tokens of that.
func TestKnownRanks(t *testing.T) {
	var file bytes.Buffer
	for id := range 151643 { // every byte, then tokens that need not be of use
		token := []byte{byte(id)}
		if id > 255 {
			token = []byte{'x', byte(id), byte(id >> 8), byte(id >> 16)}
		}
		fmt.Fprintf(&file, "%s %d\n", base64.StdEncoding.EncodeToString(token), id)
	}
	tok, err := tokenizer.Read(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := tok.ID("<|endoftext|>"); id != 151643 || !ok {
		t.Errorf("<|endoftext|> is %d", id)
	}
	if got := tok.Encoder().Encode(nil, []byte("a<|extra_204|>")); !slices.Equal(got, []int32{'a', 151850}) || tok.Size() != 151851 {
		t.Errorf("%v of %d", got, tok.Size())
	}
}

// Special tokens in a text are text for an Ordinary encoder, and have ids by their names in every kind of file.
func TestOrdinary(t *testing.T) {
	for name, special := range map[string]string{
		"../bpe/testdata/gpt2.json": "<|end|>", "../unigram/testdata/always.json": "<|end|>", "../unigram/testdata/spm.model": "</s>", "../wordpiece/testdata/bert.json": "[MASK]",
	} {
		tok, err := tokenizer.Open(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		id, ok := tok.ID(special)
		if !ok || string(tok.Bytes(id)) != special {
			t.Errorf("%s: %s is %d, %q", name, special, id, tok.Bytes(id))
		}
		text := []byte("the " + special)
		_, sentencepiece := strings.CutSuffix(name, ".model") // which looks for none
		if got := tok.Encoder().Encode(nil, text); slices.Contains(got, id) == sentencepiece {
			t.Errorf("%s: %v", name, got)
		}
		if got := tok.Ordinary().Encode(nil, text); slices.Contains(got, id) || len(got) < 2 {
			t.Errorf("%s: %v", name, got)
		}
		if id, ok := tok.ID("<|none|>"); ok {
			t.Errorf("%s: <|none|> is %d", name, id)
		}
	}
	// Added tokens that are not special are looked for all the same.
	tok, err := tokenizer.Open("../bpe/testdata/gpt2.json")
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := tok.ID("荆楚"); !ok || !slices.Contains(tok.Ordinary().Encode(nil, []byte("a荆楚")), id) {
		t.Errorf("荆楚, %d, is not looked for", id)
	}
}

// An encoder that has seen a text allocates nothing for the next one, but for a normalizer that replaces, which needs two allocations a text.
func TestAllocations(t *testing.T) {
	text := []byte(strings.Repeat("中国政府网发布了关于推进信息化建设的意见，要求2026年底前完成。The quick brown fox jumps. ", 20))
	for _, name := range []string{
		"../bpe/testdata/deepseek3.json", "../bpe/testdata/gpt4o.json", "../bpe/testdata/qwen2.json", "../charbpe/testdata/llama.json", "../charbpe/testdata/llama.model",
		"../charbpe/testdata/plain.model", "../unigram/testdata/spm.model", "../wordpiece/testdata/chars.json",
	} {
		tok, err := tokenizer.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		e := tok.Encoder()
		ids := e.Encode(nil, text)
		if n := testing.AllocsPerRun(20, func() { ids = e.Encode(ids[:0], text) }); n > 2 || n > 0 && name != "../charbpe/testdata/llama.json" {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// Whatever a file holds, it is read or refused.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"../bpe/testdata/gpt2.json", "../unigram/testdata/first.json", "../unigram/testdata/spm.model", "../wordpiece/testdata/bert.json", folder + "small.tiktoken"} {
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
