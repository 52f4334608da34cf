package web

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSite(t *testing.T) {
	for url, want := range map[string]string{
		"https://www.news.example.co.uk/a?b": "example.co.uk",
		"http://user@WWW.Example.COM:8080/x": "example.com",
		"example.com":                        "example.com",
		"a.b.com.cn/":                        "b.com.cn",
		"http://co.uk/x":                     "co.uk",
		"http://localhost/x":                 "localhost",
		"http://127.0.0.1/x":                 "127.0.0.1",
		"http://[2001:db8::1]:80/x":          "[2001:db8::1]",
		"//www.example.org":                  "",
		"mailto:":                            "mailto",
		"":                                   "",
		"http://新闻.中国/x":                     "新闻.中国",
		"http://x.github.io/y":               "x.github.io",
	} {
		host, _ := Cut([]byte(url))
		if got := Site(string(host)); got != want {
			t.Errorf("%s is of %q, not %q", url, got, want)
		}
	}
}

func TestURL(t *testing.T) {
	if got := AppendURL([]byte("x"), []byte(`{"a":{"url":"no"},"url":"http:\/\/a.com"}`)); string(got) != "xhttp://a.com" {
		t.Errorf("%q", got)
	}
	if got := AppendURL(nil, []byte(`{"url":"`+strings.Repeat("a", 3000)+`"}`)); len(got) != maxURL {
		t.Errorf("%d bytes of a URL", len(got))
	}
}

// What a member of an object is, is what encoding/json says, where the text is JSON.
func FuzzMember(f *testing.F) {
	for _, s := range []string{`{"url":"x"}`, `{"a":[{"url":"y"}],"url":"\ud83d\ude00\n\u00e9\\"}`, `{"url":`, `{"url":"\ud800x"}`, `{"a":"\"","url":""}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := AppendMember(nil, []byte(in), "url")
		if len(got) > utf8.UTFMax*len(in) {
			t.Fatalf("%d bytes of %d", len(got), len(in))
		}
		var object map[string]json.RawMessage
		if !utf8.ValidString(in) || strings.Count(in, `"url"`) > 1 || strings.Contains(in, `\u00`) || json.Unmarshal([]byte(in), &object) != nil {
			return
		}
		var want string
		if json.Unmarshal(object["url"], &want) != nil {
			want = ""
		}
		if string(got) != want {
			t.Fatalf("%q has url %q, not %q", in, got, want)
		}
	})
}
