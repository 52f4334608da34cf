package normalize

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

// Byte-equal to x/text on every character alone and on 200 000 strings made to do harm.
func TestNFKCIsXText(t *testing.T) {
	var c counts
	n := newNFKC(&c)
	var buf []byte
	check := func(in string) {
		t.Helper()
		buf = n.append(buf[:0], []byte(in))
		if want := norm.NFKC.String(in); string(buf) != want {
			t.Fatalf("%+q: %+q, want %+q", in, buf, want)
		}
	}
	for r := range rune(unicode.MaxRune + 1) {
		if r >= 0x30000 && r < 0xE0000 || r >= 0xF0000 || neverComplex(r) && r%64 != 0 {
			continue // planes without characters, and the many that are alike
		}
		if utf8.ValidRune(r) {
			check("中" + string(r) + "a\u0301" + string(r))
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	marks := []rune("\u0300\u0301\u0323\u0345\u3099\u309A\u1161\u11A8\u0F71\u0F72\uFF9E\u05B0\U0001D165")
	var s strings.Builder
	for range 200_000 {
		s.Reset()
		for range 1 + rng.IntN(12) {
			switch rng.IntN(5) {
			case 0:
				s.WriteRune(marks[rng.IntN(len(marks))])
			case 1:
				s.WriteRune(rune(0x4E00 + rng.IntN(0x5000)))
			case 2:
				s.WriteRune(rune(0xF900 + rng.IntN(0x6FE)))
			default:
				s.WriteString(odd[rng.IntN(len(odd))])
			}
		}
		check(s.String())
	}
	for marks := range 100 {
		check("q" + strings.Repeat("\u0323\u0301", marks) + "甲")
		check(strings.Repeat("\u0301", marks))
		check("Ａ" + strings.Repeat("ﾞ", marks) + "\u00A8" + strings.Repeat("\u0301", marks))
	}
}

func TestNFKC(t *testing.T) {
	var c counts
	got := string(newNFKC(&c).append(nil, []byte("\u3000１９９４年，①㎡か\u3099 \r\n")))
	if diff := cmp.Diff(" 1994年,1m2が \r\n", got); diff != "" {
		t.Error(diff)
	}
	if c[countNFKC] != 9 {
		t.Errorf("counted %d", c[countNFKC])
	}
}

func FuzzNFKC(f *testing.F) {
	for _, s := range odd {
		f.Add("甲" + s + s + "e\u0301" + s)
		f.Add("\xFF" + s + "\xE4" + s + "\xE0\x80\x80" + s + "\xED\xA0\x80" + s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var c counts
		got := string(newNFKC(&c).append(nil, []byte(in)))
		if !utf8.ValidString(in) {
			return // it came out, and that is all
		}
		if want := norm.NFKC.String(in); got != want {
			t.Errorf("%+q: %+q, want %+q", in, got, want)
		}
	})
}
