package tokens

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/signal"
)

// characters is a tokenizer of some characters.
const characters = `{"version": "1.0", "added_tokens": [{"id": 0, "content": "<UNK>", "special": true}, {"id": 1, "content": "<EOS>", "special": true}],
	"normalizer": null, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[\\s\\S]"}, "behavior": "Isolated", "invert": false}, "post_processor": null,
	"decoder": {"type": "Fuse"}, "model": {"type": "WordLevel", "vocab": {"<UNK>": 0, "<EOS>": 1, "荆": 2, "楚": 3, "<": 4}, "unk_token": "<UNK>"}}`

func family(t *testing.T) signal.Family {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tokenizer.json")
	if err := os.WriteFile(name, []byte(characters), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{Tokenizer: name})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Tokens of the text are counted, special ones that stand there as the text that they are, and nothing is allocated for a document.
func TestMeasure(t *testing.T) {
	f := family(t)
	if len(f.Columns) != 1 || !strings.HasPrefix(f.Columns[0].Name, Prefix) || len(f.Columns[0].Name) != len(Prefix)+HexDigits || f.Columns[0].Note == "" {
		t.Fatalf("the signals are %+v", f.Columns)
	}
	m, out := f.New(), []int64{-1}
	for text, want := range map[string]int64{"": 0, "荆楚": 2, "荆楚大地": 4, "荆<EOS>": 6} {
		d := &signal.Document{Text: []byte(text)}
		if m.Measure(d, out); out[0] != want {
			t.Errorf("%q has %d tokens, not %d", text, out[0], want)
		}
	}
	d := &signal.Document{Text: []byte(strings.Repeat("荆楚大地", 500))}
	if n := testing.AllocsPerRun(20, func() { m.Measure(d, out) }); n != 0 {
		t.Errorf("%v allocations a document", n)
	}
}

// What cannot be opened is told by its option.
func TestProblems(t *testing.T) {
	for _, c := range []Config{{}, {Tokenizer: filepath.Join(t.TempDir(), "missing")}} {
		if _, err := New(c); err == nil || !strings.HasPrefix(err.Error(), "tokenizer: ") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "`"+Prefix+"HEX8`") {
		t.Errorf("docs/signals.md does not have %sHEX8", Prefix)
	}
}
