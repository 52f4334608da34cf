package card

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/millrace/millrace/pipeline/croissant"
)

// Line is text that somebody else wrote as one line of Markdown, which stands for itself in a table too: no sign in it is markup.
func Line(text string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]#|~$", r):
			fmt.Fprintf(&b, "&#%d;", r) // an entity is no markup, whatever reads it
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r): // the last ones turn the direction of what follows
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// Text is paragraphs that somebody else wrote, as Line: what begins like a list or a heading begins neither.
func Text(text string) string {
	var paragraphs []string
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if line := Line(p); line != "" {
			paragraphs = append(paragraphs, plainStart(line))
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// plainStart keeps a line from being read as a list, a rule or a heading.
func plainStart(line string) string {
	digits := strings.TrimLeft(line, "0123456789")
	if n := len(line) - len(digits); n > 0 && strings.HasPrefix(digits, ".") {
		return line[:n] + "&#46;" + digits[1:]
	}
	switch line[0] {
	case '-', '+', '=':
		return fmt.Sprintf("&#%d;%s", line[0], line[1:])
	}
	return line
}

// Code is text of one line that stands between marks of code, in a table too: with longer marks than it has itself.
func Code(text string) string {
	line := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	marks := "`"
	for strings.Contains(line, marks) {
		marks += "`"
	}
	line = strings.ReplaceAll(line, "|", `\|`)
	if strings.HasPrefix(line, "`") || strings.HasSuffix(line, "`") {
		line = " " + line + " "
	}
	return marks + line + marks
}

// Link is a link to an address, where that is one of a page; name is Markdown.
func Link(name, address string) string {
	if !croissant.IsAddress(address) || strings.ContainsAny(address, "<>\"'()|\\`[] \t\r\n") {
		return name + " (" + Line(address) + ")"
	}
	return "[" + name + "](" + address + ")"
}

// Front writes the lines of a header that hubs of datasets read: what is empty has none.
func Front(b *bytes.Buffer, name, license string, languages, tags []string) {
	if name != "" {
		fmt.Fprintf(b, "pretty_name: %q\n", name)
	}
	switch {
	case license == "":
	case croissant.IsAddress(license):
		fmt.Fprintf(b, "license: other\nlicense_name: other\nlicense_link: %q\n", license)
	default:
		fmt.Fprintf(b, "license: %q\n", strings.ToLower(license))
	}
	for _, l := range []struct {
		key   string
		words []string
	}{{"language", languages}, {"tags", tags}} {
		if len(l.words) == 0 {
			continue
		}
		fmt.Fprintf(b, "%s:\n", l.key)
		for _, w := range l.words {
			fmt.Fprintf(b, "- %q\n", w)
		}
	}
}

// Columns writes a table for each of those that have files.
func Columns(b *bytes.Buffer, tables []croissant.Table) {
	for i := range tables {
		t := &tables[i]
		if len(t.Files) == 0 || len(t.Columns) == 0 {
			continue
		}
		fmt.Fprintf(b, "`%s`: %s.\n\n| column | type | what |\n|---|---|---|\n", t.Place, t.What)
		for k := range t.Columns {
			c := &t.Columns[k]
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", c.Name, c.TypeName(), strings.ReplaceAll(c.What, "|", `\|`))
		}
		b.WriteString("\n")
	}
}
