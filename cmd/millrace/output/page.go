package output

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/ingest"
)

// pageColumns is how wide lines of pages are where no terminal says it.
const pageColumns = 120

// lineColumns is what a terminal of so many columns leaves of a line, 0 for none.
func lineColumns(columns int) int {
	if columns == 0 {
		columns = pageColumns
	}
	return max(columns, 20)
}

// Page prints what was taken of a web page and what was left, line by line: + is taken, - is left, and why. Of lines that follow each
// other and share their fate the first are printed, as many as run says, and what the page says of itself on one line; 0 is all, each on
// its own.
func Page(p *Printer, page *ingest.ShownPage, columns, run int) {
	columns = lineColumns(columns)
	head := "page"
	if page.Name != "" {
		head += " " + page.Name
	}
	p.Printf("  %s\n", show.Line(head, columns-2))
	p.Printf("    %s\n", show.Line(page.Taken, columns-4))
	if page.Reject != "" {
		p.Printf("    %s\n", show.Line(page.Reject+": "+page.Detail, columns-4))
	}
	facts := metadataOf(page.Metadata)
	if run > 0 && len(facts) > 0 {
		facts = []string{strings.Join(facts, "; ")}
	}
	for _, fact := range facts {
		p.Printf("    %s\n", show.Line(fact, columns-4))
	}
	for i := 0; i < len(page.Lines); {
		end := i + 1
		for end < len(page.Lines) && page.Lines[end].Taken == page.Lines[i].Taken && page.Lines[end].Why == page.Lines[i].Why {
			end++
		}
		shown := end - i
		if run > 0 && shown > run {
			shown = run
		}
		for _, line := range page.Lines[i : i+shown] {
			p.Printf("    %s\n", show.Line(fate(&line)+line.Text, columns-4))
		}
		if more := end - i - shown; more > 0 {
			p.Printf("    %s\n", show.Line(strings.Repeat(" ", 2)+"… "+number(more)+" more of these", columns-4))
		}
		i = end
	}
	if page.More > 0 {
		p.Printf("    and %s more lines\n", number(page.More))
	}
}

// fate is what a line begins with.
func fate(l *ingest.ShownLine) string {
	mark := "- "
	if l.Taken {
		mark = "+ "
	}
	if l.Why != "" {
		mark += "[" + l.Why + "] "
	}
	return mark
}

// metadataOf is what a page says of itself, in the order in which it is stored.
func metadataOf(object json.RawMessage) (parts []string) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if _, err := dec.Token(); err != nil {
		return nil // it says nothing
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			break
		}
		value, err := dec.Token()
		if err != nil {
			break
		}
		name, _ := key.(string)
		text, _ := value.(string)
		parts = append(parts, name+": "+text)
	}
	return parts
}
