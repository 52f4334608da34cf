package parse

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/markup"
)

func TestDetectHTML(t *testing.T) {
	for _, c := range []struct{ file, head, want string }{
		{"a.HTML", "anything", HTML},
		{"a.htm.gz", string(gzipped(t, "<p>")), HTML},
		{"a.xhtml", "", HTML},
		{"index.php", "\r\n <!DOCTYPE HTML PUBLIC \"-//W3C//DTD\">", HTML},
		{"a", bom + "<html lang=zh>", HTML},
		{"a", "<?xml version=\"1.0\"?>\n<!-- a --><!-- b -->\n<!doctype html>", HTML},
		{"a", "<!-- <html>", Text},
		{"a", "<htmlx>", Text},
		{"a.txt", "<html>", HTML},
		{"a.txt", "<html> is the first tag of a page.", Text},
		{"a.txt", "<!DOCTYPE html>\nstands in front of it.", Text},
		{"a.md", "<html>\n", Text},
		{"a.markdown", "# 一\n", Text},
	} {
		if d := Detect(c.file, []byte(c.head), Default()); d.Format != c.want || d.Document != RuleFile || d.Reject != "" {
			t.Errorf("%s %q: %+v, %s", c.file, c.head, d, d.Reject)
		}
	}
	cfg := Default()
	cfg.Format = Markdown
	if d := Detect("a.md", []byte("# 一"), cfg); d.Format != Markdown {
		t.Errorf("%+v", d)
	}
}

// TestMarkupFormats reads pages in one batch, of which some have more text than bytes.
func TestMarkupFormats(t *testing.T) {
	page := "<title>标&amp;题\"</title><p>一<script>x</script><p>二"
	front := "---\ntitle: \"甲\"\n---\n# 一\n\n**二** [三](x)\n"
	grows := strings.Repeat("&nGt;", 99)
	in := newInput()
	add := func(path, format, data string) {
		in.add(ingest.File{Path: path, Format: format, Document: RuleFile}, newObject([]byte(data)))
	}
	add("a", HTML, page)
	add("b", Text, "原样")
	add("c", HTML, grows)
	add("d", Markdown, front)
	add("e", HTML, "<p>三")
	add("f", HTML, page+strings.Repeat("四", 20)+"\xff")
	add("g", Text, "末")
	texts := []string{"一\n二", "原样", strings.Repeat("\u226b\u20d2", 99), "一\n二 三", "三", "一\n二" + strings.Repeat("四", 20) + "\uFFFD", "末"}
	title := `{"title":"标&题\""}`
	metas := []string{title, "", "", `{"front_matter":"title: \"甲\"\n"}`, "", title, ""}
	documents, meta, rejects, counters := in.documents(t)
	var got []string
	for _, d := range documents {
		got = append(got, d.Text)
	}
	if diff := cmp.Diff(texts, got) + cmp.Diff(metas, meta); diff != "" || len(rejects) > 0 || counters["invalid_utf8"] != 1 {
		t.Errorf("rejects %v, counters %v, %s", rejects, counters, diff)
	}
}

// TestMarkdownCostly holds that what the parser is spared is counted.
func TestMarkdownCostly(t *testing.T) {
	source := strings.Repeat(">", 20000)
	documents, _, _, counters := one(Markdown, RuleFile, "", []byte(source)).documents(t)
	if len(documents) != 1 || documents[0].Text != source || counters["unparsed_markdown"] != 1 {
		t.Errorf("%d documents, counters %v", len(documents), counters)
	}
}

// TestHTMLEncoding holds that a page in GBK is decoded once.
func TestHTMLEncoding(t *testing.T) {
	data := []byte(inEncoding(t, simplifiedchinese.GBK, "<html><meta charset=gbk><p>"+simplified))
	d := Detect("a.html", data, Default())
	if d.Format != HTML || d.Encoding != "gb18030" || d.Reject != "" {
		t.Fatalf("%+v, %s", d, d.Reject)
	}
	in := newInput()
	in.add(ingest.File{Path: "a.html", Format: d.Format, Document: d.Document, Encoding: d.Encoding}, newObject(data))
	documents, _, rejects, _ := in.documents(t)
	if len(documents) != 1 || documents[0].Text != simplified {
		t.Errorf("%v, rejects %v", documents, rejects)
	}
}

// FuzzMarkupFormats holds that pages come out of a batch as they do alone.
func FuzzMarkupFormats(f *testing.F) {
	f.Add("<title>a</title><p>b", "&nGt;&nGt;")
	f.Add("---\na: 1\n---\n# b", "*c* [d](e)")
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.HasPrefix(a, bom) || strings.HasPrefix(b, bom) {
			return // which belongs to the file
		}
		in := newInput()
		in.cfg.MaxReplacementShare = 1
		var want []string
		for i, s := range []string{a, b, a, b} {
			s := strings.ToValidUTF8(s, "")
			format := HTML
			if i > 1 {
				format = Markdown
				want = append(want, string(markup.Markdown(nil, []byte(s)).Out))
			} else {
				text, _ := markup.HTML(nil, []byte(s))
				want = append(want, string(text))
			}
			in.add(ingest.File{Path: string(rune('a' + i)), Format: format, Document: RuleFile}, newObject([]byte(s)))
		}
		documents, _, rejects, _ := in.documents(t)
		if len(documents) != len(want) || len(rejects) > 0 {
			t.Fatalf("%d documents, rejects %v", len(documents), rejects)
		}
		for i, d := range documents {
			if d.Text != want[i] {
				t.Fatalf("%q, want %q", d.Text, want[i])
			}
		}
	})
}
