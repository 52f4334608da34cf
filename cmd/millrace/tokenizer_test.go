package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// byteWord is how a tokenizer.json of bytes writes some: printable ones as themselves, others by characters from U+0100 on.
func byteWord(text string) string {
	var word []rune
	for _, b := range []byte(text) {
		r, next := rune(b), rune(256)
		for c := range rune(256) {
			if c >= '!' && c <= '~' || c >= 0xA1 && c != 0xAD {
				continue
			}
			if c == r {
				r = next
				break
			}
			next++
		}
		word = append(word, r)
	}
	return string(word)
}

// byteTokenizer writes a tokenizer.json of all bytes, whose ids are these, and of some pairs, from 256 on.
func byteTokenizer(t *testing.T, name string, pairs ...[2]string) {
	t.Helper()
	vocab, merges := map[string]int{}, [][2]string{}
	for b := range 256 {
		vocab[byteWord(string([]byte{byte(b)}))] = b
	}
	for i, p := range pairs {
		vocab[byteWord(p[0]+p[1])] = 256 + i
		merges = append(merges, [2]string{byteWord(p[0]), byteWord(p[1])})
	}
	data, err := json.Marshal(map[string]any{
		"model":         map[string]any{"type": "BPE", "vocab": vocab, "merges": merges},
		"pre_tokenizer": map[string]any{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
	})
	pipelinetest.Must(t, err)
	pipelinetest.Must(t, os.MkdirAll(filepath.Dir(name), 0o755))
	pipelinetest.Must(t, os.WriteFile(name, data, 0o644))
}

// TestTokenizerEval: what is said of two tokenizers is what was counted by hand, whoever counts.
func TestTokenizerEval(t *testing.T) {
	t.Parallel()
	in := t.TempDir()
	writeTree(t, in, map[string]string{"zh/a.txt": "中文", "en/a.txt": "the cat"})
	out, first, second := filepath.Join(in, "out"), filepath.Join(in, "one"), filepath.Join(in, "two.json")
	byteTokenizer(t, filepath.Join(first, "tokenizer.json"), [2]string{"t", "h"}, [2]string{"th", "e"}, [2]string{"\xE4", "\xB8"}, [2]string{"\xE4\xB8", "\xAD"})
	byteTokenizer(t, second)
	job(t, jobOptions(t, out, filepath.Join(in, "zh"), filepath.Join(in, "en")))
	// "the| |c|a|t", "中|E6|96|87"; and thirteen bytes.
	counts := func(tokens, bytes, chars, words int64) show.TokenCounts {
		of := func(a, b int64) float64 { return float64(a) / float64(b) }
		return show.TokenCounts{Tokens: tokens, BytesPerToken: of(bytes, tokens), CharsPerToken: of(chars, tokens), TokensPerWord: of(tokens, words)}
	}
	en, zh := show.TextCounts{Documents: 1, Bytes: 7, Chars: 7, Words: 2}, show.TextCounts{Documents: 1, Bytes: 6, Chars: 2, Words: 1}
	ofEnglish, ofChinese := []show.TokenCounts{counts(5, 7, 7, 2), counts(7, 7, 7, 2)}, []show.TokenCounts{counts(4, 6, 2, 1), counts(6, 6, 2, 1)}
	want := show.Tokens{
		Of: 2, Texts: show.TextCounts{Documents: 2, Bytes: 13, Chars: 9, Words: 3},
		Tokenizers: []show.TokenizerCounts{
			{Name: first, Size: 260, TokenCounts: counts(9, 13, 9, 3), SingleByte: 7, PartOfChar: 3, Used: 9, Coverage: []show.Coverage{}},
			{Name: second, Size: 256, TokenCounts: counts(13, 13, 9, 3), SingleByte: 13, PartOfChar: 6, Used: 12, Coverage: []show.Coverage{}}, // t stands twice
		},
		Sources: []show.TokensOfGroup{{Name: "en", TextCounts: en, Tokenizers: ofEnglish}, {Name: "zh", TextCounts: zh, Tokenizers: ofChinese}},
		Scripts: []show.TokensOfGroup{{Name: "latn", TextCounts: en, Tokenizers: ofEnglish}, {Name: "hani", TextCounts: zh, Tokenizers: ofChinese}},
	}
	for _, workers := range []int{1, 3} {
		stdout := &bytes.Buffer{}
		args := []string{"tokenizer", "eval", first, second, "--on", out, "--json", "--set", "workers=" + strconv.Itoa(workers)}
		if code := run(t.Context(), args, stdio{out: stdout, err: t.Output()}); code != exitDone {
			t.Fatalf("exit %d", code)
		}
		var got show.Tokens
		pipelinetest.Must(t, json.Unmarshal(stdout.Bytes(), &got))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
}
