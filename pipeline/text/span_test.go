package text

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSpan(t *testing.T) {
	var table [1 << 16]uint8
	for _, r := range " \n\u3000，１é" {
		table[r] = 1
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringOf(rapid.SampledFrom([]rune("中国人民共和国abcde 。，１é\u3000ßñ\n𠮷😀\uFFFD"))).Draw(t, "text")
		want := len(in)
		for i, r := range in {
			if r >= 1<<16 || table[r] != 0 {
				want = i
				break
			}
		}
		if got := Span(&table, []byte(in)); got != want {
			t.Fatalf("Span(%q) = %d, want %d", in, got, want)
		}
	})
}

func FuzzSpan(f *testing.F) {
	f.Add([]byte("中国abc\xE0\x80\x80\xF4é"))
	var table [1 << 16]uint8
	table['，'] = 1
	f.Fuzz(func(t *testing.T, in []byte) {
		if n := Span(&table, in); n < 0 || n > len(in) {
			t.Errorf("Span(% x) = %d", in, n)
		}
	})
}

func BenchmarkSpan(b *testing.B) {
	in := sampleText(1, 4<<20)
	var table [1 << 16]uint8
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if Span(&table, in) != len(in) {
			b.Fatal("stopped")
		}
	}
}
