package web

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestSelectors(t *testing.T) {
	root, err := html.Parse(strings.NewReader(`<div id=a class="text main"><p class=text style="font-size:14px; color:red">1</p>` +
		`<div class=textual><span>2</span><div class=text>3<p class=text>4</p></div></div></div><p>5</p>`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ selector, want string }{
		{"p", "1 4 5"},
		{"#a", "1234"},
		{".text", "1234"}, // not what lies within
		{"p.text", "1 4"},
		{".text.main", "1234"},
		{"#a .text", "1 34"},
		{"#a .textual p", "4"},
		{".textual .textual", ""},
		{"[class*=textu]", "234"},
		{"p[style*=14px;]", "1"},
		{"section", ""},
	} {
		s, err := parseSelector(c.selector)
		if err != nil {
			t.Errorf("%s: %v", c.selector, err)
			continue
		}
		var found []string
		for _, n := range s.all(root) {
			found = append(found, content(n))
		}
		if got := strings.Join(found, " "); got != c.want {
			t.Errorf("%s names %q, not %q", c.selector, got, c.want)
		}
	}
	for _, bad := range []string{"", " ", "#", "p.", "p#.a", "[class]", "[class*=]", "[*=a]", "p[class*=a"} {
		if _, err := parseSelector(bad); err == nil {
			t.Errorf("%q is taken for a selector", bad)
		}
	}
}

func content(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(content(c))
	}
	return b.String()
}
