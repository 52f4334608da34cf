package textual

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"millrace/pipeline/pipelinetest"
	"millrace/pipeline/signal"
)

func measured(m signal.Measurer, t string) map[string]int64 {
	out := make([]int64, len(signals))
	for i := range out {
		out[i] = -1
	}
	m.Measure(&signal.Document{Text: []byte(t), Chars: utf8.RuneCountInString(t)}, out)
	got := map[string]int64{}
	for i, s := range signals {
		got[s.name] = out[i]
	}
	return got
}

// compare holds what is measured of a text to the reference.
func compare(t interface{ Errorf(string, ...any) }, m signal.Measurer, in string) {
	got, want := measured(m, in), reference(in)
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
	m := Family().New()
	rapid.Check(t, func(t *rapid.T) { compare(t, m, texts().Draw(t, "text")) })
}

// TestSample holds it to the slow one on real text.
func TestSample(t *testing.T) {
	m := Family().New()
	for _, text := range sample(t) {
		compare(t, m, text)
	}
}

func sample(t testing.TB) (texts []string) {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/sample/text/*.txt")
	pipelinetest.Must(t, err)
	for _, f := range files {
		data, err := os.ReadFile(f)
		pipelinetest.Must(t, err)
		texts = append(texts, strings.ToValidUTF8(string(data), ""))
	}
	if len(texts) < 10 {
		t.Fatalf("%d texts", len(texts))
	}
	return texts
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
		got := measured(Family().New(), in)
		for name, n := range want {
			if g, ok := got[name]; !ok || g != n {
				t.Errorf("%s of %.60q is %d, not %d", name, in, g, n)
			}
		}
	}
}

// TestColumns: names are unique, and the page names them.
func TestColumns(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	pipelinetest.Must(t, err)
	var names []string
	for _, c := range Family().Columns {
		names = append(names, c.Name)
		if !strings.Contains(string(page), "| `"+c.Name+"` |") {
			t.Errorf("docs/signals.md does not explain %s", c.Name)
		}
		if c.Note == "" {
			t.Errorf("%s has no note", c.Name)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(signals) {
		t.Errorf("not unique: %v", names)
	}
}

func TestAllocatesNothing(t *testing.T) {
	m, out := Family().New(), make([]int64, len(signals))
	var docs []*signal.Document
	for _, in := range append(sample(t), strings.Join(pieces, ""), "") {
		docs = append(docs, &signal.Document{Text: []byte(in), Chars: utf8.RuneCountInString(in)})
	}
	if n := testing.AllocsPerRun(10, func() {
		for _, d := range docs {
			m.Measure(d, out)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestEveryCharacter has each code point in a text, and a short one behind it.
func TestEveryCharacter(t *testing.T) {
	m := Family().New()
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
	m := Family().New()
	f.Fuzz(func(t *testing.T, in string) { compare(t, m, strings.ToValidUTF8(in, "\uFFFD")) })
}

func bench(b *testing.B, texts []string) {
	m, out := Family().New(), make([]int64, len(signals))
	var docs []*signal.Document
	bytes := 0
	for _, t := range texts {
		docs = append(docs, &signal.Document{Text: []byte(t), Chars: utf8.RuneCountInString(t)})
		bytes += len(t)
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	before := cpu(b)
	for b.Loop() {
		for _, d := range docs {
			m.Measure(d, out)
		}
	}
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/float64(bytes), "ns-of-CPU/byte")
}

// cpu is how long the process has used a processor, in nanoseconds: what others do beside it does not count.
func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	pipelinetest.Must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkSample(b *testing.B) { bench(b, sample(b)) }

func BenchmarkShared(b *testing.B) {
	for _, name := range []string{"laws", "tvnews"} {
		b.Run(name, func(b *testing.B) {
			var texts []string
			bytes := 0
			pipelinetest.EachShared(b, name+".tar.zst", func(_ string, data []byte) {
				if bytes < 8<<20 {
					texts = append(texts, strings.ToValidUTF8(string(data), ""))
					bytes += len(data)
				}
			})
			bench(b, texts)
		})
	}
}
