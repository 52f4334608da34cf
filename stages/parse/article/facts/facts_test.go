package facts

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// page is what a Collector is handed of one.
type page struct {
	lang  string
	meta  []string // key, content
	link  string   // canonical
	ld    []string
	title string
	h1    string
	times []string // datetime, text
	head  []string // lines
	far   []string
	foot  []string
}

func (p page) facts(c *Collector) Facts {
	c.Reset()
	c.Language([]byte(p.lang))
	for i := 0; i < len(p.meta); i += 2 {
		c.Meta([]byte(p.meta[i]), []byte(p.meta[i+1]))
	}
	c.Link([]byte("canonical"), []byte(p.link))
	for _, s := range p.ld {
		c.JSONLD([]byte(s))
	}
	c.Title([]byte(p.title))
	c.Heading(1, []byte(p.h1))
	for i := 0; i < len(p.times); i += 2 {
		c.Time([]byte(p.times[i]), nil, []byte(p.times[i+1]), Head)
	}
	for _, l := range p.head {
		c.Line([]byte(l), Head)
	}
	for _, l := range p.far {
		c.Line([]byte(l), Far)
	}
	for _, l := range p.foot {
		c.Line([]byte(l), Foot)
	}
	return c.Facts()
}

var pageCases = []struct {
	name string
	page page
	want Facts
}{
	{"nothing", page{}, Facts{}},
	{
		"a page of news",
		page{
			lang: "en", meta: []string{
				"og:title", "Dogs bark - The Daily Bugle", "og:site_name", "The Daily Bugle", "og:locale", "en_US", "og:url", "https://bugle.example/a",
			},
			link:  "https://bugle.example/news/dogs-bark",
			ld:    []string{`{"@context":"https://schema.org","@type":"NewsArticle","headline":"Dogs bark","datePublished":"2020-01-02T15:04:05-05:00","dateModified":"2020-01-03","author":[{"@type":"Person","name":"Jane Doe"},{"@type":"Person","name":"John Roe"}],"publisher":{"@type":"Organization","name":"Bugle Media"}}`},
			title: "Dogs bark - The Daily Bugle", h1: "Dogs bark",
		},
		Facts{
			Title: "Dogs bark", Author: "Jane Doe, John Roe", Published: "2020-01-02T15:04:05-05:00", Modified: "2020-01-03",
			Site: "The Daily Bugle", URL: "https://bugle.example/news/dogs-bark", Language: "en-US",
		},
	},
	{
		"what pages in Chinese print",
		page{
			lang: "zh-CN", title: "某地发现新矿_国内新闻_某某网", h1: "某地发现新矿",
			head: []string{"2019-09-08 22:20:11　来源：新华网　作者：张三"}, foot: []string{"（责任编辑：李四）"},
		},
		Facts{Title: "某地发现新矿", Author: "张三", Published: "2019-09-08T22:20:11", Source: "新华网", Editor: "李四", Language: "zh-CN"},
	},
}

func TestFacts(t *testing.T) {
	var c Collector
	for _, tc := range pageCases {
		if diff := cmp.Diff(tc.want, tc.page.facts(&c)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

func FuzzJSONLD(f *testing.F) {
	f.Add(pageCases[1].page.ld[0])
	f.Add(strings.Repeat(`[{"@graph":`, 200))
	f.Add(`<!-- {"@type":["Article"],"headline":"a "b" c","author":"x",} -->`)
	f.Fuzz(func(_ *testing.T, s string) {
		var c Collector
		c.JSONLD([]byte(s))
		c.Facts()
	})
}
