package markup

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ name, in, want, front string }{
		{"nothing", "", "", ""},
		{"headings", "# 一\n\n二 *三* __四__ `五*` ~~六~~\n\n七\n===\n\n## 八 ##\n", "一\n二 三 四 五* 六\n七\n八", ""},
		{"lines of a paragraph", "一\n二  \n三\\\n四", "一\n二\n三\n四", ""},
		{"list", "- 一\n- 二\n  - 三\n\n    四\n* 五", "一\n二\n三\n四\n五", ""},
		{"numbers", "3. 一\n3. 二\n   1) 三\n4. # 四\n5.\n6. ```\n   a\n   ```\n", "3. 一\n4. 二\n1) 三\n5. 四\n7. a", ""},
		{"nested numbers", "1. 2. x", "1. 2. x", ""},
		{"no list", "1.习近平\n2.二", "1.习近平\n2.二", ""},
		{"links", "[一](http://a.example \"t\")[二][r]<http://b.example>![三](c.png) [四]\n\n[r]: http://d.example", "一二http://b.example [四]", ""},
		{"code", "```go\na  := 1\n\n\tb\n```\n\n    c\n     d\n", "a  := 1\n\n\tb\nc\n d", ""},
		{"code span over lines", "`a\nb`", "a b", ""},
		{"quote", "> 一\n> > 二\n三", "一\n二\n三", ""},
		{"table", "| 一 | 二 |\n|---|:-:|\n| *3* | 4 |\n| a\\|b | |\n", "一 二\n3 4\na|b", ""},
		{"comment", "一\n\n<!-- INFO END -->\n## 二\n\n三<!-- x -->四", "一\n二\n三四", ""},
		{"html", "一<br/>二<b>三</b>\n\n<div>\n<p>四</p><script>x</script>\n</div>\n\n<details>\n\n五\n\n</details>", "一\n二三\n四\n五", ""},
		{"references", "&lt;&copy;&#20108; \\*x\\* \\a &unknown; &ampx; &semi; &", "<©二 *x* \\a &unknown; &ampx; ; &", ""},
		{"rule", "一\n\n---\n\n***\n二", "一\n二", ""},
		{"yaml", "---\ntitle: 题\ntags:\n  - a\n---\n\n一", "一", "title: 题\ntags:\n  - a\n"},
		{"toml", "\ufeff+++\n# c\ntitle = '题'\n+++\n一", "一", "# c\ntitle = '题'\n"},
		{"no front matter", "---\n一\n---\n二", "一\n二", ""},
		{"front matter without end", "---\na: b\n\n二", "a: b\n二", ""},
		{"rules, no front matter", "---\n\n---\n二", "二", ""},
		{"full-width space", "\u3000\u3000一\n\n\u3000\u3000二", "\u3000\u3000一\n\u3000\u3000二", ""},
		{"line ends of DOS", "一\r\n二\r\n\r\n- 三\r\n", "一\n二\n三", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Markdown([]byte("before "), []byte(c.in))
			if got := strings.TrimPrefix(string(d.Out), "before "); got != c.want || string(d.Front) != c.front || !d.Parsed {
				t.Errorf("got %q, %q, %t, want %q, %q", got, d.Front, d.Parsed, c.want, c.front)
			}
		})
	}
}

// hostile has units that make parsers slow when they are repeated.
var hostile = []string{
	">", "> ", "[", "]", "[a](", "![a](<", "[a]", "[a](<b", "*a ", "*a_b ", "**a *b ", "a**b", "`a``b", "<a", "<?", "x<!--", "<![CDATA[",
	"<a href=\"", "- ", "1. ", "[a]: b\n", "[a]: b \"", "a\n", "- x\n", "- x\n\n", "|a", "|", "|-", "~~a ", "&", "\\", "[\n", "a\n=\n",
	">a\n", "<div>", "<p>", "</p>", "<title>", "<pre>", "<table><tr><td>", "&amp", "&amp;", "&#x", "<!--", "<svg>", "<script>", "<b x=1 x=2 ",
	"<select><select>", "一", "\x00", "* * *\n", "```\n", "```", "\t", "    ", "  - x\n", "#", "<!doctype", "- [a](\n", "1. [a](\n", "  2. [a](\n",
	"|a|b|\n|-|-|\n", "[a](\n    >\n", "[a](\n*\n", "> [a](\n", "[a\\](", "www.", "a_", "_a", "*a**", "[![a](",
	"<div hidden>", "<div hidden>x</div", "<p hidden>", "<sup>1", "<sub>x</sub>1", "x<sup>2</sup>/<sub>3</sub>", "<sup></sub>", "<math>", "<math><msup><mi>x</mi>",
	"<msup>", "<math><annotation encoding=tex>x</annotation>", "<script><p>", "<style><p>x", "<script>`", "<script><!--</script>", "<td colspan=1000>x", "<td rowspan=99><tr>x",
	"<table>", "<tr><td>x", "<ruby><rt>", "<noscript><p>", "<textarea><p>", "<!--</html>", "</body>", "<span class=katex-html>", "<script type=math/tex>",
}

// TestHostile: neither memory nor time runs away for anything that repeats, alone or behind something else. A
// test that hangs says so.
func TestHostile(t *testing.T) {
	const size = 32 << 10
	for _, unit := range hostile {
		t.Run(unit, func(t *testing.T) {
			many := strings.Repeat(unit, size/len(unit))
			for _, src := range []string{many, strings.Repeat("|a", 300) + "\n" + strings.Repeat("|-", 300) + "\n" + many, many[:len(many)/2/len(unit)*len(unit)] + strings.Repeat("](*`>a\n", size/14)} {
				checkText(t, []byte(src))
			}
		})
	}
	for _, deep := range []string{">", "> ", "- ", "["} {
		if d := Markdown(nil, []byte(strings.Repeat(deep, 1e5)+"一")); d.Parsed || !strings.HasSuffix(string(d.Out), deep+"一") {
			t.Errorf("%q nested: parsed %t", deep, d.Parsed)
		}
	}
}

// checkText takes the text out of anything, in both ways.
func checkText(t *testing.T, src []byte) {
	valid := utf8.Valid(src)
	out, title := HTML([]byte("一"), src)
	if len(out) > 2*len(src)+3 || valid && (!utf8.Valid(out) || !utf8.ValidString(title)) || len(title) > maxTitle || string(out[:3]) != "一" {
		t.Fatalf("html: %d bytes, title of %d", len(out), len(title))
	}
	d := Markdown([]byte("一"), src)
	if len(d.Out) > 6*len(src)+3 || valid && (!utf8.Valid(d.Out) || !utf8.Valid(d.Front)) || string(d.Out[:3]) != "一" {
		t.Fatalf("markdown: %d bytes of %d", len(d.Out), len(src))
	}
}
