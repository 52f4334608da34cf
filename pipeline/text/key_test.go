package text

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestFoldKey(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want string
	}{
		{"simplified stays", "荆楚大地涌动暖潮", "荆楚大地涌动暖潮"},
		{"traditional to simplified", "發展與頭髮，乾杯", "发展与头发干杯"},
		{"chain is followed", "薴苧苎", "苎苎苎"},
		{"full width", "ＡＢＣｘｙｚ１９９４", "abcxyz1994"},
		{"lower case", "GDP增长Ω", "gdp增长ω"},
		{"punctuation and blanks", "，。！？《》“”…—\"'()[]{}.,;:?!`´∶\u3000 \t\n", ""},
		{"signs", "①㎡℃％$＄￥＋=<＞±×÷∧∨−∕👍👎🏿", "①㎡℃%$$¥+=<>±×÷∧∨−/👍👎🏿"},
		{"signs that are called punctuation", "#％＆*/@\\_〜～§‰′", "#%&*/@\\_~~§‰′"},
		{"frames, braille blank, what is lost", "│─┌⠀\uFFFC", ""},
		{"numbers", "二〇〇八年〡〢Ⅷ½②１", "二〇〇八年〡〢ⅷ½②1"},
		{"half-width kana and hangul", "ｶﾀｶﾅﾡ｡", "カタカナㄱ"},
		{"Arabic and Hebrew marks, tatweel", "كِتَـــابٌ שָׁלוֹם", "كتابשלום"},
		{"hamza is a letter's part", "ا\u0654", "ا\u0654"},
		{"combining marks", "e\u0301", "e\u0301"},
		{"variation selectors", "❤\uFE0F葛\U000E0100", "❤葛"},
		{"flags", "🏴\U000E0067\U000E0062\U000E007F", "🏴\U000E0067\U000E0062"},
		{"outside of the BMP", "𠮷𫝈𠁞", "𠮷𫝈𠀾"},
		{"BMP to outside", "㑮", "𫝈"},
		{"kana, hangul", "カタ한국", "カタ한국"},
		{"replacement, private use", "\uFFFD\uE000", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []rune
			for _, r := range c.in {
				if f := FoldKey(r); f != 0 {
					got = append(got, f)
				}
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every code point: the fold is a fixed point, valid, and there exactly for what the documentation names.
func TestFoldKeyOfEverything(t *testing.T) {
	for r := rune(-2); r <= unicode.MaxRune+2; r++ {
		if r == 0x40000 {
			r = 0xE0000 // ten planes without characters
		}
		got := FoldKey(r)
		member := unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.S) || strings.ContainsRune(keptPunctuation, r) && r > 0
		member = member || tagFirst <= r && r <= tagLast
		member = member && !unicode.In(ordinaryWidth(r), unicode.Variation_Selector, plainMarks, plainSigns)
		if member != (got != 0) {
			t.Fatalf("FoldKey(%U) = %U, member %v", r, got, member)
		}
		if got != 0 && (!utf8.ValidRune(got) || FoldKey(got) != got) {
			t.Fatalf("FoldKey(%U) = %U, whose fold is %U", r, got, FoldKey(got))
		}
	}
}

func TestSimplifiedTable(t *testing.T) {
	forms := simplifiedForms()
	if len(forms) != 4105 {
		t.Errorf("%d entries", len(forms))
	}
	for from, to := range forms {
		if from == to || !IsHan(from) || !IsHan(to) {
			t.Errorf("%U %c → %U %c", from, from, to, to)
		}
	}
}

// slowKey is AppendKey said plainly, but for what the neighbours decide.
func slowKey(t []byte) []uint32 {
	f := loadFolds()
	var out []uint32
	for i := 0; i < len(t); {
		r, size := utf8.DecodeRune(t[i:])
		switch {
		case f.fold(r) == inContext:
			out, size = f.context(out, t, i)
		case f.fold(r) != 0:
			out = append(out, uint32(f.fold(r)))
		}
		i += size
	}
	return f.withPunctuation(out, t, len(out))
}

func TestAppendKeyIsFoldKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawText(t)
		prefix := []uint32{7}
		got := AppendKey(prefix, in)
		if diff := cmp.Diff(append([]uint32{7}, slowKey(in)...), got); diff != "" {
			t.Fatalf("%q: %s", in, diff)
		}
	})
}

// Longer texts are folded many characters at a time.
func TestAppendKeyOfLongTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := longer(append(drawText(t), drawText(t)...))
		in = append(in, longer(drawText(t))...)
		if diff := cmp.Diff(slowKey(in), AppendKey(nil, in), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q: %s", in, diff)
		}
	})
}

// longer repeats a text until it is long enough for that.
func longer(in []byte) []byte {
	if len(in) == 0 {
		return nil
	}
	return slices.Repeat(in, 1+3*keyVector/len(in))
}

// Sequences that lie across the chunks that AppendKey works in.
func TestAppendKeyAcrossChunks(t *testing.T) {
	for shift := range 7 {
		for _, unit := range []string{"漢", "𠮷", "é", "a", "\xE6\xBC", "\x80", "漢a㑮é，", "1. 5, ", "-7—", "ｶﾞ", "１，", "     9 ,"} {
			var in []byte
			for range shift {
				in = append(in, 'x')
			}
			for len(in) < 3*keyChunk {
				in = append(in, unit...)
			}
			if diff := cmp.Diff(slowKey(in), AppendKey(nil, in), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("shift %d, %q: %s", shift, unit, diff)
			}
		}
	}
}

func TestAppendKeyDoesNotAllocate(t *testing.T) {
	in := sampleText(1, 100_000)
	dst := AppendKey(nil, in)
	if n := testing.AllocsPerRun(10, func() { dst = AppendKey(dst[:0], in) }); n != 0 {
		t.Errorf("%v allocations a text", n)
	}
}

func FuzzAppendKey(f *testing.F) {
	f.Add([]byte("1, 5 -1.5 a-b != !x :) ｶﾞ １．５ ... --- / . -"))
	f.Add([]byte("發展１９９４ＡＢ，\xE0\x80\x80\xED\xA0\x80é𠮷㑮"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, in := range [][]byte{in, longer(in)} {
			if diff := cmp.Diff(slowKey(in), AppendKey(nil, in), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func BenchmarkAppendKey(b *testing.B) {
	const document = 4096
	in := sampleText(1, 4<<20)
	dst := AppendKey(nil, in[:document])
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for i := 0; i < len(in); i += document {
			dst = AppendKey(dst[:0], in[i:min(i+document, len(in))])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(utf8.RuneCount(in)), "ns/char")
}

// BenchmarkLoadFolds is what the first use costs.
func BenchmarkLoadFolds(b *testing.B) {
	for b.Loop() {
		buildFolds()
	}
}

// drawText draws bytes of which most are UTF-8, of all lengths, with damage.
func drawText(t *rapid.T) []byte {
	pieces := rapid.SliceOf(rapid.OneOf(
		rapid.SampledFrom([]string{
			"中", "國", "，", "１", "a", "Z", " ", "é", "ß", "𠮷", "㑮", "\u0301", "7", ".", "-", "!", ":)", "、", "ﾞ", "ｶ", "—", "\uFFFD", "\uFFFF", "😀",
			"\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8", "\xC1\xBF", "\xF0\x80\x80\x80",
		}),
		rapid.SampledFrom([]string{"改革开放以来，我国经济发展很快。", "ordinary English text, ", "１９９８年"}),
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 5), func(b []byte) string { return string(b) }),
	)).Draw(t, "pieces")
	var out []byte
	for _, p := range pieces {
		out = append(out, p...)
	}
	return out
}

// sampleText makes n bytes or a little more of text with the proportions of Chinese prose: frequent characters come often,
// punctuation every dozen characters, now and then a number or a Latin word.
func sampleText(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]byte, 0, n+16)
	for len(out) < n {
		switch k := rng.IntN(100); {
		case k < 88:
			f := rng.Float64()
			out = utf8.AppendRune(out, 0x4E00+rune(f*f*f*20000))
		case k < 96:
			out = append(out, []string{"，", "。", "、", "“", "”", "："}[rng.IntN(6)]...)
		case k < 98:
			out = append(out, []string{"1998", "GDP", "2.5", "WTO"}[rng.IntN(4)]...)
		default:
			out = append(out, '\n')
		}
	}
	return out
}
