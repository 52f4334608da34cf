package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// slowPrefix is ValidPrefix said plainly.
func slowPrefix(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(b)
}

func checkPrefix(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, in []byte,
) {
	t.Helper()
	got := ValidPrefix(in)
	if want := slowPrefix(in); got != want {
		t.Fatalf("ValidPrefix(% x) = %d, want %d", in, got, want)
	}
	if (got == len(in)) != utf8.Valid(in) {
		t.Fatalf("ValidPrefix(% x) = %d of %d, utf8.Valid says %v", in, got, len(in), utf8.Valid(in))
	}
}

func TestValidPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkPrefix(t, drawText(t)) })
}

// Every sequence of up to three bytes that begins like one of several, and every lead of four, at every place in a word and
// after both kinds of run.
func TestValidPrefixOfEverySequence(t *testing.T) {
	pad := []byte("汉汉汉aaaaaaaa")
	buf := make([]byte, 0, 64)
	check := func(seq ...byte) {
		for _, before := range []string{"", "汉", "ab汉汉"} {
			buf = append(append(append(buf[:0], before...), seq...), pad...)
			checkPrefix(t, buf)
			checkPrefix(t, buf[:len(before)+len(seq)])
		}
	}
	edges := []byte{0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xE4, 0xED, 0xFF}
	for lead := range 256 {
		check(byte(lead))
		for second := range 256 {
			check(byte(lead), byte(second))
			if lead < 0xE0 {
				continue
			}
			for _, third := range edges {
				check(byte(lead), byte(second), third)
			}
		}
		if lead < 0xF0 {
			continue
		}
		for _, second := range edges {
			for _, third := range edges {
				for _, fourth := range edges {
					check(byte(lead), second, third, fourth)
				}
			}
		}
	}
}

// One damaged byte anywhere in ordinary text is found where it is.
func TestValidPrefixFindsDamage(t *testing.T) {
	in := append(sampleText(3, 600), "𠮷😀é𠮷😀éáß𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷"...)
	in = append(in, sampleText(4, 2*blockBytes)...)
	for i := range in {
		checkPrefix(t, in[:i])
		checkPrefix(t, in[i:])
		for _, damage := range []byte{0xFF, 0x80, 0xC0, 0xE0, 0xED, 0xF0, 'a'} {
			bad := slices.Clone(in)
			bad[i] = damage
			checkPrefix(t, bad)
		}
		for _, damage := range []string{"\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8"} {
			checkPrefix(t, slices.Insert(slices.Clone(in), i, []byte(damage)...))
		}
	}
}

func FuzzValidPrefix(f *testing.F) {
	f.Add([]byte("荆楚大地涌动『温暖』潮\xED\xA0\x80\xF4\x90\x80\x80\xE0\x9F\xBF"))
	f.Fuzz(func(t *testing.T, in []byte) { checkPrefix(t, in) })
}

func BenchmarkValidPrefix(b *testing.B) {
	for _, c := range []struct {
		name string
		text []byte
	}{
		{"chinese", sampleText(1, 4<<20)},
		{"ascii", []byte(strings.Repeat("The quick brown fox jumps over the lazy dog. ", 90_000))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				if ValidPrefix(c.text) != len(c.text) {
					b.Fatal("invalid")
				}
			}
		})
		b.Run(c.name+"/std", func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				if !utf8.Valid(c.text) {
					b.Fatal("invalid")
				}
			}
		})
	}
}
