package block

import (
	"bytes"
	"math/bits"
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// texts draws bytes of which most are UTF-8, long enough for several blocks, with damage at any place of one.
func texts(t *rapid.T) []byte {
	pieces := rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{
			"中", "國", "，", "１", "a", "Z", "\"", "\\", "\n", "\x00", "\x1f", " ", "\x7f", "é", "߿", "ࠀ", "퟿", "\uE000", "𠮷", "\U0010FFFF", "한", "ก", "\uFFFF",
			"\x80", "\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8", "\xC1\xBF", "\xF0\x8F\xBF\xBF", "\xF5\x80\x80\x80", "\xFF",
		}),
		rapid.SampledFrom([]string{
			"改革开放以来，我国经济发展很快。改革开放以来，我国经济发展很快。改革开放以来，我国经济发展很快。", "ordinary English text, ordinary English text, ordinary",
			"1998年", "ελληνικά и русский", "ไทยไทยไทย", "대한민국 하한",
		}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 5), func(b []byte) string { return string(b) }),
	), 0, 60).Draw(t, "pieces")
	var out []byte
	for _, p := range pieces {
		out = append(out, p...)
	}
	return out
}

// eachWidth calls f with the vectors that there are, and with shorter ones if these are not the shortest.
func eachWidth(f func()) {
	f()
	if wide {
		wide = false
		defer func() { wide = true }()
		f()
	}
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// check holds all kernels to what they promise.
func check(t fataler, in []byte) {
	t.Helper()
	eachWidth(func() { checkOne(t, in) })
}

// checkOne is check of those there are, on a slice with other bytes behind it.
func checkOne(t fataler, in []byte) {
	t.Helper()
	in = append(bytes.Clone(in), "\x80\x80\x80\x80"...)[:len(in)]
	stop := bytes.IndexFunc(in, func(r rune) bool { return r == '"' || r == '\\' || r < ' ' })
	if n, found := Plain(in); found && n != stop || !found && stop >= 0 && stop < n || Vector && stop < 0 && n != len(in)/Size*Size {
		t.Fatalf("Plain(% x) = %d, %v, want %d", in, n, found, stop)
	}
	n := ValidPrefix(in)
	if !utf8.Valid(in[:n]) || Vector && utf8.Valid(in) && n < len(in)-Size-utf8.UTFMax {
		t.Fatalf("ValidPrefix(% x) = %d", in, n)
	}
	runes, n := CountRunes(in)
	for _, b := range in[:n] {
		if b&0xC0 != 0x80 {
			runes--
		}
	}
	if runes != 0 || n%Size != 0 || Vector && n != len(in)/Size*Size {
		t.Fatalf("CountRunes(% x) is off by %d in %d", in, runes, n)
	}
	high, three, n := Threes(in)
	for i, b := range in[:n] {
		if b >= 0x80 {
			high--
		}
		if b&0xF0 == 0xE0 && in[i+1]&0xC0 == 0x80 && in[i+2]&0xC0 == 0x80 {
			three--
		}
	}
	if high != 0 || three != 0 || Vector && n < len(in)-Size-Ahead {
		t.Fatalf("Threes(% x) is off by %d and %d in %d", in, high, three, n)
	}
	s, n := SequencesOf(in)
	follow := func(i, n int) int { // whether n bytes continue a sequence
		for _, b := range in[i+1:][:n] {
			if b&0xC0 != 0x80 {
				return 0
			}
		}
		return 1
	}
	for i, b := range in[:n] {
		switch {
		case b >= 0xF0:
			s.Four -= follow(i, 3)
		case b >= 0xE0:
			s.Three -= follow(i, 2)
		case b >= 0xC0:
			s.Two -= follow(i, 1)
		}
		if b >= 0xE0 {
			s.Begun -= follow(i, 1)
		}
		if b >= 0x80 {
			s.High--
		}
	}
	if s != (Sequences{}) || Vector && n < len(in)-Size-FarAhead {
		t.Fatalf("SequencesOf(% x) is off by %+v in %d", in, s, n)
	}
	controls, n := Controls(in)
	for _, b := range in[:n] {
		if b < ' ' && (b < '\t' || b > '\r') || b == 0x7F {
			controls--
		}
	}
	if controls != 0 || Vector && n != len(in)/Size*Size {
		t.Fatalf("Controls(% x) is off by %d in %d", in, controls, n)
	}
	dst := make([]uint16, len(in)+Size)
	units, n := Units(dst, in)
	i := 0
	for _, u := range dst[:units] {
		r, size := utf8.DecodeRune(in[i:n])
		if rune(u) != r || r == utf8.RuneError && size == 1 {
			t.Fatalf("Units(% x) at %d = %x, want %x", in, i, u, r)
		}
		i += size
	}
	if i != n {
		t.Fatalf("Units(% x) = %d units of %d bytes, said %d", in, units, i, n)
	}
	plane := func(r rune) bool { return r >= 1<<16 }
	if Decodes() && utf8.Valid(in) && bytes.IndexFunc(in, plane) < 0 && n < len(in)-Size-Ahead {
		t.Fatalf("Units(% x) = %d bytes of %d", in, n, len(in))
	}
}

func TestKernels(t *testing.T) { rapid.Check(t, func(t *rapid.T) { check(t, texts(t)) }) }

// What is counted, found and left out of values is that of the plain loops.
func TestUnitKernels(t *testing.T) {
	unit := rapid.OneOf(rapid.SampledFrom([]uint16{0, 1, 0x7F, 0x80, 0x7FF, 0x800, 0x4E00, 0xFFFD, 0xFFFE, 0xFFFF}), rapid.Uint16())
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(unit, 0, 200).Draw(t, "values")
		behind := rapid.SliceOfN(unit, Size, Size).Draw(t, "behind")
		values = append(values, behind...)[:len(values)]
		least := unit.Draw(t, "least")
		var got, want [5]uint64
		got[0] = ^uint64(0)
		From(got[:], values, least)
		plainFrom(want[:], values, least)
		if len(values) > 0 && got != want {
			t.Fatalf("From(%x, %x) = %x, want %x", values, least, got, want)
		}
		dst, slow := make([]uint32, len(values)+Size/2), make([]uint32, len(values))
		n := Compact(dst, values)
		if m := plainCompact(slow, values); m != n || !slices.Equal(dst[:n], slow[:m]) {
			t.Fatalf("Compact(%x) = %x, want %x", values, dst[:n], slow[:m])
		}
		width := 0
		for _, u := range values {
			width += len(string(rune(min(u, 0xD7FF))))
		}
		if got := Width(values); got != width {
			t.Fatalf("Width(%x) = %d, want %d", values, got, width)
		}
	})
}

func TestGrams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Uint32(), 0, 60).Draw(t, "key")
		spread, finish := rapid.Uint64().Draw(t, "spread")|1, rapid.Uint64().Draw(t, "finish")|1
		runs := max(len(key)-GramLength+1, 0)
		dst := make([]uint32, rapid.IntRange(0, runs).Draw(t, "room"))
		n := Grams(dst, key, spread, finish)
		if Decodes() && n < len(dst)/8*8 {
			t.Fatalf("%d hashes of %d", n, len(dst))
		}
		for i, h := range dst[:n] {
			x := uint64(0)
			for _, r := range key[i : i+GramLength] {
				x = bits.RotateLeft64(x, 11) ^ uint64(r)*spread
			}
			if want := uint32((x ^ x>>32) * finish >> 32); h != want {
				t.Fatalf("hash %d is %x, want %x", i, h, want)
			}
		}
	})
}

func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := append(texts(t), bytes.Repeat([]byte("中 \t\n"), Size)...)
		var odd Leads
		for _, lead := range rapid.SliceOf(rapid.Uint8Min(0xC0)).Draw(t, "odd") {
			odd.Add(lead)
		}
		for ; len(in) >= Size; in = in[Size:] {
			eachWidth(func() {
				if got, want := LayoutOf(in, &odd), plainLayout(in, &odd); got != want {
					t.Fatalf("LayoutOf(% x) = %x, want %x", in[:Size], got, want)
				}
			})
		}
	})
}

// Every sequence that begins like one, at every place of a block and over its end.
func TestEverySequence(t *testing.T) {
	edges := []byte{0x00, 0x22, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xE4, 0xED, 0xF0, 0xFF}
	leads := []byte{0x1F, 0x41, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xE4, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF}
	pad := bytes.Repeat([]byte("汉汉a汉"), 20)
	buf := make([]byte, 0, 4*Size)
	for _, shift := range []int{0, 1, 30, 57, 58, 59, 60, 61, 62, 63, 64, 65} {
		for _, lead := range leads {
			for _, second := range edges {
				for _, third := range edges {
					buf = append(buf[:0], bytes.Repeat([]byte("x"), shift)...)
					buf = append(append(buf, lead, second, third), pad...)
					check(t, buf[:3*Size])
					check(t, buf[:shift+3])
				}
				buf = append(buf[:0], bytes.Repeat([]byte("é"), shift)...)
				buf = append(append(buf, lead, second, 0x80, 0x80), pad...)
				check(t, buf[:2*Size])
			}
		}
	}
}

func FuzzKernels(f *testing.F) {
	f.Add(bytes.Repeat([]byte("荆楚大地涌动『温暖』潮ab\""), 8))
	f.Add(append(bytes.Repeat([]byte("é"), 62), "\xED\xA0\x80\xF4\x90\x80\x80\xE0\x9F\xBF"...))
	f.Fuzz(func(t *testing.T, in []byte) { check(t, in) })
}

func BenchmarkKernels(b *testing.B) {
	in := bytes.Repeat([]byte("改革开放以来，我国经济发展很快。1998年ab"), 1<<9)
	dst := make([]uint16, len(in)+Size)
	for name, run := range map[string]func(){
		"Plain":       func() { Plain(in) },
		"ValidPrefix": func() { ValidPrefix(in) },
		"CountRunes":  func() { CountRunes(in) },
		"SequencesOf": func() { SequencesOf(in) },
		"Threes":      func() { Threes(in) },
		"Controls":    func() { Controls(in) },
		"Units":       func() { Units(dst, in) },
	} {
		b.Run(name, func(b *testing.B) {
			if !Vector || name == "Units" && !Decodes() {
				b.Skip("no vectors")
			}
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				run()
			}
		})
	}
}
