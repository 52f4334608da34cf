package article

import (
	"bytes"
	"strings"

	"github.com/millrace/millrace/stages/parse/article/facts"
	"github.com/millrace/millrace/stages/parse/markup"
)

// What a page prints of its article stands near it.
const (
	maxPrinted = 300 // bytes of a line
	linesAbove = 12  // blocks before the headline, or before the text where there is none
	linesBelow = 6   // behind the text
	linesIn    = 3   // at its start
)

// print hands the headings of the page, and the lines near the article, to what gathers facts. What a page prints that has no article
// is said of others.
func (e *Extractor) print(none bool) {
	e.facts.Title([]byte(e.title))
	first, last := -1, -1
	for i := range e.blocks {
		if e.blocks[i].taken {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	above := first - linesAbove
	if h := int(e.headline); h >= 0 && h < first {
		above = h - 3
	}
	marks := e.outline.Marks()
	for i := range e.blocks {
		b := &e.blocks[i]
		place := facts.Far
		switch {
		case first < 0:
		case above <= i && i < first+linesIn:
			place = facts.Head
		case last < i && i <= last+linesBelow:
			place = facts.Foot
		}
		text := bytes.TrimSpace(e.text[b.from:b.to])
		for len(marks) > 0 && marks[0].From < int(b.to) {
			m := &marks[0]
			marks = marks[1:]
			inner := bytes.TrimSpace(e.text[m.From:min(m.To, len(e.text))])
			if none {
				continue
			}
			if m.Time {
				e.facts.Time(m.Datetime, m.Label, inner, place)
			} else {
				e.facts.Author(inner, place)
			}
		}
		if t := e.tag(b); t == markup.TagH1 || t == markup.TagH2 {
			e.facts.Heading(int(t-markup.TagH1)+1, text)
		}
		if !none && len(text) <= maxPrinted && (place != facts.Far || !b.taken && !b.linked()) {
			e.facts.Line(text, place)
		}
	}
}

// contradicts says whether a page cannot be in the language that it says it is in: templates say so of pages in any.
func (e *Extractor) contradicts(language string) bool {
	primary, _, _ := strings.Cut(language, "-")
	switch primary {
	case "":
		return false
	case "zh", "yue", "wuu", "nan", "hak", "lzh":
		return e.han == 0 && len(e.blocks) > 0
	case "ja", "ko", "vi":
		return false // which write, or wrote, Han characters
	}
	return e.chinese
}
