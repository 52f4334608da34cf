package fasttext

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text/bpe"
	model "github.com/millrace/millrace/pipeline/text/fasttext"
)

// small is a model of five labels, a0 to e4, and its digest.
func small(t testing.TB) (path, digest string) {
	t.Helper()
	const file = "../../../pipeline/text/fasttext/testdata/models/softmax.ftz"
	m, err := model.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := m.Digest()
	return file, hex.EncodeToString(sum[:])
}

func family(t testing.TB, c Config) signal.Family {
	t.Helper()
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func measure(f signal.Family, text string) []int64 {
	out := make([]int64, len(f.Columns))
	f.New().Measure(&signal.Document{Text: []byte(text)}, out)
	return out
}

func TestColumns(t *testing.T) {
	path, digest := small(t)
	f := family(t, Config{Name: "edu", Model: path})
	if f.Name != "edu" || len(f.Columns) != 2 {
		t.Fatalf("%+v", f)
	}
	score, label := f.Columns[0], f.Columns[1]
	if score.Name != "edu_"+digest[:8] || score.Unit != rule.Share || score.Labels != nil {
		t.Errorf("%+v", score)
	}
	if label.Name != "edu_label_"+digest[:8] || label.Unit != rule.Count || label.Labels[0] != "none" || !slices.Contains(label.Labels, "a0") || len(label.Labels) != 6 {
		t.Errorf("%+v", label)
	}
	for _, name := range []string{"a0", "__label__a0"} {
		f = family(t, Config{Name: "edu", Model: path, Label: name, Digest: strings.ToUpper(digest), Prepare: "raw"})
		if len(f.Columns) != 1 || f.Columns[0].Name != score.Name || !strings.Contains(f.Columns[0].Note, "label a0") {
			t.Errorf("%+v", f)
		}
	}
}

// TestScores: they are the model's, of the best label or of one.
func TestScores(t *testing.T) {
	path, _ := small(t)
	m, err := model.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	p, best := m.Predictor(), family(t, Config{Name: "x", Model: path})
	for _, text := range []string{"的一是 不了人", "etao", "", "的一\n不了 人我在有\nnothing"} {
		label, n := p.Predict([]byte(strings.ReplaceAll(text, "\n", " ")))
		if got := measure(best, text); got[0] != min(n, 1e6) || got[1] != int64(label)+1 {
			t.Errorf("%q is %v, not %d with %d", text, got, label, n)
		}
		for i, name := range m.Labels() {
			n := p.Score([]byte(strings.ReplaceAll(text, "\n", " ")), i)
			if got := measure(family(t, Config{Name: "x", Model: path, Label: name}), text); got[0] != min(n, 1e6) {
				t.Errorf("%q is %s with %d, not %d", text, name, got[0], n)
			}
		}
	}
	// The label has no n-gram of the empty word, and the model does not know the end of a text.
	ns := family(t, Config{Name: "x", Model: strings.Replace(path, "softmax.ftz", "hs.bin", 1)})
	if got := measure(ns, "__label__zzz"); got[1] != 0 && got[0] == 0 {
		t.Errorf("a text of which nothing is known: %v", got)
	}
}

func TestWrong(t *testing.T) {
	path, digest := small(t)
	for _, c := range []struct {
		config Config
		want   []string
	}{
		{Config{}, []string{"name: \"\" is no name of a signal", "model: the path of a model (.bin or .ftz) is missing"}},
		{Config{Name: "Edu", Model: path, Digest: "12"}, []string{"name: \"Edu\"", "digest: \"12\" is no SHA-256"}},
		{Config{Name: "edu", Model: path, Prepare: "clean"}, []string{"prepare: unknown preparation \"clean\": known are raw, dclm, chars, jieba, ultra-fineweb"}},
		{Config{Name: "edu", Model: path, Prepare: "ultra-fineweb"}, []string{"tokenizer: ultra-fineweb cuts texts by a tokenizer: the path of its tokenizer.json is missing"}},
		{Config{Name: "edu", Model: path, Tokenizer: deepseek}, []string{"tokenizer: raw cuts texts by none"}},
		{Config{Name: "edu", Model: path, Prepare: "ultra-fineweb", Tokenizer: "missing.json"}, []string{"tokenizer: open missing.json"}},
		{Config{Name: "edu", Model: path, Prepare: "ultra-fineweb", Tokenizer: "family.go"}, []string{"tokenizer: family.go: no tokenizer.json: "}},
		{Config{Name: "edu", Model: "missing.bin"}, []string{"model: open missing.bin"}},
		{Config{Name: "edu", Model: "family.go"}, []string{"model: family.go: no fastText model: at byte 4: "}},
		{Config{Name: "edu", Model: path, Label: "hq"}, []string{"label: ", "has no label \"hq\": ", "a0"}},
		{Config{Name: "edu", Model: path, Digest: strings.Repeat("0", 64)}, []string{"model: ", "has the digest " + digest, "and not 0000"}},
	} {
		_, err := New(c.config)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, without %q", c.config, err, want)
			}
		}
	}
}

func TestPrepare(t *testing.T) {
	for _, c := range [][3]string{
		{"raw", "第一行\r\n第二行\n", "第一行\r 第二行 "},
		{"dclm", "\u3000 第一行\r\n第二行\u2028c\u0085d\x1ce\n\n \u00A0", "第一行 第二行 c d e"},
		{"dclm", "\u2029", ""},
		{"dclm", "a\r\r\nb\u2027", "a  b\u2027"},
		{"chars", " 学 ab\n。𠮷", "学 a b 。 𠮷 "},
		{"chars", "", ""},
		{"jieba", "我来到北京清华大学\nand 网易杭研大厦。", "我 来到 北京 清华大学   and   网易 杭研 大厦 。 "},
	} {
		p, _ := preparationNamed(c[0])
		if got := p.make(nil)([]byte("x"), []byte(c[1])); string(got) != "x"+c[2] {
			t.Errorf("%s of %q is %q, not %q", c[0], c[1], got[1:], c[2])
		}
	}
}

// deepseek is a tokenizer with the pre-tokenizer of DeepSeek, whose tokens Ultra-FineWeb's classifiers know.
const (
	tokenizers = "../../../pipeline/text/bpe/testdata/"
	deepseek   = tokenizers + "deepseek2.json"
)

// TestUltraFineWeb: the model sees what the authors' way of preparing texts gives: see cmd/goldens.
func TestUltraFineWeb(t *testing.T) {
	data, err := os.ReadFile(deepseek)
	pipelinetest.Must(t, err)
	k, err := bpe.Read(data)
	pipelinetest.Must(t, err)
	lines, err := os.ReadFile(tokenizers + "lines.jsonl")
	pipelinetest.Must(t, err)
	prepare, n := ultraFineWeb(k), 0
	for line := range strings.Lines(string(lines)) {
		var g struct {
			Text string
			Want string `json:"ultra_fineweb"`
		}
		pipelinetest.Must(t, json.Unmarshal([]byte(line), &g))
		if got := prepare([]byte("x"), []byte(g.Text)); string(got) != "x"+g.Want {
			t.Errorf("of %q the model sees %q, not %q", g.Text, got[1:], g.Want)
		}
		n++
	}
	if n < 100 {
		t.Errorf("%d lines", n)
	}
}

// TestTokenizerNames: signals by another tokenizer are others.
func TestTokenizerNames(t *testing.T) {
	path, digest := small(t)
	names := map[string]bool{}
	for _, c := range []Config{
		{Name: "edu", Model: path},
		{Name: "edu", Model: path, Prepare: "ultra-fineweb", Tokenizer: deepseek},
		{Name: "edu", Model: path, Prepare: "ultra-fineweb", Tokenizer: tokenizers + "llama3.json", Digest: digest},
	} {
		f, err := New(c)
		pipelinetest.Must(t, err)
		names[f.Columns[0].Name] = true
		measure(f, "学 ab\n\n\n\n。")
	}
	if len(names) != 3 || !names["edu_"+digest[:8]] {
		t.Error(names)
	}
}

// prepared is a config for each preparation.
func prepared(model string) (list []Config) {
	for _, p := range preparations {
		c := Config{Name: "x", Model: model, Prepare: p.name}
		if p.tokens {
			c.Tokenizer = deepseek
		}
		list = append(list, c)
	}
	return list
}

// TestMeasureDoesNotAllocate: but where texts are cut by a tokenizer, whose patterns do.
func TestMeasureDoesNotAllocate(t *testing.T) {
	path, _ := small(t)
	for _, c := range prepared(path) {
		if c.Tokenizer != "" {
			continue
		}
		f := family(t, c)
		m, out, d := f.New(), make([]int64, len(f.Columns)), &signal.Document{Text: []byte(strings.Repeat("第一行，第二行\nand 我人在。", 50))}
		m.Measure(d, out)
		if n := testing.AllocsPerRun(20, func() { m.Measure(d, out) }); n != 0 {
			t.Errorf("%s: %v allocations a document", c.Prepare, n)
		}
	}
}

func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"NAME_DIGEST", "NAME_label_DIGEST", "none"}
	for _, p := range preparations {
		names = append(names, p.name)
	}
	for _, name := range names {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/signals.md does not have %s", name)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	path, _ := small(f)
	var families []signal.Family
	for _, c := range prepared(path) {
		families = append(families, family(f, c))
	}
	f.Add("第一行\r\n第二行\u2028")
	f.Fuzz(func(t *testing.T, text string) {
		for _, one := range families {
			out := measure(one, strings.ToValidUTF8(text, "\uFFFD"))
			if out[0] < 0 || out[0] > signal.Millionths || out[1] < 0 || out[1] >= int64(len(one.Columns[1].Labels)) {
				t.Errorf("%v", out)
			}
		}
	})
}
