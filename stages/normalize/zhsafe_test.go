package normalize

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// run normalises one text with a new instance.
func run(in string) (string, counts) {
	var c counts
	z := newZhSafe(&c)
	const before = "before "
	return string(z.append([]byte(before), []byte(in))[len(before):]), c
}

func TestZhSafe(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want string
		counts   map[counter]int64
	}{
		{name: "empty"},
		{name: "ordinary Chinese", in: "荆楚大地涌动『温暖』潮，春意正浓。", want: "荆楚大地涌动『温暖』潮，春意正浓。"},
		{
			name: "full-width digits survive as digits", in: "１９９４年１月，增长７．５％", want: "1994年1月，增长7．5％",
			counts: map[counter]int64{countFullwidth: 7},
		},
		{name: "full-width Latin", in: "ＧＤＰａｚ", want: "GDPaz", counts: map[counter]int64{countFullwidth: 5}},
		{name: "circled digits beside digits", in: "①1998②㈠Ⅷ", want: "①1998②㈠Ⅷ"},
		{name: "Chinese punctuation", in: "，：；？！（）。、“”《》『』【】—…～／", want: "，：；？！（）。、“”《》『』【】—…～／"},
		{name: "units and symbols", in: "㎡℃㊣½ｶﾅ", want: "㎡℃㊣½ｶﾅ"},
		{
			name: "line ends", in: "一\r\n二\r三\u0085四\u2028五\u2029六\n七", want: "一\n二\n三\n四\n五\n六\n七",
			counts: map[counter]int64{countLineEnds: 5},
		},
		{
			name: "indents and wide spaces", in: "\u3000\u3000标题\n\u3000\u3000第一段\u3000正文\u00A0\u2003完。\u3000",
			want: "标题\n第一段 正文 完。", counts: map[counter]int64{countSpaces: 8, countTrimmed: 6},
		},
		{
			name: "runs of spaces", in: "  a   b \t c\t\n \t d  ", want: "a b \t c\n\td",
			counts: map[counter]int64{countTrimmed: 9},
		},
		{
			name: "empty lines", in: "\n \n甲\n\n\n乙\n  \n丙\n\n", want: "甲\n\n\n乙\n\n丙",
			counts: map[counter]int64{countTrimmed: 7},
		},
		{name: "a row without its first cells", in: "\t2023\t2024\n\t \ta\tb\n \t甲 \t\n\n\t\t乙\u3000丙\n\n\t值\r\n丁\t1\n", want: "\t2023\t2024\n\t\ta\tb\n\t甲\n\n乙 丙\n\n\t值\n丁\t1", counts: map[counter]int64{countSpaces: 1, countTrimmed: 7, countLineEnds: 1}},
		{name: "only white space", in: " \u3000\t\r\n\n ", counts: map[counter]int64{countSpaces: 1, countLineEnds: 1, countTrimmed: 6}},
		{
			name: "controls", in: "甲\x00乙\x07\x1b[0m\x7F\u0080丙", want: "甲乙[0m丙",
			counts: map[counter]int64{countControls: 5},
		},
		{
			name: "controls that part lines and words", in: "甲\v乙\f\n丙\x1c丁\x1e戊\x1f己\v", want: "甲\n乙\n\n丙\n丁\n戊 己",
			counts: map[counter]int64{countLineEnds: 5, countSpaces: 1, countTrimmed: 1},
		},
		{
			name: "and none at the edges", in: "\f\vreport\vNorth\x1f \x1f.\f", want: "report\nNorth .",
			counts: map[counter]int64{countLineEnds: 4, countSpaces: 2, countTrimmed: 5},
		},
		{
			name: "invisible", in: "\uFEFF甲\u200B乙\u2060丙\uFFFC", want: "甲乙丙",
			counts: map[counter]int64{countInvisible: 4},
		},
		{name: "joiners stay", in: "क्\u200Dष می\u200Cخواهم", want: "क्\u200Dष می\u200Cخواهم"},
		{
			name: "Kangxi and CJK radicals", in: "\u2F00\u2F08口\u2F9D\u2E9F\u2EF3\u2EBA", want: "一人口身母龟\u2EBA",
			counts: map[counter]int64{countRadicals: 5},
		},
		{
			name: "variation selectors", in: "葛\U000E0100城\uFE00︎", want: "葛城",
			counts: map[counter]int64{countVariation: 3},
		},
		{
			name: "emoji keep theirs", in: "❤️☎︎👩\u200D❤️\u200D👨1️⃣©️㊗️", want: "❤️☎︎👩\u200D❤️\u200D👨1️⃣©️㊗️",
		},
		{name: "second selector goes", in: "❤️️", want: "❤️", counts: map[counter]int64{countVariation: 1}},
		{
			name: "composition", in: "cafe\u0301 n\u0303 か\u3099 \u1112\u1161\u11AB", want: "café ñ が 한",
			counts: map[counter]int64{countNFC: 4},
		},
		{name: "compatibility ideographs", in: "\uF900\uFA11\U0002F800", want: "豈﨑丽", counts: map[counter]int64{countNFC: 2}},
		{
			name: "composes across what is dropped", in: "e\u200B\u0301 ｅ\x01\u0301", want: "é é",
			counts: map[counter]int64{countNFC: 2, countInvisible: 1, countControls: 1, countFullwidth: 1},
		},
		{name: "marks that have their place", in: "q\u0323\u0307 漢\u0301", want: "q\u0323\u0307 漢\u0301"},
		{name: "marks that change places", in: "q\u0307\u0323", want: "q\u0323\u0307", counts: map[counter]int64{countNFC: 1}},
		{name: "mark first", in: "\u0301甲", want: "\u0301甲"},
		{
			name: "counted only", in: "公\uFFFD式\uE000\U000F0000\U00100000", want: "公\uFFFD式\uE000\U000F0000\U00100000",
			counts: map[counter]int64{countReplacement: 1, countPrivateUse: 3},
		},
		{name: "outside of the BMP", in: "𠮷野家😀𝒳", want: "𠮷野家😀𝒳"},
		{name: "English", in: "The  quick brown\nfox. ", want: "The quick brown\nfox.", counts: map[counter]int64{countTrimmed: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, counted := run(c.in)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			var want counts
			for name, n := range c.counts {
				want[name] = n
			}
			if diff := cmp.Diff(want, counted); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// slowZhSafe says zh-safe plainly: one character at a time, then NFC, then the white space.
func slowZhSafe(in string) string {
	in = strings.ReplaceAll(in, "\r\n", "\n")
	var out []rune
	runes := []rune(in)
	for i, r := range runes {
		switch {
		case r == '\r' || r == '\v' || r == '\f' || r >= 0x1C && r <= 0x1E || r == 0x85 || r == 0x2028 || r == 0x2029:
			r = '\n'
		case unicode.Is(unicode.Zs, r) || r == 0x1F:
			r = ' '
		case r >= 0xFF01 && r <= 0xFF5E && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			r -= 0xFEE0
		case r >= 0x2F00 && r <= 0x2FD5 || r == 0x2E9F || r == 0x2EF3:
			r = []rune(norm.NFKC.String(string(r)))[0]
		case unicode.IsControl(r) && r != '\n' && r != '\t', strings.ContainsRune("\u200B\u2060\uFEFF\uFFFC", r),
			r >= 0xFE00 && r <= 0xFE0D, r >= 0xE0100 && r <= 0xE01EF:
			continue
		case r == 0xFE0E || r == 0xFE0F:
			keycap := i+1 < len(runes) && runes[i+1] == 0x20E3
			if !keycap && (len(out) == 0 || !choosesForm(out[len(out)-1])) {
				continue
			}
		}
		out = append(out, r)
	}
	lines := strings.Split(norm.NFC.String(string(out)), "\n")
	rows := slices.Clone(lines)
	for i, line := range lines {
		for strings.Contains(line, "  ") {
			line = strings.ReplaceAll(line, "  ", " ")
		}
		lines[i] = strings.Trim(line, " \t")
		isRow := func(i int) bool {
			return i >= 0 && i < len(rows) && strings.Contains(strings.Trim(rows[i], " \t"), "\t")
		}
		if lines[i] != "" && (i > 0 && strings.Contains(lines[i-1], "\t") || isRow(i) || isRow(i+1)) {
			lead, _, _ := strings.Cut(line, lines[i])
			lines[i] = strings.ReplaceAll(lead, " ", "") + lines[i]
		}
		// Taking a tab away from the edge may bring a blank there, and the other way round: Trim has taken both.
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// odd holds what the profiles do something to, and what is beside it in text that is made to do harm.
var odd = []string{
	"１", "Ａ", "ｚ", "\u3000", "\u00A0", "\u2003", " ", "  ", "\t", "\n", "\r", "\r\n", "\u0085", "\u2028", "\x00", "\v", "\f", "\x1d", "\x1f", "\x7F", "\u200B",
	"\u200C", "\u200D", "\u2060", "\uFEFF", "\uFFFC", "\uFFFD", "\uFE0F", "\uFE0E", "\uFE00", "\U000E0101", "\u20E3", "❤", "↔", "1", "#",
	"\u0301", "\u0323", "\u0338", "\u0307", "\u0345", "\u034F", "\u3099", "\u309A", "か", "ハ", "ｶ", "ﾞ", "ﾟ", "\u1100", "\u1161", "\u11A8", "가", "각",
	"\u2F00", "\u2E9F", "\u2EBA", "\uF900", "\U0002F800", "ﷺ", "ﬁ", "①", "㎡", "…", "½", "㈠", "⼀", "Å", "\u212B", "\u1E9B", "\u0F73", "\u0F71", "\u0F72",
	"\u0958", "\u0915", "\u093C", "\u2329", "\uE000", "\U000F0000", "😀", "👍🏽", "𝒳", "\U0001D15F", "\U000110A5", "\U000110BA", "\u0344", "\u0340", "\u00A8",
	"a", "e", "é", "ß", "，", "。", "（", "中", "国", "漢", "𠮷", "\u180E", "\u1680", "\u0600", "\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307",
}

// drawText draws text that is mostly odd, with runs of ordinary text between.
func drawText(t *rapid.T) string {
	return strings.Join(rapid.SliceOf(rapid.OneOf(
		rapid.SampledFrom(odd), rapid.SampledFrom(odd),
		rapid.SampledFrom([]string{"改革开放以来，", "plain English text", "１９９８年"}),
		rapid.Map(rapid.Rune(), func(r rune) string { return string(r) }),
	)).Draw(t, "pieces"), "")
}

func TestZhSafeIsWhatItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawText(t)
		got, _ := run(in)
		if diff := cmp.Diff(slowZhSafe(in), got); diff != "" {
			t.Fatalf("%+q: %s", in, diff)
		}
	})
}

// The loops with and without vectors make and count the same, with a change at any place of a block.
func TestZhSafeOfBlocksIsThatOfSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := []byte(drawText(t))
		for range rapid.IntRange(0, 3).Draw(t, "more") {
			in = append(in, strings.Repeat("改", rapid.IntRange(0, 30).Draw(t, "shift"))...)
			in = append(in, drawText(t)...)
		}
		var blocks, spans counts
		b, s := newZhSafe(&blocks), newZhSafe(&spans)
		const before = "before "
		b.base, b.noRow, s.base, s.noRow = len(before), noLine, len(before), noLine
		got, want := string(b.appendBlocks([]byte(before), in)), string(s.appendSpans([]byte(before), in))
		if got != want || blocks != spans {
			t.Fatalf("%+q: %+q with %v, want %+q with %v", in, got, blocks, want, spans)
		}
	})
}

func TestZhSafeTwiceIsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawText(t)
		once, _ := run(in)
		twice, c := run(once)
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Fatalf("%+q: %s", in, diff)
		}
		c[countReplacement], c[countPrivateUse] = 0, 0
		if c != (counts{}) {
			t.Fatalf("%+q: the second time counts %v", in, c)
		}
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) {
			t.Fatalf("%+q: %+q is not NFC", in, once)
		}
	})
}

// Many marks on one letter: x/text parts more than 30 by U+034F, and must not do so again.
func TestZhSafeManyMarks(t *testing.T) {
	for n := range 100 {
		in := "e" + strings.Repeat("\u0323\u0301", n) + "甲"
		once, _ := run(in)
		if diff := cmp.Diff(slowZhSafe(in), once); diff != "" {
			t.Fatalf("%d marks: %s", n, diff)
		}
		if twice, _ := run(once); twice != once {
			t.Fatalf("%d marks: %+q, then %+q", n, once, twice)
		}
	}
}

func FuzzZhSafe(f *testing.F) {
	f.Add("荆楚大地　涌动『温暖』潮，１９９４年\r\n\r\n①1998❤\uFE0Fe\u200B\u0301")
	f.Add("\xEF8\xA1\x00") // once taken for U+FE21, a mark
	for _, s := range odd {
		f.Add("甲" + s + s + "e\n" + s)
		f.Add("\xFF" + s + "\xE4" + s + "\xE0\x80\x80" + s + "\xED\xA0\x80" + s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		once, _ := run(in)
		if !utf8.ValidString(in) {
			return // it came out, and that is all
		}
		if want := slowZhSafe(in); once != want {
			t.Errorf("%+q: %+q, want %+q", in, once, want)
		}
		if twice, _ := run(once); twice != once {
			t.Errorf("%+q: %+q, then %+q", in, once, twice)
		}
	})
}
