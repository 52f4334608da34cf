package train

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/text/wordpiece"
)

func lines[G any](t *testing.T, name string) (list []G) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var g G
		if err := json.Unmarshal([]byte(line), &g); err != nil {
			t.Fatal(err)
		}
		list = append(list, g)
	}
	return list
}

// TestWords: merges are those of Hugging Face's trainer for words that overlap themselves, and whose tokens come about in several ways.
func TestWords(t *testing.T) {
	type golden struct {
		Words  map[string]int64
		Size   int
		Least  int64
		Length int
		Merges [][3]int32
	}
	for _, g := range lines[golden](t, "testdata/words.json") {
		var words []word
		for text, n := range g.Words {
			words = append(words, word{text, n})
		}
		m := train(t, Options{Size: g.Size, MinFrequency: g.Least, MaxTokenLength: g.Length, Special: []string{"<|end|>"}}, words)
		got := [][3]int32{}
		for _, e := range m.Merges {
			got = append(got, [3]int32{e.Left, e.Right, e.ID})
		}
		if diff := cmp.Diff(g.Merges, got); diff != "" {
			t.Errorf("%v: %s", g.Words, diff)
		}
	}
}

type wordPieceGolden struct {
	Size        int
	Special     []string
	Lowercase   bool
	Least       int64
	Alphabet    int
	Tokens      int
	Follow      string // what follows others, in the order that it happened to have
	First, Last []string
	VocabSHA256 string `json:"vocab_sha256"`
}

func (g *wordPieceGolden) train(t *testing.T, texts [][]byte, order func([]*letter)) *WordPiece {
	t.Helper()
	k, err := NewWordPiece(WordPieceOptions{
		Options: Options{Size: g.Size, Special: g.Special, MinFrequency: g.Least}, Alphabet: g.Alphabet, Lowercase: g.Lowercase,
	})
	if err != nil {
		t.Fatal(err)
	}
	if order != nil {
		k.order = order
	}
	counts := map[string]int64{}
	cut := Words(g.Lowercase)
	for _, text := range texts {
		cut(text, func(word []byte) { counts[string(word)]++ })
	}
	for word, n := range counts {
		if err := k.Add([]byte(word), n); err != nil {
			t.Fatal(err)
		}
	}
	m, err := k.Train(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestWordPiece: the vocabulary is that of Hugging Face's trainer, for the ids that it happened to give to characters that follow others. With ours
// it is the same each time, loads, and cuts texts without unknown words.
func TestWordPiece(t *testing.T) {
	texts := sample(t)
	for _, g := range lines[wordPieceGolden](t, "testdata/wordpiece.json") {
		m := g.train(t, texts, func(list []*letter) {
			place := func(l *letter) int { return strings.Index(g.Follow, string(l.r)) }
			slices.SortFunc(list, func(a, b *letter) int { return place(a) - place(b) })
		})
		sum := sha256.Sum256([]byte(strings.Join(m.Tokens, "\n") + "\n"))
		got := g
		got.Tokens, got.First, got.Last, got.VocabSHA256 = len(m.Tokens), m.Tokens[:5], m.Tokens[len(m.Tokens)-5:], hex.EncodeToString(sum[:])
		if diff := cmp.Diff(g, got); diff != "" {
			t.Errorf("%d: %s", g.Size, diff)
		}

		var file, again bytes.Buffer
		if err := g.train(t, texts, nil).WriteJSON(&file); err != nil {
			t.Fatal(err)
		}
		if err := g.train(t, texts, nil).WriteJSON(&again); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
			t.Error("other bytes", err)
		}
		k, err := wordpiece.Read(file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if k.Unknown() != int32(slices.Index(g.Special, "[UNK]")) {
			t.Errorf("unknown words have the id %d", k.Unknown())
		}
		e := k.Encoder()
		for _, text := range texts {
			if g.Alphabet == 0 && slices.Contains(e.Encode(nil, text), k.Unknown()) {
				t.Errorf("%.40q has unknown words", text)
			}
		}
	}
}

// TestWordPieceOptions: what is wrong is named.
func TestWordPieceOptions(t *testing.T) {
	for _, c := range []struct {
		o    WordPieceOptions
		want string
	}{
		{WordPieceOptions{Options: Options{Size: 10}}, "[UNK], is not among them"},
		{WordPieceOptions{Options: Options{Size: 1, Special: []string{"[UNK]"}}}, "size: 1 is not from 2"},
		{WordPieceOptions{Options: Options{Size: 10, Special: []string{"[UNK]"}}, Alphabet: -1}, "alphabet"},
	} {
		if _, err := NewWordPiece(c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	k, err := NewWordPiece(WordPieceOptions{Options: Options{Size: 5, Special: []string{"[UNK]"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Add([]byte("abc"), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Train(context.Background()); err == nil || !strings.Contains(err.Error(), "6 tokens, more than 5") {
		t.Error(err)
	}
	if err := k.Add([]byte("abc"), 1); err == nil {
		t.Error("a trainer trains twice")
	}
}

// TestOptions: what is wrong is named.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Size: 256, Special: []string{"a"}}, "size: 256 is not from 257"},
		{Options{Size: 1 << 21}, "size"},
		{Options{Size: 300, Special: []string{"x", "x"}}, `"x" is empty or there twice`},
		{Options{Size: 300, Special: []string{""}}, "empty"},
		{Options{Size: 300, Special: []string{"<|reserved_0|>"}, Reserved: 1}, "twice"},
		{Options{Size: 300, MinFrequency: -1}, "negative"},
	} {
		if _, err := New(c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	k, err := New(Options{Size: 300})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Train(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := k.Train(context.Background()); err == nil {
		t.Error("a trainer trains twice")
	}
}
