package parse

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp/cmpopts"
)

var equateNil = cmpopts.EquateEmpty()

// matrixEncoding is what documents are written in.
type matrixEncoding struct {
	label string
	of    func(text string) string
}

// matrixFormat writes documents of several lines, none of them blank, into one file or a file each.
type matrixFormat struct {
	name, format string
	set          string // the setting format
	rule         string // the setting document

	characters bool // only for scripts without spaces, and for what is found without the setting encoding
	utf8       bool // it is always UTF-8
	stored     bool // it is never compressed
	lines      bool // every line is a document
	declares   bool // its records declare their encoding, or are ASCII whatever the encoding

	files func(documents []string, e matrixEncoding, t testing.TB) []entry
}

// eachFile writes a file for each document.
func eachFile(name string, write func(document string) string) func([]string, matrixEncoding, testing.TB) []entry {
	return func(documents []string, e matrixEncoding, _ testing.TB) (files []entry) {
		for i, d := range documents {
			files = append(files, entry{name: fmt.Sprintf("%d%s", i, name), data: e.of(write(d))})
		}
		return files
	}
}

// oneFile writes a file of all documents.
func oneFile(name string, write func(documents []string) string) func([]string, matrixEncoding, testing.TB) []entry {
	return func(documents []string, e matrixEncoding, _ testing.TB) []entry {
		return []entry{{name: name, data: e.of(write(documents))}}
	}
}

// oneByOne writes each document behind the other, with a word between them.
func oneByOne(name, between string, write func(document string) string) func([]string, matrixEncoding, testing.TB) []entry {
	return oneFile(name, func(documents []string) string {
		var all []string
		for _, d := range documents {
			all = append(all, write(d))
		}
		return strings.Join(all, between)
	})
}

func tableFiles(format string) func([]string, matrixEncoding, testing.TB) []entry {
	return func(documents []string, _ matrixEncoding, t testing.TB) []entry {
		data, _ := tabled(t, format, documents)
		return []entry{{name: "a." + format, data: string(data)}}
	}
}

var matrixFormats = []matrixFormat{
	{name: "chars", format: Chars, set: Auto, rule: RuleBlankLine, characters: true, files: oneByOne("a.txt", "\n", charsLines)},
	{name: "chars files", format: Chars, set: Auto, rule: RuleFile, characters: true, files: eachFile(".txt", charsLines)},
	{name: "segmented two spaces", format: Segmented, set: Segmented, rule: RuleFile, characters: true, files: eachFile(".txt", segmentedLines("  ", ""))},
	{name: "segmented one space", format: Segmented, set: Segmented, rule: RuleBlankLine, characters: true, files: oneByOne("a.txt", "\n", segmentedLines(" ", ""))},
	{name: "segmented wide spaces", format: Segmented, set: Auto, rule: RuleFile, characters: true, files: eachFile(".seg", segmentedLines("\u3000", ""))},
	{name: "segmented tags", format: Segmented, set: Auto, rule: RuleFile, characters: true, files: eachFile(".seg", segmentedLines("  ", "/n"))},
	{name: "segmented articles", format: Segmented, set: Auto, rule: Auto, characters: true, files: oneFile("a.seg", articles)},
	{name: "conll bio", format: CoNLL, set: Auto, rule: RuleFile, characters: true, files: eachFile(".bio", columnLines(" ", "B-PER", "I-PER"))},
	{name: "conll bmes", format: CoNLL, set: Auto, rule: RuleFile, characters: true, files: eachFile(".txt", columnLines("\t", "S", "B"))},
	{name: "conll-u", format: CoNLL, set: Auto, rule: RuleFile, characters: true, files: eachFile(".conllu", conlluLines)},
	{name: "text files", format: Text, set: Auto, rule: RuleFile, files: eachFile(".txt", strings.Clone)},
	{name: "text paragraphs", format: Text, set: Auto, rule: RuleBlankLine, files: oneByOne("a.txt", "\n\n", strings.Clone)},
	{name: "text lines", format: Text, set: Auto, rule: RuleLine, lines: true, files: oneByOne("a.txt", "\r\n\r\n", func(d string) string {
		return strings.ReplaceAll(d, "\n", "\r\n")
	})},
	{name: "jsonl", format: JSONL, set: Auto, rule: Auto, files: oneByOne("a.jsonl", "\n", jsonObject("", "text"))},
	{name: "jsonl escaped", format: JSONL, set: Auto, rule: Auto, declares: true, files: oneByOne("a.json", "\n", func(d string) string {
		return string(escaped([]byte(jsonObject("", "正文")(d))))
	})},
	{name: "json array", format: JSON, set: Auto, rule: Auto, files: oneFile("a.json", func(documents []string) string {
		return "[\n" + oneByOneJSON(documents) + "]\n"
	})},
	{name: "json object", format: JSON, set: Auto, rule: Auto, files: eachFile(".json", jsonObject("  ", "content"))},
	{name: "csv", format: CSVFormat, set: Auto, rule: Auto, files: oneFile("a.csv", table(','))},
	{name: "tsv", format: TSV, set: Auto, rule: Auto, files: oneFile("a.tsv", table('\t'))},
	{name: "parquet", format: Parquet, set: Auto, rule: Auto, utf8: true, stored: true, files: tableFiles(Parquet)},
	{name: "arrow", format: Arrow, set: Auto, rule: Auto, utf8: true, stored: true, files: tableFiles(Arrow)},
	{name: "warc", format: WARC, set: Auto, rule: Auto, characters: true, declares: true, files: func(documents []string, e matrixEncoding, _ testing.TB) []entry {
		var all strings.Builder
		for _, d := range documents {
			all.WriteString(answered("Content-Type: text/html; charset="+strings.Fields(e.label)[0], e.of(page(d))))
		}
		return []entry{{name: "a.warc", data: all.String()}}
	}},
	{name: "wet", format: WARC, set: Auto, rule: Auto, utf8: true, declares: true, files: func(documents []string, _ matrixEncoding, _ testing.TB) []entry {
		var all strings.Builder
		for _, d := range documents {
			all.WriteString(archived("conversion", "text/plain", d))
		}
		return []entry{{name: "a.wet", data: all.String()}}
	}},
	{name: "html", format: HTML, set: Auto, rule: Auto, files: eachFile(".html", page)},
	{name: "html without a name", format: HTML, set: Auto, rule: Auto, files: eachFile("", page)},
	{name: "doc of fields", format: Doc, set: Auto, rule: Auto, files: oneByOne("a.dat", "\n", func(d string) string {
		return "<doc>\n<url>http://a.example/?a=1&b=2</url>\n<contenttitle>a & b</contenttitle>\n<content>" + d + "</content>\n</doc>"
	})},
	{name: "doc in sgml", format: Doc, set: Auto, rule: Auto, files: oneByOne("a.txt", "\n", func(d string) string {
		return "<DOC id=\"X\" type=\"story\" >\n<HEADLINE>\nh\n</HEADLINE>\n<TEXT>\n" +
			eachLine(d, func(line string) string { return "<P>\n" + html.EscapeString(line) + "\n</P>\n" }) + "</TEXT>\n</DOC>"
	})},
	{name: "doc of text", format: Doc, set: Auto, rule: Auto, files: oneByOne("wiki_00", "\n", func(d string) string {
		return "<doc id=\"1\" url=\"http://a.example\" title=\"t\">\n" + d + "\n\n</doc>"
	})},
	{name: "mediawiki", format: MediaWiki, set: Auto, rule: Auto, files: oneFile("a.xml", func(documents []string) string {
		var b strings.Builder
		b.WriteString("<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.10/\">\n<siteinfo><sitename>w</sitename></siteinfo>\n")
		for i, d := range documents {
			fmt.Fprintf(&b, "  <page>\n<title>t</title><ns>0</ns><id>%d</id>\n<revision><id>7</id><text xml:space=\"preserve\">%s</text></revision></page>\n",
				i, html.EscapeString(strings.ReplaceAll(d, "\n", "\n\n")))
		}
		return b.String() + "</mediawiki>\n"
	})},
	{name: "rss", format: Feed, set: Auto, rule: Auto, files: oneFile("feed.txt", func(documents []string) string {
		var b strings.Builder
		b.WriteString("<rss version=\"2.0\"><channel><title>c</title>\n")
		for i, d := range documents {
			fmt.Fprintf(&b, "<item><title>t</title><link>http://a.example/%d</link><description><![CDATA[%s]]></description></item>\n", i,
				eachLine(d, func(line string) string { return "<p>" + html.EscapeString(line) + "</p>\n" }))
		}
		return b.String() + "</channel></rss>"
	})},
	{name: "markdown", format: Markdown, set: Markdown, rule: Auto, files: eachFile(".md", func(d string) string {
		return "# " + strings.ReplaceAll(d, "\n", "\n\n")
	})},
}

// words are runs of Latin letters and of digits, and single characters.
func words(line string) (out []string) {
	kind := func(r rune) int {
		switch {
		case r >= 'A' && r <= 'Z':
			return 1
		case r >= '0' && r <= '9':
			return 2
		}
		return 0
	}
	last := 0
	for _, r := range line {
		if k := kind(r); k > 0 && k == last {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
			last = k
		}
	}
	return out
}

// eachLine writes the lines of a document.
func eachLine(d string, write func(line string) string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(d, "\n") {
		b.WriteString(write(line) + "\n")
	}
	return b.String()
}

func charsLines(d string) string {
	return eachLine(d, func(line string) string { return "<BOS>  " + strings.Join(words(line), "  ") + "  <EOS>" })
}

// segmentedLines has words of two characters where they are Han, with tags behind all.
func segmentedLines(separator, tag string) func(string) string {
	return func(d string) string {
		return eachLine(d, func(line string) string {
			var b strings.Builder
			before := ""
			for _, w := range words(line) {
				if before != "" && (utf8.RuneCountInString(before) != 1 || !isHan(before) || !isHan(w)) {
					b.WriteString(before + tag + separator)
					before = ""
				}
				before += w
			}
			return b.String() + before + tag + separator
		})
	}
}

func isHan(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return r >= 0x3400 && r < 0xE000 && len(word) > 2
}

// articles are documents in the manner of the People's Daily corpus, each line with the id of its article.
func articles(documents []string) string {
	var b strings.Builder
	for i, d := range documents {
		n := 0
		b.WriteString(eachLine(d, func(line string) string {
			n++
			line = strings.TrimSuffix(segmentedLines("  ", "/v")(line), "\n")
			return fmt.Sprintf("19980101-%02d-001-%03d/m  %s", i+1, n, line)
		}) + "\n")
	}
	return b.String()
}

func columnLines(separator, first, others string) func(string) string {
	return func(d string) string {
		return eachLine(d, func(line string) string {
			var b strings.Builder
			tag := first
			for _, w := range words(line) {
				b.WriteString(w + separator + tag + "\n")
				tag = others
			}
			return b.String()
		})
	}
}

func conlluLines(d string) string {
	n := 0
	return eachLine(d, func(line string) string {
		n++
		var b strings.Builder
		fmt.Fprintf(&b, "# sent_id = %d\n", n)
		for i, w := range words(line) {
			fmt.Fprintf(&b, "%d\t%s\t_\tX\t_\t_\t0\troot\t_\tSpaceAfter=No\n", i+1, w)
		}
		return b.String()
	})
}

func jsonObject(indent, field string) func(string) string {
	return func(d string) string {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", indent)
		if err := enc.Encode(map[string]string{field: d, "no": "7"}); err != nil {
			panic(err) // of strings
		}
		return strings.TrimSuffix(b.String(), "\n")
	}
}

func oneByOneJSON(documents []string) string {
	var all []string
	for _, d := range documents {
		all = append(all, jsonObject("  ", "text")(d))
	}
	return strings.Join(all, ",\n")
}

func table(comma rune) func([]string) string {
	return func(documents []string) string {
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.Comma, w.UseCRLF = comma, false
		rows := [][]string{{"no", "text"}}
		for i, d := range documents {
			rows = append(rows, []string{strconv.Itoa(i), d})
		}
		if err := w.WriteAll(rows); err != nil {
			panic(err) // of memory
		}
		return b.String()
	}
}

// page is a document as HTML.
func page(d string) string {
	return "<!DOCTYPE html>\n<html><head></head><body>\n" + eachLine(d, func(line string) string {
		return "<p>" + strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(line) + "</p>"
	}) + "</body></html>\n"
}
