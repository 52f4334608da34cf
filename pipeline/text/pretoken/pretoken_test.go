package pretoken

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func pieces(p *Pattern, text string) (list []string) {
	p.Cut([]byte(text), func(piece []byte) { list = append(list, string(piece)) })
	return list
}

// TestCut: what each pattern makes of a text. Package bpe compares them with the expressions on text of all kinds.
func TestCut(t *testing.T) {
	const text = "I'm HeRE'S  2026年，荆楚\u0301。/\r\n \n x\u3000ǅ١२"
	for name, want := range map[string]string{
		"gpt2":   "I|'m| HeRE|'|S| | 2026|年|，|荆楚|\u0301。/|\r\n \n| x|\u3000|ǅ|١२",
		"cl100k": "I|'m| HeRE|'S| | |202|6|年|，荆楚|\u0301。/\r\n| \n| x|\u3000ǅ|١२",
		"llama3": "I|'m| HeRE|'S| | |202|6|年|，荆楚|\u0301。/\r\n| \n| x|\u3000ǅ|١२",
		"qwen2":  "I|'m| HeRE|'S| | |2|0|2|6|年|，荆楚|\u0301。/\r\n| \n| x|\u3000ǅ|١|२",
		"gpt4o":  "I'm| He|RE'S| | |202|6|年|，荆楚\u0301|。/\r\n| \n| x|\u3000ǅ|١२",
	} {
		p, ok := ByName(name)
		if !ok {
			t.Fatal(name)
		}
		if diff := cmp.Diff(strings.Split(want, "|"), pieces(p, text)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestNames(t *testing.T) {
	for _, name := range Names() {
		p, ok := ByName(name)
		if !ok || p.Name() != name || p.Next(nil) != 0 {
			t.Errorf("%s: %v", name, p)
		}
		if q, ok := ByExpression(p.Expression()); !ok || q.Expression() != p.Expression() {
			t.Errorf("%s is not found by its expression", name)
		}
	}
	if p, ok := ByName("gpt5"); ok || p != nil {
		t.Error("gpt5 is known")
	}
	if p, ok := ByExpression(`\s+`); ok || p != nil {
		t.Error(`\s+ is known`)
	}
}

// FuzzCut: pre-tokens are the text, whatever it is.
func FuzzCut(f *testing.F) {
	f.Add("a  b'll 荆楚\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range patterns {
			if back := strings.Join(pieces(p, text), ""); back != text {
				t.Errorf("%s: %q became %q", p.name, text, back)
			}
		}
	})
}

func BenchmarkCut(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"chinese", "中国政府网发布了关于推进信息化建设的意见，要求2026年底前完成。各地区、各部门要高度重视，切实加强组织领导。\n"},
		{"english", "The quick brown fox jumps over the lazy dog. It wasn't there in 1984, said Mr. O'Neill.\n"},
	} {
		text := []byte(strings.Repeat(c.text, 1000))
		for _, p := range patterns {
			b.Run(p.name+"/"+c.name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					for rest := text; len(rest) > 0; {
						rest = rest[p.Next(rest):]
					}
				}
			})
		}
	}
}
