package tokenizer_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// What cmd/goldens/encode.py leaves, and the decoded real text.
const (
	goldenFolder = "../../../.cache/goldens"
	textFolder   = "../../../.cache/measure"
)

// TestGoldensEncode: the ids of all of the real text, of code, emoji and strings made by chance are those of tiktoken, Hugging Face's tokenizers and
// sentencepiece, by files of models that many use.
func TestGoldensEncode(t *testing.T) {
	if os.Getenv("GOLDENS") == "" {
		t.Skip("all of the real text takes minutes: make goldens")
	}
	lists, err := filepath.Glob(filepath.Join(goldenFolder, "encode-ids", "*.txt"))
	if err != nil || len(lists) == 0 {
		t.Skip("the goldens of tokenizers are not made: make goldens")
	}
	opened := map[string]*tokenizer.Opened{}
	ids, texts, differ := 0, 0, 0
	for _, list := range lists {
		name, set, _ := cutLast(strings.TrimSuffix(filepath.Base(list), ".txt"), "-")
		tok, ok := opened[name]
		if !ok {
			if tok, err = tokenizer.Open(filepath.Join(goldenFolder, "encode", name)); err != nil {
				t.Error(err)
				continue
			}
			opened[name] = tok
		}
		i, n, d := compareEncode(t, tok, name, set, list)
		t.Logf("%s, %s: %d ids of %d texts compared, %d texts differ", name, set, i, n, d)
		ids, texts, differ = ids+i, texts+n, differ+d
	}
	t.Logf("%d ids of %d texts compared, %d texts differ", ids, texts, differ)
	if texts < 10_000 {
		t.Error("too few")
	}
}

// compareEncode compares the ids of the texts of a set with a list of how many there are and what their digest is.
func compareEncode(t *testing.T, tok *tokenizer.Opened, name, set, list string) (ids, texts, differ int) {
	want, err := os.Open(list)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = want.Close() }() // read only
	in, err := os.Open(filepath.Join(textFolder, set+".jsonl"))
	if err != nil {
		if in, err = os.Open(filepath.Join(goldenFolder, "encode-texts", set+".jsonl")); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { _ = in.Close() }() // read only
	e := tok.Encoder()
	if strings.HasSuffix(name, ".tiktoken") {
		e = tok.Ordinary()
	}
	d, lines := json.NewDecoder(bufio.NewReaderSize(in, 1<<20)), bufio.NewScanner(want)
	var got []int32
	var raw []byte
	for lines.Scan() {
		var text struct{ Text string }
		if err := d.Decode(&text); err != nil {
			t.Fatal(err)
		}
		if got = e.Encode(got[:0], []byte(text.Text)); strings.Contains(text.Text, "\x00") {
			continue // sentencepiece takes it for the end
		}
		raw = raw[:0]
		for _, id := range got {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(id))
		}
		if sum := fmt.Sprintf("%d %x", len(got), sha256.Sum256(raw)); sum[:len(sum)-32] != lines.Text() {
			if differ++; differ < 4 {
				t.Errorf("%s, %s, text %d: %.32s, want %.32s: %.200q", name, set, texts, sum, lines.Text(), text.Text)
			}
		}
		ids, texts = ids+len(got), texts+1
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return ids, texts, differ
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
