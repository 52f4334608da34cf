package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/millrace/millrace/pipeline/look"
	"github.com/millrace/millrace/pipeline/report"
)

var update = flag.Bool("update", false, "write the golden page anew")

func written(t testing.TB, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	if b.Len() >= MaxBytes {
		t.Fatalf("a page of %d bytes", b.Len())
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	got := written(t, small())
	path := filepath.Join("testdata", "small.html")
	if *update {
		if err := os.WriteFile(path, []byte(strings.Replace(got, string(look.CSS), "\n", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The style sheet is not in the golden page: it is that of package look, and its hash is.
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got = strings.Replace(got, string(look.CSS), "\n", 1)
	if got != string(want) {
		for i, line := range strings.Split(got, "\n") {
			if lines := strings.Split(string(want), "\n"); i >= len(lines) || lines[i] != line {
				t.Fatalf("line %d is\n%s\nrun with -update if that is right", i+1, line)
			}
		}
		t.Fatal("the page is shorter than the golden one")
	}
}

func TestEmptyReport(t *testing.T) {
	page := written(t, &report.Report{})
	if strings.Contains(page, "<section") || strings.Contains(page, "<li>") {
		t.Error("a report of nothing has a section")
	}
	wellFormed(t, page)
}

// A section stands in the page and in its contents if the report has something for it.
func TestSections(t *testing.T) {
	page := written(t, small())
	at := -1
	for _, s := range sections(small()) {
		next := strings.Index(page, `<section id="`+s.id+`"`)
		if next <= at {
			t.Errorf("section %s is not where it should be", s.id)
		}
		at = next
		if !strings.Contains(page, `<a href="#`+s.id+`">`) {
			t.Errorf("section %s is not in the contents", s.id)
		}
	}
	without := small()
	without.Sources, without.Duplicates = nil, report.Duplicates{}
	page = written(t, without)
	for _, id := range []string{"sources", "duplicates"} {
		if strings.Contains(page, `id="`+id+`"`) || strings.Contains(page, `"#`+id+`"`) {
			t.Errorf("section %s is there without anything to show", id)
		}
	}
}

// The page allows its own style and nothing else.
func TestPolicy(t *testing.T) {
	page := written(t, small())
	if n := strings.Count(page, "<style>"+string(look.CSS)+"</style>"); n != 1 {
		t.Fatalf("the style sheet is there %d times", n)
	}
	policy := `content="default-src &#39;none&#39;; style-src &#39;sha256-`
	if head, _, _ := strings.Cut(page, "<style>"); !strings.Contains(head, policy) {
		t.Errorf("no policy in front of the style: %s", head)
	}
	if !strings.Contains(html.UnescapeString(page), Policy()) {
		t.Error("the page has another policy")
	}
}

func TestWellFormed(t *testing.T) {
	wellFormed(t, written(t, small()))
	wellFormed(t, written(t, large(chinese)))
}

// void are elements that have no end.
var void = []string{"meta", "link", "br"}

// wellFormed holds a page to what no browser has to mend, and to having nothing that runs or is fetched. It returns how many of each element
// there are.
func wellFormed(t testing.TB, page string) map[string]int {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	var open []string
	ids, links, census := map[string]bool{}, []string{}, map[string]int{}
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		token := z.Token()
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			census[token.Data]++
			seen := map[string]bool{}
			for _, a := range token.Attr {
				if seen[a.Key] {
					t.Fatalf("<%s> has %s twice", token.Data, a.Key)
				}
				seen[a.Key] = true
				switch {
				case a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "srcset" || a.Key == "action":
					t.Fatalf("<%s> has %s", token.Data, a.Key)
				case a.Key == "href" && a.Val != "data:,":
					links = append(links, a.Val)
				case a.Key == "id":
					if ids[a.Val] {
						t.Fatalf("two elements are %s", a.Val)
					}
					ids[a.Val] = true
				}
			}
			if kind == html.StartTagToken && !slices.Contains(void, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> ends %v", token.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("%v are not ended", open)
	}
	for _, link := range links {
		if !strings.HasPrefix(link, "#") || !ids[link[1:]] {
			t.Fatalf("a link goes to %q", link)
		}
	}
	for _, bad := range []string{"script", "img", "iframe", "object", "embed", "form", "input", "base", "a:href", "image", "use", "foreignobject"} {
		if census[bad] > 0 {
			t.Fatalf("the page has <%s>", bad)
		}
	}
	for _, r := range page {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || noncharacter(r) {
			t.Fatalf("the page has U+%04X", r)
		}
	}
	return census
}

// Texts that others wrote stay texts wherever they stand: the page has the elements that it has with harmless ones.
func TestHostileTexts(t *testing.T) {
	plain := func(s string) *report.Report {
		r := small()
		everyString(reflect.ValueOf(r), func(string) string { return s })
		return r
	}
	want := wellFormed(t, written(t, plain("a b")))
	for _, bad := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</style><script>alert(1)</script>`, `</title></svg></pre></td>`,
		`<!--`, `-->`, `]]>`, `<![CDATA[`, `javascript:alert(1)`, `{{.}}`, "\x00\x01\x1b[31m\x7f\u0085", "\u202egnp.exe\u2066\u2069\u200f", "\xff\xfe\xc0", "\ufffe\U0010ffff\ufdd0",
		"`${x}`", "&lt;b&gt;&#0;", "\r\n\t\v\f\u2028", strings.Repeat("<", 1<<20), strings.Repeat("/a", 1<<19), strings.Repeat("龘\u202e", 1<<17), strings.Repeat("\n", 1<<20),
	} {
		got := wellFormed(t, written(t, plain(bad)))
		for _, element := range []string{"div", "ul", "li", "svg", "rect", "line", "path", "p", "pre", "article", "h1", "h2", "h3", "table", "tr", "th", "td", "section", "a", "b", "details", "title"} {
			if got[element] != want[element] {
				t.Errorf("%.20q: %d <%s>, want %d", bad, got[element], element, want[element])
			}
		}
	}
}

// everyString replaces all strings of a value but its units.
func everyString(v reflect.Value, by func(string) string) {
	switch v.Kind() {
	case reflect.Pointer:
		everyString(v.Elem(), by)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Unit" {
				everyString(v.Field(i), by)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			everyString(v.Index(i), by)
		}
	case reflect.String:
		v.SetString(by(v.String()))
	}
}

// Whatever texts there are in the largest report, the page has less than MaxBytes, which written holds.
func TestSize(t *testing.T) {
	for name, unit := range map[string]string{"quotes": `"`, "ends of lines": "\n", "four bytes": "𠮷", "controls": "\u202e", "letters": "a", "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			page := written(t, large(func(n int) string { return strings.Repeat(unit, n) }))
			t.Logf("%d bytes", len(page))
			for _, s := range sections(large(chinese)) {
				if !strings.Contains(page, `<section id="`+s.id+`"`) {
					t.Errorf("no section %s", s.id)
				}
			}
		})
	}
}

// More of everything than any collector gives has its bound, too.
func TestSizeOfMore(t *testing.T) {
	r := large(func(n int) string { return strings.Repeat("\"<", 4*n) })
	for range 3 {
		r.Histograms = append(r.Histograms, r.Histograms...)
		r.Shares = append(r.Shares, r.Shares...)
		r.Samples = append(r.Samples, r.Samples...)
		r.Facts = append(r.Facts, r.Facts...)
		r.Funnel = append(r.Funnel, r.Funnel...)
		r.Parts = append(r.Parts, r.Parts...)
	}
	page := written(t, r)
	wellFormed(t, page)
	if !strings.Contains(page, "more histograms") || !strings.Contains(page, "more parts") {
		t.Error("what is not shown is not told")
	}
}

func TestSameBytes(t *testing.T) {
	r := large(chinese)
	if first := written(t, r); first != written(t, r) {
		t.Error("the same report gives two pages")
	}
}

type failing struct{ after int }

var errFull = errors.New("the disk is full")

func (f *failing) Write(b []byte) (int, error) {
	if f.after -= len(b); f.after < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestErrorOfTheWriter(t *testing.T) {
	for _, after := range []int{0, 100, 70_000, 1_000_000} {
		if err := Write(&failing{after}, large(chinese)); !errors.Is(err, errFull) {
			t.Errorf("after %d bytes: %v", after, err)
		}
	}
}

// A shown is a number as a page has it.
type shownFigure struct{ figure, sum, rest, value, text string }

// shownFigures reads the numbers of a page, table by table. Those that stand in no table are a table of their own.
func shownFigures(t testing.TB, page string) [][]shownFigure {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	tables := [][]shownFigure{nil}
	var walk func(n *html.Node, table int)
	walk = func(n *html.Node, table int) {
		if n.Type == html.ElementNode {
			if n.Data == "table" {
				tables = append(tables, nil)
				table = len(tables) - 1
			}
			f := shownFigure{}
			for _, a := range n.Attr {
				switch a.Key {
				case "data-figure":
					f.figure = a.Val
				case "data-sum":
					f.sum = a.Val
				case "data-rest":
					f.rest = a.Val
				case "data-value":
					f.value = a.Val
				}
			}
			if f.value != "" {
				f.text = textOf(n)
				tables[table] = append(tables[table], f)
			} else if f.figure+f.sum+f.rest != "" {
				t.Errorf("%+v has no value", f)
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child, table)
		}
	}
	walk(root, 0)
	return tables
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		b.WriteString(textOf(child))
	}
	return b.String()
}

// asJSON is a report as anybody else reads it.
func asJSON(t testing.TB, r *report.Report) any {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// at are the numbers that a path means, each with its own path: one, or those of a part of a list.
func at(t testing.TB, v any, path string) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	var walk func(v any, parts []string, so string)
	walk = func(v any, parts []string, so string) {
		if len(parts) == 0 {
			n, err := v.(json.Number).Int64()
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			found[strings.TrimPrefix(so, ".")] = n
			return
		}
		switch v := v.(type) {
		case map[string]any:
			walk(v[parts[0]], parts[1:], so+"."+parts[0])
		case []any:
			from, to := 0, len(v)-1
			if parts[0] != "*" {
				first, last, isRange := strings.Cut(parts[0], "-")
				from, _ = strconv.Atoi(first)
				if to = from; isRange {
					to, _ = strconv.Atoi(last)
				}
			}
			for i := from; i <= to; i++ {
				walk(v[i], parts[1:], so+"."+strconv.Itoa(i))
			}
		default:
			t.Fatalf("nothing is at %s", path)
		}
	}
	walk(v, strings.Split(path, "."), "")
	return found
}

// checkFigures holds every number of a page to the report.
func checkFigures(t testing.TB, r *report.Report, page string) (paths map[string]bool) {
	t.Helper()
	v := asJSON(t, r)
	paths = map[string]bool{}
	for _, table := range shownFigures(t, page) {
		own := map[string]bool{}
		for _, f := range table {
			own[f.figure] = true
		}
		for _, f := range table {
			path := f.figure + f.sum + f.rest
			if path == "" {
				continue
			}
			var want int64
			for one, n := range at(t, v, path) {
				if f.rest != "" && own[one] {
					continue
				}
				want += n
				paths[one] = true
			}
			if f.value != strconv.FormatInt(want, 10) {
				t.Errorf("%s is %s in the page and %d in the report", path, f.value, want)
			}
			if exactly := strings.ReplaceAll(f.text, ",", ""); strings.Trim(exactly, "-0123456789") == "" && exactly != f.value {
				t.Errorf("%s is shown as %s and is %s", path, f.text, f.value)
			}
		}
	}
	return paths
}

// Every number of the page is that of the report, and every number of a small report is in the page.
func TestFigures(t *testing.T) {
	r := small()
	paths := checkFigures(t, r, written(t, r))
	var walk func(v any, path string)
	walk = func(v any, path string) {
		switch v := v.(type) {
		case map[string]any:
			if v["unit"] == report.Text {
				return
			}
			for key, value := range v {
				walk(value, path+"."+key)
			}
		case []any:
			for i, value := range v {
				walk(value, fmt.Sprintf("%s.%d", path, i))
			}
		case json.Number:
			path = path[1:]
			// What a histogram of words counts has its word instead of its number. Steps that take nothing out show no 0.
			if !paths[path] && v != "0" && v != "-1" && !strings.HasPrefix(path, "histograms.2.") {
				t.Errorf("%s is not in the page", path)
			}
		}
	}
	walk(asJSON(t, r), "")
	if !paths["histograms.2.buckets.1.documents"] {
		t.Error("values that stand for words have no numbers")
	}

	r = large(func(n int) string { return chinese(n/4 + 1) })
	paths = checkFigures(t, r, written(t, r))
	for i := range r.Nights {
		for _, key := range []string{"kept", "duplicates", "filtered", "rejected", "withdrawn", "new_chars", "disk_bytes", "ms"} {
			if !paths[fmt.Sprintf("nights.%d.%s", i, key)] {
				t.Errorf("night %d: %s is in no column", i, key)
			}
		}
	}
	for i := range r.Sources {
		if !paths[fmt.Sprintf("sources.%d.live", i)] {
			t.Errorf("source %d is neither shown nor in the rest", i)
		}
	}
	for i := range r.Histograms {
		for k := range r.Histograms[i].Buckets {
			if !paths[fmt.Sprintf("histograms.%d.buckets.%d.documents", i, k)] {
				t.Fatalf("histogram %d: bucket %d is in no bar", i, k)
			}
		}
	}
	for i := range r.Samples {
		if last := len(r.Samples[i].List) - 1; !paths[fmt.Sprintf("samples.%d.list.%d.chars", i, last)] {
			t.Errorf("samples %d are not all shown", i)
		}
	}
}

// FuzzWrite draws reports that nobody would make.
func FuzzWrite(f *testing.F) {
	for _, r := range []*report.Report{{}, small()} {
		b, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"nights":[{"kept":9223372036854775807},{"kept":9223372036854775807,"ms":-9223372036854775808}],"histograms":[{"log":true,"buckets":[{"from":-9223372036854775808,"to":9223372036854775807,"documents":-1}],"bounds":[{"at":9223372036854775807}]}]}`))
	f.Add([]byte(`{"duplicates":{"sources":["a","b"],"between":[[1],[2,3,4],[]],"sizes":[{"from":5,"to":1}]},"vocabulary":{"coverage":[{"at":-1,"value":5},{"at":-1}],"growth":[{}]}}`))
	f.Add([]byte(`{"shares":[{"over":true,"unit":"ms","parts":[{}]},{"over":true}],"parts":[{}],"samples":[{}],"funnel":[{}],"facts":[{"unit":"mean","value":-9223372036854775808},{"unit":"share","value":-1}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r report.Report
		if json.Unmarshal(b, &r) != nil {
			return
		}
		page := written(t, &r)
		wellFormed(t, page)
		checkFigures(t, &r, page)
	})
}

func BenchmarkWrite(b *testing.B) {
	r := large(chinese)
	var buffer bytes.Buffer
	for b.Loop() {
		buffer.Reset()
		if err := Write(&buffer, r); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(buffer.Len()))
}
