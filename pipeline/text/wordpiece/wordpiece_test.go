package wordpiece

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

type golden struct {
	Text string
	IDs  map[string][]int32
}

// goldens are lines with the ids that Hugging Face's tokenizers gives: see cmd/goldens.
func goldens(t testing.TB) []golden {
	t.Helper()
	return pipelinetest.JSONLines[golden](t, "testdata/lines.jsonl", 100)
}

func open(t testing.TB, name string) *Tokenizer {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestIDs: the ids are those of the library that the files are made for, of known words and of unknown ones.
func TestIDs(t *testing.T) {
	list := goldens(t)
	for _, name := range slices.Sorted(maps.Keys(list[0].IDs)) {
		t.Run(name, func(t *testing.T) {
			k := open(t, name)
			e := k.Encoder()
			known, unknown := 0, 0
			for _, g := range list {
				ids := e.Encode([]int32{}, []byte(g.Text))
				if diff := cmp.Diff(g.IDs[name], ids); diff != "" {
					t.Errorf("%q: %s", g.Text, diff)
				}
				for _, id := range ids {
					if id == k.Unknown() {
						unknown++
					} else {
						known++
					}
				}
			}
			if known < 100 || unknown < 10 {
				t.Errorf("%d known tokens and %d unknown ones say little", known, unknown)
			}
		})
	}
}

func TestBytes(t *testing.T) {
	k := open(t, "cased")
	var text []string
	for _, id := range k.Encoder().Encode(nil, []byte("the teapots[MASK]")) {
		text = append(text, string(k.Bytes(id)))
	}
	if got := strings.Join(text, ""); got != "theteapots[MASK]" || len(text) < 4 {
		t.Errorf("%q", text)
	}
	for _, id := range []int32{-1, int32(k.Size()), 1 << 30} {
		if b := k.Bytes(id); b != nil {
			t.Errorf("token %d is %q", id, b)
		}
	}
}

// TestMissing: without a token for unknown words they are left out.
func TestMissing(t *testing.T) {
	k, err := Read([]byte(`{"model":{"type":"WordLevel","unk_token":"<unk>","vocab":{"a":0,"b":3}},"pre_tokenizer":{"type":"WhitespaceSplit"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if ids := k.Encoder().Encode(nil, []byte("a c b")); !slices.Equal(ids, []int32{0, 3}) || k.Unknown() != -1 || k.Size() != 4 || k.Bytes(1) != nil {
		t.Errorf("%v, unknown %d, size %d", ids, k.Unknown(), k.Size())
	}
}

// TestUnread: what a file asks for and is not read is named.
func TestUnread(t *testing.T) {
	long := strings.Repeat("a", mostToken+1)
	for _, c := range []struct{ data, want string }{
		{`[]`, "no tokenizer.json"},
		{`{}`, "there is no model"},
		{`{"model":{"type":"BPE"}}`, `the type is "BPE"`},
		{`{"model":{"type":"WordLevel","vocab":{}}}`, "no unk_token"},
		{`{"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":-1}}}`, "the id -1"},
		{`{"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":1073741824}}}`, "the id 1073741824"},
		{`{"model":{"type":"WordPiece","unk_token":"a","vocab":{"a":0}}}`, "continuing_subword_prefix"},
		{`{"model":{"type":"WordPiece","unk_token":"a","continuing_subword_prefix":"##","max_input_chars_per_word":9,"vocab":{"` + long + `":0}}}`, "bytes at most"},
		{`{"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0}},"normalizer":{"type":"Nmt"}}`, "normalizer: Nmt is not read"},
		{`{"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0}},"pre_tokenizer":{"type":"ByteLevel"}}`, "pre_tokenizer: ByteLevel is not read"},
		{`{"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0}},"added_tokens":[{"id":-3,"content":"x"}]}`, "the id -3"},
	} {
		if _, err := Read([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// Files are strange ones of others, and texts are anything: neither blows up.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"bert", "chars", "words", "punctuation"} {
		data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		var all map[string]json.RawMessage
		if err := json.Unmarshal(data, &all); err != nil {
			f.Fatal(err)
		}
		all["model"] = json.RawMessage(`{"type":"WordPiece","unk_token":"a","continuing_subword_prefix":"##","max_input_chars_per_word":9,"vocab":{"a":0,"##b":2,"##":7}}`)
		if data, err = json.Marshal(all); err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), "a ab 荆楚\n\xff")
	}
	f.Fuzz(func(t *testing.T, data, text string) {
		k, err := Read([]byte(data))
		if err != nil {
			return
		}
		for _, id := range k.Encoder().Encode(nil, []byte(text)) {
			if id < 0 || int(id) >= k.Size() {
				t.Errorf("token %d of %d", id, k.Size())
			}
		}
	})
}

// TestCharacters: characters are found by a table as they are by their words: all of them, known and unknown ones, and bytes that are no character.
func TestCharacters(t *testing.T) {
	k := open(t, "chars")
	if k.chars == nil {
		t.Fatal("characters are looked up as words")
	}
	slow := *k
	slow.chars = nil
	for ids := range 2 {
		if ids == 1 { // without a token for unknown ones
			k.unknown, slow.unknown = -1, -1
			k.chars = newCharacters(k.ids, -1)
		}
		fast, by := k.Encoder(), slow.Encoder()
		var text []byte
		for r := rune(0); r <= unicode.MaxRune; r += 1 + r/0x5000 {
			text = utf8.AppendRune(text, r)
		}
		text = append(text, "a\xff\xe4\xb8b\xed\xa0\x80\xe0\x80\x80<|end|>荆\xe8"...)
		if got, want := fast.Encode(nil, text), by.Encode(nil, text); !slices.Equal(got, want) || len(got) < 100 {
			t.Errorf("%d ids, want %d", len(got), len(want))
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	text := []byte(strings.Repeat("中国政府网发布了关于推进信息化建设的意见，要求2026年底前完成。The quick brown fox jumps. ", 100))
	for _, name := range []string{"bert", "chars"} {
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
