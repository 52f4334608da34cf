package parse

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// wrap breaks text at a width in columns.
func wrap(text string, width int) string {
	var b strings.Builder
	for paragraph := range strings.Lines(text) {
		n := 0
		for _, r := range strings.TrimSuffix(paragraph, "\n") {
			w := columns([]byte(string(r)))
			if n+w > width {
				b.WriteByte('\n')
				n = 0
			}
			n += w
			b.WriteRune(r)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// paragraphs makes indented paragraphs of several sentences.
func paragraphs(rng *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString("\u3000\u3000")
		for range 100 + rng.IntN(300) {
			b.WriteRune(rune(0x4E00 + rng.IntN(3000)))
			if rng.IntN(12) == 0 {
				b.WriteString("，")
			}
			if rng.IntN(40) == 0 {
				b.WriteString("1998")
			}
		}
		b.WriteString("。\n")
	}
	return b.String()
}

func TestWrapWidth(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	text := paragraphs(rng, 8)
	tests := []struct {
		name, in string
		want     int
	}{
		{"empty", "", 0},
		{"a line", strings.Repeat("长", 30), 0},
		{"not wrapped", text, 0},
		{"narrow", wrap(text, 32), 32},
		{"odd", wrap(text, 77), 77},
		{"wide", wrap(text, 126), 126},
		{"crlf", strings.ReplaceAll(wrap(text, 60), "\n", "\r\n"), 60},
		{"too few lines", wrap(strings.Repeat("长", 60), 40), 0},
		{"verse", strings.Repeat("春眠不觉晓\n处处闻啼鸟\n", 30), 0},
		{"sentences of one length", strings.Repeat("这是一个句子，它总是一样的长，不多也不少。\n", 30), 0},
		{"lines of all lengths", func() string {
			var b strings.Builder
			for range 60 {
				b.WriteString(strings.Repeat("长", 12+rng.IntN(50)) + "\n")
			}
			return b.String()
		}(), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := wrapWidth([]byte(tt.in)); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestColumns(t *testing.T) {
	for in, want := range map[string]int{"": 0, "abc": 3, "中a文": 5, "éñ": 2, "𠀋": 2, "一二三四五abcdefg": 17, "——“”": 8} {
		if got := columns([]byte(in)); got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
}

// TestJoinWrapped holds that joining brings back what was wrapped.
func TestJoinWrapped(t *testing.T) {
	text := paragraphs(rand.New(rand.NewPCG(7, 8)), 12)
	for _, width := range []int{30, 63, 80, 125} {
		in := one(Text, RuleFile, "", []byte(wrap(text, width)))
		documents, _, _, counters := in.documents(t)
		if documents[0].Text != wrap(text, width) || counters["hard_wrapped"] != 1 || counters["joined_lines"] != 0 {
			t.Errorf("width %d: changed, or not counted: %v", width, counters)
		}
		in.cfg.JoinWrapped = true
		documents, _, _, counters = in.documents(t)
		// A number that was broken gets a space, as two words would.
		got, want := strings.ReplaceAll(documents[0].Text, " ", ""), text
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("width %d: %s", width, diff)
		}
		if counters["joined_lines"] == 0 {
			t.Errorf("width %d: counters %v", width, counters)
		}
	}
}

func TestJoinWrappedLines(t *testing.T) {
	full := strings.Repeat("字", 15)
	tests := []struct{ name, in, want string }{
		{"in a word", full + "\n" + "词典", full + "词典"},
		{"latin", full[3:] + "ab\ncd", full[3:] + "ab cd"},
		{"behind a sentence", full[3:] + "。\n下一句", full[3:] + "。\n下一句"},
		{"behind a quotation", full[6:] + "。”\n下一句", full[6:] + "。”\n下一句"},
		{"before an indent", full + "\n\u3000下一段", full + "\n\u3000下一段"},
		{"before a blank line", full + "\r\n\r\n下一段", full + "\r\n\r\n下一段"},
		{"a short line", "短\n" + full, "短\n" + full},
		{"crlf", full + "\r\n词", full + "词"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			head := strings.Repeat(full+"\n", 20) + "\u3000\n"
			in := one(Text, RuleFile, "", []byte(head+tt.in))
			in.cfg.JoinWrapped = true
			documents, _, _, counters := in.documents(t)
			want := strings.Repeat(full, 20) + "\n\u3000\n" + tt.want
			if diff := cmp.Diff(want, documents[0].Text); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(int64(1), counters["hard_wrapped"]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzJoinWrapped holds that joining takes out line ends and puts in spaces, and nothing else.
func FuzzJoinWrapped(f *testing.F) {
	f.Add([]byte(strings.Repeat(strings.Repeat("字", 20)+"\r\n", 6)))
	f.Add([]byte(strings.Repeat(strings.Repeat("a", 40)+" \n", 6) + "\n\u3000b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = []byte(strings.ToValidUTF8(string(data), "\uFFFD"))
		in := one(Text, RuleFile, "", data)
		in.cfg.JoinWrapped = true
		documents, _, rejects, counters := in.documents(t)
		if len(documents) != 1 || len(rejects) > 0 || !utf8.ValidString(documents[0].Text) {
			t.Fatalf("%d documents, rejects %v", len(documents), rejects)
		}
		bare := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r == '\r' || r == '\n' || r == ' ' {
					return -1
				}
				return r
			}, s)
		}
		got, want := documents[0].Text, strings.TrimPrefix(string(data), bom)
		if bare(got) != bare(want) || strings.Count(want, "\n")-strings.Count(got, "\n") != int(counters["joined_lines"]) {
			t.Fatalf("%q out of %q, %v", got, want, counters)
		}
	})
}
