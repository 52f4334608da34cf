package parse

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

const (
	bookshop = "城南的老书店昨天重新开门，第一天就来了三百多位读者。"
	water    = "水务局提醒居民，周三上午九点到下午四点将停止供水。"
)

// read makes documents of a file as Detect takes it.
func read(t *testing.T, name string, data []byte, cfg Config) (texts, meta []string, rejects []columnar.Reject) {
	t.Helper()
	documents, meta, rejects, _ := detected(t, name, data, cfg).documents(t)
	for _, d := range documents {
		texts = append(texts, d.Text)
	}
	return texts, meta, rejects
}

// TestElementFormats reads small files of every kind, however they are called, ended, encoded and packed.
func TestElementFormats(t *testing.T) {
	for _, c := range []struct {
		name, in, format string
		texts, meta      []string
	}{
		{
			"Sogou", "<doc>\n<url>http://a.example/?x=1&y=2</url>\n<docno>1</docno>\n<contenttitle>书店</contenttitle>\n<content>" + bookshop + "</content>\n</doc>\n" +
				"<doc>\n<url>u</url>\n<docno>2</docno>\n<contenttitle></contenttitle>\n<content>１ < ２ & ３，AT&T。" + water + "</content>\n</doc>\n",
			Doc,
			[]string{bookshop, "１ < ２ & ３，AT&T。" + water},
			[]string{`{"url":"http://a.example/?x=1&y=2","docno":"1","contenttitle":"书店"}`, `{"url":"u","docno":"2"}`},
		},
		{
			"Gigaword", "<DOC id=\"XIN_CMN_20000101.0001\" type=\"story\" >\n<HEADLINE>\n书店\n</HEADLINE>\n<DATELINE>\n新华社电\n</DATELINE>\n<TEXT>\n<P>\n" + bookshop +
				"\n</P>\n<P>\n" + water + "&amp;\n</P>\n</TEXT>\n</DOC>\n",
			Doc,
			[]string{bookshop + "\n" + water + "&"},
			[]string{`{"id":"XIN_CMN_20000101.0001","type":"story","HEADLINE":"书店","DATELINE":"新华社电"}`},
		},
		{
			"TREC", "<DOC>\n<DOCNO> AP-1 </DOCNO>\n<FILEID>f</FILEID>\n<TEXT>\n" + bookshop + "\n</TEXT>\n<TEXT>\n" + water + "<F P=105>x</F>\n</TEXT>\n</DOC>\n",
			Doc,
			[]string{bookshop + "\n" + water + "\nx"},
			[]string{`{"DOCNO":"AP-1","FILEID":"f"}`},
		},
		{
			"WikiExtractor", "<doc id=\"1\" url=\"http://a.example/wiki?curid=1\" title=\"书店 &quot;一&quot;\">\n书店\n\n" + bookshop + " a < b &lt;br&gt; vector<int>\n\n</doc>\n" +
				"<doc id=\"2\" url=\"u\" title=\"停水\">\n" + water + "\n</doc>\n",
			Doc,
			[]string{"书店\n\n" + bookshop + " a < b <br> vector<int>", water},
			[]string{`{"id":"1","url":"http://a.example/wiki?curid=1","title":"书店 \"一\""}`, `{"id":"2","url":"u","title":"停水"}`},
		},
		{
			"in a root", "<?xml version=\"1.0\"?>\n<!-- c -->\n<corpus>\n<doc><content><![CDATA[" + bookshop + "<b>]]></content><tag>a</tag><tag>b</tag></doc>\n<doc><content>" + water + "</content></doc></corpus>\n",
			Doc,
			[]string{bookshop + "<b>", water},
			[]string{`{"tag":["a","b"]}`, ""},
		},
		{
			"of Solr", "<add><doc><field name=\"id\">1</field><field name=\"text\">" + bookshop + "</field></doc></add>",
			Doc,
			[]string{bookshop},
			[]string{`{"id":"1"}`},
		},
		{
			"text beside fields", "<doc>\n<docno>1</docno>\n" + bookshop + "\n</doc>\n",
			Doc,
			[]string{bookshop},
			[]string{`{"docno":"1"}`},
		},
		{
			"RSS", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:content=\"c\"><channel><title>新闻</title><item><title>甲 &amp;amp; 乙</title>" +
				"<link>http://a.example/?a=1&amp;copy=2</link><pubDate>Mon</pubDate><category>书</category><category>城</category><description>摘要</description>" +
				"<content:encoded><![CDATA[<p>" + bookshop + "</p><p>第二段&nbsp;文</p>]]></content:encoded></item>\n" +
				"<item><title>乙</title><description>&lt;p&gt;" + water + "&lt;/p&gt;</description><enclosure url=\"http://a.example/a.mp3\" type=\"audio\"/></item></channel></rss>\n",
			Feed,
			[]string{bookshop + "\n第二段\u00a0文", water},
			[]string{
				`{"title":"甲 & 乙","link":"http://a.example/?a=1&copy=2","pubDate":"Mon","category":["书","城"],"description":"摘要"}`,
				`{"title":"乙","enclosure":"http://a.example/a.mp3"}`,
			},
		},
		{
			"Atom", "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>f</title><entry><title type=\"html\">&lt;b&gt;甲&lt;/b&gt;</title><link href=\"http://a.example/1\"/>" +
				"<author><name>王</name><uri>u</uri></author><updated>2024-01-01</updated><summary>摘要</summary><content type=\"html\">&lt;p&gt;" + bookshop + "&lt;/p&gt;</content></entry>" +
				"<entry><title>乙</title><content type=\"xhtml\"><div xmlns=\"h\"><p>" + water + "</p></div></content></entry>" +
				"<entry><title>丙</title><content type=\"text\">1 &lt; 2</content></entry></feed>\n",
			Feed,
			[]string{bookshop, water, "1 < 2"},
			[]string{`{"title":"甲","link":"http://a.example/1","author":"王","updated":"2024-01-01","summary":"摘要"}`, `{"title":"乙"}`, `{"title":"丙"}`},
		},
		{
			"RDF", "<?xml version=\"1.0\"?>\n<rdf:RDF xmlns:rdf=\"r\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"d\"><channel rdf:about=\"x\"><title>c</title><items><rdf:Seq/></items></channel>" +
				"<item rdf:about=\"http://a.example/1\"><title>甲</title><dc:creator>王</dc:creator><description>" + bookshop + "</description></item></rdf:RDF>\n",
			Feed,
			[]string{bookshop},
			[]string{`{"title":"甲","dc:creator":"王"}`},
		},
		{
			"MediaWiki", "<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.10/\" version=\"0.10\" xml:lang=\"zh\">\n<siteinfo><sitename>维基</sitename></siteinfo>\n" +
				"<page><title>书店</title><ns>0</ns><id>1</id><revision><id>11</id><timestamp>2024-01-01T00:00:00Z</timestamp><contributor><username>王</username><id>5</id></contributor>" +
				"<model>wikitext</model><text xml:space=\"preserve\">'''书店'''是[[商店|卖书]]的地方。{{小作品}}\n== 历史 ==\n" + bookshop + "&lt;ref&gt;x&lt;/ref&gt;</text></revision></page>\n" +
				"<page><title>书肆</title><ns>0</ns><id>2</id><redirect title=\"书店\" /><revision><id>12</id><text>#重定向 [[书店]]</text></revision></page>\n" +
				"<page><title>模块:甲</title><ns>828</ns><id>3</id><revision><id>13</id><model>Scribunto</model><text>return {{}}</text></revision></page>\n</mediawiki>\n",
			MediaWiki,
			[]string{"书店是卖书的地方。\n历史\n" + bookshop, "", "return {{}}"},
			[]string{
				`{"title":"书店","ns":"0","id":"1","revision":"11","timestamp":"2024-01-01T00:00:00Z","contributor":"王"}`,
				`{"title":"书肆","ns":"0","id":"2","redirect":"书店","revision":"12"}`,
				`{"title":"模块:甲","ns":"828","id":"3","revision":"13","model":"Scribunto"}`,
			},
		},
		{
			"a page with its history", "<mediawiki>\n<page>\n<title>书店</title>\n<id>1</id>\n<revision><id>1</id><timestamp>2020-01-01T00:00:00Z</timestamp><text>旧</text></revision>\n" +
				"<revision><id>3</id><timestamp>2024-01-01T00:00:00Z</timestamp><text>" + bookshop + "</text></revision>\n" +
				"<revision><id>2</id><timestamp>2022-01-01T00:00:00Z</timestamp><text>中</text></revision>\n</page>\n</mediawiki>\n",
			MediaWiki,
			[]string{bookshop},
			[]string{`{"title":"书店","id":"1","revision":"3","timestamp":"2024-01-01T00:00:00Z"}`},
		},
	} {
		check := func(form, name string, data []byte) {
			d := Detect(name, data, Default())
			if d.Format != c.format || d.Document != RuleRecord || d.Cut || d.Reject != "" {
				t.Errorf("%s, %s, %s: %+v, %q", c.name, form, name, d, d.Reject)
				return
			}
			texts, meta, rejects := read(t, name, data, Default())
			crlf := make([]string, len(texts))
			for i := range texts {
				crlf[i] = strings.ReplaceAll(texts[i], "\r\n", "\n")
			}
			if diff := cmp.Diff(c.texts, crlf) + cmp.Diff(c.meta, meta); diff != "" || len(rejects) > 0 {
				t.Errorf("%s, %s: rejects %v, %s", c.name, form, rejects, diff)
			}
		}
		inManyForms(t, c.in, func(form string, data []byte) {
			for _, name := range []string{"a", "b.txt", "c.dat", "d.xml"} {
				check(form, name, data)
			}
		})
		if !strings.Contains(c.in, "\u00a0") && !strings.Contains(c.in, "encoding=") {
			check("gb18030", "a.dat", []byte(inEncoding(t, simplifiedchinese.GB18030, c.in)))
		}
		check("bzip2 in streams", "a.xml.bz2", append(bzipped(c.in[:len(c.in)/2]), bzipped(c.in[len(c.in)/2:])...))
		for format, data := range map[string][]byte{Zip: zipped(t, entry{name: "a.txt", data: c.in}), Tar: tarred(t, entry{name: "a.txt", data: c.in})} {
			documents, _, rejects, _ := one(format, RuleMember, "", data).documents(t)
			if len(documents) != len(c.texts) || len(rejects) > 0 || documents[0].Text != c.texts[0] {
				t.Errorf("%s in %s: %v, rejects %v", c.name, format, documents, rejects)
			}
		}
	}
}

// TestElementCounters holds that what is passed over is told.
func TestElementCounters(t *testing.T) {
	in := "<mediawiki><page><title>a</title><revision><id>1</id><text>x</text></revision><revision><id>2</id><text>#REDIRECT [[b]]</text></revision></page></mediawiki>"
	_, _, rejects, counters := one(MediaWiki, RuleRecord, "", []byte(in)).documents(t)
	if diff := cmp.Diff(columnar.Counters{"earlier_revisions": 1, "redirects": 1}, counters); diff != "" || len(rejects) > 0 {
		t.Errorf("rejects %v, %s", rejects, diff)
	}
	many := "<doc>" + strings.Repeat("<k>b</k>", maxElements+3) + "<text>一</text></doc><doc><text>一</text>" + strings.Repeat("<k>b</k>", maxElements+3) + "</doc>"
	documents, _, rejects, counters := one(Doc, RuleRecord, "", []byte(many)).documents(t)
	if len(documents) != 1 || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonFieldMissing || counters["fields_left_out"] != 4 {
		t.Errorf("%d documents, rejects %v, counters %v", len(documents), rejects, counters)
	}
}

// TestElementTextField holds that the setting chooses among the fields, in any letter case.
func TestElementTextField(t *testing.T) {
	cfg := Default()
	cfg.TextField = Fields{"none", "headline", "description"}
	for format, in := range map[string]string{
		Doc:  "<DOC><HEADLINE>" + water + "</HEADLINE><TEXT>一</TEXT></DOC>",
		Feed: "<rss version=\"2.0\"><item><description>" + water + "</description><content:encoded>一</content:encoded></item></rss>",
	} {
		in := one(format, RuleRecord, "", []byte(in))
		in.cfg = cfg
		documents, meta, rejects, _ := in.documents(t)
		if len(rejects) > 0 || len(documents) != 1 || documents[0].Text != water || !strings.Contains(meta[0], "一") {
			t.Errorf("%s: %v, %v, rejects %v", format, documents, meta, rejects)
		}
	}
	in := "<feed><doc><title>t</title><abstract>" + water + "</abstract></doc></feed>"
	if texts, meta, _ := read(t, "abstract.xml", []byte(in), Default()); len(texts) != 1 || texts[0] != water || meta[0] != `{"title":"t"}` {
		t.Errorf("an abstract: %q, %q", texts, meta)
	}
	cfg = Default()
	cfg.Metadata.Drop = Fields{"url", "link", "timestamp", "title"}
	for format, in := range map[string]string{
		Doc:       "<doc url=\"a\"><url>u</url><n>7</n><text>" + water + "</text></doc>",
		Feed:      "<rss version=\"2.0\"><item><title>t</title><link>l</link><n>7</n><description>" + water + "</description></item></rss>",
		MediaWiki: "<mediawiki><page><title>t</title><id>7</id><revision><timestamp>x</timestamp><text>" + water + "</text></revision></page></mediawiki>",
	} {
		in := one(format, RuleRecord, "", []byte(in))
		in.cfg = cfg
		if _, meta, _, _ := in.documents(t); len(meta) != 1 || meta[0] != `{"n":"7"}` && meta[0] != `{"id":"7"}` {
			t.Errorf("%s without some fields: %q", format, meta)
		}
	}
	missing := "<doc><url>u</url><title>t</title></doc><doc><text>  </text><content>" + water + "</content></doc>"
	documents, _, rejects, _ := one(Doc, RuleRecord, "", []byte(missing)).documents(t)
	if len(documents) != 1 || documents[0].Text != water || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonFieldMissing ||
		!strings.Contains(rejects[0].Detail, `"url", "title"`) {
		t.Errorf("%v, rejects %v", documents, rejects)
	}
}

// TestElementsAbsent holds that a file without any record is told, unless it is one that has none.
func TestElementsAbsent(t *testing.T) {
	for in, want := range map[string]int{"<html><body>一</body></html>": 1, bookshop: 1, "<rss version=\"2.0\"><channel></channel></rss>": 0, "<mediawiki></mediawiki>": 0, "": 0} {
		for _, format := range []string{Feed, MediaWiki, Doc} {
			documents, _, rejects, _ := one(format, RuleRecord, "", []byte(in)).documents(t)
			if len(documents) > 0 || len(rejects) == 0 && want > 0 || len(rejects) > 1 {
				t.Errorf("%s, %q: %d documents, rejects %v", format, in, len(documents), rejects)
			}
		}
	}
}

// TestElementDamage holds that a damaged record is the only one lost, and is told with its place.
func TestElementDamage(t *testing.T) {
	good := func(i int) string {
		return fmt.Sprintf("<doc>\n<docno>%d</docno>\n<content>%s</content>\n</doc>\n", i, bookshop)
	}
	item := func(i int) string {
		return fmt.Sprintf("<item><title>%d</title><description><![CDATA[<p>%s</p>]]></description></item>\n", i, bookshop)
	}
	for _, c := range []struct {
		name, format, before, damaged, after, reason string
		documents                                    int
	}{
		{"no end tag", Doc, good(1), "<doc>\n<docno>2</docno>\n<content>" + water + "</content>\n", good(3), ingest.ReasonCorrupt, 2},
		{"no end tag, in a line", Doc, strings.ReplaceAll(good(1), "\n", ""), "<doc><content>" + water + "</content>", strings.ReplaceAll(good(3), "\n", ""), ingest.ReasonCorrupt, 2},
		{"an end tag that is cut", Doc, good(1), "<doc>\n<content>" + water + "</content>\n</do\n", good(3), ingest.ReasonCorrupt, 2},
		{"no start tag", Doc, good(1), "oc>\n<docno>2</docno>\n<content>" + water + "</content>\n</doc>", "\n" + good(3), ingest.ReasonCorrupt, 2},
		{"neither", Doc, good(1), water + "\n", good(3), ingest.ReasonCorrupt, 2},
		{"at the end", Doc, good(1), "<doc>\n<content>" + water, "", ingest.ReasonTruncated, 1},
		{"a quote in a tag", Doc, good(1), "", "<doc id=\"x>\n<content>" + bookshop + "</content>\n</doc>\n" + good(3), "", 3},
		{"an item without its end tag", Feed, "<rss>" + item(1), "<item><title>2</title>\n", item(3), ingest.ReasonCorrupt, 2},
		{"an item without its start tag", Feed, "<rss>" + item(1), "</item>", "\n" + item(3), ingest.ReasonCorrupt, 2},
		{"a section without its end", Feed, "<rss>" + item(1), "<item><title>2</title><description><![CDATA[<p>x</p></description></item>", "\n" + item(3), ingest.ReasonCorrupt, 2},
		{"the end of an item in a section", Feed, "<rss>" + item(1), "", "<item><description><![CDATA[</item> is a tag]]></description></item>" + item(3), "", 3},
		{"a page without its end tag", MediaWiki, "<mediawiki><page><title>a</title></page>\n", "<page><title>b</title>\n", "<page><title>c</title></page>", ingest.ReasonCorrupt, 2},
	} {
		in := one(c.format, RuleRecord, "", []byte(c.before+c.damaged+c.after))
		documents, _, rejects, _ := in.documents(t)
		if len(documents) != c.documents {
			t.Errorf("%s: %v, rejects %v", c.name, documents, rejects)
		}
		if c.reason == "" {
			if len(rejects) > 0 {
				t.Errorf("%s: rejects %v", c.name, rejects)
			}
			continue
		}
		if len(rejects) != 1 || rejects[0].Reason != c.reason || rejects[0].Offset != int64(len(c.before)) || rejects[0].Bytes < int64(len(c.damaged)) || rejects[0].Detail == "" {
			t.Errorf("%s: rejects %v, not at %d", c.name, rejects, len(c.before))
		}
	}
}

// TestElementPlaces reads many records of all lengths, so that every tag stands across the end of what is read at once somewhere,
// with others that are too large between them.
func TestElementPlaces(t *testing.T) {
	var text strings.Builder
	var want []record
	wantRejects := 0
	for i := range 900 {
		body := strings.Repeat("书", i*7%2500) + strconv.Itoa(i)
		large := i%97 == 50
		if large {
			body = strings.Repeat("大", 70000)
			wantRejects++
		}
		offset := int64(text.Len())
		fmt.Fprintf(&text, "<doc>\n<n>%d</n>\n<content>%s</content>\n</doc>\n%s", i, body, strings.Repeat("\n", i%3))
		if !large {
			want = append(want, record{offset, body})
		}
	}
	in := one(Doc, RuleRecord, "", []byte(text.String()))
	in.cfg.MaxDocumentBytes = 100000
	documents, _, rejects, _ := in.documents(t)
	if diff := cmp.Diff(want, documents); diff != "" || len(rejects) != wantRejects {
		t.Errorf("rejects %v, %.500s", rejects, diff)
	}
	for _, r := range rejects {
		if r.Reason != ingest.ReasonTooLarge || r.Bytes < 210000 {
			t.Errorf("%v", r)
		}
	}
}

// generated is a stored file that nobody keeps: parts, of which some repeat.
type generated struct {
	parts []generatedPart
	size  int64
}

type generatedPart struct {
	text  string
	times int64
}

func newGenerated(parts ...generatedPart) *generated {
	g := &generated{parts: parts}
	for _, p := range parts {
		g.size += int64(len(p.text)) * p.times
	}
	return g
}

func (g *generated) Size() int64 { return g.size }

func (*generated) Close() error { return nil }

func (g *generated) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		at, found := off+int64(n), false
		for _, part := range g.parts {
			length := int64(len(part.text))
			if at < length*part.times {
				n += copy(p[n:], part.text[at%length:])
				found = true
				break
			}
			at -= length * part.times
		}
		if !found {
			return n, io.EOF
		}
	}
	return n, nil
}

// TestHugePage holds that a dump with a page larger than any memory takes no more than a document may have.
func TestHugePage(t *testing.T) {
	small := "<page><title>书店</title><id>1</id><revision><id>1</id><text>" + bookshop + "</text></revision></page>\n"
	revision := "<revision><id>1</id><timestamp>2024-01-01T00:00:00Z</timestamp><text>" + strings.Repeat(water, 1000) + "</text></revision>\n"
	object := newGenerated(
		generatedPart{"<mediawiki>\n", 1}, generatedPart{small, 1000},
		generatedPart{"<page><title>大</title><revision><text>", 1}, generatedPart{strings.Repeat(water, 100), 10000}, generatedPart{"</text></revision></page>\n", 1},
		generatedPart{"<page><title>史</title>", 1}, generatedPart{revision, 500}, generatedPart{"</page>\n", 1},
		generatedPart{small, 1000}, generatedPart{"</mediawiki>\n", 1},
	)
	in := newInput()
	in.cfg.MaxDocumentBytes = 1 << 20
	in.add(ingest.File{Path: "dump.xml", Format: MediaWiki, Document: RuleRecord}, object)
	documents, most := 0, 0
	var rejects []columnar.Reject
	in.each(t, func(b *columnar.Batch) {
		documents += b.Len()
		rejects = append(rejects, b.Rejects...)
		most = max(most, cap(b.Text.Data))
	})
	if documents != 2001 || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonTooLarge || most > 3*batchBytes {
		t.Errorf("%d documents, rejects %v, a batch of %d bytes of a file of %d", documents, rejects, most, object.size)
	}
}

// TestOtherXML holds that XML which is none of the formats is told, and what only looks like it is text.
func TestOtherXML(t *testing.T) {
	tei := "<?xml version=\"1.0\"?>\n<!DOCTYPE TEI [\n<!ENTITY a \"b\">\n]>\n<TEI xmlns=\"http://www.tei-c.org/ns/1.0\"><text><p>" + bookshop + "</p></text></TEI>\n"
	for _, name := range []string{"a.xml", "b.txt", "c", "d.tei"} {
		inManyForms(t, tei, func(form string, data []byte) {
			if d := Detect(name, data, Default()); d.Reject != ingest.ReasonUnsupported || !strings.Contains(d.Why, "<TEI>") || !strings.Contains(d.Why, "html") {
				t.Errorf("%s, %s: %q, %s", name, form, d.Reject, d.Why)
			}
		})
	}
	cfg := Default()
	cfg.Format = HTML
	if texts, _, _ := read(t, "a.xml", []byte(tei[strings.Index(tei, "<TEI"):]), cfg); len(texts) != 1 || texts[0] != bookshop {
		t.Errorf("as HTML: %q", texts)
	}
	for name, in := range map[string]string{
		"a.xml without a tag": bookshop,
		"example.txt":         "<?xml version=\"1.0\"?>\n<a>b</a>\n\n" + bookshop,
		"tag.txt":             "<a>\n" + bookshop + "</a>\n",
		"doc.txt":             "<doc> 是一个标签。\n" + bookshop,
		"feed.txt":            "<feed> 是 Atom 的标签。\n" + bookshop,
		"rss.txt":             "<rss> 是一个标签。\n" + bookshop,
		"x.md":                "<doc>\n<content>x</content>\n</doc>\n",
	} {
		if d := Detect(name, []byte(in), Default()); d.Format != Text || d.Reject != "" {
			t.Errorf("%s: %s, %q, %s", name, d.Format, d.Reject, d.Why)
		}
	}
}

func FuzzElements(f *testing.F) {
	f.Add([]byte("<doc id=\"1\">\n<a>b</a><content><![CDATA[x]]>&lt;</content>\n</doc>\n<doc>x<doc>\n</doc>"), uint8(0))
	f.Add([]byte("<rss><item><description>&lt;p&gt;a</description></item><item><content:encoded><![CDATA[<p>b]]></content:encoded></item>"), uint8(1))
	f.Add([]byte("<mediawiki><page><revision><timestamp>1</timestamp><text>[[a]]</text></revision><revision></revision></page><page/>"), uint8(2))
	f.Add([]byte("x<!-- <item> --></item><entry/><![CDATA[<item>"), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		format := []string{Doc, Feed, MediaWiki}[which%3]
		in := one(format, RuleRecord, "", data)
		in.cfg.MaxReplacementShare, in.cfg.MaxDocumentBytes = 1, minDocumentBytes
		documents, meta, rejects, _ := in.documents(t)
		last := int64(-1)
		for i, d := range documents {
			if d.Offset <= last || d.Offset >= int64(len(data)) || data[d.Offset] != '<' || !utf8.ValidString(d.Text) || !utf8.ValidString(meta[i]) {
				t.Fatalf("document %d at %d of %q", i, d.Offset, data)
			}
			last = d.Offset
		}
		for _, r := range rejects {
			if r.Offset < 0 || r.Bytes <= 0 || r.Detail == "" {
				t.Fatalf("%+v", r)
			}
		}
		if _, _, _, stored := in.raw(t); stored != int64(len(data)) {
			t.Fatalf("consumed %d of %d bytes", stored, len(data))
		}
	})
}
