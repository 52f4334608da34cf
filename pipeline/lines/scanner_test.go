package lines

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/text"
)

func TestAppendLine(t *testing.T) {
	for raw, want := range map[string]string{
		"":                            "",
		" \t\u3000 ":                  "",
		"  Copyright ©  2024 Example": "Copyright © 0000 Example",
		"ＡＢＣ　１２３":                     "ABC 000",
		"电话：010-12345678":             "电话:000-00000000",
		"٣٤ و ５６":                     "00 و 00",
		"a\u200bb\r":                  "a b",
		"第一章　 概述\u00a0":               "第一章 概述",
		"Ａｂ":                          "Ab",
		"\U0001d7ceX\U00020000":       "0X\U00020000",
		"鿿\u9fff\u4000":               "鿿\u9fff\u4000",
	} {
		got, chars := AppendLine([]byte("x"), []byte(raw))
		if string(got) != "x"+want || chars != utf8.RuneCountInString(want) {
			t.Errorf("%q becomes %q with %d characters, want %q", raw, got[1:], chars, want)
		}
	}
}

// plainly is the form of a line, written down as it is explained.
func plainly(raw string) string {
	form := strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		switch {
		case text.Blank(r):
			return ' '
		case unicode.IsDigit(r):
			return '0'
		}
		return r
	}, raw)
	return strings.Join(strings.FieldsFunc(form, func(r rune) bool { return r == ' ' }), " ")
}

// TestLineForm: the form is what it is explained to be, and twice is once.
func TestLineForm(t *testing.T) {
	letters := rapid.SampledFrom([]rune("ab9 \t\u3000\u00a0\u200b汉字１９Ａ～٣é\U00020000\U0001d7d8。、가￥"))
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.StringOf(letters), rapid.String()).Draw(t, "line")
		if !utf8.ValidString(raw) {
			t.Skip("texts are valid UTF-8")
		}
		got, chars := AppendLine(nil, []byte(raw))
		if want := plainly(raw); string(got) != want || chars != utf8.RuneCountInString(want) {
			t.Fatalf("%q becomes %q with %d characters, want %q", raw, got, chars, want)
		}
		if again, _ := AppendLine(nil, got); string(again) != string(got) {
			t.Fatalf("%q, and once more %q", got, again)
		}
	})
}

func FuzzAppendLine(f *testing.F) {
	f.Add([]byte("Copyright © 2024  Ｅｘａｍｐｌｅ\xff"))
	f.Add([]byte("\xe5\x8f"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, chars := AppendLine(nil, raw)
		if chars > len(raw) || utf8.Valid(raw) && (!utf8.Valid(got) || chars != utf8.RuneCount(got)) || len(got) > 3*len(raw) {
			t.Fatalf("%q becomes %q with %d characters", raw, got, chars)
		}
	})
}

func TestScanner(t *testing.T) {
	var s Scanner
	g, other := GroupOf([]byte("example.com")), GroupOf([]byte("example.org"))
	var raws []string
	var keys []uint64
	s.Each([]byte("short\n\n All rights reserved 2023\nAll  rights reserved 2024\n一二三四五六七\n一二三四五六七八"), g, func(raw []byte, key uint64) {
		raws, keys = append(raws, string(raw)), append(keys, key)
	})
	if want := []string{"short", "", " All rights reserved 2023", "All  rights reserved 2024", "一二三四五六七", "一二三四五六七八"}; !slices.Equal(raws, want) {
		t.Errorf("%q", raws)
	}
	if !IsShort(keys[0]) || keys[1] != 0 || IsShort(keys[2]) || keys[2] == 0 || keys[2] != keys[3] || !IsShort(keys[4]) || IsShort(keys[5]) || keys[5] == 0 || keys[5] == keys[2] {
		t.Errorf("%x", keys)
	}
	if line, chars := AppendLine(nil, []byte(raws[2])); other.Line(line, chars)&lineBits == keys[2]&lineBits {
		t.Error("a line has one key in two groups")
	}
	if !IsGroup(g.Key()) || IsGroup(keys[2]) || Bucket(keys[2]) != Bucket(g.Key()) || Bucket(g.Key()) == Bucket(other.Key()) || g.Key() == other.Key() {
		t.Errorf("groups %x and %x, a line %x", g.Key(), other.Key(), keys[2])
	}
	s.Each(nil, g, func([]byte, uint64) { t.Error("an empty text has a line") })
}

func TestGroup(t *testing.T) {
	for _, c := range []struct{ meta, source, want string }{
		{`{"url":"https://www.news.example.co.uk/1"}`, "crawl", "example.co.uk"},
		{`{"url":"HTTP://Example.COM"}`, "crawl", "example.com"},
		{`{"url":"/relative"}`, "crawl", "source:crawl"},
		{`{"title":"url"}`, "crawl", "source:crawl"},
		{"", "crawl", "source:crawl"},
	} {
		if got := AppendGroup([]byte("x"), []byte(c.meta), c.source); string(got) != "x"+c.want {
			t.Errorf("%s is of %q, not %q", c.meta, got[1:], c.want)
		}
	}
}

func TestBoilerplate(t *testing.T) {
	for _, c := range []struct {
		documents, group int64
		long, short      bool
	}{
		{4, 20, false, false},
		{5, 20, true, false},
		{9, 20, true, false},
		{10, 20, true, true},
		{10, 21, true, false},
		{11, 21, true, true},
		{5, 19, false, false},
		{19, 19, false, false},
		{5, 500, true, false},
		{5, 501, false, false},
		{6, 501, true, false},
		{10, 1000, true, false},
		{10, 1001, false, false},
		{501, 1001, true, true},
		{0, 0, false, false},
	} {
		g := GroupOf([]byte("example.com"))
		if long, short := Boilerplate(g.Line(nil, 8), c.documents, c.group), Boilerplate(g.Line(nil, 7), c.documents, c.group); long != c.long || short != c.short {
			t.Errorf("%d of %d documents: %v, and %v for a short line", c.documents, c.group, long, short)
		}
	}
}
