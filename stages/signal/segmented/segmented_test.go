package segmented

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/signal"
)

func family(t testing.TB, c Config) signal.Family {
	t.Helper()
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func measure(m signal.Measurer, text string) []int64 {
	out := make([]int64, len(columns()))
	m.Measure(&signal.Document{Text: []byte(text), Chars: utf8.RuneCountInString(text)}, out)
	return out
}

// TestMeasure: figures that can be counted by hand.
func TestMeasure(t *testing.T) {
	m := family(t, Config{}).New()
	for _, c := range []struct {
		text string
		want map[string]int64
	}{
		{"", map[string]int64{}},
		{"，。！", map[string]int64{}},
		{"The cat and the dog.", map[string]int64{
			"words": 5, "mean_word_chars": 3_000_000, "unique_word_share": 1_000_000, "stop_words_en": 3, "stop_word_share": 600_000,
		}},
		{"我们在北京，他们在上海。", map[string]int64{
			"words": 6, "mean_word_chars": 1_666_666, "unique_word_share": 833_333, "stop_words_zh": 1, "stop_word_share": 333_333,
		}},
		{"a b a b a b c", map[string]int64{
			// a b three times covers six of seven; b a twice would cover four. a b a twice, and they overlap: five.
			"words": 7, "mean_word_chars": 1_000_000, "unique_word_share": 428_571, "word_top_2gram_share": 857_142, "word_top_3gram_share": 714_285,
			"word_top_4gram_share": 857_142,
		}},
		{"a b c d e f 1 a b c d e f", map[string]int64{
			"words": 13, "mean_word_chars": 1_000_000, "unique_word_share": 538_461, "word_top_2gram_share": 307_692, "word_top_3gram_share": 461_538,
			"word_top_4gram_share": 615_384, "word_dup_5gram_share": 461_538, "word_dup_6gram_share": 461_538,
		}},
	} {
		got := map[string]int64{}
		for i, v := range measure(m, c.text) {
			if v != 0 {
				got[columns()[i].Name] = v
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, d)
		}
	}
}

// TestReference: the figures are those of the definitions, for texts that repeat themselves in many ways.
func TestReference(t *testing.T) {
	m := family(t, Config{}).New()
	rapid.Check(t, func(t *rapid.T) {
		vocabulary := []string{"我们", "的", "法律", "the ", "The ", "on ", "an_extraordinarily_long_word ", "第一条", "，", "。\n", "3.5% ", "国务院令", "é", "ß ", "𠮷"}
		vocabulary = vocabulary[:rapid.IntRange(1, len(vocabulary)).Draw(t, "different")]
		phrase := rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 25)
		var text strings.Builder
		phrases := rapid.SliceOfN(phrase, 1, 4).Draw(t, "phrases")
		for range rapid.IntRange(0, 6).Draw(t, "parts") {
			text.WriteString(strings.Join(rapid.SampledFrom(phrases).Draw(t, "part"), ""))
			text.WriteString(rapid.SampledFrom(vocabulary).Draw(t, "between"))
		}
		if d := cmp.Diff(reference(text.String()), measure(m, text.String())); d != "" {
			t.Fatalf("%q (-want +got):\n%s", text.String(), d)
		}
	})
}

// TestNothingAllocated: a document costs no memory once scratch has grown.
func TestNothingAllocated(t *testing.T) {
	m := family(t, Config{}).New()
	out := make([]int64, len(columns()))
	d := &signal.Document{Text: []byte(strings.Repeat("国务院关于印发《发展规划》的通知, and can't be done by internationalization. 3.5%的\n", 100))}
	m.Measure(d, out)
	if n := testing.AllocsPerRun(10, func() { m.Measure(d, out) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestDictionary: words of a user are words, and the columns are others.
func TestDictionary(t *testing.T) {
	file := filepath.Join(t.TempDir(), "user.txt")
	const user = "云计算 5\n"
	if err := os.WriteFile(file, []byte(user), 0o600); err != nil {
		t.Fatal(err)
	}
	f := family(t, Config{Dictionary: file})
	sum := sha256.Sum256([]byte(user))
	if want := "words_" + hex.EncodeToString(sum[:4]); f.Columns[0].Name != want {
		t.Errorf("column %s, not %s", f.Columns[0].Name, want)
	}
	if with, without := measure(f.New(), "云计算")[columnWords], measure(family(t, Config{}).New(), "云计算")[columnWords]; with != 1 || without != 2 {
		t.Errorf("%d words with the dictionary, %d without", with, without)
	}
	if err := os.WriteFile(file, []byte("好\n\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Dictionary: file}); err == nil || !strings.Contains(err.Error(), file+": line 2: ") {
		t.Error(err)
	}
	if _, err := New(Config{Dictionary: file + "x"}); err == nil {
		t.Error("a file that is not there")
	}
}

// TestDocumented: every column stands in docs/signals.md.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns() {
		if !strings.Contains(string(page), "| `"+c.Name+"` |") {
			t.Errorf("docs/signals.md does not have %s", c.Name)
		}
	}
}

// FuzzMeasure: no text is too odd, and a measurer that has measured others says the same as the definitions.
func FuzzMeasure(f *testing.F) {
	for _, text := range []string{"", "a b a b", "第一条 第一条，第一条", strings.Repeat("哈", 50), "e\u0301 _ 3.5%"} {
		f.Add(text)
	}
	m := family(f, Config{}).New()
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "�")
		if len(text) > 1<<12 {
			return
		}
		if d := cmp.Diff(reference(text), measure(m, text)); d != "" {
			t.Fatalf("%q (-want +got):\n%s", text, d)
		}
	})
}
