package lists

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/signal"
)

func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func wordsOf(t testing.TB, list, allow string) signal.Family {
	t.Helper()
	c := Words{Name: "adult", List: write(t, list)}
	if allow != "" {
		c.Allow = write(t, allow)
	}
	f, err := NewWords(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func measure(m signal.Measurer, text, meta string, columns int) []int64 {
	out := slices.Repeat([]int64{-1}, columns)
	m.Measure(&signal.Document{Text: []byte(text), Chars: utf8.RuneCountInString(text), Meta: []byte(meta)}, out)
	return out
}

func TestWords(t *testing.T) {
	f := wordsOf(t, "\uFEFF# a list\n\n性\n赌博\n赌博网站\nBad\n bad word \nплохо\n１８禁\nC++\nstraße\n", "性能\n性别\n")
	m := f.New()
	for text, want := range map[string][3]int64{
		"":              {0, 0, 0},
		"性":             {1, 1, 1_000_000},
		"性能和性别":         {0, 0, 0},
		"性能性":           {1, 1, 333_333},
		"赌博网站赌博":        {2, 2, 1_000_000}, // the longest, then the shorter
		"他在赌博赌博。":       {2, 1, 571_428},
		"BAD bad Ｂａｄ":   {3, 1, 818_181},
		"badly abad":    {0, 0, 0},
		"坏bad坏":         {1, 1, 600_000},
		"a bad word":    {1, 1, 800_001},
		"a bad words":   {1, 1, 272_727}, // the longer has a letter behind it
		"bad-bad_bad1":  {3, 1, 750_001},
		"Плохо неплохо": {1, 1, 384_615},
		"18禁，１８禁":       {2, 1, 857_142},
		"c++ C++x":      {2, 1, 750_001}, // borders are those of letters
		"Straße":        {1, 1, 1_000_000},
	} {
		got := measure(m, text, "", 3)
		if got[2] = got[2] / 10; got[0] != want[0] || got[1] != want[1] || got[2] != want[2]/10 {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for i, name := range []string{"adult_", "adult_distinct_", "adult_chars_"} {
		if c := f.Columns[i]; !strings.HasPrefix(c.Name, name) || len(c.Name) != len(name)+8 {
			t.Errorf("column %d is %s", i, c.Name)
		}
	}
	if wordsOf(t, "a", "").Columns[0].Name == wordsOf(t, "b", "").Columns[0].Name || wordsOf(t, "a", "b").Columns[0].Name == wordsOf(t, "a", "c").Columns[0].Name {
		t.Error("another list has the same columns")
	}
}

// plain is the same by trying every word at every place.
func plain(list, allow []string, text string) (hits, kinds, chars int64) {
	t := appendFolded(nil, []byte(text))
	runes := []rune(string(t))
	at := func(w []rune, i int) bool {
		n := len(w)
		if i+n > len(runes) || string(runes[i:i+n]) != string(w) {
			return false
		}
		return (i == 0 || !isBordered(w[0]) || !isBordered(runes[i-1])) && (i+n == len(runes) || !isBordered(w[n-1]) || !isBordered(runes[i+n]))
	}
	fold := func(w string) []rune { return []rune(string(appendFolded(nil, []byte(w)))) }
	swallowed := func(i, n int) bool {
		for _, a := range allow {
			a := fold(a)
			for k := max(0, i+n-len(a)); k <= i; k++ {
				if at(a, k) {
					return true
				}
			}
		}
		return false
	}
	met := map[string]bool{}
	for i := 0; i < len(runes); {
		best := 0
		for _, w := range list {
			if w := fold(w); len(w) > best && at(w, i) && !swallowed(i, len(w)) {
				best = len(w)
			}
		}
		if best == 0 {
			i++
			continue
		}
		met[string(runes[i:i+best])] = true
		hits, chars, i = hits+1, chars+int64(best), i+best
	}
	return hits, int64(len(met)), chars
}

func TestWordsAsPlain(t *testing.T) {
	piece := rapid.SampledFrom([]string{"性", "能", "a", "B", "b", "а", "，", " ", "Ａ", "𠮷", "é"})
	some := rapid.Map(rapid.SliceOfN(piece, 1, 4), func(p []string) string { return strings.Join(p, "") })
	rapid.Check(t, func(t *rapid.T) {
		list, allow := rapid.SliceOfN(some, 1, 6).Draw(t, "list"), rapid.SliceOfN(some, 0, 3).Draw(t, "allow")
		text := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "text"), "")
		trimmed := func(list []string) (out []string) {
			for _, w := range list {
				if w = strings.TrimSpace(w); w != "" {
					out = append(out, w)
				}
			}
			return out
		}
		list, allow = trimmed(list), trimmed(allow)
		words, err := readWords("list", []byte(strings.Join(list, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		allowed, err := readWords("allow", []byte(strings.Join(allow, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		got := measure(wordFamily("x", "00000000", words, allowed).New(), text, "", 3)
		hits, kinds, chars := plain(list, allow, text)
		if want := signal.Share(chars, int64(utf8.RuneCountInString(text))); got[0] != hits || got[1] != kinds || got[2] != want {
			t.Fatalf("%q but %q in %q: %v, want %d %d %d", list, allow, text, got, hits, kinds, want)
		}
	})
}

func TestWordErrors(t *testing.T) {
	bad := write(t, "ok\n\xFFx\nfine\na\x01b\n"+strings.Repeat("长", 90)+"\n")
	for want, c := range map[string]Words{
		"name: \"Adult\" is no name":   {Name: "Adult", List: bad},
		"list: the path of a list":     {Name: "adult"},
		"digest: \"12\" is no SHA-256": {Name: "adult", List: bad, Digest: "12"},
		"list: open nowhere":           {Name: "adult", List: "nowhere"},
		"allow: open nowhere":          {Name: "adult", List: bad, Allow: "nowhere"},
		bad + ":2: invalid UTF-8\n" + bad + ":4: a control character in an entry\n" + bad + ":5: 270 bytes are more": {Name: "adult", List: bad},
		"has no word": {Name: "adult", List: write(t, "# none\n")},
		"has ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, the settings want 00000000": {Name: "adult", List: write(t, "abc"), Digest: "00000000"},
	} {
		if _, err := NewWords(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := NewWords(Words{Name: "adult", List: write(t, "abc"), Digest: "ba7816bf8f01cfea"}); err != nil {
		t.Error(err)
	}
	_, err := NewWords(Words{Name: "adult", List: write(t, strings.Repeat("\xFF\n", 50))})
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 11 || !strings.HasSuffix(lines[10], "more lines are wrong") {
		t.Errorf("%d lines: %v", len(lines), err)
	}
}

// Words that end with one another, and a text of nothing else: time and memory stay bounded.
func TestHostileWords(t *testing.T) {
	var list strings.Builder
	for n := range maxEntry - 1 {
		list.WriteString(strings.Repeat("a", n+1) + "1\n" + strings.Repeat("1", n+1) + "\n")
	}
	m := wordsOf(t, list.String(), list.String()).New()
	if got := measure(m, strings.Repeat("1", 1<<18), "", 3); got[0] != 0 {
		t.Errorf("%v: all is allowed", got)
	}
	m = wordsOf(t, list.String(), "").New()
	if got := measure(m, strings.Repeat("1", 1<<18), "", 3); got[0] != 1<<18/(maxEntry-1)+1 || got[1] != 2 {
		t.Errorf("%v", got)
	}
}

func TestMeasureDoesNotAllocate(t *testing.T) {
	text := []byte(strings.Repeat("改革开放以来，赌博网站和性能、bad words都有。", 50))
	d := &signal.Document{Text: text, Chars: utf8.RuneCount(text), Meta: []byte(`{"title": "x", "url": "https://a.b.example.com:80/x/y?z=1"}`)}
	urls, err := NewURLs(URLs{Name: "u", List: write(t, "example.com\nexample.com/x\n")})
	if err != nil {
		t.Fatal(err)
	}
	inURL, err := NewURLs(URLs{Name: "u", List: write(t, "x\n"), Kind: InURL})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []signal.Family{wordsOf(t, "性\n赌博\nbad", "性能"), urls, inURL} {
		m, out := f.New(), make([]int64, len(f.Columns))
		m.Measure(d, out)
		if n := testing.AllocsPerRun(10, func() { m.Measure(d, out) }); n != 0 {
			t.Errorf("%s: %v allocations", f.Columns[0].Note, n)
		}
	}
}

func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range wordsOf(t, "a", "").Columns {
		if name := "`" + strings.Replace(c.Name[:len(c.Name)-8], "adult", "NAME", 1) + "HEX8`"; !bytes.Contains(page, []byte(name)) {
			t.Errorf("docs/signals.md does not name %s", name)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("性\nbad\n", "性能\n", "性能 bad 性 badly")
	f.Fuzz(func(t *testing.T, list, allow, text string) {
		words, err := readWords("list", []byte(list))
		if err != nil {
			return
		}
		allowed, err := readWords("allow", []byte(allow))
		if err != nil {
			return
		}
		text = strings.ToValidUTF8(text, "�")
		got := measure(wordFamily("x", "00000000", words, allowed).New(), text, "", 3)
		if got[0] < got[1] || got[2] < 0 || got[2] > signal.Millionths || got[1] > int64(len(words.words)) {
			t.Fatalf("%v", got)
		}
	})
}

func BenchmarkWords(b *testing.B) {
	var list strings.Builder
	for r := rune(0x4E00); r < 0x6000; r += 3 {
		list.WriteString(string([]rune{r, r + 7, r + 1}) + "\n")
	}
	m := wordsOf(b, list.String(), "").New()
	text := []byte(strings.Repeat("改革开放以来，我国经济发展很快。1998年12月，全国人大常委会通过了第13号主席令，自1999年1月1日起施行。", 1<<10))
	d := &signal.Document{Text: text, Chars: utf8.RuneCount(text)}
	out := make([]int64, 3)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.Measure(d, out)
	}
}
