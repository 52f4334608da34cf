package text

import (
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestIsHan(t *testing.T) {
	for r := rune(-1); r <= unicode.MaxRune+1; r++ {
		if got, want := IsHan(r), r >= 0 && unicode.Is(unicode.Han, r); got != want {
			t.Fatalf("IsHan(%U) = %v", r, got)
		}
	}
}

func TestCountHan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{
			"", "荆楚大地　涌动『温暖』潮，ＧＤＰ增长７％ 。\n", "𠮷野家は〇々\u2028 \u00A0a",
		}).Draw(t, "more")
		han, visible := 0, 0
		for _, r := range in {
			if unicode.Is(unicode.Han, r) {
				han++
			}
			if !unicode.IsSpace(r) {
				visible++
			}
		}
		if h, v := CountHan([]byte(in)); h != han || v != visible {
			t.Fatalf("CountHan(%q) = %d, %d, want %d, %d", in, h, v, han, visible)
		}
	})
}

func FuzzCountHan(f *testing.F) {
	f.Add([]byte("荆楚大地\xE4\xB8\x80\x80"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if han, visible := CountHan(in); han > visible || visible > len(in) {
			t.Errorf("CountHan(% x) = %d, %d", in, han, visible)
		}
	})
}

func BenchmarkCountHan(b *testing.B) {
	in := sampleText(1, 4<<20)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		CountHan(in)
	}
}
