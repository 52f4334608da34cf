package script

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

func measure(t testing.TB, text string) map[string]int64 {
	t.Helper()
	f := Family()
	out := make([]int64, len(f.Columns))
	f.New().Measure(&signal.Document{Text: []byte(text), Chars: utf8.RuneCountInString(text)}, out)
	values := map[string]int64{}
	for i, c := range f.Columns {
		values[c.Name] = out[i]
	}
	return values
}

func labels(name string) []string {
	for _, c := range Family().Columns {
		if c.Name == name {
			return c.Labels
		}
	}
	return nil
}

func TestScript(t *testing.T) {
	names := labels("script")
	for text, want := range map[string]string{
		"":                "none",
		" 2026-12-01 !\n": "none",
		"北京大观园":           "hans",
		"陣陣秋風處處地奔走":       "hant",
		"子曰學而時習之不亦說乎":     "hant",
		"加州继续迎来灾难性降雨":     "hans",
		"国务院关于印发通知 の":     "hans",
		"有朋自遠方來，不亦樂乎？":    "hant",
		"天之道也":            "hani",
		"国家法律 國家法律 说说 說說": "mixed_han",
		"これは日本語の文章です。漢字もある。":                            "jpan",
		"元は東京都の職員だった":                                   "jpan",
		"カタカナ":                                          "jpan",
		"오늘은 날씨가 좋습니다. 大韓民國":                            "hang",
		"The quick brown fox jumps over the lazy dog 犬": "latn",
		"我们使用 Kubernetes 部署 PostgreSQL 集群，并用 Prometheus 监控所有节点的状态": "hans",
		"Съешь ещё этих мягких французских булок":                  "cyrl",
		"نص حكيم له سر قاطع وذو شأن عظيم":                          "arab",
		"Ξεσκεπάζω την ψυχοφθόρα βδελυγμία":                        "grek",
		"ऋषियों को सताने वाले दुष्ट":                               "deva",
		"เป็นมนุษย์สุดประเสริฐเลิศคุณค่า":                          "thai",
		"שפן אכל קצת גזר בטעם חסה":                                 "hebr",
		"ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ":                                               "other",
		"\u3105\u3106\u3107":                                       "other",
		"𠮷野家":                                                      "hani",
		"ＡＢＣ":                                                      "latn",
	} {
		if got := names[measure(t, text)["script"]]; got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
}

func TestFigures(t *testing.T) {
	got := measure(t, "国会 ab1。\nкア한ع之也Ω為")
	for name, want := range map[string]int64{
		// Fourteen code points that are not white space: 国会ab1。кア한ع之也Ω為.
		"han_share": 357142, "kana_share": 71428, "hangul_share": 71428, "latin_share": 142857, "cyrillic_share": 71428, "arabic_share": 71428,
		"other_letter_share": 71428, "simplified_chars": 2, "traditional_chars": 1, "classical_share": 400000,
		// Han and kana are 6·3 of 18 + 3 + 5.
		"script_share": 692307,
	} {
		if got[name] != want {
			t.Errorf("%s is %d, not %d", name, got[name], want)
		}
	}
}

// TestDocumented: each signal stands in the page, and the example of a script is a word of the list.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Family().Columns {
		if !strings.Contains(string(page), "`"+c.Name+"`") {
			t.Errorf("docs/signals.md does not have %s", c.Name)
		}
		if c.Labels != nil && c.Unit != rule.Count {
			t.Errorf("%s has labels and no unit of counts", c.Name)
		}
		for _, label := range c.Labels {
			if !strings.Contains(string(page), "`"+label+"`") {
				t.Errorf("docs/signals.md does not have the label %s of %s", label, c.Name)
			}
		}
	}
}

func TestMeasureDoesNotAllocate(t *testing.T) {
	m, out := Family().New(), make([]int64, len(columns))
	d := &signal.Document{Text: []byte(strings.Repeat("国务院关于印发通知 の, and so on 𠮷。\n", 100))}
	m.Measure(d, out)
	if n := testing.AllocsPerRun(100, func() { m.Measure(d, out) }); n != 0 {
		t.Errorf("%v allocations a document", n)
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add("国务院关于印发通知 の")
	f.Add("𠮷\xFF\xE4\xB8\x80\x80")
	f.Fuzz(func(t *testing.T, text string) {
		for name, n := range measure(t, strings.ToValidUTF8(text, "\uFFFD")) {
			if n < 0 || strings.HasSuffix(name, "_share") && n > signal.Millionths {
				t.Errorf("%s is %d", name, n)
			}
		}
	})
}

func BenchmarkMeasure(b *testing.B) {
	for name, text := range map[string]string{
		"chinese": strings.Repeat("国务院关于印发《通知》的通知，各省、自治区、直辖市人民政府，国务院各部委、各直属机构：\n", 2000),
		"english": strings.Repeat("The quick brown fox jumps over the lazy dog, and it does so again and again.\n", 2000),
		"russian": strings.Repeat("Съешь ещё этих мягких французских булок, да выпей чаю.\n", 2000),
	} {
		b.Run(name, func(b *testing.B) {
			m, out := Family().New(), make([]int64, len(columns))
			d := &signal.Document{Text: []byte(text)}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				m.Measure(d, out)
			}
		})
	}
}
