package warc

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func BenchmarkReader(b *testing.B) {
	page := strings.Repeat("<p>天地玄黄，宇宙洪荒。</p>\n", 400)
	one := response("Content-Type: text/html; charset=utf-8\r\n", page) + warcRecord("request", "application/http", "GET / HTTP/1.1\r\n\r\n", -1)
	data := bytes.Repeat([]byte(one), 200)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	d := NewDecoder(0)
	var raw []byte
	for b.Loop() {
		documents := 0
		for r := NewReader(bytes.NewReader(data), Limits{}); ; {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil && rec.Passed == "" {
				if raw, err = r.Raw(raw[:0]); err == nil {
					documents++
					_, err = d.Decode(raw)
				}
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		if documents != 200 {
			b.Fatal(documents)
		}
	}
}
