package bpe

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// What patterns tell apart, and what they do not.
var kinds = []*unicode.RangeTable{
	unicode.Lu, unicode.Ll, unicode.Lt, unicode.Lm, unicode.Lo, unicode.Han, unicode.Mn, unicode.Mc, unicode.Me, unicode.Nd, unicode.Nl, unicode.No,
	unicode.Z, unicode.P, unicode.S, unicode.Cc, unicode.Cf,
}

var marks = []string{
	" ", " ", "  ", "\n", "\r", "\r\n", "\t", "\u0085", "\u2028", "\u3000", "/", "'", "'s", "'S", "'ſ", "'ll", "'Re", "'vE", "'d", "'m", "'T", "a", "b", "A", "Z",
	"1", "2", "!a", "-Z", "[b", "~é", "\x00", "\u200b", "\u0378", "・", "ア", "ん", "龥", "龦", "一", "\u4dff", "中", "文", "\u0301", "\uFFFD", "\xff", "\xe4", "\xe4\xb8", "\xc5", "\xe9\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "龥\x80", "，",
}

// anyText is text of all classes, with what the expressions name, and bytes that are no text.
func anyText() *rapid.Generator[string] {
	var of []*rapid.Generator[string]
	for _, k := range kinds {
		of = append(of, rapid.Map(rapid.RuneFrom(nil, k), func(r rune) string { return string(r) }))
	}
	part := rapid.OneOf(append(of, rapid.SampledFrom(marks), rapid.SampledFrom(marks), rapid.SampledFrom(marks), rapid.StringN(0, 3, 8))...)
	return rapid.Map(rapid.SliceOfN(part, 0, 30), func(parts []string) string { return strings.Join(parts, "") })
}

// knownExpressions are those of the known patterns, and the ones of DeepSeek 3, of which the last is as its file has it.
var knownExpressions = func() (list []string) {
	for _, name := range pretoken.Names() {
		p, _ := pretoken.ByName(name)
		list = append(list, p.Expression())
	}
	return append(list, pretoken.Digits3, "[一-龥぀-ゟ゠-ヿ]+",
		"[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+")
}()

func checkKnown(t interface{ Fatalf(string, ...any) }, text string) {
	for _, name := range knownExpressions {
		known, ok := pretoken.ByExpression(name)
		if !ok {
			t.Fatalf("%s is not known", name)
		}
		p, err := compile(known.Expression())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var want, got []string
		p.isolate([]byte(text), func(piece []byte) { want = append(want, string(piece)) })
		known.Cut([]byte(text), func(piece []byte) { got = append(got, string(piece)) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s of %q: %s", name, text, diff)
		}
	}
}

// TestKnown: the scanners of well-known patterns cut as the expressions do.
func TestKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkKnown(t, anyText().Draw(t, "text")) })
	for _, g := range goldens(t) {
		checkKnown(t, g.Text)
	}
}

// TestKnownCharacters: so they do with each character, in front of and behind a letter, a mark, a number, a sign and white space.
func TestKnownCharacters(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: all characters, in one goroutine")
	}
	var b strings.Builder
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || unicode.Is(unicode.Co, r) || r > 0x323AF && r < 0xE0000 || r%16 > 0 && (r > 0x3500 && r < 0x9F00 || r > 0xAC10 && r < 0xD790 || r > 0x12000) {
			continue
		}
		for _, by := range []string{"a", "A", "\u0301", "1", "!", " "} {
			b.WriteString(by)
			b.WriteRune(r)
		}
		if b.Len() > 1<<12 {
			checkKnown(t, b.String())
			b.Reset()
		}
	}
	checkKnown(t, b.String())
}

// FuzzKnown: so they do with anything.
func FuzzKnown(f *testing.F) {
	f.Add("I'm  here, Ａb中文1234\r\n /\n\u0301A\xff'LL")
	f.Fuzz(func(t *testing.T, text string) { checkKnown(t, text) })
}
