package parse

import (
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// recordCases are the field cases of records and fields, and what is right: how many documents and rejects, and what stands in
// one of the texts.
var recordCases = []struct {
	file               string
	set                func(*Config)
	documents, rejects int
	has                string
}{
	{"f03_stray_quote_3000.csv.gz", func(c *Config) { c.MaxDocumentBytes = 64 << 10 }, 2999, 1, "第2999次"},
	{"f03_stray_quote_3000.csv.gz", nil, 2999, 1, "第2999次"},
	{"f04_quotes.tsv", nil, 5, 0, "结尾有引号\""},
	{"f08_good.jsonl", nil, 2, 0, "我们去公园散步"},
	{"f08_lone.jsonl", nil, 1, 0, "\uFFFD"},
	{"f10_empty_text.csv", nil, 2, 0, "水务局"},
	{"f10_empty_text.jsonl", nil, 2, 0, "水务局"},
	{"f13_nan.jsonl", nil, 3, 0, "滑雪场"},
	{"f14_bom_each.jsonl", nil, 3, 0, "滑雪场"},
	{"f11_vt_ff.txt", nil, 1, 0, "North region"},
	{"f12_cr.txt", func(c *Config) { c.Document = RuleLine }, 3, 0, "滑雪场"},
	{"f12_cr.jsonl", nil, 3, 0, "滑雪场"},
	{"f12_cr.csv", nil, 2, 0, "水务局"},
	{"f12_cr_blank.txt", func(c *Config) { c.Document = RuleBlankLine }, 3, 0, "丙文"},
	{"f19_images.parquet", nil, 2, 0, "老书店"},
	{"f19_array.jsonl", nil, 3, 0, "滑雪场"},
	{"f19_array_pretty.jsonl", nil, 3, 0, "滑雪场"},
	{"f19_semicolon.csv", nil, 2, 0, "a;b 水务局"},
	{"f19_sep.csv", nil, 2, 0, "水务局"},
}

func TestRecordCases(t *testing.T) {
	for _, c := range recordCases {
		data, err := os.ReadFile(pipelinetest.Shared(t, "../cases/"+c.file))
		if err != nil {
			t.Fatal(err)
		}
		cfg := Default()
		if c.set != nil {
			c.set(&cfg)
		}
		documents, _, rejects, _ := detected(t, c.file, data, cfg).documents(t)
		if len(documents) != c.documents || len(rejects) != c.rejects || !strings.Contains(strings.Join(texts(documents), "\n"), c.has) {
			t.Errorf("%s: %d documents, rejects %+v", c.file, len(documents), rejects)
		}
	}
}
