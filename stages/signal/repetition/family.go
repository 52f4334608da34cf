package repetition

import (
	"strconv"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// The lengths of n-grams that are measured, all of which follow on each other but the last.
const (
	topFirst, topLast  = 2, 4
	dupFirst, dupLast  = 5, 10
	farLength          = 13
	topGrams, dupGrams = topLast - topFirst + 1, dupLast - dupFirst + 1
	linesColumns       = 4
	columnsOfTheFamily = linesColumns + topGrams + dupGrams + 1
)

// Family returns the family "repetition".
func Family() signal.Family {
	columns := []signal.Column{
		{Name: "duplicate_line_share", Note: "of the lines, those that repeat an earlier one"},
		{Name: "duplicate_line_char_share", Note: "of the code points, those in lines that repeat an earlier one"},
		{Name: "duplicate_paragraph_share", Note: "of the paragraphs, those that repeat an earlier one"},
		{Name: "duplicate_paragraph_char_share", Note: "of the code points, those in paragraphs that repeat an earlier one"},
	}
	for n := topFirst; n <= topLast; n++ {
		columns = append(columns, signal.Column{
			Name: "top_char_" + strconv.Itoa(n) + "_gram_share",
			Note: "of the visible code points, those in the most frequent run of " + strconv.Itoa(n),
		})
	}
	for n := dupFirst; n <= dupLast; n++ {
		columns = append(columns, signal.Column{
			Name: "duplicate_char_" + strconv.Itoa(n) + "_gram_share",
			Note: "of the visible code points, those in runs of " + strconv.Itoa(n) + " that repeat an earlier one",
		})
	}
	columns = append(columns, signal.Column{
		Name: "repeated_char_" + strconv.Itoa(farLength) + "_gram_share",
		Note: "of the runs of " + strconv.Itoa(farLength) + " visible code points, those that occur more than once",
	})
	for i := range columns {
		columns[i].Unit = rule.Share
	}
	return signal.Family{Name: "repetition", Columns: columns, New: func() signal.Measurer { return &measurer{} }}
}

// measurer implements signal.Measurer.
type measurer struct {
	lines spans
	grams grams
}

// Measure implements signal.Measurer.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	m.lines.count(d.Text)
	out[0] = signal.Share(m.lines.lines.again, m.lines.lines.all)
	out[1] = signal.Share(m.lines.lines.chars, int64(d.Chars))
	out[2] = signal.Share(m.lines.paragraphs.again, m.lines.paragraphs.all)
	out[3] = signal.Share(m.lines.paragraphs.chars, int64(d.Chars))

	m.grams.count(d.Text, d.Chars)
	g := &m.grams
	for i, n := range g.top {
		out[linesColumns+i] = signal.Share(n, g.all)
	}
	for i, n := range g.covered {
		out[linesColumns+topGrams+i] = signal.Share(n, g.all)
	}
	out[columnsOfTheFamily-1] = signal.Share(g.far, g.farAll)
}
