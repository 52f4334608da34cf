package markup

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// prose makes sentences of Han characters between the two marks, the same ones every time.
func prose(sentences int, before, after string) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for range sentences {
		b.WriteString(before)
		for i := range 10 + r.IntN(60) {
			if i%20 == 19 {
				b.WriteString("，")
			}
			b.WriteRune(rune(0x4e00 + r.IntN(3000)))
		}
		b.WriteString("。" + after)
	}
	return b.String()
}

func BenchmarkHTML(b *testing.B) {
	for name, src := range map[string]string{
		"prose": "<html><head><title>题</title></head><body>" + prose(5000, "<p>　　", "</p>\n"),
		"tags":  prose(5000, `<div class="item"><span style="color: red">`, `</span><a href="http://a.example/b?c=d&amp;e">&nbsp;more</a></div>`+"\n"),
	} {
		b.Run(name, func(b *testing.B) {
			in, out := []byte(src), []byte(nil)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				out, _ = HTML(out[:0], in)
			}
		})
	}
}

func BenchmarkMarkdown(b *testing.B) {
	in, out := []byte(prose(5000, "第**一**条 [见](http://a.example) ", "\n\n")), []byte(nil)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		d := Markdown(out[:0], in)
		if out = d.Out; !d.Parsed {
			b.Fatal("too much")
		}
	}
}
