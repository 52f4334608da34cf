package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// warcRecord makes a record of the given type around a block. length < 0: that of the block.
func warcRecord(kind, contentType, block string, length int) string {
	if length < 0 {
		length = len(block)
	}
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%d>\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n"+
		"WARC-Target-URI: http://例.example/%d\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
		kind, len(block), len(block), contentType, length, block)
}

func wet(text string) string { return warcRecord(Conversion, "text/plain", text, -1) }

func response(header, body string) string {
	return warcRecord(Response, "application/http; msgtype=response", "HTTP/1.1 200 OK\r\n"+header+"\r\n"+body, -1)
}

func arcEntry(url, media, block, length string) string {
	return url + " 127.0.0.1 20140216050221 " + media + " " + length + "\n" + block + "\n"
}

const arcVersion = "filedesc://a.arc 127.0.0.1 20140216050221 text/plain 75\n" +
	"1 0 LiveWeb Capture\nURL IP-address Archive-date Content-type Archive-length\n\n"

// walk reads an archive and writes down what comes: bodies in quotes, what is passed over and damage in words.
func walk(t testing.TB, r *Reader) (lines []string) {
	t.Helper()
	d := NewDecoder(0)
	for {
		rec, err := r.Next()
		if err == nil && rec.Passed != "" {
			lines = append(lines, rec.Passed)
			continue
		}
		var raw []byte
		if err == nil {
			raw, err = r.Raw(nil)
		}
		if errors.Is(err, io.EOF) {
			return lines
		}
		if damage, ok := errors.AsType[*DamageError](err); ok {
			lines = append(lines, fmt.Sprintf("%d+%d %s", damage.Offset, damage.Lost, damage.Reason))
			continue
		}
		if large, ok := errors.AsType[*TooLargeError](err); ok {
			lines = append(lines, fmt.Sprintf("%d too large", large.Offset))
			continue
		}
		if err != nil {
			return append(lines, err.Error())
		}
		doc, err := d.Decode(raw)
		if err != nil {
			return append(lines, err.Error())
		}
		lines = append(lines, fmt.Sprintf("%q", doc.Body))
	}
}

func TestReader(t *testing.T) {
	one, two, three := wet("一"), wet("二二"), wet("三三三")
	n1, n2 := len(one), len(two)
	inner := warcRecord(Resource, "text/plain", "内"+two+"外", -1)
	big := strings.Repeat("长", 3000)
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"line ends only", "\r\n\n", nil},
		{"two", one + two, []string{`"一"`, `"二二"`}},
		{"no line ends between", one[:n1-4] + two[:n2-4], []string{`"一"`, `"二二"`}},
		{"bare line feeds", strings.ReplaceAll(one+two, "\r", ""), []string{`"一"`, `"二二"`}},
		{"version 1.1", strings.ReplaceAll(one, "1.0", "1.1"), []string{`"一"`}},
		{"names in any case", strings.ReplaceAll(strings.ReplaceAll(one, "Content-Length", "content-LENGTH"), "WARC-Type", "warc-type"), []string{`"一"`}},
		{"folded field", strings.Replace(one, "conversion", "\r\n conversion", 1), []string{`"一"`}},
		{"empty block", wet(""), []string{`""`}},
		{"other types", warcRecord("request", "application/http", "GET /", -1) + one, []string{PassedType, `"一"`}},
		{"an image", warcRecord(Resource, "image/png", "x", -1), []string{PassedMedia}},
		{"the crawler's own", strings.Replace(warcRecord(Resource, "text/plain", "log", -1), "http://", "metadata://", 1), []string{PassedLog}},
		{"a redirect", strings.Replace(response("Content-Type: text/html\r\n", "x"), "200 OK", "302 OK", 1), []string{PassedStatus}},
		{"garbage first", "abc\ndef\n" + one, []string{"0+8 " + errNoEntry.Error(), `"一"`}},
		{"garbage between", one + "abc WARC/1.0\r\n\r\n" + two, []string{`"一"`, fmt.Sprintf("%d+16 %s", n1, errNoEntry), `"二二"`}},
		{"garbage only", big, []string{"0+9000 " + errNoEntry.Error()}},
		{"garbage last", one + "x", []string{`"一"`, fmt.Sprintf("%d+1 %s", n1, errNoEntry)}},
		{"no length", strings.Replace(one, "Content-Length", "Content-Size", 1) + two, []string{fmt.Sprintf("0+%d no Content-Length", n1-2), `"二二"`}},
		{"bad length", strings.Replace(one, "Length: 3", "Length: -3", 1) + two, []string{fmt.Sprintf("0+%d bad length \"-3\"", n1+1), `"二二"`}},
		{"huge length", strings.Replace(one, "Length: 3", "Length: 99999999999999999999", 1) + two, []string{fmt.Sprintf("0+%d bad length \"99999999999999999999\"", n1+19), `"二二"`}},
		{"too short a length", warcRecord(Conversion, "text/plain", "一二", 3) + two, []string{`"一"`, "185+7 " + errNoEntry.Error(), `"二二"`}},
		{"too long a length", warcRecord(Conversion, "text/plain", "一", 999) + two, []string{fmt.Sprintf("0+%d another record starts within the block", n1+2), `"二二"`}},
		{"much too long a length", warcRecord(Conversion, "text/plain", "一", 999999999) + two + three, []string{fmt.Sprintf("0+%d another record starts within the block", n1+8), `"二二"`, `"三三三"`}},
		{"too long a length, passed over", warcRecord("request", "text/plain", "一", 9999999) + two, []string{PassedType, fmt.Sprintf("0+%d another record starts within the block", len(warcRecord("request", "", "", 9999999))+13), `"二二"`}},
		{"an archive in the archive", inner + three, []string{fmt.Sprintf("%q", "内"+two+"外"), `"三三三"`}},
		{"an archive in the archive at its end", inner, []string{fmt.Sprintf("%q", "内"+two+"外")}},
		{"cut off in the block", one + two[:n2-6], []string{`"一"`, fmt.Sprintf("%d+%d the stream ends 2 bytes before the record does", n1, n2-6)}},
		{"cut off in the header", one + two[:40], []string{`"一"`, fmt.Sprintf("%d+40 the header is cut off", n1)}},
		{"cut off in the header, others behind", one[:40] + "\r\n" + two, []string{"0+42 another record starts within the header", `"二二"`}},
		{"endless header", "WARC/1.0\r\nA: " + big + "\r\n" + one, []string{"0+9015 " + errIncomplete.Error(), `"一"`}},
		{"too large", wet(big) + one, []string{"0 too large", `"一"`}},
		{"too large and cut off", wet(big)[:5000], []string{"0+5000 the stream ends 4191 bytes before the record does"}},
		{"http", response("Content-Type: text/html; charset=GBK\r\n", "x"), []string{`"x"`}},
		{"no http header", warcRecord(Response, "application/http", "<!DOCTYPE html>x", -1), []string{`"<!DOCTYPE html>x"`}},
		{"no media type", response("", "<html>x") + response("", "GIF89a"), []string{`"<html>x"`, PassedMedia}},
		{"http cut off, body whole", strings.TrimSuffix(strings.Replace(response("Content-Type: text/plain\r\nContent-Length: 1\r\n", "x"), "\r\nContent-Length: 6", "\r\nContent-Length: 9", 1), "\r\n\r\n"), []string{`"x"`}},
		{"arc", arcVersion + arcEntry("http://a.example/ b c", "text/html", "<p>一", "6"), []string{PassedType, `"<p>一"`}},
		{"arc, no version block", arcEntry("http://a.example/", "text/plain", "HTTP/1.0 200 OK\nContent-Type: text/plain\n\n一", "45"), []string{`"一"`}},
		{"arc, version 2", "http://a.example/ 127.0.0.1 20140216050221 text/plain 200 - - 123 a.arc 3\n一\n", []string{`"一"`}},
		{"arc, other types", arcEntry("dns:a.example", "text/dns", "x", "1") + arcEntry("http://a.example/", "no-type", "x", "1"), []string{PassedMedia, PassedMedia}},
		{"arc, bad length", arcEntry("http://a.example/", "text/plain", "一", "x") + arcEntry("http://a.example/", "text/plain", "二", "3"), []string{"0+60 bad length \"x\"", `"二"`}},
		{"arc, too short a length", arcEntry("http://a.example/", "text/plain", "一二", "3") + arcEntry("http://a.example/", "text/plain", "二", "3"), []string{`"一"`, "59+4 " + errNoEntry.Error(), `"二"`}},
		{"arc, too long a length", arcEntry("http://a.example/", "text/plain", "一", "5000") + arcEntry("http://a.example/", "text/plain", "二", "3"), []string{"0+63 another record starts within the block", `"二"`}},
		{"arc, cut off", arcVersion + "http://a.example/ 127.0.0.1 2014", []string{PassedType, "133+32 the header is cut off"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			limits := Limits{Header: 1 << 10, Record: 8 << 10}
			got := walk(t, NewReader(strings.NewReader(c.in), limits))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if again := walk(t, NewReader(iotest.OneByteReader(strings.NewReader(c.in)), limits)); !cmp.Equal(got, again) {
				t.Errorf("in single bytes: %q", again)
			}
		})
	}
}

// TestRecord: what is told of a record, by the Reader and by Parse.
func TestRecord(t *testing.T) {
	in := "WARC/1.0\r\nWARC-Type: Response\r\nWARC-Target-URI: <http://a.example/ b>\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n" +
		"WARC-Record-ID: <urn:uuid:1>\r\nWARC-Truncated: length\r\nContent-Type: application/http;msgtype=response\r\nContent-Length: 67\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; q=1; Charset=\"GB2312\"\r\n\r\n"
	want := Record{
		Kind: WARC, Type: Response, URI: "http://a.example/ b", Date: "2024-01-02T03:04:05Z", ID: "urn:uuid:1", Truncated: "length",
		ContentType: "application/http;msgtype=response", Media: "text/html", Charset: "gb2312", Status: 200,
	}
	r := NewReader(strings.NewReader("\r\n"+in), Limits{})
	rec, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := r.Raw([]byte("before"))
	if err != nil || string(raw) != "before"+in {
		t.Fatalf("%q, %v", raw, err)
	}
	parsed, block, err := Parse(raw[len("before"):])
	if err != nil || !bytes.HasPrefix(block, []byte("HTTP/1.1")) {
		t.Fatalf("%q, %v", block, err)
	}
	if rec.Offset != 2 || rec.Length != int64(len(in)) || parsed.Length != rec.Length || r.Offset() != int64(len(in))+2 {
		t.Errorf("at %d+%d, then %d; parsed %d", rec.Offset, rec.Length, r.Offset(), parsed.Length)
	}
	for _, got := range []Record{rec, parsed} {
		got.Offset, got.Length, got.header = 0, 0, 0
		if got != want {
			t.Errorf("got %+v", got)
		}
	}
	arc, _, err := Parse([]byte("http://a.example/x y 1.2.3.4 201402160502210000 text/html 3\nabc"))
	if err != nil || arc.Kind != ARC || arc.URI != "http://a.example/x y" || arc.Date != "2014-02-16T05:02:21Z" || arc.Media != "text/html" {
		t.Errorf("%+v, %v", arc, err)
	}
	if _, _, err := Parse([]byte("WARC/1.0\r\n\r\n")); err == nil {
		t.Error("parsed a record without a length")
	}
}

// TestStreamError: errors of the stream are told as such, behind the records before them.
func TestStreamError(t *testing.T) {
	broken := errors.New("bad checksum")
	two := wet("一") + wet("二")
	for at := range len(two) {
		r := NewReader(io.MultiReader(strings.NewReader(two[:at]), iotest.ErrReader(broken)), Limits{})
		documents := 0
		var err error
		for err == nil {
			if _, err = r.Next(); err == nil {
				if _, err = r.Raw(nil); err == nil {
					documents++
				}
			}
		}
		want := 0
		for _, end := range []int{len(wet("一")) - 4, len(two) - 4} {
			if at >= end {
				want++
			}
		}
		if !errors.Is(err, broken) || documents != want {
			t.Fatalf("broken at %d: %d documents, %v", at, documents, err)
		}
		if o := r.Offset(); o > int64(at) {
			t.Fatalf("broken at %d: told up to %d", at, o)
		}
	}
}

// TestLinear: input made to be searched again and again takes time and memory like other input of its size.
func TestLinear(t *testing.T) {
	const size = 1 << 20
	times := func(unit string) time.Duration {
		data := []byte(strings.Repeat(unit, size/len(unit)))
		start := time.Now()
		readAll(t, data, Limits{})
		readAll(t, []byte(warcRecord("metadata", "text/plain", string(data), -1)), Limits{})
		readAll(t, []byte(warcRecord("metadata", "text/plain", string(data), len(data)+99999)), Limits{})
		return time.Since(start)
	}
	const most = 100 // which input of another kind is far from
	usual := times(wet(""))
	for name, unit := range map[string]string{
		"versions":  "WARC/1.0\r\n",
		"headers":   "WARC/1.0\r\nWARC-Type: x\r\n\r\n",
		"entries":   "http://a.example/ 127.0.0.1 20140216050221 text/plain 99999999\n",
		"no length": "http://a.example/ 127.0.0.1 20140216050221 text/plain x\n",
		"magic":     "WARC/",
	} {
		t.Run(name, func(t *testing.T) {
			if took := times(unit); took > most*usual {
				t.Errorf("%v, records take %v", took, usual)
			}
		})
	}
}
