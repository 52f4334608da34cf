package charbpe_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/text/charbpe"
	"github.com/millrace/millrace/pipeline/text/spm"
)

// open reads a file of testdata: see cmd/goldens/charbpe.py.
func open(t testing.TB, name string) *charbpe.Tokenizer {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	k, err := read(data, filepath.Ext(name) == ".json")
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return k
}

func read(data []byte, isJSON bool) (*charbpe.Tokenizer, error) {
	if isJSON {
		return charbpe.Read(data)
	}
	m, err := spm.Read(data)
	if err != nil {
		return nil, err
	}
	return charbpe.OfModel(m)
}

type golden struct {
	Text string
	IDs  map[string][]int32
}

func goldens(t testing.TB) []golden {
	t.Helper()
	return pipelinetest.JSONLines[golden](t, "testdata/lines.jsonl", 100)
}

// TestIDs: the ids are those of the libraries that the files are made for.
func TestIDs(t *testing.T) {
	list := goldens(t)
	for _, name := range slices.Sorted(maps.Keys(list[0].IDs)) {
		t.Run(name, func(t *testing.T) {
			k := open(t, name)
			e := k.Encoder()
			for _, g := range list {
				want, ok := g.IDs[name]
				if !ok {
					continue
				}
				if diff := cmp.Diff(want, e.Encode([]int32{}, []byte(g.Text))); diff != "" {
					t.Errorf("%q: %s", g.Text, diff)
				}
			}
		})
	}
}

// TestBytes: where there are tokens for bytes, those of a text are the text, with a blank in front; and tokens have ids by their names.
func TestBytes(t *testing.T) {
	for _, name := range []string{"llama.json", "llama.model"} {
		k := open(t, name)
		e := k.Ordinary()
		for _, g := range goldens(t) {
			if strings.Contains(g.Text, "▁") {
				continue // which is a blank afterwards
			}
			var back []byte
			for _, id := range e.Encode(nil, []byte(g.Text)) {
				back = append(back, k.Bytes(id)...)
			}
			if want := " " + g.Text; g.Text != "" && string(back) != want {
				t.Errorf("%s: %q became %q", name, want, back)
			}
		}
		for token, bytes := range map[string]string{"</s>": "</s>", "▁": " ", "<0x41>": "A", "▁the": " the"} {
			if id, ok := k.ID(token); !ok || string(k.Bytes(id)) != bytes {
				t.Errorf("%s: %q is %d, %q", name, token, id, k.Bytes(id))
			}
		}
		if id, ok := k.ID("no such token"); ok || k.Bytes(-1) != nil || k.Bytes(int32(k.Size())) != nil {
			t.Errorf("%s: no such token is %d", name, id)
		}
		if k.Unknown() != 0 {
			t.Errorf("%s: unknown is %d", name, k.Unknown())
		}
	}
}

// TestOrdinary: special tokens of a tokenizer.json are text for an Ordinary encoder.
func TestOrdinary(t *testing.T) {
	k := open(t, "llama.json")
	id, _ := k.ID("</s>")
	if got := k.Encoder().Encode(nil, []byte("a</s>")); got[len(got)-1] != id {
		t.Errorf("%v", got)
	}
	if got := k.Ordinary().Encode(nil, []byte("a</s>")); slices.Contains(got, id) {
		t.Errorf("as text: %v", got)
	}
}

// TestUnread: what a file asks for and is not read is named.
func TestUnread(t *testing.T) {
	data, err := os.ReadFile("testdata/metaspace.json")
	if err != nil {
		t.Fatal(err)
	}
	changed := func(key string, value any) []byte {
		var all map[string]any
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatal(err)
		}
		all["model"].(map[string]any)[key] = value
		out, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct {
		key   string
		value any
		want  string
	}{
		{"type", "Unigram", `the type is "Unigram"`},
		{"dropout", .5, "dropout"},
		{"end_of_word_suffix", "</w>", "marks of the parts of words"},
		{"vocab", map[string]int{}, "there is no vocab"},
		{"vocab", map[string]int{"a": 1, "b": 1}, "two tokens have the id 1"},
		{"vocab", map[string]int{"a": -1}, "the id -1"},
		{"unk_token", "[UNK]", `"[UNK]" is not in vocab`},
		{"unk_token", nil, "there is no unk_token"},
		{"byte_fallback", true, "byte_fallback without a token for each byte"},
		{"merges", []any{[]string{"a"}}, "0 is no pair"},
		{"merges", []any{"a b c"}, "0 is no pair"},
		{"merges", []any{"a qqqq"}, "not in vocab"},
	} {
		if _, err := charbpe.Read(changed(c.key, c.value)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v, want %s", c.key, c.value, err, c.want)
		}
	}
	piece := func(text string, kind spm.Type) spm.Piece { return spm.Piece{Text: []byte(text), Type: kind} }
	for want, m := range map[string]*spm.Model{
		"only BPE":            {Kind: spm.Unigram},
		"two pieces are":      {Kind: spm.BPE, Pieces: []spm.Piece{piece("a", spm.Normal), piece("a", spm.Control)}},
		"type unused":         {Kind: spm.BPE, Pieces: []spm.Piece{piece("a", spm.Unused)}},
		"more than 512 chara": {Kind: spm.BPE, Pieces: []spm.Piece{piece(strings.Repeat("荆", 513), spm.Normal)}},
	} {
		if _, err := charbpe.OfModel(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestCharacters: characters of pieces that are no pieces are merged into these, and are unknown by themselves, several in a row as one; of equal scores
// the first in a text counts.
func TestCharacters(t *testing.T) {
	piece := func(text string, score float32, kind spm.Type) spm.Piece {
		return spm.Piece{Text: []byte(text), Score: score, Type: kind}
	}
	// A model as spm.Read would make it, with a front that changes nothing.
	m := &spm.Model{Kind: spm.BPE, Unknown: 0, Front: &spm.Front{}, Pieces: []spm.Piece{
		piece("<unk>", 0, spm.Unknown), piece("a", -9, spm.Normal), piece("ab", -1, spm.Normal), piece("bc", -1, spm.Normal), piece("荆楚", -2, spm.Normal),
	}}
	k, err := charbpe.OfModel(m)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int32{"abc": {2, 0}, "bca": {3, 1}, "荆楚荆b楚a": {4, 0, 1}, "bxb": {0}, "": nil, "xaxx": {0, 1, 0}} {
		if got := k.Encoder().Encode(nil, []byte(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// FuzzModel: whatever a model holds, it is read or refused, and cuts texts into tokens that there are.
func FuzzModel(f *testing.F) {
	for _, name := range []string{"plain.model", "llama.model"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:4000], "the tea house 荆楚")
		f.Add(data, "▁a\U0001f9ff")
	}
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		m, err := spm.Read(data)
		if err != nil {
			return
		}
		m.Kind = spm.BPE
		k, err := charbpe.OfModel(m)
		if err != nil {
			return
		}
		check(t, k, text)
	})
}

// FuzzRead: so it is for a tokenizer.json with any vocabulary, merges and options.
func FuzzRead(f *testing.F) {
	f.Add(`{"<unk>":0,"a":1,"b":2,"ab":3}`, `["a b"]`, `"unk_token":"<unk>","fuse_unk":true`, "abcab")
	f.Add(`{"<unk>":0,"a":1,"▁":2,"▁a":3}`, `[["▁","a"]]`, `"unk_token":"<unk>","ignore_merges":true`, "a b")
	f.Fuzz(func(t *testing.T, vocab, merges, options, text string) {
		k, err := charbpe.Read([]byte(`{"model":{"type":"BPE","vocab":` + vocab + `,"merges":` + merges + "," + options + "}}"))
		if err == nil {
			check(t, k, text)
		}
	})
}

func check(t *testing.T, k *charbpe.Tokenizer, text string) {
	for _, id := range k.Encoder().Encode(nil, []byte(strings.ToValidUTF8(text, "?"))) {
		if id < 0 || int(id) >= k.Size() {
			t.Fatalf("the id %d of %d", id, k.Size())
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	text := []byte(strings.Repeat("中国政府网发布了关于推进信息化建设的意见，要求2026年底前完成。The quick brown fox jumps. ", 100))
	for _, name := range []string{"llama.json", "llama.model", "plain.model"} {
		b.Run(name, func(b *testing.B) {
			e := open(b, name).Encoder()
			var ids []int32
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				ids = e.Encode(ids[:0], text)
			}
		})
	}
}
