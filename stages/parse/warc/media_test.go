package warc

import (
	"strings"
	"testing"
)

// TestMediaType: values of Content-Type as servers write them.
func TestMediaType(t *testing.T) {
	for _, c := range []struct{ in, media, label string }{
		{"text/html; charset=utf-8", "text/html", "utf-8"},
		{"text/html charset=gbk", "text/html", "gbk"},
		{"text/html,charset=gbk", "text/html", "gbk"},
		{"text/html, text/html; Charset = 'GBK'", "text/html", "gbk"},
		{"text/html;;charset=gbk;charset=utf-8", "text/html", "gbk"},
		{`"text/html"; charset="gbk"`, "text/html", "gbk"},
		{"text/html:charset=gbk", "text/html", "gbk"},
		{"text/html\u00a0; charset=gbk", "text/html", "gbk"},
		{"content-type: Text/HTML", "text/html", ""},
		{"html", "text/html", ""},
		{"text/htm", "text/html", ""},
		{"text/x-html", "text/html", ""},
		{"application/html", "text/html", ""},
		{"text", "text/plain", ""},
		{"plain", "text/plain", ""},
		{"charset=gbk", "", "gbk"},
		{"; charset=gbk", "", "gbk"},
		{"", "", ""},
		{";", "", ""},
		{"charset", "", ""},
		{"application/xhtml+xml", "application/xhtml+xml", ""},
		{"text/plain; charset=" + strings.Repeat("x", 50), "text/plain", ""},
		{"text/plain; format=flowed; xcharset; charset=big5", "text/plain", "big5"},
	} {
		if media, label := mediaType(c.in); media != c.media || label != c.label {
			t.Errorf("%q: %q, %q, want %q, %q", c.in, media, label, c.media, c.label)
		}
	}
}

// TestMedia: what the document of an answer is taken for.
func TestMedia(t *testing.T) {
	const page = "\r\n<!-- x --><html><head><title>一</title></head><body>一"
	chunked := "Transfer-Encoding: chunked\r\n"
	for _, c := range []struct{ name, identified, header, body, media string }{
		{"declared", "", "Content-Type: text/html\r\n", "一", "text/html"},
		{"identified", "text/html", "Content-Type: image/gif\r\n", "一", "text/html"},
		{"identified as something else", "image/gif", "Content-Type: text/html\r\n", "GIF89a", "image/gif"},
		{"identified as nothing", "application/octet-stream", "Content-Type: text/html\r\n", "一", "text/html"},
		{"plain", "", "Content-Type: text/plain\r\n", "一", "text/plain"},
		{"plain that is a page", "", "Content-Type: text/plain\r\n", page, "text/html"},
		{"identified as plain, a page", "text/plain", "", page, "text/html"},
		{"plain that speaks of pages", "", "Content-Type: text/plain\r\n", "use <html> first", "text/plain"},
		{"plain with a tag", "", "Content-Type: text/plain\r\n", "<p>一</p>", "text/plain"},
		{"image", "", "Content-Type: image/gif\r\n", "GIF89a", "image/gif"},
		{"image that is a page", "", "Content-Type: image/gif\r\n", page, "text/html"},
		{"css that is a page", "", "Content-Type: text/css\r\n", page, "text/html"},
		{"css", "", "Content-Type: text/css\r\n", "p { color: red }", "text/css"},
		{"no type, a page", "", "", page, "text/html"},
		{"no type, a part of a page", "", "", "<div class=a><p>一</p>", "text/html"},
		{"no type, a comment", "", "", "<!-- x -->", "text/html"},
		{"no type, text", "", "", "这是一段文字。\n", "text/plain"},
		{"no type, script", "", "", "var a = 1;\n", ""},
		{"no type, JSON", "", "", `{"a": "一"}`, ""},
		{"no type, feed", "", "", "<?xml version='1.0'?><rss><channel><title>一", ""},
		{"no type, bytes", "", "", "\x00\x01 一", ""},
		{"octets, a page", "", "Content-Type: application/octet-stream\r\n", page, "text/html"},
		{"unknown, text", "", "Content-Type: unknown/unknown\r\n", "two words", "text/plain"},
		{"feed", "", "Content-Type: application/rss+xml\r\n", "<?xml version='1.0'?><rss><channel><title>一", "application/rss+xml"},
		{"XHTML as XML", "", "Content-Type: application/xml\r\n", "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'>\n<html xmlns='x'>一", "text/html"},
		{"drawing", "", "Content-Type: image/svg+xml\r\n", "<?xml version='1.0'?><!DOCTYPE svg PUBLIC 'x'><svg><title>一", "image/svg+xml"},
		{"BOM and a page", "", "Content-Type: unk\r\n", "\ufeff<HTML>一", "text/html"},
		{"chunked page", "", chunked, "5\r\n<html\r\n10;x\r\n><body>一二三\r\n0\r\n\r\n", "text/html"},
		{"not chunked", "", chunked, page, "text/html"},
		{"gzip", "", "Content-Encoding: gzip\r\n", encode(t, "gzip", page), "text/html"},
		{"brotli", "", "Content-Type: image/gif\r\nContent-Encoding: br\r\n", encode(t, "br", page), "text/html"},
		{"zstd", "", "Content-Encoding: zstd\r\n", encode(t, "zstd", page), "text/html"},
		{"deflate", "", "Content-Encoding: deflate\r\n", encode(t, "zlib", page), "text/html"},
		{"gzip of much", "", "Content-Encoding: gzip\r\n", encode(t, "gzip", page+noise(100<<10)), "text/html"},
		{"not gzip", "", "Content-Encoding: gzip\r\n", page, "text/html"},
		{"a long header", "", "X: " + strings.Repeat("x", 40<<10) + "\r\n", page, "text/html"},
	} {
		block := "HTTP/1.1 200 OK\r\n" + c.header + "\r\n" + c.body
		record := warcRecord(Response, "application/http", block, -1)
		if c.identified != "" {
			record = strings.Replace(record, "WARC-Type", "WARC-Identified-Payload-Type: "+c.identified+"\r\nWARC-Type", 1)
		}
		rec, err := NewReader(strings.NewReader(record), Limits{}).Next()
		if err != nil {
			t.Fatal(err)
		}
		parsed, _, err := Parse([]byte(record))
		carries := strings.HasPrefix(c.media, "text/") && c.media != "text/css"
		if err != nil || rec.Media != c.media || parsed.Media != c.media || (rec.Passed == "") != carries {
			t.Errorf("%s: %q, %q, %v, passed %q, want %q", c.name, rec.Media, parsed.Media, err, rec.Passed, c.media)
		}
	}
	arc := "http://a.example/ 1.2.3.4 20240102030405 image/gif %d\n"
	for _, media := range []string{"image/gif", "no-type", "text/plain"} {
		block := "HTTP/1.0 200 OK\nContent-Type: " + media + "\n\n<html>一"
		if rec, _, err := Parse([]byte(strings.Replace(strings.Replace(arc, "%d", "99", 1), "image/gif", media, 1) + block)); err != nil || rec.Media != "text/html" {
			t.Errorf("ARC, %s: %q, %v", media, rec.Media, err)
		}
	}
}

// noise makes text that does not compress.
func noise(n int) string {
	var b strings.Builder
	for x := uint32(1); b.Len() < n; {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b.WriteRune(rune(0x4e00 + x%20000))
	}
	return b.String()
}

func FuzzMedia(f *testing.F) {
	f.Add("text/html; charset=gbk", "gzip", []byte("<html>"))
	f.Add("\"a/b\" charset", "br,zstd,deflate", []byte("5\r\n<html"))
	f.Fuzz(func(t *testing.T, value, coding string, body []byte) {
		if _, label := mediaType(value); len(label) > maxLabel {
			t.Fatal(label)
		}
		for _, transfer := range []string{"", "chunked"} {
			if first := firstBytes(httpHeader{contentEncoding: coding, transferEncoding: transfer}, body); len(first) > sniffBytes {
				t.Fatal(len(first))
			}
		}
		_, _ = looksLikeHTML(body, true), looksLikeText(body)
	})
}
