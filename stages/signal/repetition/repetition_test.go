package repetition

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text"
)

var family = Family()

// reference is what the family says of a text, slowly.
func reference(t string) map[string]int64 {
	chars := int64(utf8.RuneCountInString(t))
	out := map[string]int64{}
	copies := func(name string, spans []string) {
		seen, again, in := map[string]bool{}, 0, 0
		for _, s := range spans {
			if seen[s] {
				again++
				in += utf8.RuneCountInString(s)
			}
			seen[s] = true
		}
		out["duplicate_"+name+"_share"] = signal.Share(int64(again), int64(len(spans)))
		out["duplicate_"+name+"_char_share"] = signal.Share(int64(in), chars)
	}
	var lines, paragraphs []string
	paragraph := ""
	for l := range strings.SplitSeq(t+"\n", "\n") {
		if trimmed := strings.TrimFunc(l, text.Blank); trimmed != "" {
			lines = append(lines, trimmed)
			paragraph += l + "\n"
			continue
		}
		if paragraph != "" {
			paragraphs = append(paragraphs, strings.TrimFunc(paragraph, text.Blank))
		}
		paragraph = ""
	}
	copies("line", lines)
	copies("paragraph", paragraphs)

	seen := []rune(strings.Map(func(r rune) rune {
		if text.Blank(r) {
			return -1
		}
		return r
	}, t))
	grams := func(n int) (list []string) {
		for i := 0; i+n <= len(seen); i++ {
			list = append(list, string(seen[i:i+n]))
		}
		return list
	}
	all := int64(len(seen))
	for n := 2; n <= 4; n++ {
		counts, top := map[string]int64{}, int64(0)
		for _, g := range grams(n) {
			counts[g]++
			top = max(top, counts[g])
		}
		if top < 2 {
			top = 0
		}
		out["top_char_"+strconv.Itoa(n)+"_gram_share"] = signal.Share(min(top*int64(n), all), all)
	}
	for n := 5; n <= 10; n++ {
		before, covered := map[string]bool{}, make([]bool, len(seen))
		for i, g := range grams(n) {
			for j := range covered[i : i+n] {
				covered[i+j] = covered[i+j] || before[g]
			}
			before[g] = true
		}
		k := int64(0)
		for _, c := range covered {
			if c {
				k++
			}
		}
		out["duplicate_char_"+strconv.Itoa(n)+"_gram_share"] = signal.Share(k, all)
	}
	counts, far := map[string]int64{}, int64(0)
	for _, g := range grams(13) {
		counts[g]++
	}
	for _, n := range counts {
		if n > 1 {
			far += n
		}
	}
	out["repeated_char_13_gram_share"] = signal.Share(far, max(all-12, 0))
	return out
}

// compare holds what is measured of a text to the reference.
func compare(t interface{ Errorf(string, ...any) }, m signal.Measurer, in string) {
	got, want := pipelinetest.Measured(&family, m, in), reference(in)
	for name, g := range got {
		if w, ok := want[name]; !ok || g != w {
			t.Errorf("%s of %.200q is %d, not %d", name, in, g, w)
		}
	}
}

// texts are such as repeat themselves in many ways.
func texts() *rapid.Generator[string] {
	letters := rapid.StringOf(rapid.SampledFrom([]rune("甲乙丙ab \n")))
	return rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom([]rune("甲乙\n 　")), 0, 300, -1),
		rapid.Custom(func(t *rapid.T) string {
			parts := rapid.SliceOfN(rapid.OneOf(letters, rapid.String(), rapid.SampledFrom([]string{"\n", "\n\n", "参考文献", "一二三四五六七八九十百千万亿", "𠮷𠮷𠮷"})), 1, 8).Draw(t, "parts")
			var b strings.Builder
			for range rapid.IntRange(0, 30).Draw(t, "length") {
				b.WriteString(rapid.SampledFrom(parts).Draw(t, "part"))
			}
			return strings.ToValidUTF8(b.String(), "")
		}),
	)
}

// TestReference holds the family to a slow one.
func TestReference(t *testing.T) {
	m := family.New()
	rapid.Check(t, func(t *rapid.T) { compare(t, m, texts().Draw(t, "text")) })
}

// TestSample holds it to the slow one on real text, and on all of it as one.
func TestSample(t *testing.T) {
	m := family.New()
	texts := pipelinetest.SampleTexts(t)
	for _, text := range append(texts, strings.Join(texts, "\n"), strings.Repeat(texts[3], 3), strings.Repeat("啊", 5000)) {
		compare(t, m, text)
	}
}

// TestSignals says what the signals are, text by text.
func TestSignals(t *testing.T) {
	for in, want := range map[string]map[string]int64{
		"": {
			"duplicate_line_share": 0, "top_char_2_gram_share": 0, "repeated_char_13_gram_share": 0,
		},
		"甲乙\n 甲乙　\n丙": {
			"duplicate_line_share": 333_333, "duplicate_line_char_share": signal.Share(2, 9), "duplicate_paragraph_share": 0,
			"top_char_2_gram_share": 800_000,
		},
		"甲\n乙\n\n甲\n乙\n \n丙": {
			"duplicate_paragraph_share": 333_333, "duplicate_paragraph_char_share": signal.Share(3, 12),
		},
		"一二三四五六。一二三四五七，一二三四五六": {
			"duplicate_char_5_gram_share": signal.Share(11, 20), "duplicate_char_6_gram_share": signal.Share(6, 20), "duplicate_char_7_gram_share": 0,
		},
		"甲甲甲甲甲甲": {
			"top_char_2_gram_share": signal.Millionths, "duplicate_char_5_gram_share": signal.Share(5, 6), "duplicate_char_6_gram_share": 0,
		},
		"一二三四五六七八九十百千万亿一二三四五六七八九十百千万": {
			"repeated_char_13_gram_share": signal.Share(2, 15), "duplicate_char_10_gram_share": signal.Share(13, 27),
		},
		"甲乙丙": {
			"top_char_2_gram_share": 0,
		},
	} {
		got := pipelinetest.Measured(&family, family.New(), in)
		for name, n := range want {
			if g, ok := got[name]; !ok || g != n {
				t.Errorf("%s of %.60q is %d, not %d", name, in, g, n)
			}
		}
	}
}

// TestLongText: a text of several pieces is measured piece by piece, and what it needed is let go.
func TestLongText(t *testing.T) {
	half := strings.Repeat("一二三四五六七八九十百千万亿。甲", pieceChars/16)
	m := &measurer{}
	if got := pipelinetest.Measured(&family, m, half+" "+strings.Repeat("乙", pieceChars/2)); got["top_char_2_gram_share"] != signal.Share(pieceChars/8+pieceChars/2, pieceChars*3/2) {
		t.Error(got)
	}
	if got := pipelinetest.Measured(&family, m, "一二三四五一二三四五"); got["duplicate_char_5_gram_share"] != 500_000 {
		t.Error(got)
	}
	if n := len(m.grams.at); n > ordinaryChars {
		t.Errorf("room for %d characters", n)
	}
}

func TestColumns(t *testing.T) { pipelinetest.DocumentedSignals(t, family) }

func TestAllocatesNothing(t *testing.T) {
	pipelinetest.MeasuresWithoutAllocating(t, family, append(pipelinetest.SampleTexts(t), strings.Repeat("一二三四五。\n", 3000), "")...)
}

func FuzzMeasure(f *testing.F) {
	f.Add("一二三四五六。一二三四五七，一二三四五六")
	f.Add("a\n\na\n \nb b b b b")
	m := family.New()
	f.Fuzz(func(t *testing.T, in string) { compare(t, m, strings.ToValidUTF8(in, "\uFFFD")) })
}

func BenchmarkSample(b *testing.B) {
	pipelinetest.BenchmarkFamily(b, family, pipelinetest.SampleTexts(b)...)
}

func BenchmarkShared(b *testing.B) { pipelinetest.BenchmarkFamilyOnShared(b, family) }

// BenchmarkWorst is text that repeats itself all the time, and text that never does.
func BenchmarkWorst(b *testing.B) {
	b.Run("repeats", func(b *testing.B) {
		pipelinetest.BenchmarkFamily(b, family, strings.Repeat("天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。寒来暑往，秋收冬藏。", 1000))
	})
	b.Run("random", func(b *testing.B) {
		var t strings.Builder
		x := uint32(1)
		for range 30_000 {
			x = x*1664525 + 1013904223
			t.WriteRune(0x4E00 + rune(x>>16)%3000)
		}
		pipelinetest.BenchmarkFamily(b, family, t.String())
	})
}
