package warc

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// told checks that every byte of an archive is in a record, in damage or in a line end between two of these.
type told struct {
	t      *testing.T
	data   []byte
	at     int64 // up to here all is told
	passed int64 // the end of a record that was passed over, if it turns out to be whole; 0: there is none
}

// next says that what comes now, a record or damage, begins at offset.
func (c *told) next(offset int64) {
	if c.passed > 0 && offset != c.at {
		c.at = c.passed
	}
	c.passed = 0
	if offset < c.at || offset > int64(len(c.data)) || len(bytes.Trim(c.data[c.at:offset], "\r\n")) > 0 {
		c.t.Fatalf("told up to %d, then from %d", c.at, offset)
	}
	c.at = offset
}

// small brings the limits within reach of a fuzzer.
var small = Limits{Header: 1 << 10, Record: 16 << 10}

// readAll reads an archive to its end, which must come, and takes all documents out of it.
func readAll(t *testing.T, data []byte, limits Limits) {
	r, d := NewReader(bytes.NewReader(data), limits), NewDecoder(64<<10)
	c := &told{t: t, data: data}
	for {
		rec, err := r.Next()
		var raw []byte
		if err == nil && rec.Passed == "" {
			raw, err = r.Raw(nil)
		}
		damage, damaged := errors.AsType[*DamageError](err)
		large, tooLarge := errors.AsType[*TooLargeError](err)
		switch {
		case errors.Is(err, io.EOF):
			c.next(int64(len(data)))
			return
		case damaged:
			c.next(damage.Offset)
			if c.at += damage.Lost; damage.Lost <= 0 || c.at != r.Offset() {
				t.Fatalf("%v, but at %d", damage, r.Offset())
			}
		case tooLarge:
			c.next(large.Offset)
			c.at += large.Length
		case err != nil:
			t.Fatal(err)
		case rec.Passed != "":
			c.next(rec.Offset)
			c.passed = rec.Offset + rec.Length
		default:
			c.next(rec.Offset)
			if c.at += int64(len(raw)); c.at > rec.Offset+rec.Length || !bytes.Equal(raw, data[rec.Offset:c.at]) {
				t.Fatalf("raw is not what lies at %d+%d", rec.Offset, rec.Length)
			}
			checkDocument(t, d, rec, raw)
		}
	}
}

func checkDocument(t *testing.T, d *Decoder, rec Record, raw []byte) {
	doc, err := d.Decode(raw)
	if err != nil && !errors.Is(err, ErrExpansion) {
		t.Fatal(err)
	}
	if len(doc.Body) > 64<<10 || doc.Passed != "" || doc.Media != rec.Media {
		t.Fatalf("%+v is not %+v", doc, rec)
	}
	for _, s := range []string{rec.Type, rec.URI, rec.Date, rec.ID, rec.ContentType, rec.Media, rec.Charset, rec.Truncated} {
		if !utf8.ValidString(s) {
			t.Fatalf("%+v", rec)
		}
	}
}

func FuzzWARC(f *testing.F) {
	f.Add([]byte(wet("一") + "garbage\r\n" + wet("二") + warcRecord("request", "application/http", "GET /", -1)))
	f.Add([]byte(wet("一") + warcRecord(Resource, "text/html", wet("二"), 900) + wet("三")))
	f.Add([]byte(warcRecord("metadata", "text/plain", wet("二")+"x", -1) + warcRecord("metadata", "text/plain", wet("二"), 2000)))
	f.Add([]byte(response("Content-Type: text/html; charset=\"gbk\"\r\nTransfer-Encoding: chunked\r\n", "3\r\n一\r\n0\r\n\r\n")))
	for _, name := range []string{"gzip", "zlib", "br", "zstd"} {
		f.Add([]byte(response("Content-Type: text/plain\r\nContent-Length: 3\r\nContent-Encoding: "+strings.Replace(name, "zlib", "deflate", 1)+"\r\n", encode(f, name, "一"))))
	}
	f.Fuzz(func(t *testing.T, data []byte) { readAll(t, data, small) })
}

func FuzzARC(f *testing.F) {
	f.Add([]byte(arcVersion + arcEntry("http://a.example/ b", "text/html", "<p>一", "6") + arcEntry("http://a.example/", "text/plain", "二", "x")))
	f.Add([]byte(arcEntry("http://a.example/", "text/html", "HTTP/1.1 200 OK\r\n\r\n<html>", "25") + "x" + arcEntry("dns:a", "text/dns", "", "0")))
	f.Add([]byte("http://a.example/ 127.0.0.1 20140216050221 text/plain 200 - - 123 a.arc 3\n一\n"))
	f.Add([]byte(arcEntry("http://a.example/", "text/plain", arcEntry("http://a.example/", "text/plain", "二", "3"), "999")))
	f.Fuzz(func(t *testing.T, data []byte) { readAll(t, data, small) })
}
