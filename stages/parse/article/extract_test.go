package article

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/stages/parse/markup"
)

const (
	first  = "The council met on Monday evening, and spoke for two hours about the new bridge across the river."
	second = "It will be built of steel, the engineer said, and it will carry a tram as well as cars and bicycles."
	third  = "Nobody knows yet who will pay for it. The mayor promised an answer before the winter comes."
)

// around is a page with a menu, links to other pages and a footer around a text.
func around(text string) string {
	links := `<li><a href="/a">Politics</a></li><li><a href="/b">Sports and more</a></li><li><a href="/c">The weather tomorrow</a></li>`
	return `<html><head><title>A bridge | The Daily</title></head><body><div class="nav"><ul>` + links + `</ul></div>` + text +
		`<div class="related"><h3>Related</h3><ul>` + links + `</ul></div><div id="footer">Copyright The Daily. All rights reserved.</div></body></html>`
}

func TestExtract(t *testing.T) {
	article := "<p>" + first + "</p><p>" + second + "</p><p>" + third + "</p>"
	plain := first + "\n" + second + "\n" + third
	for _, c := range []struct{ name, page, want string }{
		{"nothing", "", ""},
		{"a fragment", "<p>一<p>二", "一\n二"},
		{"only a text", "<html><body><h1>A bridge</h1>" + article + "</body></html>", "A bridge\n" + plain},
		{"paragraphs", around("<h1>A bridge</h1><div class=text>" + article + "</div>"), plain},
		{"a name that lies", around("<div class=sidebar><h1>A bridge</h1><div class=text>" + article + "</div></div>"), plain},
		{"a form", around("<form><h1>A bridge</h1><div>" + article + "</div></form>"), plain},
		{"lines", around("<table><tr><td>" + first + "<br><br>" + second + "<br>" + third + "</td></tr></table>"), plain},
		{"unclosed", around("<div><h1>A bridge</h1><p>" + first + "<p>" + second + "<p>" + third + "</div>"), plain},
		{"comments", around("<div>" + article + "</div><div class=comments><p>I do not think that we need it, to be honest.</p></div>"), plain},
		{"code", around("<div>" + article + "<pre>a\n\n  b</pre><p>" + third + "</p></div>"), plain + "\na\n\n  b\n" + third},
		{
			"a table", around("<div>" + article + "<table><tr><td>Steel<td>12 t<tr><td>Wood<td>3 t</table><p>" + third + "</div>"),
			plain + "\nSteel\t12 t\nWood\t3 t\n" + third,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e Extractor
			out, p := e.Extract([]byte("before "), []byte(c.page), Options{})
			if got := strings.TrimPrefix(string(out), "before "); got != c.want {
				t.Errorf("got %q\nwant %q\n%+v", got, c.want, p)
			}
		})
	}
}

func TestNone(t *testing.T) {
	page := around("<p>Welcome!</p>")
	var e Extractor
	out, p := e.Extract(nil, []byte(page), Options{})
	whole, _ := markup.HTML(nil, []byte(page))
	if !p.None || string(out) != string(whole) {
		t.Errorf("%+v\n%s", p, out)
	}
}

func TestCommentsKept(t *testing.T) {
	var e Extractor
	page := around("<div><p>" + first + "</p><p>" + second + "</p></div><div class=comments><p>I do not think that we need it, to be honest.</p></div>")
	out, _ := e.Extract(nil, []byte(page), Options{Comments: true})
	if want := first + "\n" + second + "\nI do not think that we need it, to be honest."; string(out) != want {
		t.Errorf("got %q\nwant %q", out, want)
	}
}

func TestMarkdown(t *testing.T) {
	var e Extractor
	page := around("<div><p>" + first + "</p><h2>The costs</h2><p>" + second + "</p><ul><li>steel<li>wood</ul><ol><li>plan<li>build</ol><blockquote>" + third +
		"</blockquote><table><tr><th>What<th>How much<tr><td>Steel<td>12|3 t</table><pre>a\n\n  b</pre><p>" + third + "</p></div>")
	out, _ := e.Extract(nil, []byte(page), Options{Markdown: true})
	want := first + "\n\n## The costs\n\n" + second + "\n\n- steel\n- wood\n\n1. plan\n2. build\n\n> " + third +
		"\n\n| What | How much |\n| --- | --- |\n| Steel | 12\\|3 t |\n\n```\na\n\n  b\n```\n\n" + third
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestLanguage(t *testing.T) {
	english, chinese := "<p>"+first+"</p><p>"+second+"</p>", "<p>荆楚大地涌动着温暖的潮水，各界群众踊跃捐款捐物，一位老人说，这是他应该做的。</p>"
	for _, c := range []struct{ lang, text, want string }{
		{"en", english, "en"}, {"en", chinese, ""}, {"zh-CN", chinese, "zh-CN"}, {"zh-CN", english, ""}, {"ja", chinese, "ja"}, {"", chinese, ""},
	} {
		var e Extractor
		_, p := e.Extract(nil, []byte("<html lang='"+c.lang+"'><title>x</title><body>"+c.text), Options{})
		if p.Facts.Language != c.want {
			t.Errorf("%s of %.20s: got %q", c.lang, c.text, p.Facts.Language)
		}
	}
}
