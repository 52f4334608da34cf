package pii

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// cases reads testdata/cases.txt: a text a line, in which what is personal data stands as ⟦kind|text⟧.
func cases(t testing.TB) (texts []string, want [][]Span) {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.ReplaceAll(strings.TrimSuffix(line, "\n"), `\n`, "\n")
		if strings.HasPrefix(line, "# ") {
			continue
		}
		var plain strings.Builder
		var spans []Span
		for line != "" {
			before, rest, found := strings.Cut(line, "⟦")
			plain.WriteString(before)
			if !found {
				break
			}
			marked, after, _ := strings.Cut(rest, "⟧")
			name, value, _ := strings.Cut(marked, "|")
			kind, known := KindOf(name)
			if !known {
				t.Fatalf("%q is no kind", name)
			}
			spans = append(spans, Span{plain.Len(), plain.Len() + len(value), kind})
			plain.WriteString(value)
			line = after
		}
		texts, want = append(texts, plain.String()), append(want, spans)
	}
	return texts, want
}

// show writes the spans of a text as the cases are written.
func show(text string, spans []Span) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.From] + "⟦" + s.Kind.String() + "|" + text[s.From:s.To] + "⟧")
		at = s.To
	}
	return b.String() + text[at:]
}

// Every text of the table, by itself and within others: what is marked is found, and nothing else.
func TestCases(t *testing.T) {
	texts, want := cases(t)
	if hits := slices.Concat(want...); len(texts) < 300 || len(hits) < 300 {
		t.Fatalf("only %d texts with %d spans", len(texts), len(hits))
	}
	var f Finder
	for _, around := range [][2]string{{"", ""}, {"说明文字。\n", "\n以上。"}, {strings.Repeat("汉字很多，", 30) + "\n", "\n"}} {
		for i, text := range texts {
			whole := around[0] + text + around[1]
			got := f.Find(nil, []byte(whole))
			for k := range got {
				got[k].From -= len(around[0])
				got[k].To -= len(around[0])
			}
			if !slices.Equal(got, want[i]) {
				t.Errorf("%q:\nfound %s\nwant  %s", around[0], show(text, got), show(text, want[i]))
			}
		}
	}
}

// All texts at once give all that they give one by one.
func TestCasesInOneText(t *testing.T) {
	texts, want := cases(t)
	var f Finder
	var all []Span
	at := 0
	for i := range texts {
		for _, s := range want[i] {
			all = append(all, Span{s.From + at, s.To + at, s.Kind})
		}
		at += len(texts[i]) + 1
	}
	if diff := cmp.Diff(all, f.Find(nil, []byte(strings.Join(texts, "\n")+"\n"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Time is linear, whatever a text repeats: a rule that looked at the whole of it would not end here.
func TestHostile(t *testing.T) {
	var f Finder
	for _, piece := range []string{
		"1", "@", "a@", "1.", "1 ", "1-", "+86 ", "138 ", "一", "一 ", "a.", "[at]", "http://a:", "微信", "京A", "(", "１", "AB12", "2:", "a1", "QQ", "vx ", "1 (", "-1", "a@b.",
		"13800138000.", "x@y-.", "\"a", "622202 ",
	} {
		text := bytes.Repeat([]byte(piece), 1<<19/len(piece))
		check(t, text, f.Find(nil, text))
	}
}

func check(t testing.TB, text []byte, spans []Span) {
	t.Helper()
	at := 0
	for _, s := range spans {
		if s.From < at || s.To <= s.From || s.To > len(text) || s.Kind >= KindCount {
			t.Fatalf("span %v behind %d of %d", s, at, len(text))
		}
		if !utf8.Valid(text[s.From:s.To]) {
			t.Fatalf("span %v cuts a character: %q", s, text[s.From:s.To])
		}
		at = s.To
	}
}

func TestFindDoesNotAllocate(t *testing.T) {
	texts, _ := cases(t)
	text := []byte(strings.Join(texts, "\n"))
	var f Finder
	spans := f.Find(nil, text)
	if n := testing.AllocsPerRun(10, func() { spans = f.Find(spans[:0], text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNames(t *testing.T) {
	for k, name := range Names() {
		if got, ok := KindOf(name); !ok || got != Kind(k) || name == "" {
			t.Errorf("%q is kind %d, %v", name, got, ok)
		}
	}
	if _, ok := KindOf("shoe_size"); ok {
		t.Error("shoe_size is no kind")
	}
}

func FuzzFind(f *testing.F) {
	texts, _ := cases(f)
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		in = bytes.ToValidUTF8(in, []byte("�"))
		var a, b Finder
		spans := a.Find(nil, in)
		check(t, in, spans)
		b.Find(nil, []byte("zhang@qq.com 13800138000"))
		if again := b.Find(nil, in); !slices.Equal(spans, again) {
			t.Fatalf("a used finder finds %v, not %v", again, spans)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for name, text := range map[string]string{
		"chinese": "改革开放以来，我国经济发展很快。1998年12月，全国人大常委会通过了第13号主席令，自1999年1月1日起施行。",
		"english": "The quick brown fox jumps over the lazy dog. In 1998, 12 of 15 words were written with their own marks (see page 5).",
		"dense":   "联系人张三，电话13800138000，邮箱zhang@example.com，身份证110101189003077759。",
	} {
		b.Run(name, func(b *testing.B) {
			in := bytes.Repeat([]byte(text), 1<<10)
			b.SetBytes(int64(len(in)))
			var f Finder
			var spans []Span
			for b.Loop() {
				spans = f.Find(spans[:0], in)
			}
		})
	}
}
