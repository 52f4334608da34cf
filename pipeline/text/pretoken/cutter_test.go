package pretoken

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/text/jieba"
)

func cut(t interface{ Fatal(...any) }, name string, o Options, text string) string {
	p, _ := ByName(name)
	c, err := NewCutter(p, o)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	c.Cut([]byte(text), func(piece []byte) { list = append(list, string(piece)) })
	return strings.Join(list, "|")
}

// TestCutter: numbers are cut before the pattern, and long runs of Han within pre-tokens.
func TestCutter(t *testing.T) {
	words := jieba.Default().Cutter(true)
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"gpt2", Options{}, "a| 12345|，|中国人民银行发布abc|。|人民| Ⅷ"},
		{"gpt2", Options{Digits: 1}, "a| |1|2|3|4|5|，|中国人民银行发布abc|。|人民| |Ⅷ"},
		{"gpt4o", Options{Digits: 3}, "a| |123|45|，中国人民银行发布abc|。人民| |Ⅷ"},
		{"gpt4o", Options{Han: 3}, "a| |123|45|，中国人|民银行|发布abc|。人民| |Ⅷ"},
		{"gpt4o", Options{Han: 8}, "a| |123|45|，中国人民银行发布abc|。人民| |Ⅷ"},
		{"gpt4o", Options{Han: 4}, "a| |123|45|，中国人民|银行发布abc|。人民| |Ⅷ"},
		{"gpt4o", Options{Words: words}, "a| |123|45|，中国人民银行|发布abc|。人民| |Ⅷ"},
		{"gpt4o", Options{Words: words, Han: 8, Digits: 1}, "a| |1|2|3|4|5|，中国人民银行发布abc|。人民| |Ⅷ"},
	} {
		if diff := cmp.Diff(c.want, cut(t, c.name, c.o, "a 12345，中国人民银行发布abc。人民 Ⅷ")); diff != "" {
			t.Errorf("%s, %+v: %s", c.name, c.o, diff)
		}
	}
	for _, o := range []Options{{Digits: 2}, {Han: -1}} {
		if _, err := NewCutter(patterns[0], o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

// TestCutterPieces: the pieces are the text, they only divide what the pattern makes, and no run of Han is longer than it may be.
func TestCutterPieces(t *testing.T) {
	words := jieba.Default().Cutter(true)
	part := rapid.OneOf(rapid.StringMatching(`[中国人民银行大会]{0,12}`), rapid.SampledFrom([]string{" ", "\n", "，", "a", "B1", "123456", "\xff", "\xe4\xb8", "𠀀𠀁𠀂"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(part, 0, 12).Draw(t, "text"), "")
		name := rapid.SampledFrom(Names()).Draw(t, "name")
		o := Options{Han: rapid.IntRange(0, 5).Draw(t, "han")}
		if rapid.Bool().Draw(t, "words") {
			o.Words = words
		}
		whole, divided := cut(t, name, Options{}, text), cut(t, name, o, text)
		i := 0
		for _, b := range []byte(divided) {
			switch {
			case i < len(whole) && b == whole[i]:
				i++
			case b != '|':
				t.Fatalf("%q became %q", whole, divided)
			}
		}
		if i < len(whole) {
			t.Fatalf("%q became %q", whole, divided)
		}
		for digits := range 3 {
			o.Digits = []int{0, 1, 3}[digits]
			if back := cut(t, name, o, strings.ReplaceAll(text, "|", "")); strings.ReplaceAll(back, "|", "") != strings.ReplaceAll(text, "|", "") {
				t.Fatalf("%q became %q", text, back)
			}
		}
	})
}
