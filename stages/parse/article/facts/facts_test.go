package facts

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// page is what a Collector is handed of one.
type page struct {
	lang   string
	meta   []string // key, content
	link   string   // canonical
	ld     []string
	title  string
	h1, h2 string
	times  []string // datetime, label, text: near the text
	far    []string // lines
	head   []string
	foot   []string
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
	for _, l := range p.far {
		c.Line([]byte(l), Far)
	}
	c.Heading(1, []byte(p.h1))
	c.Heading(2, []byte(p.h2))
	for i := 0; i < len(p.times); i += 3 {
		c.Time([]byte(p.times[i]), []byte(p.times[i+1]), []byte(p.times[i+2]), Head)
	}
	for _, l := range p.head {
		c.Line([]byte(l), Head)
	}
	for _, l := range p.foot {
		c.Line([]byte(l), Foot)
	}
	return c.Facts()
}

const newsLD = `{"@context":"https://schema.org","@type":"NewsArticle","headline":"Dogs bark","datePublished":"2020-01-02T15:04:05-05:00",
	"dateModified":"2020-01-03","author":[{"@type":"Person","name":"Jane Doe"},{"@type":"Person","name":"John Roe"}],
	"publisher":{"@type":"Organization","name":"Bugle Media"},"mainEntityOfPage":{"@type":"WebPage","@id":"https://bugle.example/news"}}`

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
			link: "https://bugle.example/news/dogs-bark", ld: []string{newsLD}, title: "Dogs bark - The Daily Bugle", h1: "Dogs bark",
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
		Facts{
			Title: "某地发现新矿", Author: "张三", Published: "2019-09-08T22:20:11", Site: "某某网", Source: "新华网", Editor: "李四",
			Language: "zh-CN",
		},
	},
	{
		"leftovers of templates",
		page{
			lang: "{{lang}}", link: "{{url}}", title: "{{title}}", meta: []string{
				"og:title", "undefined", "author", "null", "article:published_time", "{{date}}", "og:site_name", "${site}",
				"pubdate", "0000-00-00 00:00:00", "og:url", "https://{{host}}/",
			},
			ld: []string{`{"@type":"Article","headline":"{{ page.title }}","author":"None","datePublished":"0001-01-01T00:00:00Z"}`},
		},
		Facts{},
	},
	{
		"authors that are none",
		page{meta: []string{
			"article:author", "https://www.facebook.com/bugle", "author", "admin", "parsely-author", "jane@bugle.example",
			"dc.creator", "The Daily Bugle", "og:site_name", "The Daily Bugle", "byl", "bugle.example",
		}},
		Facts{Site: "The Daily Bugle"},
	},
	{
		"what Baidu asks for",
		page{ld: []string{`{"@context":"https://ziyuan.baidu.com/contexts/cambrian.jsonld","@id":"https://b.example/1","appid":"1","title":"Dogs",
			"images":["https://b.example/1.png"],"pubDate":"2019-10-08T20:04:05","upDate":"2019-10-09T20:04:05"}`}},
		Facts{Published: "2019-10-08T20:04:05", Modified: "2019-10-09T20:04:05"},
	},
	{
		"a day without its year",
		page{meta: []string{"dateupdate", "2019-10-08 20:04:05"}, head: []string{"发布时间：10-0820:04"}},
		Facts{Published: "2019-10-08", Modified: "2019-10-08T20:04:05"},
	},
	{
		"a day with half of its year",
		page{meta: []string{"dateupdate", "2018-10-08 20:04:05"}, head: []string{"发布时间：18-10-0820:04"}},
		Facts{Published: "2018-10-08", Modified: "2018-10-08T20:04:05"},
	},
	{
		"a day with half of another year",
		page{meta: []string{"dateupdate", "2018-10-08 20:04:05"}, head: []string{"发布时间：17-10-08 20:04"}},
		Facts{Modified: "2018-10-08T20:04:05"},
	},
	{
		"a day without its year, changed on another one",
		page{meta: []string{"dateupdate", "2019-10-09 20:04:05"}, head: []string{"发布时间：10月8日 20:04"}},
		Facts{Modified: "2019-10-09T20:04:05"},
	},
	{"a byline of meta", page{meta: []string{"author", "By Jane Doe | Bugle"}}, Facts{Author: "Jane Doe"}},
	{"several", page{meta: []string{"citation_author", "Doe, J.", "citation_author", "Roe, J.", "citation_author", "Doe, J."}}, Facts{Author: "Doe, J., Roe, J."}},
	{
		"a graph with ids",
		page{title: "Dogs bark", ld: []string{`{"@graph":[
			{"@type":"WebSite","@id":"#site","name":"Bugle","publisher":{"@id":"#org"}},
			{"@type":"WebPage","@id":"https://b.example/x/","datePublished":"2020-01-02T10:00:00+00:00","name":"Dogs bark - Bugle"},
			{"@type":["Article","BlogPosting"],"headline":"Dogs bark","author":{"@id":"#jane"},"publisher":{"@id":"#org"},"datePublished":"2020-01-02T15:04:05+00:00"},
			{"@type":"Person","@id":"#jane","name":"Jane Doe"},{"@type":"Organization","@id":"#org","name":"Bugle Ltd"}]}`}},
		Facts{Title: "Dogs bark", Author: "Jane Doe", Site: "Bugle Ltd", Published: "2020-01-02T15:04:05Z"},
	},
	{
		"comments, videos and other articles have dates of their own",
		page{ld: []string{
			`{"@type":"Article","comment":[{"@type":"Comment","datePublished":"2001-01-01","author":{"name":"Troll"}}],
			"video":{"@type":"VideoObject","uploadDate":"2001-01-01","name":"V"},"hasPart":{"@type":"Article","datePublished":"2001-01-01"},
			"headline":"Dogs","datePublished":"2020-01-02"}`, `{"@type":"VideoObject","datePublished":"2001-01-01","name":"V"}`,
			`{"@type":"ItemList","itemListElement":[{"@type":"ListItem","item":{"@type":"NewsArticle","headline":"Cats","datePublished":"2001-01-01"}}]}`,
		}},
		Facts{Title: "Dogs", Published: "2020-01-02"},
	},
	{
		"the article of the page among others",
		page{link: "https://b.example/dogs", ld: []string{`[{"@type":"NewsArticle","headline":"Cats","url":"https://b.example/cats","datePublished":"2001-01-01"},
			{"@type":"NewsArticle","headline":"Dogs","url":"https://b.example/dogs/","datePublished":"2020-01-02"}]`}},
		Facts{Title: "Dogs", URL: "https://b.example/dogs", Published: "2020-01-02"},
	},
	{
		"a list of articles",
		page{title: "News", ld: []string{`[{"@type":"NewsArticle","headline":"Cats","datePublished":"2001-01-01"},{"@type":"NewsArticle","headline":"Dogs","datePublished":"2020-01-02"}]`}},
		Facts{Title: "News"},
	},
	{
		"broken JSON",
		page{ld: []string{"<!--\n// <![CDATA[\n" + `{"@type":"Article", /* x */ "description":"He said "hello", and left", "headline":"Dogs &amp; "cats"` +
			"\n" + `bark","author":{"name":"Zo\u00eb \ud83d\ude00 D\/oe",},"datePublished":"2020-01-02",,}` + "\n//]]>\n-->"}},
		Facts{Title: "Dogs & \"cats\" bark", Author: "Zoë 😀 D/oe", Published: "2020-01-02"},
	},
	{"JSON that ends too soon", page{ld: []string{`{"@type":"Article","datePublished":"2020-01-02","headline":"Dogs ba`}}, Facts{Title: "Dogs ba", Published: "2020-01-02"}},
	{
		"more of the same day",
		page{meta: []string{"pubdate", "2020-01-02"}, head: []string{"2020-01-02 15:04"}},
		Facts{Published: "2020-01-02T15:04:00"},
	},
	{
		"the zone of the same time",
		page{meta: []string{"article:published_time", "2020-01-02 15:04:05", "pubdate", "2020-01-02T15:04:05+08:00"}},
		Facts{Published: "2020-01-02T15:04:05+08:00"},
	},
	{
		"a change before the publication",
		page{meta: []string{"article:published_time", "2020-01-02", "article:modified_time", "2019-12-01"}},
		Facts{Published: "2020-01-02"},
	},
	{"numbers in two orders", page{head: []string{"Published: 03/04/2020"}}, Facts{}},
	{"numbers in English", page{lang: "en", head: []string{"Published: 03/04/2020"}}, Facts{Language: "en"}},
	{"numbers in American English", page{lang: "en-US", head: []string{"Published: 03/04/2020"}}, Facts{Language: "en-US", Published: "2020-03-04"}},
	{"numbers in French", page{lang: "fr", head: []string{"Published: 03/04/2020"}}, Facts{Language: "fr", Published: "2020-04-03"}},
	{"numbers beside a day above twelve", page{head: []string{"Published: 03/04/2020", "Updated: 03/14/2020"}}, Facts{Published: "2020-03-04", Modified: "2020-03-14"}},
	{"numbers beside the address", page{link: "https://b.example/2020/04/03/dogs", head: []string{"Published: 03/04/2020"}}, Facts{Published: "2020-04-03", URL: "https://b.example/2020/04/03/dogs"}},
	{"the first time of a page", page{times: []string{"2020-01-02T15:04Z", "entry-date", "", "2001-01-01", "", ""}}, Facts{Published: "2020-01-02T15:04:00Z"}},
	{"times with labels", page{times: []string{"2020-01-03", "updated", "", "2020-01-02", "published", ""}}, Facts{Published: "2020-01-02", Modified: "2020-01-03"}},
	{"the day in the address", page{link: "https://b.example/2020/01/02/dogs.html"}, Facts{URL: "https://b.example/2020/01/02/dogs.html", Published: "2020-01-02"}},
	{"no day in the address", page{link: "https://b.example/2020/13/02/a-2020-1234"}, Facts{URL: "https://b.example/2020/13/02/a-2020-1234"}},
	{"the address of the site", page{link: "https://b.example/", meta: []string{"og:url", "https://b.example/dogs"}}, Facts{URL: "https://b.example/dogs"}},
	{"addresses that are none", page{link: "/dogs", meta: []string{"og:url", "javascript:alert(1)"}}, Facts{}},
	{"addresses that deceive", page{link: "https://good.example@evil.example/", meta: []string{"og:url", "http://localhost/x"}}, Facts{}},
	{"languages", page{lang: "zh_cmn-Hans-CN"}, Facts{Language: "zh-Hans-CN"}},
	{"no language", page{lang: "utf-8", meta: []string{"og:locale", "xx_YY", "content-language", "de-at, en"}}, Facts{Language: "de-AT"}},
	{"Unix seconds", page{meta: []string{"article:published_time", "1577977445"}}, Facts{Published: "2020-01-02T15:04:05Z"}},
	{"what the page generator ran", page{meta: []string{"last-modified", "2020-01-02", "generated", "2020-01-02"}}, Facts{}},
}

func TestFacts(t *testing.T) {
	var c Collector
	for _, tc := range pageCases {
		got := tc.page.facts(&c)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
		checkFacts(t, got)
	}
}

// titleCases are titles of pages, with the name of the site and the heading, and the title of the article.
var titleCases = []struct{ title, site, h1, want string }{
	{"Dogs bark | Bugle", "", "", "Dogs bark"},
	{"Dogs bark at the moon - The Daily Bugle", "The Daily Bugle", "", "Dogs bark at the moon"},
	{"The Daily Bugle - Dogs bark at the moon", "The Daily Bugle", "", "Dogs bark at the moon"},
	{"The Daily Bugle - Dogs bark at the moon", "", "Dogs bark at the moon", "Dogs bark at the moon"},
	{"Dogs bark — and cats do not — Bugle", "Bugle", "", "Dogs bark — and cats do not"},
	{"Dogs bark – a review – Bugle", "", "Dogs bark – a review", "Dogs bark – a review"},
	{"Dogs bark » Bugle", "", "", "Dogs bark"},
	{"Dogs bark at the moon and...", "", "Dogs bark at the moon and howl at the sun", "Dogs bark at the moon and howl at the sun"},
	{"Spider-Man: Far-From-Home", "", "", "Spider-Man: Far-From-Home"},
	{"某地发现新矿_国内新闻_某某网", "", "", "某地发现新矿"},
	{"某地发现新矿-某某网", "某某网", "", "某地发现新矿"},
	{"某地发现新矿｜即时｜某某网｜某报", "某某网", "", "某地发现新矿"},
	{"雄安新区 - 某某百科，自由的百科全书", "", "雄安新区", "雄安新区"},
	{"-某某网", "", "某地发现新矿", "某地发现新矿"},
	{"Bugle", "Bugle", "Dogs bark", "Dogs bark"},
	{"Bugle", "Bugle", "Bugle", ""},
	{"Dogs &amp; cats", "", "", "Dogs & cats"},
	{"Dogs\n  bark\t\u00a0loud", "", "", "Dogs bark loud"},
}

func TestTitles(t *testing.T) {
	var c Collector
	for _, tc := range titleCases {
		got := page{title: tc.title, h1: tc.h1, meta: []string{"og:site_name", tc.site}}.facts(&c)
		if got.Title != tc.want {
			t.Errorf("%q of %q with %q: %q, not %q", tc.title, tc.site, tc.h1, got.Title, tc.want)
		}
	}
}

// checkFacts holds what is true of facts, whatever a page says.
func checkFacts(t *testing.T, f Facts) {
	t.Helper()
	checkDate(t, f.Published)
	checkDate(t, f.Modified)
	for _, s := range []string{f.Title, f.Author, f.Site, f.Source, f.Editor, f.URL, f.Language} {
		if !utf8.ValidString(s) || len(s) > 2*maxURL || strings.ContainsAny(s, "\n\r\t") || strings.TrimSpace(s) != s {
			t.Fatalf("bad value %q", s)
		}
	}
	if f.URL != "" && !strings.HasPrefix(strings.ToLower(f.URL), "http") {
		t.Fatalf("bad address %q", f.URL)
	}
}

func checkDate(t *testing.T, s string) {
	t.Helper()
	if s == "" {
		return
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
		if at, err := time.Parse(layout, s); err == nil && at.Year() >= firstYear-1 && at.Year() <= lastYear+1 {
			return
		}
	}
	t.Fatalf("bad date %q", s)
}

// A Collector that is used again has nothing of the page before, and allocates the facts only.
func TestReuse(t *testing.T) {
	var c Collector
	p := pageCases[1].page
	p.facts(&c)
	if got := (page{}).facts(&c); got != (Facts{}) {
		t.Errorf("%+v is of the page before", got)
	}
	lang, key, content, ld, title, line := []byte("en"), []byte("og:title"), []byte("Dogs bark"), []byte(newsLD), []byte("Dogs bark - Bugle"), []byte("By Jane Doe | January 2, 2020")
	if n := testing.AllocsPerRun(100, func() {
		c.Reset()
		c.Language(lang)
		c.Meta(key, content)
		c.JSONLD(ld)
		c.Title(title)
		c.Heading(1, content)
		c.Line(line, Head)
		c.Facts()
	}); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// Pages of nothing but what is costly are read in time and memory that are linear in their size.
func TestHostile(t *testing.T) {
	const size = 1 << 20
	for _, unit := range []string{
		`[`, `{"a":`, `{"@graph":[`, `"`, `" `, `"a" `, `\`, `\u`, `/*`, `//`, `{"@type":"Article","author":[`, `{"author":"a","headline":"b",`, `,`, `}`, `]{`,
		`{"@type":"Person","@id":"a","name":"b"},`, `{"@type":["Article",`,
	} {
		var c Collector
		c.JSONLD([]byte(strings.Repeat(unit, size/len(unit))))
		checkFacts(t, c.Facts())
	}
	var c Collector
	for range 20000 {
		c.Line([]byte("来源：2020年 编辑：1/1/2020 by 作者：2020-01-0 记者 "), Head)
		c.Meta([]byte("citation_author"), bytes.Repeat([]byte("ab "), 40))
		c.Meta([]byte("og:title"), bytes.Repeat([]byte("&amp;<"), 4000))
		c.Time([]byte("2020-01-02"), []byte("updated"), nil, Far)
	}
	checkFacts(t, c.Facts())
}

func FuzzJSONLD(f *testing.F) {
	for _, tc := range pageCases {
		for _, ld := range tc.page.ld {
			f.Add(ld)
		}
	}
	f.Add(strings.Repeat(`[{"@graph":`, 200))
	f.Fuzz(func(t *testing.T, s string) {
		var c Collector
		c.JSONLD([]byte(s))
		c.JSONLD([]byte(s))
		checkFacts(t, c.Facts())
	})
}

func FuzzPage(f *testing.F) {
	f.Add("en-US", "Dogs - Bugle", "Dogs", "Bugle", "Jane Doe", "https://b.example/2020/01/02/x", "1577977445")
	f.Add("zh_CN", "某地_某网", "某地", "", "作者：张三", "https://b.example", "{{x}}")
	f.Fuzz(func(t *testing.T, lang, title, h1, site, author, url, date string) {
		var c Collector
		checkFacts(t, page{
			lang: lang, title: title, h1: h1, link: url, times: []string{date, title, date},
			meta: []string{"og:site_name", site, "author", author, "article:published_time", date, "og:title", title, "og:url", url, "og:locale", lang},
		}.facts(&c))
	})
}
