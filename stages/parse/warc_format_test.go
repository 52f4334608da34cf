package parse

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// archived is a record of a WARC.
func archived(kind, media, block string) string {
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: http://a.cn/\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n"+
		"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", kind, media, len(block), block)
}

// answered is a record of an answer with the body.
func answered(header, body string) string {
	return archived("response", "application/http; msgtype=response", "HTTP/1.1 200 OK\r\n"+header+"\r\n\r\n"+body)
}

const (
	archivedInfo = "\"uri\":\"http://a.cn/\",\"date\":\"2024-01-02T03:04:05Z\",\"id\":\"urn:uuid:1\""
	simplified   = "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。寒来暑往，秋收冬藏。这是一个没有什么意思的页面。"
	traditional  = "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。寒來暑往，秋收冬藏。這是一個沒有什麼意思的頁面。"
)

// TestWARC reads a record of each kind.
func TestWARC(t *testing.T) {
	page := "<html><head><title>标题</title></head><body><p>" + simplified + "<p>二</body></html>"
	gbPage := inEncoding(t, simplifiedchinese.GB18030, strings.Replace(page, "<head>", "<head><meta charset=gb2312>", 1))
	western := "Die Größe: 10×20 m², « déjà vu » – 25 €."
	for _, c := range []struct {
		name, record, text, meta string // meta behind what all have
		counters                 columnar.Counters
		reason                   string
	}{
		{name: "page", record: answered("Content-Type: text/html; charset=utf-8", page), text: simplified + "\n二", meta: `"content_type":"text/html","title":"标题"`},
		{
			name: "page in GBK by its meta", record: answered("Content-Type: text/html", gbPage), text: simplified + "\n二",
			meta: `"content_type":"text/html","title":"标题"`, counters: columnar.Counters{"decoded_gb18030": 1},
		},
		{
			name: "page in GBK that lies", record: answered("Content-Type: text/html; charset=utf-8", gbPage), text: simplified + "\n二",
			meta: `"content_type":"text/html","title":"标题"`, counters: columnar.Counters{"decoded_gb18030": 1},
		},
		{
			name: "text in Big5", record: answered("Content-Type: text/plain; charset=big5", inEncoding(t, traditionalchinese.Big5, traditional)),
			text: traditional, meta: `"content_type":"text/plain"`, counters: columnar.Counters{"decoded_big5": 1},
		},
		{
			name: "page in Windows-1252", record: answered("Content-Type: text/html; charset=iso-8859-1", inEncoding(t, charmap.Windows1252, "<p>"+western)),
			text: western, meta: `"content_type":"text/html"`, counters: columnar.Counters{"decoded_windows_1252": 1},
		},
		{
			name: "a sign in Windows-1252", record: answered("Content-Type: text/plain; charset=windows-1252", "Format 10\xd720 cm"),
			text: "Format 10×20 cm", meta: `"content_type":"text/plain"`, counters: columnar.Counters{"decoded_windows_1252": 1},
		},
		{name: "conversion", record: archived("conversion", "text/plain", bom+"一\r\n二 <p>"), text: "一\r\n二 <p>", meta: `"content_type":"text/plain"`},
		{
			name: "a byte that is no utf-8", record: archived("conversion", "text/plain", simplified+"\xff"), text: simplified + "\uFFFD",
			meta: `"content_type":"text/plain"`, counters: columnar.Counters{"invalid_utf8": 1},
		},
		{
			name: "short", record: answered("Content-Type: text/plain\r\nContent-Length: 99", "一"), text: "一", meta: `"content_type":"text/plain"`,
			counters: columnar.Counters{"warc_short_body": 1},
		},
		{name: "markdown", record: archived("resource", "text/markdown", "# 一"), text: "# 一", meta: `"content_type":"text/markdown"`},
		{
			name: "ARC", record: "http://a.cn/ 1.2.3.4 20240102030405 text/plain 3\n一\n", text: "一",
			meta: "-\"uri\":\"http://a.cn/\",\"date\":\"2024-01-02T03:04:05Z\",\"content_type\":\"text/plain\"",
		},
		{
			name: "page without a type, compressed", record: answered("Content-Encoding: gzip", string(gzipped(t, page))), text: simplified + "\n二",
			meta: `"content_type":"text/html","title":"标题"`,
		},
		{name: "page that is called an image", record: answered("Content-Type: image/gif", page), text: simplified + "\n二", meta: `"content_type":"text/html","title":"标题"`},
		{name: "request", record: archived("request", "application/http", "GET / HTTP/1.1\r\n\r\n"), counters: columnar.Counters{"skipped_record_type": 1}},
		{name: "image", record: answered("Content-Type: image/png", "\x89PNG\r\n"), counters: columnar.Counters{"skipped_media_type": 1}},
		{
			name: "redirect", record: archived("response", "application/http", "HTTP/1.1 302 Found\r\nContent-Type: text/html\r\n\r\n一"),
			counters: columnar.Counters{"skipped_http_status": 1},
		},
		{name: "image that lies", record: answered("Content-Type: text/html", "\x89PNG\r\n"), reason: ingest.ReasonBinary},
		{name: "control characters", record: answered("Content-Type: text/html", "\x00\x01\x02"), reason: ingest.ReasonBinary},
		{name: "no known encoding", record: archived("conversion", "text/plain", strings.Repeat("a\xff\xfe\x81\x20", 9)), reason: ingest.ReasonEncodingUnknown},
		{name: "UTF-32", record: archived("conversion", "text/plain", "\xff\xfe\x00\x00a\x00\x00\x00"), reason: ingest.ReasonEncoding},
		{name: "too large", record: archived("conversion", "text/plain", strings.Repeat("一", minDocumentBytes)), reason: ingest.ReasonTooLarge},
		{
			name: "expansion", record: answered("Content-Type: text/plain\r\nContent-Encoding: gzip", string(gzipped(t, strings.Repeat("一", minDocumentBytes)))),
			reason: ingest.ReasonExpansion,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			last := archived("conversion", "text/plain", "末")
			if strings.HasPrefix(c.record, "http") {
				last = c.record
			}
			in := one(WARC, RuleRecord, "", []byte(c.record+last))
			in.cfg.MaxDocumentBytes = minDocumentBytes
			documents, meta, rejects, counters := in.documents(t)
			if len(documents) == 0 || documents[len(documents)-1].Offset != int64(len(c.record)) {
				t.Fatalf("documents %v, rejects %v", documents, rejects)
			}
			documents = documents[:len(documents)-1]
			if c.text != "" && (len(documents) != 1 || documents[0] != record{0, c.text}) || c.text == "" && len(documents) > 0 {
				t.Errorf("documents %v", documents)
			}
			want := "{" + archivedInfo + "," + c.meta + "}"
			if arc, ok := strings.CutPrefix(c.meta, "-"); ok {
				want = "{" + arc + "}"
			}
			if c.text != "" && meta[0] != want {
				t.Errorf("metadata %s, want %s", meta[0], want)
			}
			page := int64(strings.Count(c.meta, `"content_type":"text/html"`))
			if n := counters[ingest.CounterArticles] + counters[ingest.CounterNoArticle]; n != page {
				t.Errorf("%d pages are counted, not %d", n, page)
			}
			if delete(counters, ingest.CounterArticles); len(counters) == 0 {
				counters = nil
			}
			if diff := cmp.Diff(c.counters, counters); diff != "" {
				t.Error(diff)
			}
			if c.reason == "" && len(rejects) > 0 || c.reason != "" && (len(rejects) != 1 || rejects[0].Reason != c.reason ||
				rejects[0].Scope != columnar.ScopeDocument || rejects[0].Offset != 0 || rejects[0].Bytes != int64(len(c.record))-4) {
				t.Errorf("rejects %+v", rejects)
			}
		})
	}
}

// TestWARCDamage holds that the records around damage are read, and that the rest of a file that ends too early is rejected.
func TestWARCDamage(t *testing.T) {
	text := func(s string) string { return archived("conversion", "text/plain", s) }
	first, second := text("一"), text("二")
	garbage := "these bytes are\nnobody's\n"
	in := one(WARC, RuleRecord, "", []byte(first+garbage+second))
	documents, _, rejects, _ := in.documents(t)
	if diff := cmp.Diff([]record{{0, "一"}, {int64(len(first + garbage)), "二"}}, documents); diff != "" {
		t.Error(diff)
	}
	want := []columnar.Reject{{
		Scope: columnar.ScopeDocument, Offset: int64(len(first)), Bytes: int64(len(garbage)), Reason: ingest.ReasonCorrupt,
		Detail: "neither the start of a WARC record nor an ARC entry",
	}}
	if diff := cmp.Diff(want, rejects); diff != "" {
		t.Error(diff)
	}
	whole := first + second
	end := len(whole) - len("\r\n\r\n")
	for cut := len(first) + 1; cut < end; cut++ {
		documents, _, rejects, _ := one(WARC, RuleRecord, "", []byte(whole[:cut])).documents(t)
		if len(documents) != 1 || len(rejects) != 1 || rejects[0].Scope != columnar.ScopeFile || rejects[0].Reason != ingest.ReasonTruncated ||
			rejects[0].Offset != int64(len(first)) || rejects[0].Bytes != int64(cut-len(first)) {
			if strings.Trim(whole[len(first):cut], "\r\n") != "" {
				t.Fatalf("cut at %d: %d documents, rejects %+v", cut, len(documents), rejects)
			}
		}
		packed := gzipped(t, whole)
		at := len(packed) * cut / len(whole)
		if documents, _, rejects, _ = one(WARC, RuleRecord, codec.Gzip, packed[:at]).documents(t); len(documents) > 2 || len(rejects) != 1 {
			t.Fatalf("%d bytes of gzip: %d documents, rejects %+v", at, len(documents), rejects)
		}
	}
}

// TestWARCMembers reads an archive with a gzip member for each record, whole and cut, with one framer.
func TestWARCMembers(t *testing.T) {
	var data []byte
	var want []record
	var cuts []int64
	for i := range 20 {
		kind := "conversion"
		if i%3 == 2 {
			kind = "metadata"
		} else {
			want = append(want, record{int64(len(data)), strings.Repeat("文", i)})
		}
		cuts = append(cuts, int64(len(data)))
		data = append(data, gzipped(t, archived(kind, "text/plain", strings.Repeat("文", i)))...)
	}
	for _, at := range [][]int64{nil, cuts[1:], cuts[7:9]} {
		in := one(WARC, RuleRecord, codec.Gzip, data)
		in.from.Plan.Files[0].Numbered = true
		in.cut(at...)
		documents, _, rejects, counters := in.documents(t)
		if diff := cmp.Diff(want, documents); diff != "" || len(rejects) > 0 || counters["skipped_record_type"] != 6 {
			t.Errorf("rejects %v, counters %v, %s", rejects, counters, diff)
		}
	}
}

func TestDetectWARC(t *testing.T) {
	entry := archived("conversion", "text/plain", "一")
	image := answered("Content-Type: image/png", "\x89PNG\r\n"+strings.Repeat("\x00\x01\xff", 999))
	gb := archived("conversion", "text/plain", inEncoding(t, simplifiedchinese.GBK, simplified))
	for _, c := range []struct {
		file, head string
		numbered   bool
		want       string
	}{
		{"CC-MAIN.warc.wet.gz", string(gzipped(t, entry)), false, WARC},
		{"a.warc.gz", string(gzipped(t, entry, entry)), true, WARC},
		{"cut.warc.gz", string(gzipped(t, entry[:99], entry[99:]+entry)), false, WARC},
		{"a.arc", "filedesc://a.arc 1.2.3.4 20240102030405 text/plain 0\n", false, WARC},
		{"a", entry, false, WARC},
		{"a.gz.bad", image, false, WARC},
		{"b.warc", gb, false, WARC},
		{"wet", strings.Repeat("\x00", 99) + entry, false, ""},
		{"a.txt", "WARC/ is a format", false, Text},
	} {
		d := Detect(c.file, []byte(c.head), Default())
		if c.want == "" && d.Reject == "" || c.want != "" && (d.Format != c.want || d.Reject != "" || d.Encoding != "") || d.Numbered != c.numbered {
			t.Errorf("%s: %+v, %s", c.file, d, d.Reject)
		}
		if c.want == WARC && d.Document != RuleRecord {
			t.Errorf("%s: document %s", c.file, d.Document)
		}
	}
}

// FuzzWARCFormat holds that any archive gives valid documents in their order, and that each offset is in the file.
func FuzzWARCFormat(f *testing.F) {
	page := answered("Content-Type: text/html", "<title>a</title><p>&nGt;<b>\xc4\xe3")
	for _, seed := range []string{
		page, page[:len(page)-9], archived("conversion", "text/plain", "一") + "x\n" + page, "filedesc://a 1.2.3.4 20240102030405 text/plain 1\na\n",
		answered("Content-Type: text/plain\r\nTransfer-Encoding: chunked", "1\r\na\r\n0\r\n\r\n"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		documents, meta, rejects, _ := one(WARC, RuleRecord, "", data).documents(t)
		last := int64(-1)
		for i, d := range documents {
			if !utf8.ValidString(d.Text) || !json.Valid([]byte(meta[i])) || !utf8.ValidString(meta[i]) || d.Offset <= last || d.Offset >= int64(len(data)) {
				t.Fatalf("document %+v behind %d, metadata %q", d, last, meta[i])
			}
			last = d.Offset
		}
		for _, r := range rejects {
			if r.Offset < 0 || r.Offset >= int64(len(data)) || r.Bytes < 1 || r.Reason == "" {
				t.Fatalf("reject %+v", r)
			}
		}
	})
}
