package markup

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want, title string }{
		{"nothing", "", "", ""},
		{"text", "  一 二\n", "一 二", ""},
		{"paragraphs", "<p>一</p>\n<p>二<p>三", "一\n二\n三", ""},
		{"inline", "一<b>二</b><a href=x>三</a> <i>four</i>", "一二三 four", ""},
		{"line break", "一<br>二<br/>三</br>四<hr>五", "一\n二\n三\n四\n五", ""},
		{"empty blocks", "<div><div><p> </p></div>一</div><div></div><div>二</div>", "一\n二", ""},
		{"head", "<!DOCTYPE html><html><head><title> 标\n题 &amp; </title><meta charset=utf-8><style>p{}</style><script>a<b</script></head><body>一</body></html>", "一", "标题 &"},
		{"second title", "<title>一</title><svg><title>二</title></svg><title>三</title>四", "四", "一"},
		{"no title", "<title></title>一", "一", ""},
		{"title in the body", "一<title>题</title>二", "一二", "题"},
		{"dropped", "一<script>a</script><noscript>b</noscript><template>c<template>d</template>e</template><iframe>f</iframe>" +
			"<!-- g --><select><option>h</select><svg><text>i</text></svg><video>j</video>二", "一二", ""},
		{"script in quotes", `<script>document.write("<p>x</p>")</script>一`, "一", ""},
		{"references", "&lt;p&gt; &nbsp;&#20108;&#x4e09;&copy;&unknown;&#0;&#xd800;", "<p> \u00a0二三©&unknown;\ufffd\ufffd", ""},
		{"table", "<table><tr><th>一<th>二</tr><tr><td>3</td>\n<td>4</td></tr></table>五", "一\t二\n3\t4\n五", ""},
		{"list", "<ul><li>一<li>二</ul>三", "一\n二\n三", ""},
		{"pre", "一<pre>\n  a\tb\n\n  c </pre>二", "一\n  a\tb\n\n  c \n二", ""},
		{"pre first", "<pre>\n\n a</pre>", " a", ""},
		{"textarea", "<textarea>a  <b>\nc</textarea>d", "a  <b>\nc\nd", ""},
		{"wrapped Chinese", "一二，\n  三四 五\nsix\nseven", "一二，三四 五 six seven", ""},
		{"wrapped across tags", "一<b>\n二</b>", "一二", ""},
		{"full-width space stays", "\u3000\u3000一\u3000", "\u3000\u3000一\u3000", ""},
		{"hidden", `一<div hidden><div>x</div>y</div><span style="color:red; display : none">z</span><p hidden>二`, "一\n二", ""},
		{"not hidden", `<div class=hidden style="display:block">一</div>`, "一", ""},
		{"closed scripts of XHTML", `<?xml version="1.0"?><html><head><title/><script src="a" /></head><body><p/>一<div/>二`, "一\n二", ""},
		{"script without end", "一<script>二", "一", ""},
		{"comment without end", "一<!--二", "一", ""},
		{"tag without end", "一<p", "一", ""},
		{"no tags", "1 < 2 && 3 > 2", "1 < 2 && 3 > 2", ""},
		{"case", "<SCRIPT>a</Script><P>一<BR>二", "一\n二", ""},
		{"cdata", "一<![CDATA[x]]>二", "一二", ""},
		{"invalid bytes", "一\xff<p>\xd6", "一\xff\n\xd6", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, title := HTML([]byte("before "), []byte(c.in))
			if got := strings.TrimPrefix(string(out), "before "); got != c.want || title != c.title {
				t.Errorf("got %q, %q, want %q, %q", got, title, c.want, c.title)
			}
		})
	}
}

func TestLongTitle(t *testing.T) {
	_, title := HTML(nil, []byte("<title>"+strings.Repeat("长", 1<<20)))
	if len(title) > maxTitle || len(title) < maxTitle-3 || !utf8.ValidString(title) {
		t.Errorf("%d bytes", len(title))
	}
}

func TestCharset(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"<meta charset=GBK>", "gbk"},
		{"<META CharSet=' GB2312 '/>", "gb2312"},
		{`<head><title><meta charset=x></title><meta http-equiv="Content-Type" content="text/html; charset=gb18030">`, "gb18030"},
		{`<meta content="text/html;charset='Big5'; a" http-equiv=content-type>`, "big5"},
		{`<meta http-equiv=content-type content="text/html"><meta charset=hz-gb-2312>`, "hz-gb-2312"},
		{`<meta name=a content="charset=x">`, ""},
		{`<!-- <meta charset=x> --><script>"<meta charset=y>"</script>`, ""},
		{"<body><meta charset=x>", ""},
		{"<meta charset=utf-16le>", "utf-8"},
		{"<meta charset='\xd6\xd0'>", ""},
		{"<meta charset=" + strings.Repeat("x", 50) + ">", ""},
		{"\xef\xbb\xbf<?xml version='1.0' encoding='GB2312'?><meta charset=x>", "gb2312"},
		{"<?xml version='1.0' encoding=x?>", ""},
		{strings.Repeat(" ", maxHead) + "<meta charset=x>", ""},
		{"<title>\xd6\xd0</title><meta charset=gbk>", "gbk"},
	} {
		if got := Charset([]byte(c.in)); got != c.want {
			t.Errorf("%.80q: got %q, want %q", c.in, got, c.want)
		}
	}
}
