package lists

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestURLs(t *testing.T) {
	f, err := NewURLs(URLs{Name: "block", List: write(t, `# domains and prefixes
bad.com
*.worse.cn
Example.ORG/private
https://example.org/private/more/
http://news.example.net:8080/a?x=1
1.2.3.4
sub.bad.com
`)})
	if err != nil {
		t.Fatal(err)
	}
	m := f.New()
	for url, want := range map[string]int64{
		"":                                          0,
		"http://bad.com":                            1,
		"https://www.BAD.com/x":                     1,
		"https://sub.bad.com:80/":                   2,
		"http://notbad.com/":                        0,
		"http://bad.com.cn/":                        0,
		"http://user:pw@bad.com":                    1,
		"http://bad.com./":                          1,
		"bad.com/x":                                 1,
		"http://other.com/?u=http://bad.com/":       0,
		"http://a.b.worse.cn":                       1,
		"http://worse.cn":                           1,
		"http://example.org/public":                 0,
		"http://example.org/private":                1,
		"http://www.example.org/private/x":          1,
		"http://example.org/privateer":              0,
		"http://example.org/private?x":              1,
		"http://example.org/private/more/than":      2,
		"http://news.example.net/a?x=1&y=2":         1,
		"http://news.example.net/a?x=12":            0,
		"http://1.2.3.4/":                           1,
		"http://11.2.3.4/":                          0,
		"http://" + strings.Repeat("a.", 5000):      0,
		"ftp://bad.com/" + strings.Repeat("/", 9e3): 1,
	} {
		meta, err := json.Marshal(map[string]any{"title": "url", "list": []any{"url", map[string]string{"url": "http://bad.com"}}, "url": url, "zzz": 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := measure(m, "", string(meta), 1); got[0] != want {
			t.Errorf("%s: %d, want %d", url[:min(len(url), 80)], got[0], want)
		}
	}
	for _, meta := range []string{"", "{", `{"url": 7}`, `{"url": null}`, `["url", "http://bad.com"]`, `{"a": "url", "b": "http://bad.com"}`, `{"x": {"url": "http://bad.com"}}`} {
		if got := measure(m, "", meta, 1); got[0] != 0 {
			t.Errorf("%s: %d", meta, got[0])
		}
	}
	if got := measure(m, "", `{"url" : "http:\/\/b\u0061d.com\/x"}`, 1); got[0] != 1 {
		t.Errorf("escaped: %d", got[0])
	}
}

func TestWordsInURL(t *testing.T) {
	f, err := NewURLs(URLs{Name: "soft", List: write(t, "casino\nxxx\nfree-porn\n"), Kind: InURL})
	if err != nil {
		t.Fatal(err)
	}
	m := f.New()
	for url, want := range map[string]int64{
		"http://www.casino.com/": 1, "http://x.com/Casino/XXX": 2, "http://casinos.com": 0, "http://mycasino.com": 0, "http://a.com/casino1": 0,
		"http://a.com/free-porn?casino=1": 2, "http://é.com/casino": 1,
	} {
		if got := measure(m, "", `{"url":"`+url+`"}`, 1); got[0] != want {
			t.Errorf("%s: %d, want %d", url, got[0], want)
		}
	}
}

func TestURLErrors(t *testing.T) {
	bad := write(t, "good.com\nco.uk\nlocalhost\na b.com\nx..y.com\n/path\n")
	for want, c := range map[string]URLs{
		"kind: unknown kind \"regex\": known are addresses, words": {Name: "x", List: bad, Kind: "regex"},
		bad + ":2: \"co.uk\" is a public suffix":                   {Name: "x", List: bad},
		bad + ":3: \"localhost\" has one label":                    {Name: "x", List: bad},
		bad + ":4: \"a b.com\" is no domain":                       {Name: "x", List: bad},
		bad + ":5: \"x..y.com\" is no domain":                      {Name: "x", List: bad},
		bad + ":6: \"\" is no domain":                              {Name: "x", List: bad},
		"has no entry":                                             {Name: "x", List: write(t, "\n")},
		"has no entry ":                                            {Name: "x", List: write(t, "\n"), Kind: InURL},
		"the settings want 00000000":                               {Name: "x", List: bad, Digest: "00000000"},
	} {
		if _, err := NewURLs(c); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func FuzzURL(f *testing.F) {
	f.Add("bad.com\nexample.org/x\n", "http://www.bad.com/x")
	f.Fuzz(func(t *testing.T, list, url string) {
		if a, err := readAddresses("list", []byte(list)); err == nil {
			if n := a.count([]byte(url)); n < 0 || n > int64(strings.Count(list, "\n")+1) {
				t.Fatal(n)
			}
		}
	})
}
