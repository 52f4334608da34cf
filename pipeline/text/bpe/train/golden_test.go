package train

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/text/bpe"
	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// golden is what Hugging Face's trainer made, and of what: see cmd/goldens/train.py.
type golden struct {
	Pattern string
	Size    int
	Special []string
	Least   int64
	Length  int
	Digits  int
	NFC     bool
	outcome
}

type outcome struct {
	Tokens, Merges int
	First, Last    [][3]int32
	MergesSHA256   string `json:"merges_sha256"`
	VocabSHA256    string `json:"vocab_sha256"`
}

func (g *golden) options() (Options, JSONOptions) {
	p, _ := pretoken.ByName(g.Pattern)
	return Options{Size: g.Size, MinFrequency: g.Least, Special: g.Special, MaxTokenLength: g.Length}, JSONOptions{Pattern: p, Digits: g.Digits, NFC: g.NFC}
}

func (g *golden) cutter(t *testing.T) *pretoken.Cutter {
	t.Helper()
	p, ok := pretoken.ByName(g.Pattern)
	if !ok {
		t.Fatal(g.Pattern)
	}
	c, err := pretoken.NewCutter(p, pretoken.Options{Digits: g.Digits})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (g *golden) train(t *testing.T, texts [][]byte) *Model {
	t.Helper()
	o, _ := g.options()
	k, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	c := g.cutter(t)
	for _, text := range texts {
		if g.NFC {
			text = norm.NFC.Bytes(text)
		}
		c.Cut(text, func(piece []byte) { counts[string(piece)]++ })
	}
	for piece, n := range counts {
		if err := k.Add([]byte(piece), n); err != nil {
			t.Fatal(err)
		}
	}
	m, err := k.Train(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func outcomeOf(m *Model) outcome {
	var merges, words strings.Builder
	var list [][3]int32
	for _, e := range m.Merges {
		fmt.Fprintf(&merges, "%d %d %d\n", e.Left, e.Right, e.ID)
		list = append(list, [3]int32{e.Left, e.Right, e.ID})
	}
	for id := range m.Tokens {
		words.WriteString(m.word(int32(id)) + "\n")
	}
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	return outcome{len(m.Tokens), len(list), list[:5], list[len(list)-5:], digest(merges.String()), digest(words.String())}
}

func goldens(t *testing.T, name string) (list []golden) {
	t.Helper()
	data, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		t.Skip("the goldens of trainers are not made: make goldens")
	}
	if err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		var g golden
		if err := json.Unmarshal(s.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		list = append(list, g)
	}
	return list
}

func sample(t *testing.T) (texts [][]byte) {
	t.Helper()
	names, err := filepath.Glob("../../../../testdata/sample/*/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal(err, "no sample")
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// As Python reads a text.
		texts = append(texts, []byte(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(text))))
	}
	return texts
}

// TestTrained: merges and ids are those of Hugging Face's trainer.
func TestTrained(t *testing.T) {
	texts := sample(t)
	for _, g := range goldens(t, "testdata/trained.json") {
		if diff := cmp.Diff(g.outcome, outcomeOf(g.train(t, texts))); diff != "" {
			t.Errorf("%s, %d: %s", g.Pattern, g.Size, diff)
		}
	}
}

// TestGoldensTrained: so they are for 20 MB of real text.
func TestGoldensTrained(t *testing.T) {
	list := goldens(t, "../../../../.cache/goldens/trained.json")
	var texts [][]byte
	most := 20_000_000
	for _, name := range []string{"laws", "tvnews", "fudan"} {
		all := realTexts(t, name)
		for _, text := range all[:min(len(all), 250)] {
			if most -= len(text); most >= 0 {
				texts = append(texts, text)
			}
		}
	}
	for _, g := range list {
		if diff := cmp.Diff(g.outcome, outcomeOf(g.train(t, texts))); diff != "" {
			t.Error(diff)
		}
	}
}

// TestWriteJSON: package bpe reads what is written, and cuts texts into what their pre-tokens become by the merges.
func TestWriteJSON(t *testing.T) {
	pipelinetest.Long(t)
	texts := sample(t)
	for _, g := range goldens(t, "testdata/trained.json") {
		m := g.train(t, texts)
		_, o := g.options()
		var file, again bytes.Buffer
		if err := m.WriteJSON(&file, o); err != nil {
			t.Fatal(err)
		}
		if err := m.WriteJSON(&again, o); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
			t.Error("other bytes", err)
		}
		k, err := bpe.Read(file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if k.Size() != len(m.Tokens) {
			t.Errorf("%d tokens, not %d", k.Size(), len(m.Tokens))
		}
		for id, token := range m.Tokens {
			if !bytes.Equal(k.Bytes(int32(id)), token) {
				t.Errorf("token %d is %q, not %q", id, k.Bytes(int32(id)), token)
			}
		}
		ranks := map[[2]int32]int{}
		for rank, e := range m.Merges {
			ranks[[2]int32{e.Left, e.Right}] = rank
		}
		e := k.Encoder()
		c := g.cutter(t)
		for _, text := range texts {
			if g.Special != nil && g.Special[0] != "<|end|>" || len(g.Special) > 1 {
				continue // special tokens stand in the text
			}
			if g.NFC {
				text = norm.NFC.Bytes(text)
			}
			var want []int32
			c.Cut(text, func(piece []byte) { want = append(want, m.merged(piece, ranks)...) })
			if diff := cmp.Diff(want, e.Encode(nil, text)); diff != "" {
				t.Fatalf("%s: %s", g.Pattern, diff)
			}
		}
	}
	if err := (&Model{}).WriteJSON(&bytes.Buffer{}, JSONOptions{Digits: 2}); err == nil {
		t.Error("digits in twos are written")
	}
}

// merged are the tokens of a pre-token.
func (m *Model) merged(piece []byte, ranks map[[2]int32]int) (ids []int32) {
	for _, b := range piece {
		for id := range m.Tokens {
			if id >= m.Special && string(m.Tokens[id]) == string([]byte{b}) {
				ids = append(ids, int32(id))
			}
		}
	}
	for {
		best, at := len(m.Merges), -1
		for i := range len(ids) - 1 {
			if rank, ok := ranks[[2]int32{ids[i], ids[i+1]}]; ok && rank < best {
				best, at = rank, i
			}
		}
		if at < 0 {
			return ids
		}
		ids[at] = m.Merges[best].ID
		ids = append(ids[:at+1], ids[at+2:]...)
	}
}
