package parse

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// declared is what a page says of its encoding, in its own words.
var declared = regexp.MustCompile(`(?i)<meta[^>]*charset\s*=[^>]*>`)

// TestPagesInEncodings: whole pages in GBK and Big5 give the text that they give in UTF-8, whether they declare their
// encoding, none, or another one.
func TestPagesInEncodings(t *testing.T) {
	pipelinetest.Long(t)
	names, err := filepath.Glob("article/testdata/pages/zh-*.html")
	if err != nil || len(names) < 20 {
		t.Fatal(len(names), err)
	}
	tried := map[string]int{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		page := string(data)
		want, _, _ := read(t, "a.html", data, Default())
		for _, e := range []struct {
			name string
			of   encoding.Encoding
		}{{"gbk", simplifiedchinese.GBK}, {"gb18030", simplifiedchinese.GB18030}, {"big5", traditionalchinese.Big5}, {"utf-8", encoding.Nop}} {
			for _, says := range []string{"", "utf-8", "gb2312", "gbk", "big5", "iso-8859-1", "x-unknown"} {
				meta := ""
				if says != "" {
					meta = `<meta http-equiv="Content-Type" content="text/html; charset=` + says + `">`
				}
				changed := declared.ReplaceAllString(page, meta)
				encoded, err := e.of.NewEncoder().String(changed)
				if err != nil { // a character that the encoding does not have
					continue
				}
				if !strings.ContainsFunc(page, func(r rune) bool { return r >= 0x80 }) || declared.FindString(page) == "" {
					continue // no difference
				}
				tried[e.name]++
				got, _, rejects := read(t, "a.html", []byte(encoded), Default())
				if !slices.Equal(got, want) || len(rejects) > 0 {
					t.Errorf("%s in %s, declared as %q: %.80q, rejects %v; not %.80q", name, e.name, says, got, rejects, want)
				}
			}
		}
	}
	for _, e := range []string{"gbk", "gb18030", "big5", "utf-8"} {
		t.Logf("%s: %d pages", e, tried[e])
		if tried[e] == 0 {
			t.Errorf("no page was tried in %s", e)
		}
	}
}
