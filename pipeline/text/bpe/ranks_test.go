package bpe

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

const ranksFile = "testdata/small.tiktoken"

// rankOptions are those that cmd/goldens/ranks.py gives tiktoken.
func rankOptions(t testing.TB, data []byte, pattern string) RankOptions {
	t.Helper()
	n := int32(bytes.Count(data, []byte{'\n'})) + 10
	return RankOptions{Pattern: pattern, Special: map[string]int32{"<|end|>": n, "<|end|><|end|>": n + 1, "荆楚": n + 2}}
}

func openRanks(t testing.TB, pattern string) *Tokenizer {
	t.Helper()
	data, err := os.ReadFile(ranksFile)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ReadRanks(data, rankOptions(t, data, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestRankIDs: the ids are those of tiktoken, with special tokens as such and as text.
func TestRankIDs(t *testing.T) {
	type golden struct {
		Text          string
		All, Ordinary map[string][]int32
	}
	list := pipelinetest.JSONLines[golden](t, "testdata/ranks.jsonl", 100)
	all := 0
	for _, name := range slices.Sorted(maps.Keys(list[0].Ordinary)) {
		t.Run(name, func(t *testing.T) {
			k := openRanks(t, name)
			e, o := k.Encoder(), k.Ordinary()
			for _, g := range list {
				if diff := cmp.Diff(g.Ordinary[name], o.Encode([]int32{}, []byte(g.Text))); diff != "" {
					t.Errorf("%q as text: %s", g.Text, diff)
				}
				if want, ok := g.All[name]; ok {
					all++
					if diff := cmp.Diff(want, e.Encode([]int32{}, []byte(g.Text))); diff != "" {
						t.Errorf("%q: %s", g.Text, diff)
					}
				}
			}
		})
	}
	if all < 10 {
		t.Errorf("special tokens stand in %d lines", all)
	}
}

// TestRanks: tokens have ids and bytes, and texts are brought to NFC if that is asked for.
func TestRanks(t *testing.T) {
	k := openRanks(t, "qwen2")
	for _, token := range []string{"<|end|>", "a", "\xff", "荆楚"} {
		if id, ok := k.ID(token); !ok || string(k.Bytes(id)) != token {
			t.Errorf("%q: %d, %v, %q", token, id, ok, k.Bytes(id))
		}
	}
	if id, ok := k.ID("<|no|>"); ok {
		t.Errorf("<|no|>: %d", id)
	}
	data, err := os.ReadFile(ranksFile)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := ReadRanks(data, RankOptions{Pattern: "gpt2"})
	if err != nil {
		t.Fatal(err)
	}
	nfc, err := ReadRanks(data, RankOptions{Pattern: "gpt2", NFC: true})
	if err != nil {
		t.Fatal(err)
	}
	want := plain.Encoder().Encode(nil, []byte("\u00e9"))
	if got := nfc.Encoder().Encode(nil, []byte("e\u0301")); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := plain.Encoder().Encode(nil, []byte("e\u0301")); slices.Equal(got, want) {
		t.Error("texts are normalized though nobody asked for it")
	}
}

func TestRanksUnread(t *testing.T) {
	var bytely strings.Builder
	for b := range 256 {
		fmt.Fprintf(&bytely, "%s %d\n", base64.StdEncoding.EncodeToString([]byte{byte(b)}), b)
	}
	long := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{'a'}, 1000))
	for _, c := range []struct {
		data string
		o    RankOptions
		want string
	}{
		{"", RankOptions{Pattern: "gpt2"}, "no ranks"},
		{"IQ==\n", RankOptions{Pattern: "gpt2"}, "line 1: it is no token and its rank"},
		{"\nI!== 1\n", RankOptions{Pattern: "gpt2"}, "line 2: illegal base64"},
		{"IQ== x\n", RankOptions{Pattern: "gpt2"}, `the rank "x"`},
		{"IQ== -1\n", RankOptions{Pattern: "gpt2"}, `the rank "-1"`},
		{"IQ== 99999999\n", RankOptions{Pattern: "gpt2"}, `the rank "99999999"`},
		{"IQ== 1\nIg== 1\n", RankOptions{Pattern: "gpt2"}, "two tokens have the rank 1"},
		{"IQ== 1\nIQ== 2\n", RankOptions{Pattern: "gpt2"}, `two lines have the token "!"`},
		{"IQ== 1\n", RankOptions{Pattern: "gpt2"}, "no token for the byte 00"},
		{bytely.String(), RankOptions{Pattern: "gpt1"}, `the pattern "gpt1" is not known`},
		{bytely.String() + long + " 300\n", RankOptions{Pattern: "gpt2"}, "a token of 1000 bytes"},
		{bytely.String(), RankOptions{Pattern: "gpt2", Special: map[string]int32{"<x>": 65}}, `"<x>" has the id 65, which is that of "A"`},
		{bytely.String(), RankOptions{Pattern: "gpt2", Special: map[string]int32{"<x>": -1}}, `"<x>": the id -1`},
	} {
		if _, err := ReadRanks([]byte(c.data), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: %v, want %s", c.data, err, c.want)
		}
	}
}

// FuzzRanks: whatever a file holds, it is read or refused, and tokens of a text are the text.
func FuzzRanks(f *testing.F) {
	data, err := os.ReadFile(ranksFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("YWI= 300\n"), "ab <x> \n")
	f.Add([]byte("YWI= 30000\nYmM= 400 \n\nYWJj 300"), "abcabc")
	f.Fuzz(func(t *testing.T, more []byte, text string) {
		k, err := ReadRanks(append(slices.Clip(data), more...), RankOptions{Pattern: "gpt4o"})
		if err != nil {
			return
		}
		var back []byte
		for _, id := range k.Encoder().Encode(nil, []byte(text)) {
			back = append(back, k.Bytes(id)...)
		}
		if string(back) != text {
			t.Errorf("%q became %q", text, back)
		}
	})
}

// TestDirect: trained tokenizers are applied without merging, which is several times as fast.
func TestDirect(t *testing.T) {
	for _, name := range names {
		if !open(t, name).table.Direct() {
			t.Errorf("%s is applied by merging", name)
		}
	}
	if !openRanks(t, "gpt4o").table.Direct() {
		t.Error("ranks are applied by merging")
	}
}
