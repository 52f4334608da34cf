package parse

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestKindCases reads the field cases that are about kinds of file.
func TestKindCases(t *testing.T) {
	for _, c := range []struct {
		file, format, reject, what string
		texts, meta                []string
	}{
		{file: "f05_sogou.dat", format: Doc, texts: []string{bookshop, water}, meta: []string{
			`{"url":"http://news.example.com/1.html","docno":"1","contenttitle":"书店"}`, `{"url":"http://news.example.com/2.html","docno":"2","contenttitle":"停水"}`,
		}},
		{file: "f05_wiki.xml", format: MediaWiki, texts: []string{"书店是卖书的地方。\n" + bookshop, water}, meta: []string{
			`{"title":"书店","ns":"0","id":"1","revision":"11"}`, `{"title":"停水","ns":"0","id":"2","revision":"12"}`,
		}},
		{file: "f05_rss.xml", format: Feed, texts: []string{bookshop, water}, meta: []string{`{"title":"甲"}`, `{"title":"乙"}`}},
		{file: "f05_a.eml", reject: ingest.ReasonUnsupported, what: "mail"},
		{file: "f05_a.rtf", reject: ingest.ReasonUnsupported, what: "RTF"},
		{file: "f05_lfs.txt", reject: ingest.ReasonUnsupported, what: "git lfs pull"},
		{file: "f05_lfs.tar.gz", reject: ingest.ReasonUnsupported, what: "git lfs pull"},
		{file: "f05_tokens.bin", reject: ingest.ReasonBinary, what: "token ids"},
		{file: "f06_jsonl.txt", format: JSONL, texts: []string{bookshop, water, "山里的雪比往年晚了半个月，滑雪场推迟到元旦开放。"}, meta: []string{"", "", ""}},
		{file: "f06_page.txt", format: HTML, texts: []string{"城南的老书店昨天重新开门。"}, meta: []string{`{"title":"t"}`}},
		{file: "f15_titles.txt", format: Text, texts: []string{"Plan B\nVitamin E\nHepatitis B\nAppendix I\nSchedule B\nWorld War I\n"}, meta: []string{""}},
	} {
		t.Run(c.file, func(t *testing.T) {
			data, err := os.ReadFile(pipelinetest.Shared(t, "../cases/"+c.file))
			if err != nil {
				t.Fatal(err)
			}
			d := Detect(c.file, data, Default())
			if d.Reject != c.reject || d.Reject == "" && d.Format != c.format || !strings.Contains(d.Why, c.what) {
				t.Fatalf("%s, %q, %s", d.Format, d.Reject, d.Why)
			}
			if d.Reject != "" {
				return
			}
			texts, meta, rejects := read(t, c.file, data, Default())
			if diff := cmp.Diff(c.texts, texts) + cmp.Diff(c.meta, meta); diff != "" || len(rejects) > 0 {
				t.Errorf("rejects %v, %s", rejects, diff)
			}
		})
	}
}
