package parse

import (
	"os"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestWebCases: the field cases of pages, archives, containers and codecs, and what is right.
func TestWebCases(t *testing.T) {
	news := []string{
		"城南的老书店昨天重新开门，第一天就来了三百多位读者。", "水务局提醒居民，周三上午九点到下午四点将停止供水。", "山里的雪比往年晚了半个月，滑雪场推迟到元旦开放。",
	}
	for _, c := range []struct {
		file      string
		set       func(*Config)
		want      []string // of the first documents
		documents int
		reject    string
	}{
		{"f16_sup.html", nil, []string{"光速约为3×10^8米每秒，水是H2O，面积20m^2，见注[1]。"}, 1, ""},
		{"f16_ruby.html", nil, []string{"汉字很有意思。漢字"}, 1, ""},
		{"f16_table.html", nil, []string{"姓名\t年龄\n张\t\t3\n内1\t内2\n外"}, 1, ""},
		{"f07_media.warc", nil, []string{"第1号：水务局提醒居民，周三上午九点到下午四点将停止供水。"}, 56, ""},
		{"f17_concat.zip", nil, nil, 5, ""},
		{"f19_brotli.parquet", nil, nil, 40, ""},
		{"f19_long31.jsonl.zst", nil, nil, 0, ingest.ReasonExpansion},
		{"f19_long31.jsonl.zst", func(c *Config) { c.ZstdWindow = 2 << 30 }, news, 3, ""},
		{"f19_lzma_alone.jsonl.lzma", nil, nil, 0, ingest.ReasonBinary},
	} {
		data, err := os.ReadFile(pipelinetest.Shared(t, "../cases/"+c.file))
		if err != nil {
			t.Fatal(err)
		}
		cfg := Default()
		if c.set != nil {
			c.set(&cfg)
		}
		if d := Detect(c.file, data, cfg); d.Reject != "" {
			if d.Reject != c.reject {
				t.Errorf("%s: %s", c.file, d.Reject)
			}
			continue
		}
		documents, _, rejects, _ := detected(t, c.file, data, cfg).documents(t)
		if len(documents) != c.documents || !slices.Equal(texts(documents)[:min(len(c.want), len(documents))], c.want) {
			t.Errorf("%s: %d documents: %.300q", c.file, len(documents), texts(documents))
		}
		if (len(rejects) > 0) != (c.reject != "") || len(rejects) > 0 && rejects[0].Reason != c.reject {
			t.Errorf("%s: rejects %+v", c.file, rejects)
		}
	}
}
