package show

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// fakeTokenizer has 5000 tokens: 0 is unknown, 1 and 2 are a byte, 2 and 3 are no characters, all others two letters.
type fakeTokenizer struct{}

func (fakeTokenizer) Size() int      { return 5000 }
func (fakeTokenizer) Unknown() int32 { return 0 }
func (fakeTokenizer) Bytes(id int32) []byte {
	return slices.Concat([][]byte{[]byte("<unk>"), []byte("a"), {0x80}, {0xE4, 0xB8}, []byte("ab")}[min(id, 4)])
}
func (fakeTokenizer) ID(string) (int32, bool)     { return 0, false }
func (fakeTokenizer) Encoder() tokenizer.Encoder  { return nil }
func (fakeTokenizer) Ordinary() tokenizer.Encoder { return nil }

// What is told follows from the counts by id: what the tokens are, and what share the most frequent of them have.
func TestTokenShares(t *testing.T) {
	c := &tokenCount{list: []NamedTokenizer{{"fake", fakeTokenizer{}}}, classes: [][]tokenClass{classesOf(fakeTokenizer{})}}
	p := newTokenPart(c)
	p.texts = TextCounts{Documents: 2, Bytes: 40_000, Chars: 20_000, Words: 4_000}
	// 8 000 tokens: 500 unknown, 300 of a whole byte, 200 of a byte that is no character, 1 000 of two such bytes, 4 000 ids with one each, and 2 000 of the last.
	p.counts[0][0], p.counts[0][1], p.counts[0][2], p.counts[0][3], p.counts[0][4999] = 500, 300, 200, 1000, 2000
	for id := 100; id < 4100; id++ {
		p.counts[0][id] = 1
	}
	var got Tokens
	c.tell(&got, p)
	want := []TokenizerCounts{{
		Name: "fake", Size: 5000, TokenCounts: TokenCounts{8000, 5, 2.5, 2}, Unknown: 500, SingleByte: 500, PartOfChar: 1200, Used: 4005,
		Coverage: []Coverage{{1000, (4000. + 995) / 8000}, {4000, (4000. + 3995) / 8000}},
	}}
	if diff := cmp.Diff(want, got.Tokenizers); diff != "" {
		t.Error(diff)
	}
}

func TestShortNames(t *testing.T) {
	for _, list := range [][2][]string{
		{{"/a/b/tokenizer.json"}, {"b"}},
		{{"x/qwen.json", "y/gpt.json"}, {"qwen.json", "gpt.json"}},
		{{"x/one/tokenizer.json", "y/one"}, {"x/one", "y/one"}},
		{{"one", "one"}, {"one", "one"}},
		{{"tokenizer.json"}, {"tokenizer.json"}},
	} {
		var c Tokens
		for _, name := range list[0] {
			c.Tokenizers = append(c.Tokenizers, TokenizerCounts{Name: name})
		}
		if got := c.shortNames(); !slices.Equal(got, list[1]) {
			t.Errorf("%q: %q, want %q", list[0], got, list[1])
		}
	}
}
