package wikitext

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "城南的老书店\n重新开门。", "城南的老书店\n重新开门。"},
		{"emphasis", "'''书店'''是''地方''，'''''都'''''是。l'eau", "书店是地方，都是。l'eau"},
		{"links", "[[商店|卖书]]的[[地方]]，[[:Category:书]]，[[北京 (城市)|]]。", "卖书的地方，Category:书，北京。"},
		{"a link in a link", "[[甲|''乙''[[丙|丁]]]]", "乙丁"},
		{"files", "前[[File:a.jpg|thumb|说明[[链接]]，{{x}}]]后[[文件:b.png]]尾[[Category:书]]", "前后尾"},
		{"languages", "正文\n[[en:Book]]\n[[zh-yue:書]]\n", "正文"},
		{"templates", "{{Infobox|a={{b|c}}\n|d=e}}正文{{小作品}}。", "正文。"},
		{"parameters", "甲{{{1|乙}}}丙", "甲丙"},
		{"a template without an end", "甲{{乙\n丙", "甲{{乙\n丙"},
		{"a link without an end", "甲[[乙\n丙]", "甲[[乙\n丙]"},
		{"crossed", "甲{{a [[b}}乙]]丙", "甲乙]]丙"},
		{"a table", "前\n{| class=\"x\"\n|-\n| 甲 || 乙\n{|\n|丙\n|}\n|}\n后", "前\n后"},
		{"references", "甲<ref name=\"a\">出处{{cite|b}}</ref>乙<ref name=\"a\" />丙<REF>x</REF>。", "甲乙丙。"},
		{"a reference without an end", "甲<ref>乙", "甲乙"},
		{"headings", "== 历史 ==\n正文\n=== 早期 === \n更早", "历史\n正文\n早期\n更早"},
		{"an equals sign", "= 一 二\nE = mc", "= 一 二\nE = mc"},
		{"items", "* 甲\n** 乙\n# 丙\n: 丁\n;戊\n----\n己", "甲\n乙\n丙\n丁\n戊\n己"},
		{"comments", "甲<!-- {{ 注 -->乙<!-- 没完", "甲乙<!-- 没完"},
		{"no wikitext", "甲<nowiki>[[乙]] {{丙}}</nowiki><math>E=mc^2</math><pre>a\n b</pre>", "甲[[乙]] {{丙}}E=mc^2a\n b"},
		{"tags", "甲<br/>乙<small>丙</small><span style=\"x\">丁</span> 1 < 2 <p>戊</p>", "甲\n乙丙丁 1 < 2\n戊"},
		{"references of characters", "1&nbsp;2 &lt;b&gt; A&amp;B &unknown; &", "1 2 <b> A&B &unknown; &"},
		{"addresses", "[http://a.example 网站]和[https://b.example]，http://c.example [1]", "网站和，http://c.example [1]"},
		{"magic words", "__NOTOC__\n正文 snake_case __init__", "正文 snake_case __init__"},
		{"variants", "-{zh-hans:计算机; zh-hant:電腦}-和-{zh-tw:軟體;zh-cn:软件;}-、-{甲}-、-{T|题}-。", "计算机和软件、甲、。"},
		{"blank lines", "\n\n甲\n\n\n乙\n", "甲\n乙"},
		{"nothing", "{{a}}", ""},
	} {
		if got := string(Text(nil, []byte(c.in))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := string(Text([]byte("前"), []byte(c.in))); got != "前"+c.want {
			t.Errorf("%s behind text: %q", c.name, got)
		}
	}
}

func TestIsRedirect(t *testing.T) {
	for in, want := range map[string]bool{
		"#REDIRECT [[甲]]": true, "\n#重定向 [[乙]]": true, "#redirect: [[x]]": true, "#redirect": false, "# 甲 [[乙]]": false, "正文": false,
	} {
		if IsRedirect([]byte(in)) != want {
			t.Errorf("%q", in)
		}
	}
}

// TestTextLinear holds that no nesting costs more than its length.
func TestTextLinear(t *testing.T) {
	for _, unit := range []string{
		"{{", "[[", "-{", "{|\n", "<ref>", "<!--", "[http://a ", "[[a|", "-{zh-cn:", "<nowiki>", "{{{", "'''", "==\n", "&", "<a <", "[[a|b]]", "{{a}}", "}}", "__A", "\n=", "<math", "<?", "<![CDATA[", "{{[[", "-{;",
	} {
		in := []byte(strings.Repeat(unit, (1<<20)/len(unit)))
		start := time.Now()
		if out := Text(nil, in); len(out) > 2*len(in) {
			t.Errorf("%q: %d bytes", unit, len(out))
		}
		if took := time.Since(start); took > 5*time.Second { // a quadratic one takes minutes
			t.Errorf("%q: %s", unit, took)
		}
	}
	nested := []byte(strings.Repeat("[[a|", 1<<18) + strings.Repeat("]]", 1<<18))
	_ = Text(nil, nested)
}

func FuzzText(f *testing.F) {
	f.Add([]byte("'''书店'''是[[商店|卖书]]的{{a|b}}-{zh-cn:甲;zh-tw:乙}-<ref>x</ref>\n== 一 ==\n{|\n|}\n"))
	f.Add([]byte("[[File:a|[[b|-{c}-]]]]<nowiki>[[</nowiki>&lt;__TOC__[http://a b]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<16 {
			return
		}
		out := Text([]byte("x"), src)
		if len(out) < 1 || out[0] != 'x' || len(out) > 2*len(src)+1 {
			t.Fatalf("%d bytes of %d", len(out), len(src))
		}
		if utf8.Valid(src) && !utf8.Valid(out) {
			t.Fatalf("%q", out)
		}
	})
}
