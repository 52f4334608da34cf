package article

import "strings"

// hostile makes pages of about a size that ask for as much work or memory as anybody can think of.
var hostile = []struct {
	name string
	page func(size int) string
}{
	{"divs", repeat("<div>x")},
	{"divs without text", repeat("<div>")},
	{"paragraphs", repeat("<p>x")},
	{"cells", repeat("<td>x")},
	{"rows", repeat("<tr><td>x<td>y")},
	{"tables", repeat("<table><tr><td>x")},
	{"tables without text", repeat("<table>")},
	{"links", repeat("<a href=x>x")},
	{"links in blocks", repeat("<p><a href=x>x</a> y.")},
	{"links and text in turn", repeat("<a href=x>x</a>y ")},
	{"items", repeat("<li>x")},
	{"lists", repeat("<ul><li>x")},
	{"definitions", repeat("<dl><dt>x<dd>y")},
	{"fonts", repeat("<font>x")},
	{"headings", repeat("<h1>x")},
	{"headings of two levels", repeat("<h1>x<h2>y")},
	{"forms", repeat("<form>x")},
	{"quotes", repeat("<blockquote>x")},
	{"code", repeat("<pre>x\n")},
	{"lines of code", within("<pre>", "x\n", "")},
	{"line breaks", repeat("x<br>")},
	{"blank lines", within("<pre>a", "\n", "b")},
	{"tabs", within("<pre>a", "\t", "b")},
	{"figures", repeat("<figure><figcaption>x")},
	{"one line", repeat("一")},
	{"one line of sentences", repeat("It is so. ")},
	{"one attribute", within("<div class=\"", "comment ", "\">x")},
	{"one id", within("<div id=\"", "sidebar-", "\">x")},
	{"one name without an end", within("<p>x<div class=", "a", "")},
	{"attributes", within("<div ", "class=a ", ">x")},
	{"attributes of many names", func(size int) string {
		var b strings.Builder
		b.WriteString("<div ")
		for i := 0; b.Len() < size; i++ {
			b.WriteString("a" + strings.Repeat(string(rune('a'+i%26)), 1+i/26%9) + "=x ")
		}
		return b.String() + ">x"
	}},
	{"names", repeat("<div class='sidebar comment related footer'>x")},
	{"long names", repeat("<div class='" + strings.Repeat("related ", 100) + "'>x")},
	{"names without text", repeat("<div class='sidebar comment related footer'></div>")},
	{"references", repeat("&amp;&#20108;")},
	{"references without an end", repeat("&amp")},
	{"comments", repeat("<!-- x -->y")},
	{"comments without an end", repeat("<!--")},
	{"ends", repeat("</div></p></td></a>")},
	{"ends of nothing among blocks", repeat("<p>x</span></div></table></li>")},
	{"crossed", repeat("<b><p>x</b></p>")},
	{"crossed blocks", repeat("<div><section>x</div></section>")},
	{"crossed lists", repeat("<ul><ol><li>x</ul></ol>")},
	{"crossed tables", repeat("<table><form><tr><td><div>x</table></form>")},
	{"open cells, and rows that end", repeat("<td><div>x</tr>")},
	{"siblings of a name", repeat("<div class=post><p>It was so, they said, and went home.</p></div>")},
	{"lists of others", repeat("<div><a href=x>A title of something</a><p>It was so, they said, and went home.</p></div>")},
	{"hidden", repeat("<div hidden>x")},
	{"scripts", repeat("<script>x</script>y")},
	{"scripts without an end", repeat("<script>x")},
	{"data", within("<script type='application/ld+json'>", "{\"@graph\":[", "</script><p>x")},
	{"data of many", repeat("<script type='application/ld+json'>{\"@type\":\"Article\",\"datePublished\":\"2020-01-01\"}</script>")},
	{"data of one string", within("<script type='application/ld+json'>{\"headline\":\"", "x\\u4e00", "\"}</script><p>x")},
	{"data of brackets", within("<script type='application/ld+json'>", "[", "</script><p>x")},
	{"properties", repeat("<meta property='article:author' content='A B'>")},
	{"one property", within("<meta name=author content='", "A B, ", "'><p>x")},
	{"titles", repeat("<title>x</title>")},
	{"a title", within("<title>", "x | ", "</title><p>x")},
	{"times", repeat("<time datetime='2020-01-01'>x")},
	{"dates", repeat("<p>2020-01-01 12:30 来源：某报 作者：张三")},
	{"formulas", repeat("<math><mi>x")},
	{"spans of columns", repeat("<td colspan=1000>x")},

	{"ends against what is open", deep("<div><p>x", "</p>x</a></td></li></ul>")},
	{"ends of cells in what is open", deep("<table><tr><td>", "</td></tr>")},
	{"items in what is open", deep("<ul><li>", "<li>x")},
	{"items in blocks that are open", deep("<ul><li><div>", "<li>x</li>")},
	{"paragraphs in what is open", deep("<blockquote>", "<p>It was so, they said, and went home.")},
	{"lines in what is open", deep("<ul><li>", "It was so, they said.<br>")},
	{"lines of code in what is open", deep("<ul><li>", "<pre>x\n")},
	{"links in what is open", deep("<li><a href=x>", "<a href=x>x</a>y<br>")},
	{"cells in what is open", deep("<ul><li>", "<tr><td>x<td>y")},
	{"forms in what is open", deep("<form><div>", "</form><form>x")},
	{"lists that begin and end in what is open", deep("<ol><li>", "<ol><li>x</ol>")},
	{"much in what is open", func(size int) string {
		return strings.Repeat("<div>", size/16) + strings.Repeat("x</div>", size/12)
	}},
}

func repeat(unit string) func(int) string { return within("", unit, "") }

// within repeats a unit between a start and an end.
func within(start, unit, end string) func(int) string {
	return func(size int) string { return start + strings.Repeat(unit, max(size/len(unit), 1)) + end }
}

// deep opens a hundred thousand elements and repeats a unit in them.
func deep(open, unit string) func(int) string {
	return func(size int) string {
		nested := min(100_000, size/2/len(open))
		return strings.Repeat(open, nested) + strings.Repeat(unit, (size-nested*len(open))/len(unit)+1)
	}
}
