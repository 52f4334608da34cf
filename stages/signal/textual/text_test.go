package textual

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/signal"
)

var family = Family()

// compare holds what is measured of a text to the reference.
func compare(t interface{ Errorf(string, ...any) }, m signal.Measurer, in string) {
	got, want := pipelinetest.Measured(&family, m, in), reference(in)
	for _, s := range signals {
		w, ok := want[s.name]
		if off := got[s.name] - w; !ok || off != 0 && (s.name != "char_entropy" || off*off > 1) {
			t.Errorf("%s of %.200q is %d, not %d", s.name, in, got[s.name], w)
		}
	}
}

// pieces are what texts of tests are made of.
var pieces = []string{
	"。", "！", "？", "……", "…", "⋯", "；", "：", "，", "“", "”", "「", "」", "（", "）", "）", ")", "\"", "'", ".", "..", "...", "．", "!", "?", "!?",
	"\n", "\n\n", " \n", "\n　　", "\u200b", "\ufeff", "\t", " ", "\u00a0", "\x00", "\x7f", "\u0085", "\u2028",
	"他", "来了", "中文文本", "漢", "𠮷", "々", "〇", "a", "B", "ǅ", "ß", "é", "word", "3.14", "７", "٣", "①", "Ⅷ", "+", "* ", "+ ", "- ", "•", "■", "□", "※",
	"\uFFFD", "\uE000", "\U000F0000", "\U0010FFFD", "😀", "#", "##", "{", "}", "【", "】", "【标题】", "展开", "更多", "全文", "readmore", "Read More", "。。。",
	"http://", "https://例.com", "HTTPS://a.b/c?d=e.", "ftp://x", "xhttp://y", "www.", "www.a.cn", "WWW.B", "wwww.c", "://", "://www.x", "wWw.d.e!",
	"javascript", "JavaScript", "lorem ipsum", "Lorem Ipsum", "lorem  ipsum", "Ã©", "Â", "â€œ", "â\u0080", "ï¼Œ", "ã€", "锟斤拷", "锟斤", "烫烫烫烫", "屯屯屯", "锛", "銆", "鈥",
	"।", "؟", "።", "\U00011047",
	strings.Repeat("长", 29), strings.Repeat("行", 199), strings.Repeat("很", 500),
}

func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40), func(s []string) string { return strings.Join(s, "") }),
		rapid.Map(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pieces), rapid.String(), rapid.StringOf(rapid.RuneFrom(nil, unicode.Han))), 0, 40),
			func(s []string) string { return strings.ToValidUTF8(strings.Join(s, ""), "") }),
	)
}

// TestReference holds the family to a slow one.
func TestReference(t *testing.T) {
	m := family.New()
	rapid.Check(t, func(t *rapid.T) { compare(t, m, texts().Draw(t, "text")) })
}

// TestSample holds it to the slow one on real text.
func TestSample(t *testing.T) {
	m := family.New()
	for _, text := range pipelinetest.SampleTexts(t) {
		compare(t, m, text)
	}
}

// TestSignals says what the signals are, text by text.
func TestSignals(t *testing.T) {
	for in, want := range map[string]map[string]int64{
		"他说：“好。”然后走了……真的！！！对吗？！3.14 is pi. Yes\n没有": {"sentences": 7},
		"他说：“好。”":               {"end_mark_line_share": signal.Millionths, "c4_zh_lines": 1, "sentences": 1},
		"第一行\n\n第二行；\n第三行":      {"lines": 3, "paragraphs": 2, "line_breaks": 3, "end_mark_line_share": 333_333, "longest_line_chars": 4, "mean_line_chars": 3_333_333},
		"example.com":           {"sentences": 1, "end_mark_line_share": 0},
		"aabb":                  {"char_entropy": signal.Millionths, "unique_chars": 2, "unique_char_share": 500_000},
		"aaaa":                  {"char_entropy": 0},
		"见 https://a.cn/b?c=d。": {"url_share": signal.Share(18, 21)},
		"- a\n• b\n*c\n* d\n-e": {"bullet_line_share": 800_000},
		"AbÇ dž ǅ 中":            {"upper_case_share": signal.Share(3, 6)},
		"查看更多\nRead more\n请展开\n展开了": {"read_more_line_share": 750_000},
		"【重要】通知\n【未完\n】":            {"bracketed_share": signal.Share(2, 12)},
		"ä½\u00a0 Ã¼ber â€œx":       {"mojibake_marks": 2},
		"{{}":                       {"curly_brackets": 2},
		strings.Repeat("长", 200) + "\n" + strings.Repeat("短", 29): {"long_lines": 1, "short_line_share": 500_000},
	} {
		got := pipelinetest.Measured(&family, family.New(), in)
		for name, n := range want {
			if g, ok := got[name]; !ok || g != n {
				t.Errorf("%s of %.60q is %d, not %d", name, in, g, n)
			}
		}
	}
}

func TestColumns(t *testing.T) { pipelinetest.DocumentedSignals(t, family) }

func TestAllocatesNothing(t *testing.T) {
	pipelinetest.MeasuresWithoutAllocating(t, family, append(pipelinetest.SampleTexts(t), strings.Join(pieces, ""), "")...)
}

// TestEveryCharacter has each code point in a text, and a short one behind it.
func TestEveryCharacter(t *testing.T) {
	m := family.New()
	var long strings.Builder
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if utf8.ValidRune(r) {
			long.WriteRune(r)
		}
	}
	compare(t, m, long.String())
	compare(t, m, "短")
}

func FuzzMeasure(f *testing.F) {
	for _, p := range pieces {
		f.Add("a" + p + "。")
	}
	f.Add(strings.Join(pieces, ""))
	m := family.New()
	f.Fuzz(func(t *testing.T, in string) { compare(t, m, strings.ToValidUTF8(in, "\uFFFD")) })
}

func BenchmarkSample(b *testing.B) {
	pipelinetest.BenchmarkFamily(b, family, pipelinetest.SampleTexts(b)...)
}

func BenchmarkShared(b *testing.B) { pipelinetest.BenchmarkFamilyOnShared(b, family) }
