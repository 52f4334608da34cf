package bpe

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// testdata are tokenizers and lines with the ids that Hugging Face's tokenizers gives: see cmd/goldens.
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

var names = []string{"gpt2", "llama3", "qwen2", "gpt4o", "deepseek2", "deepseek3"}

type golden struct {
	Text string
	IDs  map[string][]int32
}

func goldens(t testing.TB) []golden {
	t.Helper()
	return pipelinetest.JSONLines[golden](t, "testdata/lines.jsonl", 100)
}

// TestIDs: the ids are those of the library that the files are made for.
func TestIDs(t *testing.T) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			k := open(t, name)
			e := k.Encoder()
			for _, g := range goldens(t) {
				if diff := cmp.Diff(g.IDs[name], e.Encode([]int32{}, []byte(g.Text))); diff != "" {
					t.Errorf("%q: %s", g.Text, diff)
				}
			}
		})
	}
}

// TestGoldensTokens: so they are of the whole real text, by a tokenizer of 30 000 tokens.
func TestGoldensTokens(t *testing.T) {
	const made, texts = "../../../.cache/goldens", "../../../.cache/measure"
	data, err := os.ReadFile(filepath.Join(made, "tokens.json"))
	if err != nil {
		t.Skip("the goldens of tokenizers are not made: make goldens")
	}
	k, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"laws", "tvnews", "fudan"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := k.Encoder()
			var text struct{ Text string }
			var want struct{ IDs []int32 }
			in, ids := lineReader(t, filepath.Join(texts, name+".jsonl")), lineReader(t, filepath.Join(made, "tokens-"+name+".jsonl"))
			documents, tokens, got := 0, 0, []int32{}
			for in(&text) && ids(&want) {
				if got = e.Encode(got[:0], []byte(text.Text)); !slices.Equal(got, want.IDs) {
					t.Fatalf("document %d: other ids", documents)
				}
				documents, tokens = documents+1, tokens+len(got)
			}
			t.Logf("%d documents, %d tokens", documents, tokens)
			if documents < 100 {
				t.Error("too few")
			}
		})
	}
}

// lineReader reads one line of a file after the other into an empty value, and says whether there was one.
func lineReader(t *testing.T, name string) func(into any) bool {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // read only
	d := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	return func(into any) bool {
		reflect.ValueOf(into).Elem().SetZero()
		if !d.More() {
			return false
		}
		if err := d.Decode(into); err != nil {
			t.Fatal(err)
		}
		return true
	}
}

// TestBytes: the bytes of the tokens of a text are the text.
func TestBytes(t *testing.T) {
	k := open(t, "deepseek3")
	e := k.Encoder()
	for _, g := range goldens(t) {
		var back []byte
		for _, id := range e.Encode(nil, []byte(g.Text)) {
			back = append(back, k.Bytes(id)...)
		}
		if string(back) != g.Text {
			t.Errorf("%q became %q", g.Text, back)
		}
	}
	for _, id := range []int32{-1, int32(k.Size()), 1 << 30} {
		if b := k.Bytes(id); b != nil {
			t.Errorf("token %d is %q", id, b)
		}
	}
}

// changed is the file of a tokenizer with something else at one place.
func changed(t *testing.T, value any, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/llama3.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	at := all
	for _, key := range path[:len(path)-1] {
		at = at[key].(map[string]any)
	}
	at[path[len(path)-1]] = value
	if data, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestUnread: what a file asks for and is not read is named, and is never read as something else.
func TestUnread(t *testing.T) {
	type object = map[string]any
	split := func(pattern, behavior string) object {
		return object{"type": "Sequence", "pretokenizers": []object{
			{"type": "Split", "pattern": object{"Regex": pattern}, "behavior": behavior, "invert": false}, {"type": "ByteLevel", "use_regex": false},
		}}
	}
	added := func(content string, id int, option string) []object {
		return []object{{"id": id, "content": content, option: true}}
	}
	for _, c := range []struct {
		data []byte
		want string
	}{
		{[]byte("[]"), "no tokenizer.json"},
		{[]byte(`{"model":`), "no tokenizer.json"},
		{changed(t, "Unigram", "model", "type"), `model: the type is "Unigram"`},
		{changed(t, .1, "model", "dropout"), "model: dropout"},
		{changed(t, "##", "model", "continuing_subword_prefix"), "model: marks of the parts of words"},
		{changed(t, true, "model", "byte_fallback"), "byte_fallback"},
		{changed(t, object{"a": 0}, "model", "vocab"), "no token for the byte 00"},
		{changed(t, object{"a": -1}, "model", "vocab"), `"a": the id -1 is not`},
		{changed(t, object{"a": 1 << 30}, "model", "vocab"), "the id 1073741824 is not"},
		{changed(t, []any{[]string{"a", "b", "c"}}, "model", "merges"), "merges: 0 is no pair"},
		{changed(t, []any{"abc"}, "model", "merges"), "merges: 0 is no pair"},
		{changed(t, []any{"a qqqq"}, "model", "merges"), "not in vocab"},
		{changed(t, object{"type": "Lowercase"}, "normalizer"), "normalizer: Lowercase is not read"},
		{changed(t, object{}, "normalizer"), "normalizer: it has no type"},
		{changed(t, nil, "pre_tokenizer"), "pre_tokenizer: there is no ByteLevel"},
		{changed(t, object{"type": "Metaspace"}, "pre_tokenizer"), "pre_tokenizer: Metaspace is not read"},
		{changed(t, split("a", "MergedWithNext"), "pre_tokenizer"), "the behavior MergedWithNext of a split is not read"},
		{changed(t, split(`(?<=a)b`, "Isolated"), "pre_tokenizer"), "groups of other kinds"},
		{changed(t, split(`a(?!b)`, "Isolated"), "pre_tokenizer"), "groups of other kinds"},
		{changed(t, split(`(a)\1`, "Isolated"), "pre_tokenizer"), `\1 is not read`},
		{changed(t, split(`\bword`, "Isolated"), "pre_tokenizer"), `\b is not read`},
		{changed(t, split(`^a`, "Isolated"), "pre_tokenizer"), "looks at what is beside a match"},
		{changed(t, split(`a++`, "Isolated"), "pre_tokenizer"), "invalid nested repetition"},
		{changed(t, split(`[a&&b]`, "Isolated"), "pre_tokenizer"), "sets in brackets"},
		{changed(t, split(`[\S]`, "Isolated"), "pre_tokenizer"), "in brackets is not read"},
		{changed(t, split(`a\`, "Isolated"), "pre_tokenizer"), `ends with \`},
		{changed(t, split(`(0[|`+lookahead, "Isolated"), "pre_tokenizer"), "a bracket is not closed"},
		{changed(t, split(`(0[]|`+lookahead, "Isolated"), "pre_tokenizer"), "] as the first of brackets"},
		{changed(t, split(`[^]a]`, "Isolated"), "pre_tokenizer"), "] as the first of brackets"},
		{changed(t, split(`a{,3}`, "Isolated"), "pre_tokenizer"), "write {0,n}"},
		{changed(t, split(`a{3}?b`, "Isolated"), "pre_tokenizer"), "{n}? is not read"},
		{changed(t, split(strings.Repeat("a", 1<<15), "Isolated"), "pre_tokenizer"), "too long"},
		{changed(t, split(`((a{1000}){1000}){1000}`, "Isolated"), "pre_tokenizer"), "invalid repeat count"},
		{changed(t, added("<x>", 3, "lstrip"), "added_tokens"), `"<x>": single_word, lstrip and rstrip`},
		{changed(t, added("<x>", -3, "special"), "added_tokens"), `"<x>": the id -3`},
	} {
		if _, err := Read(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

const gpt2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

// TestPieces: what patterns of Oniguruma mean that RE2's do not.
func TestPieces(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{gpt2, "I'm  here\u3000\u3000你", "I|'m| | here|\u3000|\u3000|你"},
		{gpt2, "a  ", "a|  "},
		{gpt2, "a \n b", "a| \n| b"},
		{`\s+(?!\S)|\s+`, " a  b   ", " |a| | |b|   "},
		{`\s`, "a\u0085b\u3000c", "a|\u0085|b|\u3000|c"},
		{`[^\s\d]+`, "ab１２\u00a0c", "ab|１２\u00a0|c"},
		{`\S+`, "ab\u00a0c", "ab|\u00a0|c"},
		{`\w+`, "a\u0301_漢,b", "a\u0301_漢|,|b"},
		{`(a|b)+`, "abcab", "ab|c|ab"},
		{`\u4E00|\x41`, "一A一", "一|A|一"},
		{`x*`, "axxb", "a|xx|b"},
	} {
		p, err := compile(c.pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		p.isolate([]byte(c.text), func(piece []byte) { got = append(got, string(piece)) })
		if diff := cmp.Diff(strings.Split(c.want, "|"), got); diff != "" {
			t.Errorf("%s of %q: %s", c.pattern, c.text, diff)
		}
	}
}

// TestReadings: a pattern that reads on to the end for each of its matches does not read a text for each of its characters.
func TestReadings(t *testing.T) {
	p, err := compile("a*b|a")
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(strings.Repeat("a", 100_000))
	pieces, last := 0, 0
	p.isolate(text, func(piece []byte) { pieces, last = pieces+1, len(piece) })
	if pieces < mostReadings || pieces > 100 || last < len(text)/2 {
		t.Errorf("%d pieces, of which the last has %d bytes", pieces, last)
	}
}

// Files are strange ones of others, and texts are anything: neither blows up. The vocabulary is one of bytes, so that what is strange is the rest.
func FuzzRead(f *testing.F) {
	vocab := map[string]int{}
	for letter, b := range letters {
		vocab[string(letter)] = int(b)
	}
	model, err := json.Marshal(map[string]any{"type": "BPE", "vocab": vocab, "merges": []any{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`"normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"ByteLevel"}`, "a  b'll 荆楚\n")
	f.Add(`"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\s?\\p{L}+"},"behavior":"Isolated"},{"type":"ByteLevel"}]}`, "a b")
	f.Add(`"added_tokens":[{"id":300,"content":"ab","normalized":true}],"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}`, "ab c")
	f.Fuzz(func(_ *testing.T, rest, text string) {
		if k, err := Read([]byte(`{"model":` + string(model) + "," + rest + "}")); err == nil {
			k.Encoder().Encode(nil, []byte(text))
		}
	})
}

// FuzzPattern: whatever a pattern is, the pieces are the text.
func FuzzPattern(f *testing.F) {
	f.Add(gpt2, "a  b'll 荆楚\n")
	f.Add("a|0(0[|"+lookahead, "a")
	f.Add(`[\p{L}\d]{1,3}|(?i:x|\u4e00)*`, "ab\xff")
	f.Fuzz(func(t *testing.T, expr, text string) {
		p, err := compile(expr)
		if err != nil {
			return
		}
		var back []byte
		p.isolate([]byte(text), func(piece []byte) { back = append(back, piece...) })
		if string(back) != text {
			t.Errorf("%q became %q", text, back)
		}
	})
}

func FuzzEncode(f *testing.F) {
	f.Add("a  b'll 荆楚<|end|><|end|>\n")
	k := open(f, "deepseek3")
	e := k.Encoder()
	f.Fuzz(func(t *testing.T, text string) {
		var back []byte
		for _, id := range e.Encode(nil, []byte(text)) {
			back = append(back, k.Bytes(id)...)
		}
		if string(back) != text {
			t.Errorf("%q became %q", text, back)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	text := []byte(strings.Repeat("中国政府网发布了关于推进信息化建设的意见，要求2026年底前完成。The quick brown fox jumps. ", 100))
	for _, name := range names {
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
