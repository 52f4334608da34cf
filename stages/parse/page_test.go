package parse

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/markup"
)

// The paragraphs of an article, as its text has them.
var (
	busParagraphs = []string{
		"从县城开往山里的早班车，每天六点十分从老车站出发，一路要停二十七个站，到终点时已经快到中午了。",
		"去年冬天下大雪，路封了四天。第五天早晨，村里的人自己拿着铁锹，把十一公里山路上的雪一段一段铲开，等着这班车上来。",
		"有人问老周，到时候还开不开这条线。他想了想，说：“只要还有一个人等车，我就开。”",
	}
	ferryParagraphs = []string{
		"從縣城開往山裡的早班車，每天六點十分從老車站出發，一路要停二十七個站，到終點時已經快到中午了。",
		"去年冬天下大雪，路封了四天。第五天早晨，村裡的人自己拿著鐵鍬，把十一公里山路上的雪一段一段鏟開，等著這班車上來。",
		"有人問老周，到時候還開不開這條線。他想了想，說：「只要還有一個人等車，我就開。」",
	}
)

// articlePage is a page with the article among menus and lists; head is what stands in its head.
func articlePage(head string, paragraphs []string) string {
	return "<!DOCTYPE html><html><head>" + head + "<title>早</title></head><body>" +
		`<div class="nav"><ul><li><a href="/">首</a></li><li><a href="/n">山</a></li><li><a href="/s">車站</a></li></ul></div>` +
		`<div id="content"><p>` + strings.Join(paragraphs, "</p>\n<p>") + "</p></div>" +
		`<div class="related"><ul><li><a href="/1">老站的早班</a></li><li><a href="/2">山路上的雪</a></li><li><a href="/3">等人的老站</a></li></ul></div>` +
		`<div class="footer"><p><a href="/about">老站</a></p></div></body></html>`
}

// listPage is a page of links.
func listPage() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><html><head><title>列表</title></head><body><ul class=list>")
	for i := range 30 {
		fmt.Fprintf(&b, "<li><a href=/%d.html>今天的第%d条消息</a></li>\n", i, i)
	}
	b.WriteString("</ul></body></html>")
	return b.String()
}

// An article is the same whatever the page lies in and is encoded in, also where it says otherwise; with html: page the whole page is.
func TestPagesEverywhere(t *testing.T) {
	for _, c := range []struct {
		name, head string
		of         encoding.Encoding
		paragraphs []string
	}{
		{"utf-8", "<meta charset=utf-8>", nil, busParagraphs},
		{"gbk", "<meta charset=gbk>", simplifiedchinese.GBK, busParagraphs},
		{"gbk that says utf-8", "<meta charset=utf-8>", simplifiedchinese.GBK, busParagraphs},
		{"gbk that says nothing", "", simplifiedchinese.GBK, busParagraphs},
		{"utf-8 that says gb2312", "<meta charset=gb2312>", nil, busParagraphs},
		{"big5", "<meta charset=big5>", traditionalchinese.Big5, ferryParagraphs},
		{"utf-16", "", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), busParagraphs},
	} {
		page := articlePage(c.head, c.paragraphs)
		data := page
		whole, _ := markup.HTML(nil, []byte(page))
		if c.of != nil {
			data = inEncoding(t, c.of, data)
		}
		for html, want := range map[string]string{HTMLArticle: strings.Join(c.paragraphs, "\n"), HTMLPage: string(whole)} {
			files := map[string]string{
				"a.html": data, "a.html.gz": string(gzipped(t, data)), "a": data, "a.zip": string(zipped(t, entry{name: "m/a.html", data: data})),
			}
			if c.name != "utf-16" { // which a server has to declare
				record := answered("Content-Type: text/html; charset=utf-8", data)
				files["a.warc"], files["a.warc.gz"] = record, string(gzipped(t, record))
				files["a.arc"] = fmt.Sprintf("http://a.cn/ 1.2.3.4 20240102030405 text/html %d\nHTTP/1.1 200 OK\r\n\r\n%s\n", len(data)+len("HTTP/1.1 200 OK\r\n\r\n"), data)
			}
			for file, data := range files {
				cfg := Default()
				cfg.HTML = html
				documents, meta, rejects, counters := detected(t, file, []byte(data), cfg).documents(t)
				if len(documents) != 1 || documents[0].Text != want || len(rejects) > 0 {
					t.Errorf("%s, %s, html: %s: %q, rejects %+v, want %q", c.name, file, html, texts(documents), rejects, want)
					continue
				}
				if !strings.Contains(meta[0], `"title":"早"`) {
					t.Errorf("%s, %s: metadata %s", c.name, file, meta[0])
				}
				if n := counters[ingest.CounterArticles]; n == 1 != (html == HTMLArticle) || counters[ingest.CounterNoArticle] > 0 {
					t.Errorf("%s, %s: counters %v", c.name, file, counters)
				}
			}
		}
	}
}

// What becomes of a page without an article, beside others in one batch and by the settings of its source.
func TestNoArticle(t *testing.T) {
	list, article := listPage(), articlePage("", busParagraphs)
	whole, _ := markup.HTML(nil, []byte(list))
	record := answered("Content-Type: text/html", list)
	crawl := record + answered("Content-Type: text/html", article) + archived("conversion", "text/plain", "末")
	for _, reject := range []bool{false, true} {
		in := newInput()
		if reject {
			in.cfg.NoArticle = NoArticleReject
		}
		add := func(path, format, rule, data string) {
			in.add(ingest.File{Path: path, Format: format, Document: rule}, newObject([]byte(data)))
		}
		add("a.html", HTML, RuleFile, article)
		add("b.html", HTML, RuleFile, list)
		add("c.warc", WARC, RuleRecord, crawl)
		add("d.html", HTML, RuleFile, "<p>一") // a piece is no list
		add("e.html", HTML, RuleFile, "<html><p> </html>")
		text := strings.Join(busParagraphs, "\n")
		want := []string{text, string(whole), string(whole), text, "末", "一", ""}
		none := int64(2)
		if reject {
			want, none = []string{text, text, "末", "一", ""}, 0
		}
		documents, _, rejects, counters := in.documents(t)
		if diff := cmp.Diff(want, texts(documents)); diff != "" || counters[ingest.CounterNoArticle] != none {
			t.Errorf("reject %v: counters %v (-want +got):\n%s", reject, counters, diff)
		}
		if !reject {
			if len(rejects) > 0 {
				t.Errorf("rejects %+v", rejects)
			}
			continue
		}
		slices.SortFunc(rejects, func(a, b columnar.Reject) int { return int(a.File - b.File) })
		if len(rejects) != 2 || rejects[0].File != 1 || rejects[1].File != 2 {
			t.Fatalf("rejects %+v", rejects)
		}
		for i, r := range rejects {
			if r.Reason != ingest.ReasonNoArticle || r.Scope != columnar.ScopeDocument || r.Filtered || r.Offset != 0 ||
				r.Bytes != []int64{int64(len(list)), int64(len(record)) - 4}[i] || r.Detail != "links 100 % of 260 characters in 30 blocks" {
				t.Errorf("%+v", r)
			}
		}
	}
}

// A page that is shown is what a run takes of it, and says why not the rest.
func TestShownPages(t *testing.T) {
	page := articlePage("", busParagraphs)
	crawl := answered("Content-Type: text/html", listPage()) + archived("conversion", "text/plain", "末") + answered("Content-Type: text/html", page)
	in := newInput()
	for name, data := range map[string]string{"a.html": page, "b.warc": crawl, "c.zip": string(zipped(t, entry{name: "m/a.html", data: page}, entry{name: "b.txt", data: "文"}))} {
		d := Detect(name, []byte(data), Default())
		in.add(ingest.File{Path: name, Format: d.Format, Document: d.Document}, newObject([]byte(data)))
	}
	for i, f := range in.from.Plan.Files {
		for most := range 3 {
			pages, err := NewFormats(in.cfg).Pages(t.Context(), in.from, i, most)
			if err != nil {
				t.Fatal(err)
			}
			names := map[string][]string{"a.html": {""}, "b.warc": {"http://a.cn/", "http://a.cn/"}, "c.zip": {"m/a.html"}}[f.Path]
			if len(pages) != min(len(names), most) {
				t.Fatalf("%s: %d pages of %d: %+v", f.Path, len(pages), most, pages)
			}
			for k, p := range pages {
				if p.Name != names[k] || p.Reject != "" {
					t.Errorf("%s: page %d: %+v", f.Path, k, p)
				}
			}
			if len(pages) < len(names) {
				continue
			}
			var taken []string
			for _, line := range pages[len(pages)-1].Lines {
				if line.Taken {
					taken = append(taken, line.Text)
				} else if line.Why == "" {
					t.Errorf("%s: %q is left for no reason", f.Path, line.Text)
				}
			}
			if diff := cmp.Diff(busParagraphs, taken); diff != "" {
				t.Errorf("%s (-want +got):\n%s", f.Path, diff)
			}
		}
		whole := in.cfg
		whole.HTML = HTMLPage
		if pages, err := NewFormats(whole).Pages(t.Context(), in.from, i, 3); err != nil || len(pages) > 0 {
			t.Errorf("%s: html: page shows %+v, %v", f.Path, pages, err)
		}
	}
	in.cfg.NoArticle = NoArticleReject
	for i, f := range in.from.Plan.Files {
		if f.Format != WARC {
			continue
		}
		pages, err := NewFormats(in.cfg).Pages(t.Context(), in.from, i, 1)
		if err != nil || len(pages) != 1 || pages[0].Reject != ingest.ReasonNoArticle || pages[0].Detail == "" {
			t.Errorf("%+v, %v", pages, err)
		}
	}
}

// Settings of pages that are no choice are named, each with what it may be.
func TestValidateHTML(t *testing.T) {
	c := Default()
	c.HTML, c.NoArticle, c.Comments, c.HTMLText = "text", "", "some", "md"
	want := []string{
		`html: unknown value "text": known are article, page`, `no_article: unknown value "": known are keep, reject`,
		`comments: unknown value "some": known are drop, keep`, `html_text: unknown value "md": known are plain, markdown`,
	}
	err := c.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Error(diff)
	}
}

// docs/web.md has every key of the metadata, and every value of the settings.
func TestDocumentedPages(t *testing.T) {
	page, err := os.ReadFile("../../docs/web.md")
	if err != nil {
		t.Fatal(err)
	}
	var p pages
	cfg := Default()
	if _, reason, _ := p.take(nil, []byte("<p>"), &cfg); reason != "" || len(p.members) == 0 {
		t.Fatal(reason)
	}
	words := []string{HTMLArticle, HTMLPage, NoArticleKeep, NoArticleReject, CommentsDrop, CommentsKeep, HTMLPlain, HTMLMarkdown}
	for _, m := range p.members {
		words = append(words, m.name)
	}
	for _, word := range words {
		if !strings.Contains(string(page), "`"+word+"`") {
			t.Errorf("docs/web.md does not have `%s`", word)
		}
	}
}
