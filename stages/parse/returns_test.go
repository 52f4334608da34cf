package parse

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
)

// TestReturns: a file with CR for line ends is read as with LF, in every format and however it is stored.
func TestReturns(t *testing.T) {
	for name, text := range map[string]string{
		"a.jsonl":  "{\"text\":\"一条。\",\"n\":1}\n\n{\"text\":\"两条\\n。\"}\n\u00a0\u3000\n{\"text\":\"三条。\"}\n",
		"b.csv":    "id,text\n1,一条。\n\n2,\"两\n条，\"\"好\"\"。\"\n3,三条。\n",
		"c.tsv":    "id\ttext\n1\t一条。\n2\t两条。\n",
		"d.json":   "[\n {\"text\": \"一条。\"},\n {\"text\": \"两条。\"}\n]\n",
		"e.conllu": "1\t我\t_\t_\t_\t_\t_\t_\t_\t_\n2\t们\t_\t_\t_\t_\t_\t_\t_\t_\n\n1\t走\t_\t_\t_\t_\t_\t_\t_\t_\n",
		"f.txt":    strings.Repeat("<BOS> 我 们 去 公 园 。 <EOS>\n", 8),
		"g.txt":    "第一段，有两行。\n第二行。\n\n第二段。\n",
		"h.html":   "<html><body>\n<p>一段。</p>\n<pre>a\nb</pre></body></html>\n",
	} {
		for _, encode := range []struct {
			name string
			of   func(string) string
		}{
			{"utf-8", func(s string) string { return s }},
			{"gb18030", func(s string) string { return gb18030Text(t, s) }},
			{"utf-16", func(s string) string { return inUTF16(binary.BigEndian, bom+s) }},
		} {
			for _, rule := range []string{Auto, RuleLine, RuleBlankLine} {
				cfg := Default()
				cfg.Document = rule
				if encode.name == "gb18030" {
					cfg.Encoding = encode.name
				}
				read := func(text string, w storing) (out []any) {
					for _, f := range w.of(t, []entry{{name: name, data: encode.of(text)}}) {
						documents, meta, rejects, counters := detected(t, f.name, []byte(f.data), cfg).documents(t)
						delete(counters, "members_skipped")
						out = append(out, documents, meta, rejects, counters)
					}
					return out
				}
				for _, w := range storings() {
					switch w.name {
					case "none", "gzip members", "xz", "zip 8 of none", "tar of none in none":
					default:
						continue
					}
					if diff := cmp.Diff(read(text, w), read(strings.ReplaceAll(text, "\n", "\r"), w)); diff != "" {
						t.Errorf("%s, %s, %s, %s: %s", name, encode.name, rule, w.name, diff)
					}
				}
			}
		}
	}
}

// TestReturnsCut reads a long file in pieces, with every line in one of them, once.
func TestReturnsCut(t *testing.T) {
	for _, rule := range []string{RuleLine, RuleBlankLine} {
		var b strings.Builder
		var want []string
		for i := range 4000 {
			text := fmt.Sprintf("第%d条，城南的老书店昨天重新开门，第一天就来了三百多位读者。", i)
			b.WriteString(text + "\r")
			if rule == RuleBlankLine {
				b.WriteString("第二行。\r \u00a0\u200b\r\r")
				text += "\n第二行。"
			}
			want = append(want, text)
		}
		data := b.String()
		cfg := Default()
		cfg.Document = rule
		in := detected(t, "a.txt", []byte(data), cfg)
		var at []int64
		for end := 64 << 10; end < len(data); end += 64 << 10 {
			at = append(at, int64(end))
		}
		in.cut(at...)
		documents, _, rejects, counters := in.documents(t)
		got := texts(documents)
		for i := range got {
			got[i] = strings.TrimSpace(got[i])
		}
		if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 {
			t.Errorf("%s: %v, %v, %s", rule, rejects, counters, diff[:min(len(diff), 400)])
		}
	}
}

// TestDetectReturns looks for a line feed in as much as may be asked for.
func TestDetectReturns(t *testing.T) {
	long := strings.Repeat("城南的老书店昨天重新开门。\r", 2000) // 80 kB
	for name, tt := range map[string]struct {
		text          string
		more, returns bool
	}{
		"short":          {"一行\r两行\r", false, true},
		"crlf":           {"一行\r\n两行\r\n", false, false},
		"both":           {"一行\r两行\n", false, false},
		"neither":        {"一行", false, false},
		"long":           {long, true, true},
		"a late LF":      {long + "\n", true, false},
		"a late CR":      {strings.Repeat("城", 30_000) + "\r" + "南", true, true},
		"one long line":  {strings.Repeat("城", 30_000), true, false},
		"a megabyte off": {strings.Repeat(long, 32) + "\n", true, true},
	} {
		for _, wide := range []bool{false, true} {
			data := []byte(tt.text)
			if wide {
				data = []byte(inUTF16(binary.LittleEndian, bom+tt.text+"上"))
			}
			d := Detect("a.txt", data[:min(len(data), HeadBytes)], Default())
			if !wide && (d.More != tt.more || d.Reject != "") || wide && d.More && !tt.more {
				t.Errorf("%s, %v: %+v %s", name, wide, d, d.Reject)
			}
			if d.More {
				d = Detect("a.txt", data[:min(len(data), MaxHeadBytes)], Default())
			}
			if d.Returns != tt.returns {
				t.Errorf("%s, %v: %+v", name, wide, d)
			}
		}
	}
}

// TestBlankLines: a line of white space of whatever width is none, by every rule.
func TestBlankLines(t *testing.T) {
	for _, blank := range []string{"", " ", "\t ", "\u00a0", "\u3000\u3000", "\u200b", "\ufeff", "\u2003\u2060", "\f", "\v", "\u0085", " \u00a0\u3000\u200b\ufeff\t"} {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			text := "甲文第一段。" + end + blank + end + "乙文第一段。" + end
			for _, rule := range []string{RuleLine, RuleBlankLine} {
				in := detected(t, "a.txt", []byte(text), func() Config { c := Default(); c.Document = rule; return c }())
				documents, _, rejects, counters := in.documents(t)
				var got []string
				for _, d := range documents {
					got = append(got, strings.TrimSpace(d.Text))
				}
				want := columnar.Counters{}
				if rule == RuleLine {
					want["blank_lines"] = 1
				}
				if diff := cmp.Diff([]string{"甲文第一段。", "乙文第一段。"}, got); diff != "" || len(rejects) > 0 || counters["blank_lines"] != want["blank_lines"] {
					t.Errorf("%q, %q, %s: %v %v %s", blank, end, rule, rejects, counters, diff)
				}
			}
		}
	}
}
