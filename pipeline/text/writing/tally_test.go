package writing

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// TestOf: the loops count what a loop over the code points counts.
func TestOf(t *testing.T) {
	table := loadClasses()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{
			"", "荆楚大地　涌动『温暖』潮，ＧＤＰ增长７％ 。\n", "𠮷野家は〇々\u2028 \u00A0a", "abcdefghijklmnop", "國國國國國國", "한글 ｶﾞ",
		}).Draw(t, "more")
		var want Tally
		for _, r := range text {
			want.n[table.of(r)]++
		}
		got := Of([]byte(text))
		if got != want {
			t.Fatalf("of %q: %v, not %v", text, got, want)
		}
		if got.Letters()+got.Digits()+got.n[sign] != got.Visible() || got.Visible()+got.n[space] != len([]rune(text)) {
			t.Fatalf("of %q: %v does not add up", text, got)
		}
	})
}

func TestClasses(t *testing.T) {
	if len(alphabets) != alphabetCount || otherLetter >= classes || len(Names()) != int(Latn)+alphabetCount {
		t.Fatal("the table of alphabets has another length")
	}
	table := loadClasses()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		c := table.of(r)
		if isHan := c >= han && c <= traditionalOrJapan; isHan != unicode.Is(unicode.Han, r) {
			t.Fatalf("%U has class %d", r, c)
		}
		if (c == space) != unicode.IsSpace(r) || (c == digit) != unicode.IsDigit(r) {
			t.Fatalf("%U has class %d", r, c)
		}
		if c > digit && !unicode.In(r, unicode.L, unicode.M) && !unicode.Is(unicode.Han, r) {
			t.Fatalf("%U is no letter and has class %d", r, c)
		}
	}
}

func TestMarks(t *testing.T) {
	seen := map[rune]bool{}
	for i, marks := range readMarks() {
		if n := [4]int{3585, 186, 1365, 1832}[i]; len([]rune(marks)) != n {
			t.Errorf("line %d has %d characters, not %d", i+1, len([]rune(marks)), n)
		}
		for _, r := range marks {
			if seen[r] || !unicode.Is(unicode.Han, r) || strings.ContainsRune(particles, r) {
				t.Errorf("line %d: %c", i+1, r)
			}
			seen[r] = true
		}
	}
}

// TestMain is the rule, at its bounds.
func TestMainScript(t *testing.T) {
	names := Names()
	for text, want := range map[string]string{
		strings.Repeat("中", 19) + "の":       "jpan", // a twentieth
		strings.Repeat("中", 20) + "の":       "hani",
		"这" + strings.Repeat("中", 5) + "の":  "hans", // as many kana as characters of no Japanese text
		"这" + strings.Repeat("中", 5) + "のの": "jpan",
		"说话认识這":                             "mixed_han", // a fifth of the marks
		"说话认识讲這":                            "hans",
		"中中中abcdefghi":                      "hani", // as much of both: the script with the smaller number
		"中中中abcdefghij":                     "latn",
		"한中":                                "hani",
	} {
		tally := Of([]byte(text))
		if script, _, _ := tally.Main(); names[script] != want {
			t.Errorf("%q is %s, not %s", text, names[script], want)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add([]byte("荆楚大地\xE4\xB8\x80\x80"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tally := Of(text)
		if tally.Visible() > len(text) {
			t.Errorf("%d of %d bytes", tally.Visible(), len(text))
		}
		if _, part, all := tally.Main(); part < 0 || part > all {
			t.Errorf("%d of %d letters", part, all)
		}
	})
}
