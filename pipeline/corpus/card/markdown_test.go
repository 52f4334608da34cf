package card

import (
	"bytes"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What others wrote is no markup, and stays in its cell.
func TestHostileText(t *testing.T) {
	const hostile = "a|b`c` <script>alert(1)</script> [x](http://e.org) *b* _i_ #h \\ $m$\n\n| new | row |\r\n\u202Eback &lt; \x00\xff"
	line := Line(hostile)
	if strings.ContainsAny(line, "|`<>[]*_#\\$\n\r\x00\u202E") && !strings.Contains(line, "&#") {
		t.Errorf("%q", line)
	}
	for _, sign := range []string{"|", "`", "<", ">", "[", "]", "*", "_", "\\", "$", "\n", "\u202E", "\x00"} {
		if strings.Contains(line, sign) {
			t.Errorf("%q is in %q", sign, line)
		}
	}
	if text := Text("- list\n\n# head\n\n1. one\n\n===\n\nplain"); text != "&#45; list\n\n&#35; head\n\n1&#46; one\n\n&#61;==\n\nplain" {
		t.Errorf("%q", text)
	}
	for text, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`": "`` ` ``", "a|b\nc": "`a\\|b c`"} {
		if got := Code(text); got != want {
			t.Errorf("code of %q is %q, not %q", text, got, want)
		}
	}
	for address, want := range map[string]string{
		"https://e.org/a?b=c": "[n](https://e.org/a?b=c)", "javascript:alert(1)": "n (javascript:alert(1))", "https://e.org/a) [x](http://f.org": "n (https://e.org/a) &#91;x&#93;(http://f.org)",
	} {
		if got := Link("n", address); got != want {
			t.Errorf("link to %q is %q, not %q", address, got, want)
		}
	}
}

func TestFront(t *testing.T) {
	var b bytes.Buffer
	name := "q\" '|<b>\n---\nlicense: mit\u202E\x01"
	Front(&b, name, "CC-BY-4.0", []string{"zh"}, []string{"a: b", "-", "\u00e9"})
	var y struct {
		Name     string `yaml:"pretty_name"`
		License  string
		Language []string
		Tags     []string
	}
	if err := yaml.Unmarshal(b.Bytes(), &y); err != nil || y.Name != name || y.License != "cc-by-4.0" || len(y.Language) != 1 || len(y.Tags) != 3 || y.Tags[0] != "a: b" {
		t.Errorf("%v, %+v:\n%s", err, y, &b)
	}
	b.Reset()
	Front(&b, "", "https://e.org/license", nil, nil)
	if got := b.String(); got != "license: other\nlicense_name: other\nlicense_link: \"https://e.org/license\"\n" {
		t.Error(got)
	}
}
