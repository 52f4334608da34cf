package parse

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
)

func TestDetect(t *testing.T) {
	object := `{"text":"一","n":[1]}` + "\n"
	long := `{"text":"` + strings.Repeat("长", HeadBytes)
	chars := "<BOS>  一  <EOS>\n"
	tests := []struct {
		name, file, head string
		cfg              func(*Config)
		want             ingest.Detection
	}{
		{name: "by name", file: "a/B.JSONL", head: "anything", want: ingest.Detection{Format: JSONL, Document: RuleLine, Cut: true}},
		{name: "ndjson in gzip", file: "a.ndjson.gz", head: string(gzipped(t, object)), want: ingest.Detection{Format: JSONL, Document: RuleLine, Compression: "gzip"}},
		{name: "zstd by magic", file: "a.jsonl", head: string(zstded(t, object)), want: ingest.Detection{Format: JSONL, Document: RuleLine, Compression: "zstd", Cut: true}},
		{name: "skippable frame", file: "a.txt.zst", head: "\x50\x2a\x4d\x18\x02\x00\x00\x00ab" + string(zstded(t, "一")), want: ingest.Detection{Format: Text, Document: RuleFile, Compression: "zstd"}},
		{name: "not gzip after all", file: "a.txt.gz", head: "一", want: ingest.Detection{Format: Text, Document: RuleFile}},
		{name: "only the first bytes of gzip", file: "a.jsonl.gz", head: string(gzipped(t, strings.Repeat(object, 99))[:60]), want: ingest.Detection{Format: JSONL, Document: RuleLine, Compression: "gzip"}},
		{name: "chars in a txt", file: "a.txt", head: chars, want: ingest.Detection{Format: Chars, Document: RuleFile}},
		{name: "chars behind BOM and blank lines", file: "a", head: bom + "\n\r\n" + chars, want: ingest.Detection{Format: Chars, Document: RuleFile}},
		{name: "chars in zstd", file: "a.zst", head: string(zstded(t, chars)), want: ingest.Detection{Format: Chars, Document: RuleFile, Compression: "zstd"}},
		{name: "a word that only begins so", file: "a", head: "<BOS>一", want: ingest.Detection{Format: Text, Document: RuleFile}},
		{name: "json lines without a name", file: "wiki_00", head: object + object, want: ingest.Detection{Format: JSONL, Document: RuleLine, Cut: true}},
		{name: "json lines called json", file: "news.json", head: object, want: ingest.Detection{Format: JSONL, Document: RuleLine, Cut: true}},
		{name: "json lines called txt", file: "a.txt", head: object, want: ingest.Detection{Format: JSONL, Document: RuleLine, Cut: true}},
		{name: "pretty-printed", file: "a.json", head: "{\n  \"text\": \"一\"\n}\n", want: ingest.Detection{Format: JSON, Document: RuleRecord}},
		{name: "an object that is cut", file: "a", head: long[:HeadBytes], want: ingest.Detection{Format: JSONL, Document: RuleLine, Cut: true, More: true}},
		{name: "a small file that is cut", file: "a", head: long[:100], want: ingest.Detection{Format: Text, Document: RuleFile}},
		{name: "empty", file: "a", want: ingest.Detection{Format: Text, Document: RuleFile}},
		{name: "empty lines", file: "a.jsonl", want: ingest.Detection{Format: JSONL, Document: RuleLine, Cut: true}},
		{name: "markdown", file: "a.md", head: "# 一\n", want: ingest.Detection{Format: Text, Document: RuleFile}},
		{name: "rule set", file: "a.txt", head: "一", cfg: func(c *Config) { c.Document = RuleBlankLine }, want: ingest.Detection{Format: Text, Document: RuleBlankLine, Cut: true}},
		{name: "rule of jsonl stays", file: "a.jsonl", head: object, cfg: func(c *Config) { c.Document = RuleFile }, want: ingest.Detection{Format: JSONL, Document: RuleLine, Cut: true}},
		{name: "format set", file: "a.jsonl", head: chars, cfg: func(c *Config) { c.Format = Text }, want: ingest.Detection{Format: Text, Document: RuleFile}},
		{name: "sentinel set", file: "a", head: "<s> 一 </s>\n", cfg: func(c *Config) { c.Begin = "<s>" }, want: ingest.Detection{Format: Chars, Document: RuleFile}},
		{name: "NULs", file: "a.txt", head: "a\x00b", want: ingest.Detection{Format: Text, Document: RuleFile, Reject: ingest.ReasonBinary}},
		{name: "a NUL in much text", file: "a.txt", head: strings.Repeat("文", 100) + "\x00", want: ingest.Detection{Format: Text, Document: RuleFile}},
		{name: "pdf", file: "a", head: "%PDF-1.4\n", want: ingest.Detection{Format: Text, Document: RuleFile, Reject: ingest.ReasonBinary}},
		{name: "tar in gzip", file: "a.tar.gz", head: string(gzipped(t, "name"+strings.Repeat("\x00", 253)+"ustar")), want: ingest.Detection{Format: Text, Document: RuleFile, Compression: "gzip", Reject: ingest.ReasonBinary}},
		{name: "binary in jsonl", file: "a.jsonl", head: string(noise(400)), want: ingest.Detection{Format: JSONL, Document: RuleLine, Cut: true, Reject: ingest.ReasonBinary}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := Default()
			if tt.cfg != nil {
				tt.cfg(&cfg)
			}
			got := Detect(tt.file, []byte(tt.head), cfg)
			if got.Why == "" {
				t.Error("no word on why")
			}
			if got.Reject == ingest.ReasonBinary && strings.Contains(got.Why, "encoding") {
				t.Errorf("binary, %s", got.Why)
			}
			got.Why = ""
			if got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

// noise is bytes that are nothing.
func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(5, 6))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(rng.Uint32())
	}
	return out
}

func FuzzDetect(f *testing.F) {
	f.Add("a.jsonl.gz", gzipped(f, "{}"))
	f.Add("a", []byte("{\"a\":1}"))
	f.Add("b", []byte("0\t"))
	f.Add("c.json", []byte("[[{"))
	f.Add("d", []byte("1\t一\t_\t_\t_\t_\t_\t_\n"))
	f.Add("e", []byte("19980101-01-001-001/m 一/n \n"))
	f.Fuzz(func(t *testing.T, name string, head []byte) {
		d := Detect(name, head, Default())
		known := formatByName(d.Format) != nil || isContainer(d.Format)
		if !known || d.Why == "" || d.Cut && d.Document != RuleLine && d.Document != RuleBlankLine {
			t.Errorf("%+v", d)
		}
	})
}

func TestConfigValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
	bad := Config{Format: "word", Encoding: "utf-7", Document: "page", Begin: "a b", MaxDocumentBytes: 1, MaxReplacementShare: 2}
	err := bad.Validate()
	if err == nil {
		t.Fatal("everything wrong passes")
	}
	for _, key := range []string{
		"format", "encoding", "document", "text_field", "begin", "end", "max_document_bytes", "max_replacement_share", "max_expansion", "max_expanded_bytes",
	} {
		if !strings.Contains("\n"+err.Error(), "\n"+key+": ") {
			t.Errorf("%s is not in: %v", key, err)
		}
	}
}
