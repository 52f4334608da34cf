package text

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCountRunes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "中文一二三四五六七八九十中文一二三四"}).Draw(t, "more")
		if got, want := CountRunes([]byte(in)), utf8.RuneCountInString(in); got != want {
			t.Fatalf("CountRunes(%q) = %d, want %d", in, got, want)
		}
	})
	for n := range 300 {
		in := sampleText(uint64(n), n)
		if got, want := CountRunes(in), utf8.RuneCount(in); got != want {
			t.Fatalf("CountRunes of %d bytes = %d, want %d", len(in), got, want)
		}
	}
}

func BenchmarkCountRunes(b *testing.B) {
	in := sampleText(1, 4<<20)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		CountRunes(in)
	}
}
