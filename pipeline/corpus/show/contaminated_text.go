package show

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// WriteText writes for people what was found: a row a set, and then the items of each that most documents have.
func (c *Contaminated) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := textPrinter{b}
	p.printf("%s of %s\n\n", has(c.Contaminated, "an item of an evaluation set"), pipeline.Counted(c.Documents, "document"))
	rows := [][]string{{"set", "fields", "items", "found", "documents", "short", "not checkable", "boilerplate"}}
	for i := range c.Sets {
		s := &c.Sets[i]
		shape := s.Shape
		if shape == "" {
			shape = "given"
		}
		row := []string{visible(s.Name), shape}
		for _, n := range []int64{int64(s.Items), int64(s.Found), s.Documents, int64(s.Short), int64(s.NotCheckable), int64(s.Boilerplate)} {
			row = append(row, pipeline.Thousands(n))
		}
		rows = append(rows, row)
	}
	p.table("set fields", rows)
	for i := range c.Sets {
		s := &c.Sets[i]
		p.printf("\n%s: the question is %s\n", visible(s.Name), s.Fields.String())
		if len(s.NotCheckableLines) > 0 {
			var lines []string
			for _, n := range s.NotCheckableLines[:min(len(s.NotCheckableLines), 10)] {
				lines = append(lines, strconv.Itoa(n))
			}
			if s.NotCheckable > len(lines) {
				lines = append(lines, "…")
			}
			p.printf("  questions that say too little to be found: lines %s\n", strings.Join(lines, ", "))
		}
		if len(s.Top) == 0 {
			continue
		}
		rows := [][]string{{"item", "line", "documents"}}
		for _, it := range s.Top {
			rows = append(rows, []string{visible(it.Item), strconv.Itoa(it.Line), pipeline.Thousands(it.Documents)})
		}
		p.table("item", rows)
		if more := s.Found - len(s.Top); more > 0 {
			p.printf("  and %s more\n", pipeline.Thousands(more))
		}
	}
	return b.Flush()
}

// has says how many documents have something.
func has(n int64, what string) string {
	if n == 1 {
		return "1 has " + what + ","
	}
	return fmt.Sprintf("%s have %s,", pipeline.Thousands(n), what)
}
